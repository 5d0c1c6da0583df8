"""What carriers ask for a cart, as PrestaShop reckons it when the order is placed: a row of
`deliveries` for the country's zone and the range of the cart's total or weight, with tax. A carrier
whose price a module works out cannot be asked for it and is not offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from shop.commerce.prestashop.api import Api, Row
from shop.commerce.prestashop.facts import Currency, Facts, on
from shop.commerce.remote.amounts import minor

BY_WEIGHT, BY_PRICE = "1", "2"
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Load:
    """A cart: its total after the discount, in its own currency; its weight, and what its goods
    cost more to send, in the default one."""

    total: Decimal
    currency: Currency
    weight: Decimal = NOTHING
    extra: Decimal = NOTHING


@dataclass(frozen=True)
class Tariff:
    """Of one zone and country. `ranges` are by kind and id."""

    facts: Facts
    deliveries: tuple[Row, ...]
    ranges: dict[tuple[str, str], Row]
    taxes: dict[str, Decimal]

    def price(self, carrier: Row, load: Load) -> int | None:
        """Minor units of the cart's currency; None where the carrier does not take it."""
        if on(carrier, "shipping_external"):
            return None
        settings, rate = self.facts.settings, load.currency.rate
        mine = [row for row in self.deliveries if row["id_carrier"] == carrier["id"]]
        free_from = Decimal(settings.get("PS_SHIPPING_FREE_PRICE") or 0) * rate
        if on(carrier, "is_free") or (mine and 0 < free_from <= load.total):
            return 0
        cost = self.cost(carrier, mine, load)
        if cost is None:
            return None
        if on(carrier, "shipping_handling"):
            cost += Decimal(settings.get("PS_SHIPPING_HANDLING") or 0)
        tax = self.taxes.get(carrier["id_tax_rules_group"], NOTHING)
        return minor((cost + load.extra) * rate * (1 + tax / 100), load.currency.code)

    def cost(self, carrier: Row, mine: Iterable[Row], load: Load) -> Decimal | None:
        kind = carrier["shipping_method"]
        if kind not in (BY_WEIGHT, BY_PRICE):
            kind = BY_WEIGHT if on(self.facts.settings, "PS_SHIPPING_METHOD") else BY_PRICE
        field = "id_range_weight" if kind == BY_WEIGHT else "id_range_price"
        size = load.weight if kind == BY_WEIGHT else load.total / load.currency.rate
        steps = []
        for row in mine:
            if (step := self.ranges.get((kind, row[field]))) is not None:
                low, high = Decimal(step["delimiter1"]), Decimal(step["delimiter2"])
                if low <= size < high:
                    return Decimal(row["price"])
                steps.append((high, Decimal(row["price"])))
        return None if on(carrier, "range_behavior") or not steps else max(steps)[1]


async def tariff(api: Api, facts: Facts, carriers: Collection[Row], country: str) -> Tariff:
    id_, zone = facts.countries.get(country, ("", ""))
    ids = [row["id"] for row in carriers] if id_ else []
    groups = [row["id_tax_rules_group"] for row in carriers]
    deliveries, prices, weights, rules = await asyncio.gather(
        api.find("deliveries", id_carrier=ids, id_zone=zone),
        api.find("price_ranges", id_carrier=ids),
        api.find("weight_ranges", id_carrier=ids),
        api.find("tax_rules", id_tax_rules_group=groups, id_country=id_),
    )
    everywhere = [row for row in rules if row["id_state"] == "0" and not on(row, "zipcode_from")]
    rates = await api.find("taxes", ("id", "rate"), id=[row["id_tax"] for row in everywhere])
    by_tax = {row["id"]: Decimal(row["rate"]) for row in rates}
    taxes: dict[str, Decimal] = {}
    for row in everywhere:
        group = row["id_tax_rules_group"]
        taxes[group] = taxes.get(group, NOTHING) + by_tax.get(row["id_tax"], NOTHING)
    ranges = {(BY_PRICE, row["id"]): row for row in prices}
    ranges |= {(BY_WEIGHT, row["id"]): row for row in weights}
    return Tariff(facts, tuple(deliveries), ranges, taxes)
