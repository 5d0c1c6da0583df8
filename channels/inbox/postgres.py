"""The inbox in PostgreSQL, for several assistants.

Everything is in the schema `inbox`, the queue of turns (procrastinate) too: a message and its job
are one transaction, and the job's lock is the conversation. `channels/inbox/jobs.py` takes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException

from channels.inbox.engine import SCHEMA, Db, Rows
from channels.inbox.model import Unavailable

NAMESPACE = "inbox"
TASK = "turn"
LIMITS = "-c statement_timeout=5000 -c lock_timeout=2000 -c search_path=inbox"
SETTINGS: dict[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "options": LIMITS,
}
DIALECT = {
    "INTEGER PRIMARY KEY": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    " WITHOUT ROWID": "",
    "REAL": "DOUBLE PRECISION",
}


class Postgres:
    """See `channels.inbox.engine.Engine`."""

    groups = False

    def __init__(self, url: str, quick: bool = False) -> None:
        self._url, self._quick = url, quick
        self._db: psycopg.Connection[Any] | None = None
        self._jobs = App(connector=SyncPsycopgConnector())

    @contextmanager
    def reading(self) -> Iterator[Db]:
        try:
            yield Dialect(self._open())
        except (psycopg.Error, ConnectorException) as error:
            if self._db is not None and self._db.broken:
                self.close()
            raise Unavailable(type(error).__name__) from error

    @contextmanager
    def writing(self) -> Iterator[Db]:
        with self.reading():
            db = self._open()
            with db.transaction():
                if self._quick:
                    db.execute("SET LOCAL synchronous_commit = off")
                yield Dialect(db)

    def hold(self, db: Db, conversation: str) -> None:
        db.execute("SELECT pg_advisory_xact_lock(?)", (number(conversation),))

    def queue(self, db: Db, row: int, conversation: str) -> None:
        self._jobs.configure_task(TASK, lock=conversation, connection=self._db).defer(row=row)

    def wipe(self) -> None:
        """Dead rows go with autovacuum, the log of writes when it is recycled."""

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def _open(self) -> psycopg.Connection[Any]:
        if self._db is None:
            db = connect(self._url)
            try:
                if not self._quick:
                    prepare(db)
            except psycopg.Error:
                db.close()
                raise
            self._db = db
        return self._db


class Dialect:
    """A connection of psycopg that takes `?` for a value."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db

    def execute(self, query: str, values: Sequence[Any] = ()) -> Rows:
        return self._db.execute(query.replace("?", "%s").encode(), values or None)


def connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url, autocommit=True, **SETTINGS)


def connector(url: str) -> PsycopgConnector:
    """For a worker of the queue, which has its own connections."""
    return PsycopgConnector(conninfo=url, min_size=1, max_size=6, timeout=5.0, kwargs=SETTINGS)


def number(name: str) -> int:
    """A number for the database's locks: the same for the same name in every process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def prepare(db: psycopg.Connection[Any]) -> None:
    """Makes the tables that are missing; of several processes one does it, the others wait."""
    schema = SCHEMA.read_text("utf-8")
    for theirs, ours in DIALECT.items():
        schema = schema.replace(theirs, ours)
    queue = "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = 'procrastinate_jobs'"
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (number(NAMESPACE),))
        db.execute("CREATE SCHEMA IF NOT EXISTS inbox")
        db.execute(schema.encode())
        if not db.execute(queue, (NAMESPACE,)).fetchone():
            db.execute(App(connector=SyncPsycopgConnector()).schema_manager.get_schema())
