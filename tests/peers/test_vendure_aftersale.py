from __future__ import annotations

from shop.commerce.base import Commerce
from shop.commerce.vendure import VendureCommerce
from tests.peers.vendure_room import VendureRoom
from tests.shop.aftersale_contract import AfterSaleContract


class TestVendureAfterSale(AfterSaleContract):
    async def test_an_email_goes_to_one(  # type: ignore[override]
        self, commerce: Commerce, room: VendureRoom, elsewhere: VendureCommerce
    ) -> None:
        """The contract's two are customers with accounts."""
        await room.known(elsewhere, "Anna Nowak", "00-238")
        await room.known(elsewhere, "Jan Kowalski", "31-123")
        await super().test_an_email_goes_to_one(commerce, room)
