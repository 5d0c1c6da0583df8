"""The shop's own database: SQLite by default, PostgreSQL where `SHOPKEEPER_DB` names one."""

from __future__ import annotations

import asyncio
import json
import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from shop import faults, schema
from shop.model import Unavailable
from shop.patience import deadline

Result = TypeVar("Result")
DEFAULT_URL = "sqlite:///var/shop.db"
PATIENCE = 4.0  # seconds that a caller waits before the store counts as unavailable
LOCK_WAIT = 3.0  # seconds that a statement waits for another writer


def apart(work: Callable[[], None]) -> Future[None]:
    """Runs on a thread that does not keep the process from ending."""
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except BaseException as trouble:
            future.set_exception(trouble)
        else:
            future.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    return future


def now() -> int:
    """This moment in UTC seconds, as the tables keep it."""
    return int(time.time())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


class Store:
    """Runs each piece of work in one transaction on a thread. Trouble becomes Unavailable."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.on_first_use: list[Callable[[Store], None]] = []  # blocking work, run in order
        self._ready = False
        self._preparing, self._asking = threading.Lock(), threading.Lock()
        self._first_use: Future[None] | None = None

    async def read(self, work: Callable[[Connection], Result], call: str = "") -> Result:
        return await self._in_thread(work, call, write=False)

    async def write(self, work: Callable[[Connection], Result], call: str = "") -> Result:
        """Nothing of `work` stays if it raises."""
        return await self._in_thread(work, call, write=True)

    def prepare(self) -> None:
        """Brings the schema up to date and does what the first use waits for, once."""
        if self._ready:
            return
        with self._preparing:
            if not self._ready:
                schema.upgrade(self.engine)
                for work in self.on_first_use:
                    work(self)
                self._ready = True

    async def _prepared(self) -> None:
        """Who waits for a shopper waits no longer than that for the first use's work, which may be
        a whole catalogue of a vendor's. It goes on, with nobody's impatience, and is done once."""
        with self._asking:
            if self._first_use is None or self._first_use.done():
                self._first_use = apart(self.prepare)
            running = asyncio.wrap_future(self._first_use)
        left = deadline(math.inf) - time.monotonic()
        await asyncio.wait_for(asyncio.shield(running), None if math.isinf(left) else left)

    def begin(self, write: bool = True) -> AbstractContextManager[Connection]:
        """A transaction for blocking code; a writing one holds SQLite's only write lock."""
        return self.engine.execution_options(write=write).begin()

    async def _in_thread(
        self, work: Callable[[Connection], Result], call: str, write: bool
    ) -> Result:
        try:
            if not self._ready:
                await self._prepared()
            running = asyncio.to_thread(self._run, work, call, write)
            return await asyncio.wait_for(running, PATIENCE)
        except (SQLAlchemyError, OSError, TimeoutError, asyncio.TimeoutError) as trouble:
            raise Unavailable(f"store: {type(trouble).__name__} in {call or 'a call'}") from trouble
        except (faults.Planned, json.JSONDecodeError) as trouble:
            raise Unavailable(f"store: {trouble}") from trouble

    def _run(self, work: Callable[[Connection], Result], call: str, write: bool) -> Result:
        fault = self._fault(call) if call else None
        if fault == "during":
            work = faults.broken_off(work)
        return faults.failing(fault, lambda: self._transact(work, write))

    def _transact(self, work: Callable[[Connection], Result], write: bool) -> Result:
        try:
            with self.begin(write) as connection:
                return work(connection)
        except IntegrityError:
            # Two callers wrote the same key at once: the second attempt finds what the first did.
            with self.begin(write) as connection:
                return work(connection)

    def _fault(self, call: str) -> faults.Kind | None:
        with self.begin(write=False) as connection:
            planned = faults.peek(connection, call)
        if not planned:
            return None
        with self.begin() as connection:
            return faults.take(connection, call)


@cache
def open_store(url: str | None = None) -> Store:
    """The store at an SQLAlchemy URL, one a process; without one, the shop's own."""
    return Store(url) if url else open_store(os.environ.get("SHOPKEEPER_DB") or DEFAULT_URL)


def make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(url, parsed.database)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+pg8000")
    engine = create_engine(parsed, pool_pre_ping=True, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", limit_postgres)
    return engine


def sqlite_engine(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT, "isolation_level": None})
    event.listen(engine, "connect", set_up_sqlite)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def set_up_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection: Connection) -> None:
    # The driver would begin too late: IMMEDIATE takes the write lock before the first read.
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def limit_postgres(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    milliseconds = int(LOCK_WAIT * 1000)
    cursor.execute(f"SET statement_timeout = {milliseconds}")
    cursor.execute(f"SET lock_timeout = {milliseconds}")
    connection.commit()
    cursor.close()
