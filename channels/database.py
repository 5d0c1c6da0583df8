"""How this process talks to a database of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 2.0
"""A locked table: raise and try again later, while the shopper still waits."""


def engine_for(url: str) -> sa.engine.Engine:
    """An engine that notices dead connections, gives up soon and logs no values."""
    address = sa.engine.make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    limits: dict[str, Any] = {"pool_size": 5, "max_overflow": 5, "pool_timeout": BUSY_SECONDS}
    if address.get_backend_name() == "postgresql":
        wait = f"-c statement_timeout=5000 -c lock_timeout={int(BUSY_SECONDS * 1000)}"
        limits["connect_args"] = {"connect_timeout": 3, "options": wait}
    return sa.create_engine(
        address, future=True, pool_pre_ping=True, hide_parameters=True, **limits
    )


def _sqlite(address: sa.engine.URL) -> sa.engine.Engine:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        address,
        future=True,
        hide_parameters=True,
        poolclass=QueuePool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last turns
    connection.execute("PRAGMA secure_delete = ON")
