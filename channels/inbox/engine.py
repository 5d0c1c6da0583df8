"""What the inbox needs of a database; `channels/inbox/store.py` does the rest for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

SCHEMA = Path(__file__).with_name("schema.sql")


class Rows(Protocol):
    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Db(Protocol):
    """A connection; `?` stands for a value in every dialect."""

    def execute(self, query: str, values: Sequence[Any] = ..., /) -> Rows: ...


class Engine(Protocol):
    """Blocking; each object belongs to one thread. Trouble is raised as `Unavailable`.

    The database is opened by the first call, so that one which cannot be opened today refuses
    messages today and works again when it can.
    """

    groups: bool
    """Whether writes for several conversations may be one transaction: not where each of them
    holds a lock, which could wait for one another."""

    def reading(self) -> AbstractContextManager[Db]: ...

    def writing(self) -> AbstractContextManager[Db]:
        """A transaction; on return it is on the platter. Inside of another one it is a part of
        that, which is undone alone."""

    def hold(self, db: Db, conversation: str) -> None:
        """Until the transaction ends nobody else writes to the conversation."""

    def queue(self, db: Db, row: int, conversation: str) -> None:
        """The row's turn will be taken, if the transaction is committed."""

    def wipe(self) -> None:
        """What was deleted is no longer in the files either, as far as the engine can tell."""

    def close(self) -> None: ...


def is_postgres(address: str) -> bool:
    return address.startswith(("postgresql://", "postgres://"))


def engine_for(address: str, quick: bool = False) -> Engine:
    """`address` is the path of a file, or `postgresql://...`.

    `quick`: what is written survives the end of the process, but perhaps not a power cut; and a
    database that is busy is `Unavailable` at once.
    """
    if is_postgres(address):
        from channels.inbox.postgres import Postgres  # a process with SQLite does without psycopg

        return Postgres(address, quick)
    from channels.inbox.sqlite import Sqlite

    return Sqlite(address, quick)
