"""One process at a time: a lock that is freed however its process ends."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol

from channels.inbox.engine import is_postgres

POLL_SECONDS = 0.5


class Lock(Protocol):
    async def held(self) -> bool:
        """Whether it is still ours; a database's lock ends with the connection."""
        ...

    async def free(self) -> None: ...


@asynccontextmanager
async def alone(address: str, name: str) -> AsyncIterator[Lock]:
    """Inside it no other process holds the lock `name` of this inbox."""
    while (lock := await _taken(address, name)) is None:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
    try:
        yield lock
    finally:
        await lock.free()


async def _taken(address: str, name: str) -> Lock | None:
    if is_postgres(address):
        from channels.inbox.postgres_lock import taken

        return await asyncio.to_thread(taken, address, name)
    try:
        return FileLock(_lock(f"{address}.{name}.lock"))
    except OSError:
        return None


def _lock(path: str) -> IO[str]:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "w")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


class FileLock:
    """The kernel frees it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    async def held(self) -> bool:
        return True

    async def free(self) -> None:
        self._file.close()
