"""The after-sale half of the commerce port: orders already placed, changed, sent back, paid back.

Every write takes a `key`: the same key does the work once and gives the first result again, also
after Unavailable, when the caller cannot know whether it was done. Every write checks the rules of
shop/rules.py on the order as it stands at that moment and raises Refused with one of its reasons.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from shop.model import Address, Locale, Order, PaymentMethod, Return, ReturnKind, Shopper

UNPAID = "unpaid"  # why an order was cancelled that nobody paid


class AfterSale(ABC):
    """`number` is an order's; line ids are `OrderLine.id`; who may do it is decided before."""

    @abstractmethod
    async def payment_methods(self, shopper_id: str, locale: Locale) -> tuple[PaymentMethod, ...]:
        """What the shopper can pay with and be refunded to, as they named them; gift cards with
        their balance. Empty where the shop keeps none."""

    @abstractmethod
    async def cancel(self, number: str, reason: str, locale: Locale, key: str) -> Order:
        """Cancels the order, gives the stock back, refunds every payment to where it came from."""

    @abstractmethod
    async def expire(self, number: str) -> Order:
        """Cancels an order that nobody has paid (its cancel_reason is UNPAID) and gives the stock
        back; any other one stays what it is. Raises NotFound."""

    @abstractmethod
    async def change_items(
        self, number: str, changes: Mapping[str, str], method: str | None, locale: Locale, key: str
    ) -> Order:
        """Lines (by id) become other variants (by id) of the same product; the difference in price
        is paid with, or refunded to, the payment method (None: the order's own)."""

    @abstractmethod
    async def change_payment(self, number: str, method: str, locale: Locale, key: str) -> Order:
        """The order's one payment moves to another of the shopper's methods."""

    @abstractmethod
    async def change_address(
        self, number: str, address: Address, point: str | None, locale: Locale, key: str
    ) -> Order:
        """The whole address is replaced, or the parcel locker or collection point."""

    @abstractmethod
    async def change_profile(
        self,
        shopper_id: str,
        key: str,
        *,
        email: str | None = None,
        phone: str | None = None,
        address: Address | None = None,
    ) -> Shopper:
        """Replaces what is given. Raises Refused(email_taken)."""

    @abstractmethod
    async def request_return(
        self,
        number: str,
        quantities: Mapping[str, int],
        reason: str,
        method: str | None,
        locale: Locale,
        key: str,
    ) -> Return:
        """Announces a return of so many pieces of each line; the money goes to the payment method
        (None: the order's own) once the parcel is there."""

    @abstractmethod
    async def request_exchange(
        self,
        number: str,
        changes: Mapping[str, str],
        reason: str,
        method: str | None,
        locale: Locale,
        key: str,
    ) -> Return:
        """Announces an exchange of lines for variants of the same product; no money moves yet."""

    @abstractmethod
    async def settle_problem(
        self,
        number: str,
        kind: ReturnKind,
        quantities: Mapping[str, int],
        problem: str,
        locale: Locale,
        key: str,
    ) -> Return:
        """A replacement or a refund for what policy allows after a problem; nothing is sent back
        unless policy says so."""

    @abstractmethod
    async def returns(self, number: str, locale: Locale) -> tuple[Return, ...]:
        """Returns, exchanges, replacements and refunds of an order, newest first."""

    @abstractmethod
    async def withdraw(self, return_id: str, locale: Locale, key: str) -> Return:
        """Takes back a return or exchange that has not been sent yet: the order is as before."""

    @abstractmethod
    async def invoice(self, number: str, locale: Locale) -> str:
        """The address of the order's invoice, valid for a day."""
