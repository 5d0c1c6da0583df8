"""What all help desks share; a vendor's file does the rest.

Tickets are kept in the shop's store, so that a key opens one ticket, whatever a vendor makes of a
repeat, and a conversation's shopper can ask about theirs. What became of one is the vendor's word.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import time
from abc import abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, select

from shop import outbox
from shop.crm.words import address as address
from shop.helpdesk.base import Helpdesk
from shop.http import Answer
from shop.model import NotFound, Refused, Ticket, TicketState, Unavailable
from shop.store import now, open_store
from shop.tables import tickets

TOLERANCE = 300.0  # seconds between a webhook's time and ours
Result = TypeVar("Result")


@dataclass(frozen=True)
class News:
    """What the help desk says of a ticket: its state, and a person's last words to the shopper."""

    state: TicketState
    answer: str = ""


class KeptHelpdesk(Helpdesk):
    """`store` is the database's URL (default: SHOPKEEPER_DB)."""

    name = ""
    first_look: float | None = 300.0
    """Seconds after which the vendor is asked for the first time, should no webhook come; None: the
    ticket lives here."""

    def __init__(self, store: str | None = None) -> None:
        self.store = open_store(store)

    @abstractmethod
    async def open(self, ticket: Ticket, reference: str) -> str:
        """The number of a ticket at the vendor: of the one with this reference (32 hex digits), if
        it is there after an attempt whose answer got lost, else of a new one. `contact` is as
        address() writes it. Refused."""

    @abstractmethod
    async def look(self, kept: Ticket) -> News:
        """The ticket as the vendor sees it. NotFound, Refused."""

    async def open_ticket(self, ticket: Ticket, key: str) -> str:
        mine = select(tickets.c.number).where(tickets.c.key == key)
        known = await self.store.read(lambda connection: connection.scalar(mine))
        if known:
            return str(known)
        reference = hashlib.sha256(key.encode()).hexdigest()[:32]
        ticket = replace(ticket, contact=address(ticket.contact))
        number = await self._opened(ticket, reference)

        def work(connection: Connection) -> str:
            first = connection.scalar(mine)
            if first is None:
                keep(connection, ticket, key, number)
                if self.first_look is not None:
                    plan_look(connection, number, now(), 1, self.first_look)
            return str(first or number)

        return await self.store.write(work, "open_ticket")

    async def _opened(self, ticket: Ticket, reference: str) -> str:
        """An address that the vendor refuses goes into the text: the message must arrive."""
        text = "\n".join(part for part in (ticket.contact, ticket.question) if part)
        for attempt in (ticket, replace(ticket, contact="", question=text)):
            with contextlib.suppress(Refused, NotFound):
                return await self._sensible(self.open(attempt, reference))
        raise Unavailable(f"{self.name}: refused")

    async def ticket(self, number: str) -> Ticket:
        mine = select(tickets).where(tickets.c.number == number)
        row = await self.store.read(lambda connection: connection.execute(mine).first(), "ticket")
        if row is None:
            raise NotFound(f"ticket {number}")
        kept = from_row(row)
        with contextlib.suppress(Refused):
            return from_row(row, await self._sensible(self.look(kept)))
        raise Unavailable(f"{self.name}: refused")

    async def tickets(self, conversation: str, contact: str = "") -> tuple[str, ...]:
        mine = tickets.c.conversation == conversation
        if contact:
            mine |= tickets.c.contact == address(contact)
        newest = (tickets.c.created.desc(), tickets.c.number.desc())
        query = select(tickets.c.number).where(mine).order_by(*newest)
        return await self.store.read(lambda c: tuple(c.scalars(query)), "tickets")

    async def _sensible(self, work: Awaitable[Result]) -> Result:
        """An answer that is JSON, but of no shape that we know, is trouble of the vendor's."""
        try:
            return await work
        except (LookupError, TypeError, ValueError, AttributeError) as trouble:
            kind = type(trouble).__name__
        raise Unavailable(f"{self.name}: an answer without sense ({kind})")

    def content(self, answer: Answer) -> Any:
        """What a call gave. NotFound, Refused (400, 422), Unavailable."""
        if answer.status == 404:
            raise NotFound(f"{self.name} ticket")
        if answer.status in (400, 422):
            raise Refused("ticket", status=answer.status)
        if not answer.ok:
            raise Unavailable(f"{self.name}: {answer.status}")
        return answer.content


def keep(connection: Connection, ticket: Ticket, key: str, number: str) -> None:
    """A number that another help desk gave before is taken over."""
    connection.execute(delete(tickets).where(tickets.c.number == number))
    row = {
        "number": number,
        "key": key,
        "conversation": ticket.conversation,
        "contact": ticket.contact,
        "question": ticket.question,
        "language": ticket.language,
        "transcript": [list(line) for line in ticket.transcript],
        "order_number": ticket.order_number,
        "wanted": list(ticket.wanted),
        "products": list(ticket.products),
        "created": now(),
    }
    connection.execute(tickets.insert().values(**row))


def plan_look(connection: Connection, number: str, since: int, look: int, wait: float) -> None:
    """The n-th look at a ticket opened at `since`, in so many seconds (shop/tickets.py)."""
    body = {"number": number, "since": since, "look": look}
    id_ = f"ticket_{number}_{since}_{look}"
    outbox.put(connection, outbox.TICKET, id_, body, time.time() + wait)


def from_row(row: Any, news: News | None = None) -> Ticket:
    return Ticket(
        conversation=row.conversation,
        contact=row.contact,
        question=row.question,
        language=row.language,
        transcript=tuple((who, said) for who, said in row.transcript),
        order_number=row.order_number,
        wanted=tuple(row.wanted or ()),
        products=tuple(row.products or ()),
        number=row.number,
        state=news.state if news else TicketState.OPEN,
        answer=news.answer if news else "",
    )


def standing(solved: bool, answer: str) -> News:
    if solved:
        return News(TicketState.SOLVED, answer)
    return News(TicketState.ANSWERED if answer else TicketState.OPEN, answer)


def header(headers: Mapping[str, str], name: str) -> str:
    given = {known.lower(): value for known, value in headers.items()}
    return given.get(name.lower(), "")


def require(given: str, expected: str) -> None:
    """Raises Refused(signature) unless the two are equal, and there is something to compare."""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused("signature")


def require_fresh(at: float) -> None:
    if not abs(time.time() - at) <= TOLERANCE:
        raise Refused("signature")


def decoded(body: bytes) -> dict[str, Any]:
    """A webhook's JSON object; Refused(signature) for what is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Refused("signature")
    return content
