"""What the whole of a WooCommerce shop has: its currency and its taxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shop.commerce.remote.amounts import minor


@dataclass(frozen=True)
class Settings:
    """Of the whole shop. `goods` and `shipping` are tax rates (0.23) where the shop is, by tax
    class ("" is the standard one); empty where it reckons no taxes."""

    currency: str
    with_tax: bool = True
    goods: Mapping[str, Decimal] = field(default_factory=dict)
    shipping: Decimal = Decimal(0)

    def gross(self, price: str, currency: str, tax_class: str = "", taxable: bool = True) -> int:
        rate = self.goods.get(standard(tax_class), Decimal(0))
        taxed = taxable and not self.with_tax
        return minor(Decimal(price) * (1 + rate if taxed else 1), currency)

    def delivery(self, cost: str, currency: str, taxable: bool) -> int:
        """Costs of delivery are always without tax."""
        return minor(Decimal(cost or "0") * (1 + self.shipping if taxable else 1), currency)


def settings(options: Iterable[Mapping[str, Any]], taxes: list[dict[str, Any]]) -> Settings:
    """Of the options of the groups `general` and `tax`, and the tax rates."""
    said = {option["id"]: option["value"] for option in options}
    country = str(said.get("woocommerce_default_country", "")).split(":")[0]
    here = [tax for tax in taxes if tax["country"] in ("", country) and not tax["state"]]
    if said.get("woocommerce_calc_taxes") != "yes":
        here = []
    goods: dict[str, Decimal] = {}
    for tax in sorted(here, key=lambda tax: tax["country"]):  # a country's own comes last
        goods[standard(tax["class"])] = Decimal(tax["rate"]) / 100
    usual = [tax for tax in here if tax["shipping"] and not standard(tax["class"])]
    shipping = Decimal(usual[0]["rate"]) / 100 if usual else Decimal(0)
    with_tax = not here or said.get("woocommerce_prices_include_tax") == "yes"
    return Settings(said["woocommerce_currency"], with_tax, goods, shipping)


def standard(tax_class: str) -> str:
    return "" if tax_class == "standard" else tax_class
