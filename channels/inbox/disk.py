"""The inbox's blocking calls, kept away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from channels.inbox.engine import is_postgres
from channels.inbox.model import Full, Inbound
from channels.inbox.store import Store
from channels.outbox import Render

Result = TypeVar("Result")
Place = tuple[Store, ThreadPoolExecutor]
TOGETHER = 64
"""Writes in one transaction."""
MAX_QUEUED = 256
"""Messages that may wait to be written; beyond it the file is locked or the disk too slow."""


class Disk:
    """A thread writes: all else goes on while a write waits for the platter, and what is to be
    written meanwhile is written together.

    A file is read, and marked, with the event loop held, for some 0.05 ms: a thread's answer would
    cost more, and could wait there for a whole turn of the dialogue. PostgreSQL has threads for it.
    """

    def __init__(self, path: str, renders: Mapping[str, Render] | None = None) -> None:
        """`path` of a file, or `postgresql://...`."""
        self.path = path
        self._writer = (Store(path, renders), ThreadPoolExecutor(1, "inbox-write"))
        self._reader = (Store(path), ThreadPoolExecutor(1, "inbox-read"))
        self._marker = (Store(path, quick=True), ThreadPoolExecutor(1, "inbox-mark"))
        self._queued = 0
        self._waiting: list[tuple[Callable[[Store], Any], asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, message: Inbound) -> bool:
        """`Store.accept`, and `Full` as well when too many writes wait for one another."""
        if self._queued >= MAX_QUEUED:
            raise Full
        self._queued += 1
        try:
            return await self.write(lambda store: store.accept(message))
        finally:
            self._queued -= 1

    async def write(self, call: Callable[[Store], Result]) -> Result:
        """Runs `call` after the writes before it; raises what it raises."""
        written: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_out())
        return await written

    async def _write_out(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            together = partial(Store.together, calls=[call for call, _ in batch])
            try:
                outcomes = await _run(self._writer, together)
            except Exception as error:
                outcomes = [error] * len(batch)
            for (_, written), outcome in zip(batch, outcomes, strict=True):
                _tell(written, outcome)
        self._writing = None

    async def read(self, call: Callable[[Store], Result]) -> Result:
        return await self._soon(self._reader, call)

    async def mark(self, call: Callable[[Store], Result]) -> Result:
        """Runs a very small write at once, and lets nothing come between it and what follows."""
        return await self._soon(self._marker, call)

    async def _soon(self, place: Place, call: Callable[[Store], Result]) -> Result:
        if is_postgres(self.path):
            return await _run(place, call)
        return call(self._marker[0])

    async def close(self) -> None:
        if self._writing:
            await self._writing
        if not is_postgres(self.path):
            self._marker[0].close()
        for store, thread in (self._writer, self._reader, self._marker):
            await _run((store, thread), Store.close)
            thread.shutdown(wait=False)


def _tell(written: asyncio.Future[Any], outcome: Any) -> None:
    if written.done():  # whoever waited has gone
        return
    if isinstance(outcome, Exception):
        written.set_exception(outcome)
    else:
        written.set_result(outcome)


async def _run(place: Place, call: Callable[[Store], Result]) -> Result:
    store, thread = place
    return await asyncio.get_running_loop().run_in_executor(thread, call, store)
