"""The CRM port: who our shoppers are and how their conversations ended."""

from abc import ABC, abstractmethod

from shop.model import Contact


class CRM(ABC):
    @abstractmethod
    async def save_contact(self, contact: Contact) -> str:
        """Creates or completes the contact with this e-mail; known values are kept where the new
        ones are empty. Returns the CRM's id."""

    @abstractmethod
    async def log_outcome(self, conversation: str, outcome: str, details: dict[str, str]) -> None:
        """Notes how a conversation ended ("order_placed", "ticket_opened" ...), once per outcome
        and reference (`details["reference"]`)."""

    @abstractmethod
    async def contact(self, email: str) -> Contact:
        """Raises NotFound."""

    @abstractmethod
    async def erase(self, email: str) -> None:
        """Deletes the contact and what was logged of it; unknown e-mails are no error."""
