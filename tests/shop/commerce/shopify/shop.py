"""A small Shopify shop in memory: products, stock, codes, drafts and orders, as its people and its
API change them. Amounts are minor units of the currency that is paid in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from shop.catalogue import NewProduct, NewVariant
from shop.commerce.remote.vendor import variant_id
from shop.policy import policy
from tests.shop.commerce.doubles import demo_products
from tests.shop.commerce.shopify.exports import Exports

START = datetime(2026, 11, 1, 8, tzinfo=timezone.utc)
CURRENCY = "PLN"


@dataclass
class Variant:
    id: int
    product: Product
    new: NewVariant
    left: int
    prices: dict[str, int]

    @property
    def gid(self) -> str:
        return f"gid://shopify/ProductVariant/{self.id}"


@dataclass
class Product:
    id: int
    new: NewProduct
    variants: list[Variant] = field(default_factory=list)
    status: str = "ACTIVE"
    published: bool = True


@dataclass
class Promotion:
    code: str
    percent: int
    minimum: int = 0
    uses: int | None = None
    used: int = 0
    status: str = "ACTIVE"


@dataclass
class Line:
    """`off` is what a code takes off all the pieces that were ordered."""

    id: int
    variant: Variant
    price: int
    ordered: int
    current: int
    off: int = 0


@dataclass
class Draft:
    id: int
    wish: dict[str, Any]
    order: Order | None = None
    reserved: bool = False
    looks: int = 0  # until it is ready


@dataclass
class Order:
    id: int
    number: int
    wish: dict[str, Any]
    currency: str
    lines: list[Line]
    title: str
    delivery: int
    code: str | None
    created: datetime
    customer: str | None = None
    note: str = ""
    cancelled: datetime | None = None
    looks: int | None = None  # until a cancelling is done
    moved: list[dict[str, Any]] = field(default_factory=list)
    parcels: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def goods(self) -> int:
        lines = [
            (one.price * one.current, one.off * one.current / one.ordered)
            for one in self.lines
            if one.ordered
        ]
        return sum(price for price, _ in lines) - round(sum(off for _, off in lines))

    @property
    def total(self) -> int:
        return 0 if self.cancelled else self.goods + self.delivery

    def sum(self, *kinds: str) -> int:
        return sum(one["amount"] for one in self.moved if one["kind"] in kinds)

    @property
    def kept(self) -> int:
        return self.sum("SALE") - self.sum("REFUND")


class Shop:
    """What its people do; `Api` is what its API does."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1001)
        self.products: dict[int, Product] = {}
        self.variants: dict[str, Variant] = {}
        self.promotions: dict[str, Promotion] = {}
        self.accounts: dict[str, str] = {}  # e-mail -> id
        self.drafts: dict[str, Draft] = {}
        self.orders: dict[str, Order] = {}
        self.exports = Exports()
        self.indexed = True  # whether its search knows the newest orders
        self._days = itertools.count()

    def fill(self) -> None:
        for product in demo_products():
            self.product(product)

    def product(self, new: NewProduct) -> dict[str, str]:
        made = Product(next(self.numbers), new)
        self.products[made.id] = made
        for one in new.variants:
            prices = {c: p.sale or p.regular for c, p in one.prices.items()}
            variant = Variant(next(self.numbers), made, one, one.stock, prices)
            made.variants.append(variant)
            self.variants[variant.gid] = variant
        return {v.new.id: variant_id(str(made.id), str(v.id)) for v in made.variants}

    def promotion(
        self, code: str, percent: int, minimum: int = 0, uses: int | None = None, **other: Any
    ) -> None:
        self.promotions[code.upper()] = Promotion(code, percent, minimum, uses, **other)

    def customer(self, name: str, email: str) -> None:
        self.accounts[email.lower()] = f"gid://shopify/Customer/{next(self.numbers)}"

    def variant(self, ours: str) -> Variant:
        return self.variants[f"gid://shopify/ProductVariant/{ours.rpartition('-')[2]}"]

    def price(self, variant: str, minor: int) -> None:
        self.variant(variant).prices[CURRENCY] = minor

    def stock(self, variant: str, count: int) -> None:
        self.variant(variant).left = count

    def order(self, number: str) -> Order:
        return next(one for one in self.orders.values() if str(one.number) == number)

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None:
        parcel = {
            "displayStatus": "DELIVERED" if to == "Delivered" else "IN_TRANSIT",
            "deliveredAt": self.moment() if to == "Delivered" else None,
            "updatedAt": self.moment(),
            "trackingInfo": [{"company": "DPD", "number": code, "url": None}],
        }
        self.order(number).parcels.append(parcel)

    def moment(self) -> str:
        """Later every time that it is asked."""
        return self.now().isoformat().replace("+00:00", "Z")

    def now(self) -> datetime:
        return START + timedelta(minutes=next(self._days))

    def rates(self, country: str, currency: str = CURRENCY) -> dict[str, int]:
        """Price by title."""
        return {one.title["en"]: one.price[currency] for one in policy().deliveries(country)}

    def priced(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Lines, what a code takes off, and the codes that take off nothing."""
        currency = wish.get("presentmentCurrencyCode") or CURRENCY
        lines = [(self.variants[one["variantId"]], one["quantity"]) for one in wish["lineItems"]]
        goods = sum(variant.prices[currency] * count for variant, count in lines)
        percent, useless, taken = 0, [], None
        for code in wish.get("discountCodes") or ():
            known = self.promotions.get(code.upper())
            spent = known is not None and known.uses is not None and known.used >= known.uses
            if known is None or known.status != "ACTIVE" or spent or goods < known.minimum:
                useless.append(code)
            else:
                percent, taken = known.percent, known
        off, country = round(goods * percent / 100), wish["shippingAddress"]["countryCode"]
        title = (wish.get("shippingLine") or {}).get("title", "")
        return {
            "currency": currency,
            "lines": lines,
            "goods": goods,
            "off": off,
            "delivery": self.rates(country, currency).get(title, 0),
            "useless": useless,
            "promotion": taken,
        }
