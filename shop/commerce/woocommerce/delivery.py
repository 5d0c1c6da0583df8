"""What the methods of WooCommerce's shipping zones cost.

https://developer.woocommerce.com/docs/apis/rest-api/v3/shipping-zone-methods/
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shop.commerce.remote.amounts import minor
from shop.commerce.woocommerce.sales import Deliveries
from shop.commerce.woocommerce.taxes import Settings

logger = logging.getLogger(__name__)
COSTED = ("flat_rate", "local_pickup")
PLAIN = re.compile(r"\d+(\.\d+)?")
CLASSES = re.compile(r"class_cost_\d+|no_class_cost")


@dataclass(frozen=True)
class Offer:
    """A method for one cart: `price` in minor units with tax, `cost` in WooCommerce's words."""

    method: Mapping[str, Any]
    price: int
    cost: str

    @property
    def line(self) -> dict[str, str]:
        return {
            "method_id": self.method["method_id"],
            "method_title": self.method["title"],
            "instance_id": str(self.method["instance_id"]),
            "total": self.cost,
        }


def offers(
    methods: Iterable[Mapping[str, Any]],
    deliveries: Deliveries,
    shop: Settings,
    goods: int,
    currency: str,
) -> dict[str, Offer]:
    """By id of policy.yml, the cheapest each; `goods` is what the cart costs after discounts."""
    by_id = {int(method["instance_id"]): method for method in methods if method["enabled"]}
    found: dict[str, Offer] = {}
    for id_, instances in deliveries.items():
        here = [by_id[number] for number in instances if number in by_id]
        priced = [one for one in (offer(m, shop, goods, currency) for m in here) if one]
        if priced:
            found[id_] = min(priced, key=lambda one: one.price)
    return found


def offer(method: Mapping[str, Any], shop: Settings, goods: int, currency: str) -> Offer | None:
    settings = method["settings"] or {}  # PHP writes an empty object as []
    said = {name: str(setting["value"] or "") for name, setting in settings.items()}
    if method["method_id"] == "free_shipping":
        return Offer(method, 0, "0") if free(said, goods, currency) else None
    cost = said.get("cost" if currency == shop.currency else f"cost_{currency}", "").strip() or "0"
    by_class = any(value for name, value in said.items() if CLASSES.fullmatch(name))
    known = currency == shop.currency or f"cost_{currency}" in said
    if method["method_id"] not in COSTED or not known or by_class or not PLAIN.fullmatch(cost):
        logger.warning("shipping method %s has a price of its own kind", method["instance_id"])
        return None
    taxable = said.get("tax_status", "taxable") == "taxable"
    return Offer(method, shop.delivery(cost, currency, taxable), cost)


def free(said: Mapping[str, str], goods: int, currency: str) -> bool:
    """Free with a coupon is left out: the coupon would have to say so."""
    needs = said.get("requires", "")
    enough = goods >= minor(said.get("min_amount") or "0", currency)
    return not needs or (needs in ("min_amount", "either") and enough)
