"""The schema's history, run on opening a store (Alembic, shop/migrations)."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x53484F50  # the key of PostgreSQL's advisory lock


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(engine: Engine) -> None:
    """Brings a store, empty or old, to the newest schema; processes take turns."""
    with alone(engine):
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        config = configuration()
        if current == ScriptDirectory.from_config(config).get_current_head():
            return
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keeps other processes out of set-up work on the same store."""
    if engine.dialect.name == "sqlite":
        with sqlite_lock(engine):
            yield
        return
    with engine.connect() as connection:
        advise(connection, "pg_advisory_lock")
        try:
            yield
        finally:
            advise(connection, "pg_advisory_unlock")


def advise(connection: Connection, function: str) -> None:
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET lock_timeout = 0"))
    connection.execute(text(f"SELECT {function}(:key)"), {"key": LOCK})


@contextmanager
def sqlite_lock(engine: Engine) -> Iterator[None]:
    path = engine.url.database
    if not path or path == ":memory:":
        yield
        return
    with Path(f"{path}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
