"""The help desk port: a message that a person will answer."""

from abc import ABC, abstractmethod

from shop.model import Ticket


class Helpdesk(ABC):
    @abstractmethod
    async def open_ticket(self, ticket: Ticket, key: str) -> str:
        """Files the message with its transcript and returns its number; the same key gives the same
        ticket."""

    @abstractmethod
    async def ticket(self, number: str) -> Ticket:
        """Raises NotFound."""
