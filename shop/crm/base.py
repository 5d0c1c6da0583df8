"""The CRM port: who our shoppers are, what they bought, and how their conversations ended.

`who` is an e-mail or a phone number. Every write can be done again: it then changes nothing.
Adapters raise NotFound and Refused, which do not go away, and Unavailable, after which
shop/crm/telling.py tries again. No message of theirs holds personal data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from shop.model import Contact, Deal, Lead, Note


class CRM(ABC):
    @abstractmethod
    async def save_contact(self, contact: Contact) -> str:
        """Creates or completes the contact with this e-mail or, where it has none, this phone;
        known values are kept where the new ones are empty. Returns the CRM's id."""

    @abstractmethod
    async def contact(self, who: str) -> Contact:
        """Raises NotFound."""

    @abstractmethod
    async def log(self, note: Note) -> None:
        """Keeps the note, once per conversation, outcome and reference. Notes of people who are no
        contacts, which hold nothing to act on, may be left out."""

    @abstractmethod
    async def save_lead(self, lead: Lead) -> None:
        """Marks the person as somebody to call back, once per reference; makes the contact if there
        is none."""

    @abstractmethod
    async def save_deal(self, deal: Deal) -> None:
        """Creates or updates the deal with this number, but never back to an earlier stage: that
        would be old news. Makes the contact if there is none."""

    @abstractmethod
    async def purchases(self, who: str) -> tuple[Deal, ...]:
        """The deals won with this person, newest first, with their items; none for a stranger."""

    @abstractmethod
    async def erase(self, who: str) -> None:
        """Deletes the contact with their notes, leads and deals; strangers are no error."""


def named(who: str) -> Contact:
    """A contact of whom only the address is known."""
    return Contact(who) if "@" in who else Contact("", phone=who)
