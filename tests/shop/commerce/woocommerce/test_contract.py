from __future__ import annotations

from shop.commerce.base import Commerce
from shop.commerce.woocommerce import WooCommerce
from tests.shop.aftersale_contract import AfterSaleContract
from tests.shop.commerce.doubles import FarRoom
from tests.shop.contract import CommerceContract


class TestWooCommerce(CommerceContract):
    pass


class TestWooCommerceAfterSale(AfterSaleContract):
    async def test_an_email_goes_to_one(  # type: ignore[override]
        self, commerce: Commerce, room: FarRoom, elsewhere: WooCommerce
    ) -> None:
        """The contract's two are customers with accounts."""
        await room.known(elsewhere, "Anna Nowak", "00-238")
        await room.known(elsewhere, "Jan Kowalski", "31-123")
        await super().test_an_email_goes_to_one(commerce, room)
