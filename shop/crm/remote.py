"""What all CRMs of vendors share: what to write when. A vendor's file says how.

A vendor has contacts with a text field of ours (shop/crm/words.py), notes, leads and deals.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar

from shop.crm import words
from shop.crm.base import CRM, named
from shop.model import (
    Contact,
    Deal,
    DealStage,
    Lead,
    Note,
    NotFound,
    Refused,
    ShopError,
    Unavailable,
)

Self = TypeVar("Self", bound="RemoteCRM")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Known:
    """A contact of the vendor's: its id, e-mail, name and phone, and our text."""

    id: str
    contact: Contact
    text: str


def sensible(
    method: Callable[[Self, Any], Coroutine[Any, Any, Result]],
) -> Callable[[Self, Any], Coroutine[Any, Any, Result]]:
    """An answer that is JSON, but of no shape that we know, is trouble of the vendor's."""

    @wraps(method)
    async def checked(self: Self, given: Any) -> Result:
        try:
            return await method(self, given)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as trouble:
            kind = type(trouble).__name__
        raise Unavailable(f"{self.name}: an answer without sense ({kind})")

    return checked


class RemoteCRM(CRM):
    name = ""

    @abstractmethod
    async def find(self, who: str) -> Known | None:
        """`who` as words.address() gives it."""

    @abstractmethod
    async def put(self, known: Known | None, contact: Contact, text: str) -> str:
        """Completes the contact, or makes it, unless somebody has in the meantime. Gives its id."""

    @abstractmethod
    async def noted(self, contact: str, mark: str) -> bool:
        """Whether a note with this mark is there."""

    @abstractmethod
    async def add_note(self, contact: str, subject: str, body: str, at: int) -> None: ...

    @abstractmethod
    async def add_lead(self, known: Known, lead: Lead) -> None:
        """Unless it is there."""

    @abstractmethod
    async def find_deal(self, number: str) -> tuple[str, DealStage] | None:
        """Its id and stage."""

    @abstractmethod
    async def put_deal(self, id_: str | None, contact: str, deal: Deal) -> None:
        """Raises Refused(taken) where somebody has just made a deal with this number."""

    @abstractmethod
    async def won(self, known: Known) -> list[Deal]:
        """The contact's deals that are won, in any order."""

    @abstractmethod
    async def remove(self, known: Known) -> None:
        """The contact, and what is there of them."""

    @sensible
    async def save_contact(self, contact: Contact) -> str:
        email, phone = words.address(contact.email), words.address(contact.phone or "")
        known = await self.find(email or phone)
        text = words.written(contact, known.text if known else "")
        return await self.put(known, replace(contact, email=email, phone=phone or None), text)

    @sensible
    async def contact(self, who: str) -> Contact:
        known = await self.find(words.address(who))
        if known is None:
            raise NotFound("contact")
        return words.read(known.contact, known.text)

    @sensible
    async def log(self, note: Note) -> None:
        known = await self.find(words.address(note.who)) if note.who else None
        if known and not await self.noted(known.id, words.mark_of(note)):
            await self.add_note(known.id, words.subject(note), words.body(note), note.at)

    @sensible
    async def save_lead(self, lead: Lead) -> None:
        await self.add_lead(await self.sure(lead.who), lead)

    @sensible
    async def save_deal(self, deal: Deal) -> None:
        known = await self.sure(deal.who)
        try:
            await self._save_deal(known, deal)
        except Refused as refusal:
            if refusal.reason != "taken":
                raise
            await self._save_deal(known, deal)

    async def _save_deal(self, known: Known, deal: Deal) -> None:
        id_, stage = await self.find_deal(deal.number) or (None, DealStage.OPEN)
        if stage.may_become(deal.stage):
            await self.put_deal(id_, known.id, deal)

    @sensible
    async def purchases(self, who: str) -> tuple[Deal, ...]:
        known = await self.find(words.address(who))
        deals = await self.won(known) if known else []
        return tuple(sorted(deals, key=lambda deal: deal.placed, reverse=True))

    @sensible
    async def erase(self, who: str) -> None:
        known = await self.find(words.address(who))
        if known:
            await self.remove(known)

    async def sure(self, who: str) -> Known:
        """The contact, made if need be."""
        key = words.address(who)
        known = await self.find(key)
        return known or Known(await self.put(None, named(key), ""), named(key), "")

    def refusal(self, status: int) -> ShopError:
        """What the vendor does not accept will not get better; the rest (no right to, no such
        path) is the account's, and may."""
        if status in (400, 409, 422):
            return Refused("crm", status=status)
        return Unavailable(f"{self.name}: {status}")
