"""What we remember of things that live at a vendor: sessions, states last seen, writes begun."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from shop.catalogue import upsert
from shop.store import now
from shop.tables import remote_notes as table


def get(connection: Connection, kind: str, id_: str) -> dict[str, Any]:
    """Empty where nothing was noted."""
    mine = (table.c.kind == kind) & (table.c.id == id_)
    return connection.scalar(select(table.c.data).where(mine)) or {}


def put(connection: Connection, kind: str, id_: str, data: dict[str, Any]) -> None:
    upsert(connection, table, [{"kind": kind, "id": id_, "data": data, "at": now()}])


def drop(connection: Connection, kind: str, id_: str) -> None:
    connection.execute(delete(table).where((table.c.kind == kind) & (table.c.id == id_)))


def under(connection: Connection, kind: str, prefix: str, moment: int) -> dict[str, dict[str, Any]]:
    """By id, what was noted of ids that begin so, since a moment."""
    named = table.c.id.startswith(prefix, autoescape=True)
    mine = (table.c.kind == kind) & named & (table.c.at >= moment)
    return {row.id: row.data for row in connection.execute(select(table).where(mine))}


def since(connection: Connection, kind: str, prefix: str, moment: int) -> bool:
    """Whether anything was noted of ids that begin so, since a moment."""
    return bool(under(connection, kind, prefix, moment))
