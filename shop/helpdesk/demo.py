"""The embedded help desk: tickets in the shop's own database.

helpdesk:
  type: shop.helpdesk.demo.DemoHelpdesk
  url: sqlite:///var/shop.db     # default: SHOPKEEPER_DB

`python -m shop.helpdesk` lists its tickets and answers them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update

from shop.catalogue import next_value
from shop.helpdesk.kept import KeptHelpdesk, News
from shop.model import NotFound, Refused, Ticket, TicketState
from shop.tables import tickets

FIRST_NUMBER = 501


class DemoHelpdesk(KeptHelpdesk):
    name = "demo"
    first_look = None

    def __init__(self, url: str | None = None) -> None:
        super().__init__(url)

    async def open(self, ticket: Ticket, reference: str) -> str:
        number = await self.store.write(lambda c: next_value(c, "ticket", FIRST_NUMBER))
        return f"T{number}"

    async def look(self, kept: Ticket) -> News:
        mine = select(tickets.c.state, tickets.c.answer).where(tickets.c.number == kept.number)
        state, answer = await self.store.read(lambda connection: connection.execute(mine).one())
        return News(TicketState(state or TicketState.OPEN), answer or "")

    async def reply(self, number: str, answer: str, solved: bool = False) -> None:
        """What a person does: answers (an empty answer leaves the one before), or solves it."""
        values = {"state": (TicketState.SOLVED if solved else TicketState.ANSWERED).value}
        values |= {"answer": answer} if answer else {}
        change = update(tickets).where(tickets.c.number == number).values(**values)
        changed = await self.store.write(lambda connection: connection.execute(change).rowcount)
        if not changed:
            raise NotFound(f"ticket {number}")

    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Nobody calls: tickets are answered here."""
        raise Refused("signature")
