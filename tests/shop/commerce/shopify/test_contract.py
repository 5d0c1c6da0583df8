"""The one contract of the commerce port, over a shop that executes on Shopify's own schema."""

from __future__ import annotations

from shop.commerce.base import Commerce
from shop.commerce.shopify import ShopifyCommerce
from tests.shop.aftersale_contract import AfterSaleContract
from tests.shop.commerce.doubles import FarRoom
from tests.shop.contract import CommerceContract
from tests.shop.payments.spec import needed

pytestmark = needed


class TestShopify(CommerceContract):
    pass


class TestShopifyAfterSale(AfterSaleContract):
    async def test_an_email_goes_to_one(  # type: ignore[override]
        self, commerce: Commerce, room: FarRoom, elsewhere: ShopifyCommerce
    ) -> None:
        """The contract's two are customers with accounts."""
        await room.known(elsewhere, "Anna Nowak", "00-238")
        await room.known(elsewhere, "Jan Kowalski", "31-123")
        await super().test_an_email_goes_to_one(commerce, room)
