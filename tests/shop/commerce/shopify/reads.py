"""The queries of the small shop."""

from __future__ import annotations

import re
from typing import Any

from shop import text
from tests.shop.commerce.shopify import nodes
from tests.shop.commerce.shopify.nodes import Node
from tests.shop.commerce.shopify.shop import CURRENCY, Order, Shop


class Reads:
    """Each method is a field of QueryRoot, with its arguments."""

    def __init__(self, shop: Shop) -> None:
        self.small = shop

    def shop(self, _: Any) -> Node:
        return {
            "currencyCode": CURRENCY,
            "taxesIncluded": True,
            "enabledPresentmentCurrencies": [CURRENCY, "EUR", "USD"],
            "orderNumberFormatPrefix": "#",
            "orderNumberFormatSuffix": "",
        }

    def shopLocales(self, _: Any, published: bool) -> list[Node]:
        return [{"locale": one, "primary": one == "en"} for one in ("en", "pl", "es", "fr")]

    def products(self, info: Any, query: str = "", **where: Any) -> Node:
        assert query == "status:active AND published_status:published"
        found = [p for p in self.small.products.values() if p.status == "ACTIVE" and p.published]
        return nodes.page([nodes.product(one) for one in found])(info, **where)  # type: ignore[no-any-return]

    def product(self, _: Any, id: str) -> Node | None:
        found = self.small.products.get(int(id.rpartition("/")[2]))
        return nodes.product(found) if found else None

    def productVariants(self, info: Any, **where: Any) -> Node:
        found = [nodes.variant(one) for one in self.small.variants.values()]
        return nodes.page(found)(info, first=where["first"])  # type: ignore[no-any-return]

    def nodes(self, info: Any, ids: list[str]) -> list[Node | None]:
        return [self._node(info, one) for one in ids]

    def _node(self, info: Any, id_: str) -> Node | None:
        if "/ProductVariant/" in id_:
            found = self.small.variants.get(id_)
            return nodes.variant(found) if found else None
        return self.product(info, id_)

    def bulkOperation(self, _: Any, id: str) -> Node | None:
        return self.small.exports.look(id)

    def draftOrder(self, _: Any, id: str) -> Node | None:
        found = self.small.drafts.get(id)
        return nodes.draft(found, self.small) if found else None

    def draftOrderAvailableDeliveryOptions(self, _: Any, input: Node) -> Node:
        assert input["lineItems"]
        country = input["shippingAddress"]["countryCode"]
        rates = [
            {"handle": f"rate-{title}-{price}", "title": title, "price": nodes.money(price)}
            for title, price in self.small.rates(country).items()
        ]
        return {"availableShippingRates": rates}

    def paymentTermsTemplates(self, _: Any, paymentTermsType: str) -> list[Node]:
        return [{"id": f"gid://shopify/PaymentTermsTemplate/{paymentTermsType}"}]

    def codeDiscountNodeByCode(self, _: Any, code: str) -> Node | None:
        known = self.small.promotions.get(code.upper())
        if known is None:
            return None
        least = {
            "__typename": "DiscountMinimumSubtotal",
            "greaterThanOrEqualToSubtotal": nodes.money(known.minimum),
        }
        discount = {
            "__typename": "DiscountCodeBasic",
            "status": known.status,
            "usageLimit": known.uses,
            "asyncUsageCount": known.used,
            "minimumRequirement": least if known.minimum else None,
        }
        return {"codeDiscount": discount}

    def order(self, _: Any, id: str) -> Node | None:
        found = self.small.orders.get(id)
        return nodes.order(found, self.small) if found else None

    def orders(self, info: Any, query: str, first: int, **where: Any) -> Node:
        found = [
            one for one in self.small.orders.values() if self.small.indexed and hit(one, query)
        ]
        newest = sorted(found, key=lambda one: one.created, reverse=True)
        shown = [{"id": f"gid://shopify/Order/{o.id}", "number": o.number} for o in newest]
        return nodes.page(shown)(info, first=first)  # type: ignore[no-any-return]


def hit(order: Order, query: str) -> bool:
    """https://shopify.dev/docs/api/usage/search-syntax"""
    field = re.fullmatch(r'(\w+):"([^"]*)"', query)
    if field and field[1] == "email":
        return bool(order.wish["email"].lower() == field[2].lower())
    if field and field[1] == "name":
        return field[2] == f"#{order.number}"
    where = order.wish["shippingAddress"]
    known = text.fold(f"{where.get('firstName')} {where['lastName']}").split()
    return all(text.fold(word) in known for word in query.split())
