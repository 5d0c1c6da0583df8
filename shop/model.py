"""The shop as the assistant sees it: the values all adapters speak, and the ways a shop says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from babel.numbers import get_currency_precision

from shop.errors import NotFound as NotFound
from shop.errors import OutOfStock as OutOfStock
from shop.errors import Refused as Refused
from shop.errors import ShopError as ShopError
from shop.errors import Unavailable as Unavailable


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


@dataclass(frozen=True)
class Cart:
    """Lines in the order in which they were first put in; `total` is after the discount."""

    lines: tuple[CartLine, ...]
    subtotal: Money
    discount: Money
    total: Money
    code: str | None = None

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True)
class DeliveryMethod:
    """`days` is a range of working days from dispatch; `to_point` means that the shopper names a
    parcel locker or collection point instead of a door."""

    id: str
    title: str
    price: Money
    days: tuple[int, int]
    to_point: bool = False


@dataclass(frozen=True)
class Address:
    """`street` holds street, house and flat as one line; `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True)
class Shopper:
    id: str
    name: str
    email: str
    phone: str | None = None
    address: Address | None = None


@dataclass(frozen=True)
class Checkout:
    """What an order needs besides the cart. `shopper_id` is the identified shopper's; without one
    the order is a guest's, whatever e-mail it names."""

    email: str
    phone: str | None
    address: Address
    delivery: str
    point: str | None = None
    language: str = "en"
    shopper_id: str | None = None


class OrderState(str, Enum):
    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_FAILED = "payment_failed"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    READY_TO_COLLECT = "ready_to_collect"
    DELIVERED = "delivered"
    RETURN_REQUESTED = "return_requested"
    RETURNED = "returned"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True)
class Tracking:
    """Where a parcel is, as its carrier says. `status` is label_created, in_transit,
    out_for_delivery, ready_to_collect, delivered, not_delivered or returned; `estimated` is the day
    of delivery, if promised."""

    carrier: str
    number: str
    url: str
    status: str
    updated: datetime
    estimated: datetime | None = None


@dataclass(frozen=True)
class Order:
    """`delivery_price` is in `total`, `discount` is taken off; times are aware, in UTC."""

    number: str
    state: OrderState
    placed: datetime
    shopper_id: str
    email: str
    lines: tuple[CartLine, ...]
    delivery: DeliveryMethod
    address: Address
    discount: Money
    total: Money
    point: str | None = None
    tracking: Tracking | None = None
    conversation: str | None = None


class PaymentState(str, Enum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Payment:
    """One attempt to pay one order; `url` is the hosted page where the shopper does it."""

    id: str
    order_number: str
    amount: Money
    state: PaymentState
    url: str


@dataclass(frozen=True)
class Contact:
    """A lead or customer. Consents map a purpose ("newsletter") to the words agreed to."""

    email: str
    name: str | None = None
    phone: str | None = None
    language: str | None = None
    preferences: dict[str, str] = field(default_factory=dict)
    consents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ticket:
    """A message for a person. `transcript` holds (who, text) pairs, oldest first."""

    conversation: str
    contact: str
    question: str
    language: str
    transcript: tuple[tuple[str, str], ...] = ()
    order_number: str | None = None
