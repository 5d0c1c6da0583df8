"""The embedded help desk: tickets in the shop's own database.

helpdesk:
  type: shop.helpdesk.demo.DemoHelpdesk
  url: sqlite:///var/shop.db     # default: SHOPKEEPER_DB
"""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, select

from shop.catalogue import next_value
from shop.helpdesk.base import Helpdesk
from shop.model import NotFound, Ticket
from shop.store import now, open_store
from shop.tables import tickets

FIRST_NUMBER = 501


class DemoHelpdesk(Helpdesk):
    def __init__(self, url: str | None = None) -> None:
        self.store = open_store(url)

    async def open_ticket(self, ticket: Ticket, key: str) -> str:
        def work(connection: Connection) -> str:
            known = connection.scalar(select(tickets.c.number).where(tickets.c.key == key))
            if known:
                return known
            number = f"T{next_value(connection, 'ticket', FIRST_NUMBER)}"
            row = {**asdict(ticket), "transcript": [list(line) for line in ticket.transcript]}
            connection.execute(
                tickets.insert().values(number=number, key=key, created=now(), **row)
            )
            return number

        return await self.store.write(work, "open_ticket")

    async def ticket(self, number: str) -> Ticket:
        def work(connection: Connection) -> Ticket:
            row = connection.execute(select(tickets).where(tickets.c.number == number)).first()
            if row is None:
                raise NotFound(f"ticket {number}")
            transcript = tuple((who, said) for who, said in row.transcript)
            return Ticket(
                row.conversation,
                row.contact,
                row.question,
                row.language,
                transcript,
                row.order_number,
            )

        return await self.store.read(work, "ticket")
