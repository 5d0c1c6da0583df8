"""The payments port: a hosted page to pay on, and a signed word that it was paid."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from shop.model import Order, Payment


class Payments(ABC):
    @abstractmethod
    async def start(self, order: Order, language: str, return_url: str, key: str) -> Payment:
        """A pending payment of the order's total with the URL of its hosted page. The same key
        gives the same payment; a new key after a failure gives a fresh one."""

    @abstractmethod
    async def payment(self, payment_id: str) -> Payment:
        """The payment as the provider sees it now: the truth behind a webhook. NotFound."""

    @abstractmethod
    async def verify(self, headers: Mapping[str, str], body: bytes) -> tuple[str, Payment]:
        """The event id (for deduplication) and payment of a webhook, after its signature and age
        were checked. Raises Refused(signature)."""
