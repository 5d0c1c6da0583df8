"""The commerce port: catalogue, cart and orders of one shop."""

from abc import ABC, abstractmethod
from typing import Any, Literal

from shop.commerce.aftersale import AfterSale
from shop.model import (
    Cart,
    Checkout,
    DeliveryMethod,
    Found,
    Link,
    Locale,
    Order,
    Payment,
    Product,
    Shopper,
    Wishes,
)

Relation = Literal["similar", "goes_with", "bought_by"]


class Catalogue(ABC):
    """What the shop sells."""

    @abstractmethod
    async def search(
        self, wishes: Wishes, locale: Locale, offset: int = 0, limit: int = 5
    ) -> Found:
        """Products that meet the wishes, best first; where none does, wishes are dropped one by
        one, the least important first, and named in `Found.dropped`."""

    @abstractmethod
    async def product(self, product_id: str, locale: Locale) -> Product:
        """Raises NotFound."""

    @abstractmethod
    async def related(
        self, relation: Relation, of: str, locale: Locale, limit: int = 3
    ) -> tuple[Product, ...]:
        """Products in stock related to a product id, or (`bought_by`) to what the shopper with
        that id has bought, without those they already have. Empty where there are none."""

    @abstractmethod
    async def vocabulary(self) -> dict[str, Any]:
        """What can be named: {"version": 1, "facets": {facet: {id: {language: [names]}}},
        "products": {id: {language: name}}}. The shop writes it to the vocabulary file (JSON)."""


class Commerce(Catalogue, AfterSale):
    """A shop's carts and orders. `conversation` is the assistant's own id of a conversation."""

    @abstractmethod
    async def cart(self, conversation: str, locale: Locale) -> Cart:
        """The conversation's cart, empty if there is none yet."""

    @abstractmethod
    async def set_quantity(
        self, conversation: str, variant_id: str, quantity: int, locale: Locale
    ) -> Cart:
        """Puts exactly `quantity` of a variant into the cart; 0 takes it out. Raises NotFound,
        and OutOfStock (cart unchanged) where the shop has fewer."""

    @abstractmethod
    async def apply_code(self, conversation: str, code: str, locale: Locale) -> Cart:
        """Sets the cart's promotion code ("" removes it). Raises Refused with reason code_unknown,
        code_expired, code_minimum (details: minimum: Money) or code_not_combinable."""

    @abstractmethod
    async def delivery_methods(
        self, conversation: str, country: str, locale: Locale
    ) -> tuple[DeliveryMethod, ...]:
        """What can be chosen for this cart and country, cheapest first; empty: not delivered to."""

    async def handover(self, conversation: str, locale: Locale) -> tuple[Link, ...]:
        """Where the cart is bought, on pages of the shop's own; empty: it is ordered here. A link
        without a title takes the whole cart, one with a title what is called so."""
        return ()

    @abstractmethod
    async def place_order(
        self, conversation: str, checkout: Checkout, locale: Locale, key: str
    ) -> Order:
        """Turns the cart into an order awaiting payment, holds the stock and empties the cart.
        The same key gives the same order again. Raises OutOfStock, or Refused with reason
        cart_empty, code_used (once a shopper), delivery_unavailable or point_missing."""

    @abstractmethod
    async def order(self, number: str, locale: Locale) -> Order:
        """Any order by its number; who may see it is decided by `shop.identity`. NotFound."""

    @abstractmethod
    async def orders(self, shopper_id: str, locale: Locale) -> tuple[Order, ...]:
        """All orders of a shopper, newest first."""

    @abstractmethod
    async def placed_in(self, conversation: str, locale: Locale) -> tuple[Order, ...]:
        """The orders placed in a conversation, newest first."""

    @abstractmethod
    async def find_shopper(
        self,
        *,
        email: str = "",
        order_number: str = "",
        name: str = "",
        postcode: str = "",
    ) -> Shopper:
        """By e-mail and the number of one of their orders (by e-mail alone where the policy says
        so), or by name and postcode (compared without case, diacritics, spaces or dash). Raises
        NotFound and does not say which half was wrong."""

    @abstractmethod
    async def record_payment(self, payment: Payment) -> Order:
        """Takes note of a finished payment: succeeded -> paid (stock hold becomes a sale), failed
        or cancelled -> payment_failed (still payable). Done once however often it is told, and an
        order that is paid stays so. Raises NotFound, Refused(amount_differs), or
        Refused(not_payable): paid already, cancelled, or sold out after the hold."""
