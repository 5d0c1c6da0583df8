"""Telling a conversation, without being asked, what has happened: `await tell(...)`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from shop import outbox
from shop.store import Store, open_store

Scalar = str | int | float | bool | None


async def tell(
    conversation: str, notice: str, data: Mapping[str, Scalar], key: str, store: Store | None = None
) -> None:
    """Puts a notice into the outbox, from where it goes to the assistant's notice channel. The same
    key tells it once, whatever happens between here and there."""
    body = {"conversation": conversation, "notice": notice, "data": dict(data)}

    def work(connection: Connection) -> None:
        outbox.put(connection, outbox.NOTICE, f"msg_{key}", body)

    await (store or open_store()).write(work, "notice")
    outbox.wake()


async def run(store: Store | None = None) -> None:
    """Delivers all that is in the outbox, for ever; the front process runs it."""
    await outbox.run(store or open_store())
