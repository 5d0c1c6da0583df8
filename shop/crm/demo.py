"""The embedded CRM: contacts, notes, leads and deals in the shop's own database.

crm:
  type: shop.crm.demo.DemoCRM
  url: sqlite:///var/shop.db     # default: SHOPKEEPER_DB
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from shop.catalogue import upsert
from shop.crm.base import CRM, named
from shop.crm.words import address
from shop.model import Bought, Contact, Deal, DealStage, Lead, Money, Note, NotFound
from shop.store import now, open_store
from shop.tables import contacts, deals, leads, outcomes


class DemoCRM(CRM):
    def __init__(self, url: str | None = None) -> None:
        self.store = open_store(url)

    async def save_contact(self, contact: Contact) -> str:
        return await self.store.write(lambda c: save(c, contact), "save_contact")

    async def contact(self, who: str) -> Contact:
        def work(connection: Connection) -> Contact:
            row = find(connection, who)
            if row is None:
                raise NotFound("contact")
            told = row.name, row.phone, row.language, row.preferences, row.consents
            return Contact(row.email or "", *told)

        return await self.store.read(work, "contact")

    async def log(self, note: Note) -> None:
        def work(connection: Connection) -> None:
            same = {
                "conversation": note.conversation,
                "outcome": note.outcome,
                "reference": note.reference,
            }
            if connection.scalar(select(outcomes.c.id).filter_by(**same)) is None:
                row = {"details": note.details, "at": note.at, "transcript": note.transcript}
                who = address(note.who) or None
                connection.execute(outcomes.insert().values(**same, **row, who=who))

        await self.store.write(work, "log")

    async def save_lead(self, lead: Lead) -> None:
        def work(connection: Connection) -> None:
            save(connection, named(lead.who))
            upsert(connection, leads, [asdict(lead) | {"who": address(lead.who)}])

        await self.store.write(work, "save_lead")

    async def save_deal(self, deal: Deal) -> None:
        def work(connection: Connection) -> None:
            save(connection, named(deal.who))
            query = select(deals.c.stage).where(deals.c.number == deal.number)
            before = DealStage(connection.scalar(query) or DealStage.OPEN)
            if not before.may_become(deal.stage):
                return
            row = {
                "number": deal.number,
                "who": address(deal.who),
                "amount": deal.amount.minor,
                "currency": deal.amount.currency,
                "stage": deal.stage.value,
                "items": [asdict(item) for item in deal.items],
                "placed": deal.placed,
            }
            upsert(connection, deals, [row])

        await self.store.write(work, "save_deal")

    async def purchases(self, who: str) -> tuple[Deal, ...]:
        mine = (deals.c.who == address(who)) & (deals.c.stage == DealStage.WON.value)
        query = select(deals).where(mine).order_by(deals.c.placed.desc())
        rows = await self.store.read(lambda c: list(c.execute(query)), "purchases")
        return tuple(to_deal(row) for row in rows)

    async def erase(self, who: str) -> None:
        def work(connection: Connection) -> None:
            row = find(connection, who)
            known = {address(who)} | ({row.email, row.phone} - {None} if row else set())
            for table in (outcomes, leads, deals):
                connection.execute(delete(table).where(table.c.who.in_(known)))
            if row:
                connection.execute(delete(contacts).where(contacts.c.id == row.id))

        await self.store.write(work, "erase")


def find(connection: Connection, who: str) -> Any:
    """By e-mail, else by phone."""
    key = address(who)
    same = or_(contacts.c.email == key, contacts.c.phone == key)
    return connection.execute(select(contacts).where(same)).first() if key else None


def save(connection: Connection, contact: Contact) -> str:
    row = find(connection, contact.email or contact.phone or "")
    if row is None:
        values = {"id": f"contact-{uuid.uuid4().hex}", "email": contact.email.lower() or None}
        connection.execute(contacts.insert().values(**values, **merged(None, contact)))
        return str(values["id"])
    mine = update(contacts).where(contacts.c.id == row.id)
    connection.execute(mine.values(**merged(row, contact)))
    return str(row.id)


def merged(row: Any, contact: Contact) -> dict[str, Any]:
    """The new values, the known ones where those are empty; a new consent is dated."""
    new = {
        "name": contact.name,
        "phone": address(contact.phone or ""),
        "language": contact.language,
    }
    values = {key: value or (getattr(row, key) if row else None) for key, value in new.items()}
    consents = (row.consents if row else {}) | contact.consents
    dated = row.consented if row else {}
    fresh = [purpose for purpose in contact.consents if purpose not in dated]
    return {
        **values,
        "preferences": (row.preferences if row else {}) | contact.preferences,
        "consents": consents,
        "consented": dated | dict.fromkeys(fresh, now()),
    }


def to_deal(row: Any) -> Deal:
    items = tuple(Bought(**item) for item in row.items)
    amount = Money(row.amount, row.currency)
    return Deal(row.number, row.who, amount, DealStage(row.stage), items, row.placed)
