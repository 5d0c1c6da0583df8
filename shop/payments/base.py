"""The payments port: a hosted page to pay on, a signed word that something happened, the money's
way back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from shop.model import Money, Order, Payment


@dataclass(frozen=True)
class Event:
    """What a webhook tells: its id, for deduplication, and the payment to ask the provider about;
    None where it is about no payment of ours. Nothing else in a webhook is believed, but that a
    refund of the payment was taken and failed later (`unreturned`), which a person looks into."""

    id: str
    payment_id: str | None
    unreturned: bool = False


class Payments(ABC):
    accepted = b""
    """The body of the answer to a webhook that was taken."""

    @abstractmethod
    async def start(self, order: Order, language: str, return_url: str, key: str) -> Payment:
        """A pending payment of the order's total with the URL of its hosted page. The same key
        gives the same payment; a new key after a failure gives a fresh one."""

    @abstractmethod
    async def payment(self, payment_id: str) -> Payment:
        """The payment as the provider sees it now: the truth behind a webhook. Where the provider
        waits for a last word of ours after the shopper's yes (capture, confirm, verify), it is
        given here, once. `amount` is what the provider says. NotFound."""

    @abstractmethod
    async def close(self, payment_id: str) -> Payment:
        """Lets nobody pay on the page any more, as far as the provider can: the payment as it is
        then. Pending is what is on its way, which nobody can stop. NotFound."""

    @abstractmethod
    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        """What a webhook is about, after its signature, and its age where it has one, were checked.
        Raises Refused(signature)."""

    @abstractmethod
    async def refund(self, payment_id: str, amount: Money, key: str) -> str:
        """Gives so much of a paid payment back to where it came from, and returns the provider's
        id of that. The same key does it once. NotFound, Refused(not_refundable): not paid, or more
        than is left of it."""
