"""The embedded CRM: contacts and outcomes in the shop's own database.

crm:
  type: shop.crm.demo.DemoCRM
  url: sqlite:///var/shop.db     # default: SHOPKEEPER_DB
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, delete, select, update

from shop.crm.base import CRM
from shop.model import Contact, NotFound
from shop.store import now, open_store
from shop.tables import contacts, outcomes


class DemoCRM(CRM):
    def __init__(self, url: str | None = None) -> None:
        self.store = open_store(url)

    async def save_contact(self, contact: Contact) -> str:
        def work(connection: Connection) -> str:
            row = find(connection, contact.email)
            if row is None:
                values = {"id": f"contact-{uuid.uuid4().hex}", "email": contact.email.lower()}
                connection.execute(contacts.insert().values(**values, **merged(None, contact)))
                return values["id"]
            mine = update(contacts).where(contacts.c.id == row.id)
            connection.execute(mine.values(**merged(row, contact)))
            return row.id

        return await self.store.write(work, "save_contact")

    async def log_outcome(self, conversation: str, outcome: str, details: dict[str, str]) -> None:
        def work(connection: Connection) -> None:
            same = {
                "conversation": conversation,
                "outcome": outcome,
                "reference": details.get("reference", ""),
            }
            known = select(outcomes.c.id).filter_by(**same)
            if connection.scalar(known) is None:
                email = details.get("email", "").lower() or None
                row = {"details": details, "email": email, "at": now()}
                connection.execute(outcomes.insert().values(**same, **row))

        await self.store.write(work, "log_outcome")

    async def contact(self, email: str) -> Contact:
        def work(connection: Connection) -> Contact:
            row = find(connection, email)
            if row is None:
                raise NotFound("contact")
            return Contact(
                row.email, row.name, row.phone, row.language, row.preferences, row.consents
            )

        return await self.store.read(work, "contact")

    async def erase(self, email: str) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(contacts).where(contacts.c.email == email.lower()))
            connection.execute(delete(outcomes).where(outcomes.c.email == email.lower()))

        await self.store.write(work, "erase")


def find(connection: Connection, email: str) -> Any:
    return connection.execute(select(contacts).where(contacts.c.email == email.lower())).first()


def merged(row: Any, contact: Contact) -> dict[str, Any]:
    """The new values, the known ones where those are empty; a new consent is dated."""
    values = {
        name: getattr(contact, name) or (getattr(row, name) if row else None)
        for name in ("name", "phone", "language")
    }
    consents = (row.consents if row else {}) | contact.consents
    dated = row.consented if row else {}
    fresh = [purpose for purpose in contact.consents if purpose not in dated]
    return {
        **values,
        "preferences": (row.preferences if row else {}) | contact.preferences,
        "consents": consents,
        "consented": dated | dict.fromkeys(fresh, now()),
    }
