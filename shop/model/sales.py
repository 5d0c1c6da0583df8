"""Buying: carts, addresses, orders, payments, and the people they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from shop.model.goods import CartLine, Money


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
class Link:
    url: str
    title: str = ""


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
    region: str = ""  # a state or province, where addresses name one


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


@dataclass(frozen=True)
class PaymentMethod:
    """`kind` is card, paypal, gift_card, blik, transfer or another method's id; `name` is the
    card's brand, `ending` its last four digits, `balance` a gift card's."""

    id: str
    kind: str
    name: str = ""
    ending: str = ""
    balance: Money | None = None


@dataclass(frozen=True)
class Transaction:
    """Money of an order: paid with, or given back to, a payment method."""

    amount: Money
    method: PaymentMethod
    refund: bool = False


class OrderState(str, Enum):
    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_FAILED = "payment_failed"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    READY_TO_COLLECT = "ready_to_collect"
    DELIVERED = "delivered"
    RETURN_REQUESTED = "return_requested"
    EXCHANGE_REQUESTED = "exchange_requested"
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
    estimated: date | None = None


@dataclass(frozen=True)
class OrderLine(CartLine):
    """`id` tells lines of the same variant apart; `category` is the product's."""

    id: str = ""
    category: str = ""


@dataclass(frozen=True)
class Order:
    """`delivery_price` is in `total`, `discount` is taken off; times are aware, in UTC.
    `items_changed` after the one change of items that is allowed."""

    number: str
    state: OrderState
    placed: datetime
    shopper_id: str
    email: str
    lines: tuple[OrderLine, ...]
    delivery: DeliveryMethod
    address: Address
    discount: Money
    total: Money
    point: str | None = None
    tracking: Tracking | None = None
    conversation: str | None = None
    transactions: tuple[Transaction, ...] = ()
    items_changed: bool = False
    delivered: datetime | None = None
    cancel_reason: str | None = None


class PaymentState(str, Enum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Payment:
    """One attempt to pay one order; `url` is the hosted page where the shopper does it, `method`
    the kind of payment method that they chose there."""

    id: str
    order_number: str
    amount: Money
    state: PaymentState
    url: str
    method: str = "card"


@dataclass(frozen=True)
class Contact:
    """A lead or customer, known by e-mail or, where that is empty, by phone. Consents map a purpose
    ("newsletter") to the words agreed to."""

    email: str
    name: str | None = None
    phone: str | None = None
    language: str | None = None
    preferences: dict[str, str] = field(default_factory=dict)
    consents: dict[str, str] = field(default_factory=dict)


class TicketState(str, Enum):
    OPEN = "open"
    ANSWERED = "answered"
    SOLVED = "solved"


@dataclass(frozen=True)
class Ticket:
    """A message for a person. `transcript` holds (who, text) pairs, oldest first; `wanted` the
    shopper's wishes by their names ("track_order"), `products` the titles of those they looked at,
    both newest first. Number, state and `answer`, the last words of a person to the shopper, are
    the help desk's."""

    conversation: str
    contact: str
    question: str
    language: str
    transcript: tuple[tuple[str, str], ...] = ()
    order_number: str | None = None
    wanted: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    number: str = ""
    state: TicketState = TicketState.OPEN
    answer: str = ""

    @property
    def channel(self) -> str:
        return self.conversation.partition(":")[0]
