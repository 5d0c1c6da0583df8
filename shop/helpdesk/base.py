"""The help desk port: a message that a person will answer, and what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from shop.model import Ticket


class Helpdesk(ABC):
    @abstractmethod
    async def open_ticket(self, ticket: Ticket, key: str) -> str:
        """Files the message with its transcript and summary and returns its number; the same key
        gives the same ticket. `contact` is an e-mail, a phone number or empty."""

    @abstractmethod
    async def ticket(self, number: str) -> Ticket:
        """The ticket with its state and answer as the help desk has them now. NotFound."""

    @abstractmethod
    async def tickets(self, conversation: str, contact: str = "") -> tuple[str, ...]:
        """Numbers of the tickets of a conversation, and of a contact who was proved to be its
        shopper; newest first."""

    @abstractmethod
    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The number of the ticket that a webhook is about, after its proof was checked; None where
        it is about none. Nothing else in it is believed. Refused(signature)."""
