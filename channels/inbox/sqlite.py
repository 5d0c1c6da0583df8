"""The inbox in one SQLite file.

The standard library's driver, not SQLAlchemy: what matters here is when a transaction begins
and that it is on the platter before a platform hears "accepted" (WAL, synchronous FULL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from channels.inbox.engine import SCHEMA, Db
from channels.inbox.model import Unavailable

BUSY_SECONDS = 1.0
"""A writer that waits longer answers "try again" instead of keeping everybody waiting."""
QUICK_SECONDS = 0.01
WHOLE = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
NESTED = ("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part", "RELEASE part")
"""How a transaction, or a part of one, begins, ends and is undone."""


class Sqlite:
    """See `channels.inbox.engine.Engine`."""

    groups = True

    def __init__(self, path: str, quick: bool = False) -> None:
        self._path, self._quick = path, quick
        self._db: sqlite3.Connection | None = None
        self._wiping = False

    @contextmanager
    def reading(self) -> Iterator[Db]:
        try:
            yield self._open()
        except sqlite3.Error as error:
            raise Unavailable(type(error).__name__) from error

    @contextmanager
    def writing(self) -> Iterator[Db]:
        with self.reading():
            db = self._open()
            inner = db.in_transaction
            begin, commit, *undo = NESTED if inner else WHOLE
            db.execute(begin)
            try:
                yield db
                db.execute(commit)
            except BaseException:
                for statement in undo if db.in_transaction else ():
                    db.execute(statement)
                raise
        if not inner and self._wiping:
            self.wipe()

    def hold(self, db: Db, conversation: str) -> None:
        """The file has one writer at a time."""

    def queue(self, db: Db, row: int, conversation: str) -> None:
        """The worker finds it."""

    def wipe(self) -> None:
        with self.reading():
            db = self._open()
            self._wiping = db.in_transaction
            if not self._wiping:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # old pages hold the words too

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            wait = QUICK_SECONDS if self._quick else BUSY_SECONDS
            db = sqlite3.connect(self._path, wait, isolation_level=None)
            try:
                self._prepare(db)
            except sqlite3.Error:
                db.close()
                raise
            self._db = db
        return self._db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {'NORMAL' if self._quick else 'FULL'}")
        db.execute("PRAGMA secure_delete = ON")
        if self._quick:
            db.execute("PRAGMA wal_autocheckpoint = 0")  # it would wait for the platter
        db.executescript(SCHEMA.read_text("utf-8"))
