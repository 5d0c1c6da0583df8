"""A lock in PostgreSQL, which the server frees when the connection ends."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg

from channels.inbox.postgres import connect, number


def taken(url: str, name: str) -> PostgresLock | None:
    """The lock, None if another process holds it or the server cannot be asked."""
    try:
        db = connect(url)
    except psycopg.Error:
        return None
    query = "SELECT pg_try_advisory_lock(%s)"
    try:
        found = db.execute(query, (number(f"lock {name}"),)).fetchone()
    except psycopg.Error:
        found = None
    if found and found[0]:
        return PostgresLock(db)
    db.close()
    return None


class PostgresLock:
    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db

    async def held(self) -> bool:
        return await asyncio.to_thread(self._is_alive)

    async def free(self) -> None:
        await asyncio.to_thread(self._db.close)

    def _is_alive(self) -> bool:
        try:
            self._db.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True
