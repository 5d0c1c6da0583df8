from __future__ import annotations

from shop.commerce.prestashop import PrestaShopCommerce
from tests.shop.aftersale_contract import AfterSaleContract
from tests.shop.commerce.prestashop.conftest import Room
from tests.shop.contract import CommerceContract


class TestPrestaShop(CommerceContract):
    pass


class TestPrestaShopAfterSale(AfterSaleContract):
    async def test_an_email_goes_to_one(  # type: ignore[override]
        self, commerce: PrestaShopCommerce, room: Room, elsewhere: PrestaShopCommerce
    ) -> None:
        """The contract's two are customers with accounts."""
        await room.known(elsewhere, "Anna Nowak", "00-238")
        await room.known(elsewhere, "Jan Kowalski", "31-123")
        await super().test_an_email_goes_to_one(commerce, room)
