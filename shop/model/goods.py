"""What is for sale, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from babel.numbers import get_currency_precision


@dataclass(frozen=True, order=True)
class Money:
    """An amount in the currency's minor unit (cents, grosze) and its ISO 4217 code."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    @property
    def decimal(self) -> str:
        """The amount in the major unit as a decimal string: "129.90"."""
        return str(Decimal(self.minor).scaleb(-get_currency_precision(self.currency)))


@dataclass(frozen=True)
class Locale:
    """What a shopper reads and pays in: ISO 639-1 language and ISO 4217 currency."""

    language: str
    currency: str


@dataclass(frozen=True)
class Price:
    """Today's price. A reduction may be shown only when `lowest_30d` is set (Directive 98/6/EC,
    art. 6a); adapters leave it and `regular` out when today's price is not below it."""

    amount: Money
    regular: Money | None = None
    lowest_30d: Money | None = None


@dataclass(frozen=True)
class Rating:
    average: float
    count: int


@dataclass(frozen=True)
class Variant:
    """One buyable thing. `options` maps an axis id to a value id, `labels` the same axis to the
    value's name in the shopper's language. Axes come in the order in which to ask for them."""

    id: str
    options: dict[str, str]
    labels: dict[str, str]
    price: Price
    stock: int
    image: str


@dataclass(frozen=True)
class Product:
    """A product in one language and currency. `axes` maps axis id to its name ("size": "Rozmiar"),
    `facts` maps facet ids (material, feature, purpose, audience) to the names of their values."""

    id: str
    title: str
    description: str
    details: str
    category: str
    category_title: str
    brand: str
    url: str
    image: str
    price: Price
    axes: dict[str, str]
    variants: tuple[Variant, ...]
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rating: Rating | None = None
    weight_g: int | None = None

    @property
    def in_stock(self) -> bool:
        return any(variant.stock > 0 for variant in self.variants)


class Sort(str, Enum):
    RELEVANCE = "relevance"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BEST_RATED = "best_rated"
    NEWEST = "newest"


@dataclass(frozen=True)
class Wishes:
    """What a shopper looks for. Facets are category, colour, size, brand, material, audience,
    feature and purpose; values of one facet are alternatives, facets add up, `without` excludes."""

    text: str = ""
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    without: dict[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: Money | None = None
    price_max: Money | None = None
    in_stock: bool = False
    on_sale: bool = False
    sort: Sort = Sort.RELEVANCE


@dataclass(frozen=True)
class Found:
    """One page of a search, best first. `dropped` names the wishes (facet id, "price_min",
    "price_max", "in_stock", "on_sale", "text") that no product fits; empty when all are met."""

    products: tuple[Product, ...]
    total: int
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class CartLine:
    variant_id: str
    product_id: str
    title: str
    labels: dict[str, str]
    quantity: int
    price: Money
    image: str

    @property
    def total(self) -> Money:
        return self.price * self.quantity
