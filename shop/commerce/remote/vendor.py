"""What one vendor's shop must be able to do for `RemoteCommerce`: requests out, values back.

Amounts are minor units with tax in the currency of the cart or order. Ids of variants are made by
`variant_id`, so that a variant's product is known without a look-up. Every method raises
Unavailable; a write that may have been sent before is checked against the vendor's state first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from shop.catalogue import NewProduct, Term
from shop.model import Address, Checkout, Locale, Order, OrderState, PaymentMethod, Shopper


def variant_id(product: str, variant: str) -> str:
    return f"{product}-{variant}"


def product_of(id_: str) -> str:
    return id_.rpartition("-")[0]


@dataclass(frozen=True)
class Goods:
    products: tuple[NewProduct, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class TheirLine:
    """`price` is one piece's, before discounts."""

    variant_id: str
    title: str
    quantity: int
    price: int


@dataclass(frozen=True)
class TheirCart:
    """`session` is what opens it again; `number` the number that its order will have, where the
    vendor gives it beforehand."""

    session: str
    lines: tuple[TheirLine, ...] = ()
    discount: int = 0
    code: str | None = None
    number: str = ""


@dataclass(frozen=True)
class TheirOrder:
    """`paid` and `refunded` are what has moved so far; `state` is one that the vendor knows;
    `account` is the vendor's id of a customer who has one, "" a guest's."""

    number: str
    state: OrderState
    placed: int
    email: str
    phone: str | None
    currency: str
    lines: tuple[TheirLine, ...]
    discount: int
    delivery: str
    delivery_price: int
    total: int
    address: Address
    point: str | None = None
    code: str | None = None
    paid: int = 0
    refunded: int = 0
    method: str = "card"
    tracking: dict[str, Any] | None = None
    delivered: int | None = None
    account: str = ""


class Vendor(ABC):
    @abstractmethod
    async def products(self, ids: Collection[str] | None = None) -> Goods:
        """All that is on sale, or of these products those that are; stock is what may be sold."""

    @abstractmethod
    async def cart(self, session: str, locale: Locale) -> TheirCart:
        """Empty where the session has none."""

    @abstractmethod
    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        """ "" as session begins one. Raises OutOfStock (cart unchanged)."""

    @abstractmethod
    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        """The only code of the cart from now on, none where it is "". Raises Refused."""

    @abstractmethod
    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        """By id of the methods of policy.yml that the vendor offers for this cart and country."""

    async def prepare(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirCart:
        """What must be known before the order is placed so that placing it again finds it; it may
        be done once too often without harm. Raises OutOfStock or Refused."""
        return cart

    @abstractmethod
    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        """The cart's order, unpaid, with its stock held; asked again, the same one. Raises
        OutOfStock or Refused."""

    async def order_of(self, cart: TheirCart) -> TheirOrder | None:
        """The cart's order, if it has become one."""
        return await self.order(cart.number) if cart.number else None

    @abstractmethod
    async def order(self, number: str) -> TheirOrder | None:
        """A placed order."""

    @abstractmethod
    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        """Placed by someone of that e-mail or name; too many are welcome, the caller compares."""

    @abstractmethod
    async def pay(self, number: str, method: PaymentMethod) -> None:
        """Notes that the order's total has been paid."""

    @abstractmethod
    async def cancel(self, number: str, reason: str) -> None:
        """Stock goes back, what was paid is noted as refunded."""

    @abstractmethod
    async def change_items(self, before: Order, after: Order, key: str) -> None:
        """The lines and what they cost; the difference is noted as paid or refunded. The repeat of
        a write has its key, and `before` is what it was when that began."""

    @abstractmethod
    async def change_address(self, number: str, address: Address, point: str | None) -> None: ...

    async def change_customer(self, account: str, before: Shopper, after: Shopper) -> None:
        """What is known of a customer with an account, where the vendor lets us write that; who
        ordered as a guest is known to it from the orders alone. Raises Refused(email_taken)."""
        return

    @abstractmethod
    async def refund(self, number: str, minor: int, reason: str) -> None: ...

    @abstractmethod
    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        """Takes pieces (by variant id) off the stock for what no order shows; negative: back. The
        repeat of a write has its key."""

    @abstractmethod
    async def remark(self, number: str, text: str) -> None:
        """Tells the shop's people, at the order, what its shopper asked for."""
