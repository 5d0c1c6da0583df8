"""One row of a feed, checked: what it sells, for how much, and what is wrong with it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from shop.feed.rows import Row

CODE = "[A-Za-z]{3}"
MONEY = re.compile(rf"(?P<before>{CODE})?\s*(?P<amount>\d[\d\s.,]*)(?P<after>{CODE})?")
TAGS = re.compile(r"<[^>]+>")
IN_STOCK = {"in_stock", "limited_availability", "in stock"}
NOT_IN_STOCK = {"out_of_stock", "preorder", "backorder", "out of stock", "discontinued"}
PLENTY = 99  # a feed says whether there is stock, not how much
LONGEST_ID, LONGEST_TITLE = 100, 300


class BadRow(Exception):
    """What is wrong, in words for the shop owner."""


@dataclass(frozen=True)
class Item:
    """A variant as the feed describes it. Prices in minor units."""

    id: str
    group: str
    title: str
    description: str
    link: str | None
    image: str
    stock: int
    currency: str
    price: int
    sale: int | None
    brand: str
    product_type: str
    google_category: str
    colour: str
    size: str
    material: str
    gender: str
    age_group: str


def item(row: Row, currencies: tuple[str, ...], at: datetime) -> Item:
    """Raises BadRow."""
    id_ = required(row, "id", LONGEST_ID)
    price, currency = money(required(row, "price"), "price")
    if currency not in currencies:
        raise BadRow(f"price is in {currency}, the shop sells in {' and '.join(currencies)}")
    return Item(
        id=id_,
        group=row.get("item_group_id") or id_,
        title=plain(required(row, "title", LONGEST_TITLE)),
        description=plain(row.get("description", "")),
        link=address(row, "link"),
        image=address(row, "image_link") or "",
        stock=stock(row),
        currency=currency,
        price=price,
        sale=sale(row, price, currency, at),
        brand=row.get("brand", ""),
        product_type=row.get("product_type", ""),
        google_category=row.get("google_product_category", ""),
        colour=row.get("color", "") or row.get("colour", ""),
        size=row.get("size", ""),
        material=row.get("material", ""),
        gender=row.get("gender", "").lower(),
        age_group=row.get("age_group", "").lower(),
    )


def required(row: Row, name: str, longest: int = 10_000) -> str:
    value = row.get(name, "").strip()
    if not value:
        raise BadRow(f"{name} is missing")
    if len(value) > longest:
        raise BadRow(f"{name} is longer than {longest} characters")
    return value


def money(text: str, name: str) -> tuple[int, str]:
    """ "129.90 PLN", "1 299,00 PLN" and "EUR 9.99" as minor units and currency."""
    match = MONEY.fullmatch(text.strip())
    if match is None:
        raise BadRow(f"{name} {text!r} is not an amount with a currency, as in 129.90 PLN")
    currency = (match["after"] or match["before"] or "").upper()
    if not currency:
        raise BadRow(f"{name} {text!r} names no currency")
    try:
        amount = Decimal(decimal_point(match["amount"])).scaleb(get_currency_precision(currency))
    except InvalidOperation as trouble:
        raise BadRow(f"{name} {text!r} is not an amount") from trouble
    if amount <= 0 or amount != amount.to_integral_value():
        raise BadRow(f"{name} {text!r} is not an amount that can be paid")
    return int(amount), currency


def decimal_point(digits: str) -> str:
    """The last of point and comma divides, unless there is but one kind and three digits follow."""
    digits = "".join(digits.split())
    whole, mark, rest = digits.rpartition(max(".,", key=digits.rfind))
    groups = len(rest) == 3 and not ("." in digits and "," in digits)
    if not mark or groups:
        return re.sub(r"[.,]", "", digits)
    return f"{re.sub(r'[.,]', '', whole)}.{rest}"


def sale(row: Row, price: int, currency: str, at: datetime) -> int | None:
    """The sale price, if there is one now and it is lower."""
    if not row.get("sale_price"):
        return None
    amount, other = money(row["sale_price"], "sale_price")
    if other != currency:
        raise BadRow(f"sale_price is in {other}, price in {currency}")
    running = in_force(row.get("sale_price_effective_date", ""), at)
    return amount if running and amount < price else None


def in_force(interval: str, at: datetime) -> bool:
    if not interval:
        return True
    start, _, end = interval.partition("/")
    try:
        return moment(start) <= at < moment(end)
    except ValueError as trouble:
        raise BadRow(f"sale_price_effective_date {interval!r} is not start/end") from trouble


def moment(text: str) -> datetime:
    """2026-11-22T10:00+0100, with or without time and zone."""
    zoned = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip().replace("Z", "+00:00"))
    parsed = datetime.fromisoformat(zoned)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)


def stock(row: Row) -> int:
    said = required(row, "availability").lower()
    if said in NOT_IN_STOCK:
        return 0
    if said not in IN_STOCK:
        raise BadRow(f"availability {said!r} is not in_stock, out_of_stock, preorder or backorder")
    quantity = row.get("quantity") or row.get("sell_on_google_quantity") or str(PLENTY)
    if not quantity.isdigit():
        raise BadRow(f"quantity {quantity!r} is not a number")
    return int(quantity)


def address(row: Row, name: str) -> str | None:
    value = row.get(name, "")
    if not value:
        return None
    if not value.startswith(("https://", "http://")) or any(char.isspace() for char in value):
        raise BadRow(f"{name} {value!r} is not a web address")
    return value


def plain(text: str) -> str:
    """Without HTML and superfluous space."""
    return " ".join(html.unescape(TAGS.sub(" ", text)).split())
