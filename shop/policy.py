"""The shop owner's rules and promises: shop/policy.yml, checked and typed."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import field_validator, model_validator

from shop.after_sale import AfterSalePolicy, Identity, Part
from shop.model import DeliveryMethod, Locale, Money

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[time, time]
Amounts = dict[str, int]  # currency -> minor units


class ShopAddress(Part):
    street: str
    postcode: str
    city: str
    country: str


class ShopContact(Part):
    email: str
    phone: str
    phone_es: str
    address: ShopAddress
    company: str
    tax_id: str
    complaints_email: str
    business_email: str
    jobs_email: str
    privacy_email: str


class Market(Part):
    """`ask_country`: people who read this language live in many countries."""

    language: str
    currency: str
    country: str
    ask_country: bool = False


class Dispatch(Part):
    cutoff: time
    days: tuple[int, int]


class Delivery(Part):
    """`days` is a range of working days from dispatch; `free_from` counts the cart's total."""

    id: str
    title: dict[str, str]
    carrier: str
    countries: tuple[str, ...]
    price: Amounts
    free_from: Amounts = {}
    days: tuple[int, int]
    to_point: bool = False

    def offer(self, locale: Locale, cart_total: Money, default_language: str) -> DeliveryMethod:
        limit = self.free_from.get(locale.currency)
        free = limit is not None and cart_total.minor >= limit
        price = Money(0 if free else self.price[locale.currency], locale.currency)
        title = self.title.get(locale.language) or self.title[default_language]
        return DeliveryMethod(self.id, title, price, self.days, self.to_point)


class Instalments(Part):
    provider: str
    parts: int
    minimum: Amounts
    maximum: Amounts


class PayLater(Part):
    provider: str
    days: int
    countries: tuple[str, ...]


class CashOnDelivery(Part):
    countries: tuple[str, ...]
    price: Amounts


class PaymentTerms(Part):
    methods: tuple[str, ...]
    hold_minutes: int
    instalments: Instalments | None = None
    pay_later: PayLater | None = None
    cash_on_delivery: CashOnDelivery | None = None
    transfer_days: int


class Returns(Part):
    """Calendar days."""

    window_days: int
    withdrawal_days: int
    send_back_days: int
    refund_days: int
    usual_refund_days: tuple[int, int]
    label_free: tuple[str, ...]
    exchange: bool
    exchange_days: int


class Warranty(Part):
    conformity_years: dict[str, int]
    complaint_days: dict[str, int]


class Gifts(Part):
    card_values: dict[str, tuple[int, ...]]
    card_months: int
    wrapping: Amounts
    receipt_without_prices: bool


class Promotions(Part):
    newsletter_code: str
    newsletter_percent: int
    student_percent: int
    codes_add_up: bool


class Policy(Part):
    name: str
    default_language: str
    time_zone: str
    founded: int
    order_prefix: str = ""  # written before the number of an order
    contact: ShopContact
    links: dict[str, str]
    hours: dict[Literal["support", "store"], dict[str, Hours]]
    holidays: tuple[str, ...]
    markets: tuple[Market, ...]
    dispatch: Dispatch
    delivery: tuple[Delivery, ...]
    payment: PaymentTerms
    returns: Returns
    warranty: Warranty
    gifts: Gifts
    promotions: Promotions
    loyalty: dict[str, bool]
    account: dict[str, Any]
    business: dict[str, int]
    reviews: dict[str, bool]
    repairs: dict[str, Any]
    restock: dict[str, tuple[int, int]]
    identity: Identity
    after_sale: AfterSalePolicy

    @field_validator("hours", mode="before")
    @classmethod
    def parse_hours(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
        """ "9:00-17:00" becomes a pair of times."""
        return {
            place: {day: [f"{part:0>5}" for part in span.split("-")] for day, span in days.items()}
            for place, days in value.items()
        }

    @field_validator("holidays")
    @classmethod
    def check_holidays(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            date.fromisoformat(day if len(day) > 5 else f"2024-{day}")
        return value

    @model_validator(mode="after")
    def check_whole(self) -> Policy:
        ZoneInfo(self.time_zone)
        unknown = {day for days in self.hours.values() for day in days} - set(DAYS)
        if unknown:
            raise ValueError(f"unknown days in hours: {sorted(unknown)}")
        for method in self.delivery:
            missing = set(self.currencies) - set(method.price)
            if missing or self.default_language not in method.title:
                raise ValueError(f"delivery {method.id}: no price in {missing} or no title")
        if self.default_language not in self.languages:
            raise ValueError(f"no market speaks the default language {self.default_language}")
        return self

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(market.language for market in self.markets))

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(market.currency for market in self.markets))

    @property
    def countries(self) -> frozenset[str]:
        """Where the shop delivers to."""
        return frozenset(country for method in self.delivery for country in method.countries)

    def market(self, language: str) -> Market:
        """The market of a language; the default language's where it has none."""
        known = {market.language: market for market in self.markets}
        return known.get(language) or known[self.default_language]

    def deliveries(self, country: str) -> tuple[Delivery, ...]:
        return tuple(method for method in self.delivery if country in method.countries)

    def closed_on(self, day: date) -> bool:
        return day.isoformat() in self.holidays or day.strftime("%m-%d") in self.holidays

    def opening(self, day: date, place: Literal["support", "store"] = "support") -> Hours | None:
        return None if self.closed_on(day) else self.hours[place].get(DAYS[day.weekday()])

    def local(self, at: datetime) -> datetime:
        """A moment on the shop's own clock: its date is the one that shoppers are told."""
        return at.astimezone(ZoneInfo(self.time_zone))

    def is_open(self, now: datetime, place: Literal["support", "store"] = "support") -> bool:
        local = self.local(now)
        hours = self.opening(local.date(), place)
        return hours is not None and hours[0] <= local.time() < hours[1]

    def next_opening(
        self, now: datetime, place: Literal["support", "store"] = "support"
    ) -> datetime:
        """When somebody is there: `now` in the shop's time zone if open, else the next opening."""
        local = self.local(now)
        if self.is_open(now, place):
            return local
        for ahead in range(30):
            day = local.date() + timedelta(days=ahead)
            hours = self.opening(day, place)
            if hours and (opens := datetime.combine(day, hours[0], local.tzinfo)) > local:
                return opens
        raise ValueError(f"{place} is closed for a month")

    def working_day(self, start: date, days: int) -> date:
        """The date that is `days` working days after `start`."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= day.weekday() < 5 and not self.closed_on(day)
        return day


@cache
def policy() -> Policy:
    """The shop's policy, read once: SHOPKEEPER_POLICY or the file beside this one."""
    path = Path(os.environ.get("SHOPKEEPER_POLICY") or Path(__file__).with_name("policy.yml"))
    return Policy.model_validate(read(path))


def read(path: Path) -> dict[str, Any]:
    """A policy file; one with `extends: <file>` says only what differs from that file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    base = content.pop("extends", None)
    return merged(read(path.parent / base), content) if base else content


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged all the way down, anything else is replaced."""
    deeper = {
        key: merged(base[key], value)
        for key, value in changes.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {**base, **changes, **deeper}
