"""What holds for the whole PrestaShop: its settings, states, languages, currencies, countries and
carriers, read anew with every whole catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shop.commerce.prestashop.api import Api, Row
from shop.model import Unavailable
from shop.policy import policy

STATES = {
    "PS_OS_WS_PAYMENT": "waiting",
    "PS_OS_PAYMENT": "paid",
    "PS_OS_PREPARATION": "packed",
    "PS_OS_SHIPPING": "shipped",
    "PS_OS_DELIVERED": "delivered",
    "PS_OS_CANCELED": "cancelled",
    "PS_OS_REFUND": "refunded",
    "PS_OS_ERROR": "failed",
}
SETTINGS = (
    *STATES,
    "PS_COUNTRY_DEFAULT",
    "PS_CURRENCY_DEFAULT",
    "PS_GUEST_GROUP",
    "PS_LANG_DEFAULT",
    "PS_ORDER_OUT_OF_STOCK",
    "PS_SHIPPING_FREE_PRICE",
    "PS_SHIPPING_HANDLING",
    "PS_SHIPPING_METHOD",
    "PS_STOCK_MANAGEMENT",
    "PS_TIMEZONE",
)
CARRIER = (
    "id name url active deleted is_free shipping_external shipping_handling"
    " shipping_method range_behavior id_tax_rules_group"
)
FORMER = ("id", "name", "url")  # of carriers: each change of one makes a new one


@dataclass(frozen=True)
class Currency:
    """`rate`: what one unit of the default currency is in this one."""

    id: str
    code: str
    rate: Decimal


@dataclass(frozen=True)
class Facts:
    """`settings` by PrestaShop's names, `roles` the ids of states by what they are for, `states` by
    id; languages by id, currencies by ISO code, countries (id, zone) too; `carriers` those of
    today and all there ever were, by id; `contact` is whose desk messages are for."""

    settings: Mapping[str, str]
    roles: Mapping[str, str]
    states: Mapping[str, Row]
    languages: Mapping[str, str]
    currencies: Mapping[str, Currency]
    countries: Mapping[str, tuple[str, str]]
    carriers: Mapping[str, Row]
    methods: Mapping[str, str]
    contact: str

    @property
    def default_currency(self) -> Currency:
        return self.currency_of(self.settings["PS_CURRENCY_DEFAULT"])

    def currency_of(self, id_: str) -> Currency:
        for currency in self.currencies.values():
            if currency.id == id_:
                return currency
        raise Unavailable("prestashop: a currency that the shop does not have")

    def currency(self, code: str) -> Currency:
        if code not in self.currencies:
            raise Unavailable(f"prestashop: no currency {code}")
        return self.currencies[code]

    def language(self, code: str) -> str:
        """Its id; that of the shop's own language where it has none such."""
        ids = (id_ for id_, known in self.languages.items() if known == code)
        return next(ids, self.settings["PS_LANG_DEFAULT"])

    def country(self, code: str) -> str:
        """Its id."""
        if code.upper() not in self.countries:
            raise Unavailable(f"prestashop: no country {code}")
        return self.countries[code.upper()][0]

    def country_code(self, id_: str) -> str:
        codes = (code for code, (known, _) in self.countries.items() if known == id_)
        return next(codes, "")

    def country_of(self, currency: str) -> str:
        """The country (its id) whose taxes the prices of a currency have: its first market's."""
        for market in policy().markets:
            if market.currency == currency and market.country in self.countries:
                return self.countries[market.country][0]
        return self.settings["PS_COUNTRY_DEFAULT"]

    def method_of(self, carrier: str) -> str:
        """The id in policy.yml of a carrier of today or before, its name where it has none."""
        name = str(self.carriers.get(carrier, {}).get("name", ""))
        ids = (method for method, called in self.methods.items() if same(called, name))
        return next(ids, name)

    def carrier_of(self, method: str) -> Row | None:
        called = self.methods.get(method, method)
        today = (one for one in self.carriers.values() if on(one, "active"))
        return next((one for one in today if same(one["name"], called)), None)

    def translated(self, value: Any) -> list[Row]:
        """Text as it is written: a shop with one language reads it without saying which."""
        if isinstance(value, list):
            return value
        return [{"id": self.settings["PS_LANG_DEFAULT"], "value": value}]

    def seconds(self, moment: str) -> int:
        """PrestaShop writes the shop's own time."""
        return int(self._at(moment).timestamp())

    def iso(self, moment: str) -> str:
        return self._at(moment).isoformat()

    def _at(self, moment: str) -> datetime:
        """0000-00-00 stands for no time at all."""
        zone = ZoneInfo(self.settings.get("PS_TIMEZONE") or policy().time_zone)
        try:
            return datetime.fromisoformat(moment).replace(tzinfo=zone)
        except ValueError:
            return datetime(1970, 1, 1, tzinfo=timezone.utc)


def same(one: str, other: str) -> bool:
    return one.replace("-", "_").casefold() == other.replace("-", "_").casefold()


def on(row: Mapping[str, Any], flag: str) -> bool:
    return str(row.get(flag, "")) not in ("", "0")


async def read(api: Api, methods: Mapping[str, str]) -> Facts:
    """Raises Unavailable where the shop is not set up for us: an order that arrives over the
    webservice begins in the state PS_OS_WS_PAYMENT, which is a paid one unless somebody changes
    that, and then nobody could tell what has been paid."""
    settings, states, languages, currencies, countries, *rest = await asyncio.gather(
        api.find("configurations", ("name", "value"), name=SETTINGS),
        api.find("order_states", ("id", "paid", "logable", "shipped")),
        api.find("languages", ("id", "iso_code"), active="1"),
        api.find("currencies", ("id", "iso_code", "conversion_rate"), active="1"),
        api.find("countries", ("id", "iso_code", "id_zone"), active="1"),
        api.find("carriers", FORMER),
        api.find("carriers", CARRIER.split(), active="1", deleted="0"),
        api.find("contacts", ("id",)),
    )
    former, today, desks = rest
    values = {row["name"]: row["value"] for row in settings}
    known = Facts(
        values,
        {role: values.get(name, "") for name, role in STATES.items()},
        {row["id"]: row for row in states},
        {row["id"]: row["iso_code"].lower() for row in languages},
        {row["iso_code"]: currency(row) for row in currencies},
        {row["iso_code"]: (row["id"], row["id_zone"]) for row in countries},
        {row["id"]: row for row in (*former, *today)},
        dict(methods),
        desks[0]["id"] if desks else "0",
    )
    waiting = known.states.get(known.roles["waiting"], {"paid": "1"})
    if on(waiting, "paid") or on(waiting, "logable"):
        raise Unavailable("prestashop: PS_OS_WS_PAYMENT is a paid state (docs/shops.md)")
    return known


def currency(row: Row) -> Currency:
    return Currency(row["id"], row["iso_code"], Decimal(row["conversion_rate"]))
