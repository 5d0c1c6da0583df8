"""Writes that are done once, however often they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from shop.store import now
from shop.tables import done


def once(connection: Connection, call: str, subject: str, key: str, work: Callable[[], str]) -> str:
    """Does `work` unless this call has been done to its subject under this key; returns what it
    returned, also the first time's. The caller has locked the subject's row."""
    name = f"{call}/{subject}/{key}"
    reference = connection.scalar(select(done.c.reference).where(done.c.key == name))
    if reference is None:
        reference = work()
        connection.execute(done.insert().values(key=name, reference=reference, at=now()))
    return reference
