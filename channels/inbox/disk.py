"""The inbox's blocking calls, kept away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from channels.inbox.engine import is_postgres
from channels.inbox.model import Full, Inbound
from channels.inbox.store import Store
from channels.outbox import Render

Result = TypeVar("Result")
MAX_QUEUED = 256
"""Messages that may wait to be written; beyond it the file is locked or the disk too slow."""


class Disk:
    """One thread writes, one reads: reading goes on while a write waits for the platter."""

    def __init__(self, path: str, renders: Mapping[str, Render] | None = None) -> None:
        """`path` of a file, or `postgresql://...`."""
        self.path = path
        self._writer = (Store(path, renders), ThreadPoolExecutor(1, "inbox-write"))
        self._reader = (Store(path), ThreadPoolExecutor(1, "inbox-read"))
        self._marker = (Store(path, quick=True), ThreadPoolExecutor(1, "inbox-mark"))
        self._queued = 0

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
        return await _run(self._writer, call)

    async def read(self, call: Callable[[Store], Result]) -> Result:
        return await _run(self._reader, call)

    async def mark(self, call: Callable[[Store], Result]) -> Result:
        """Runs a very small write at once, and lets nothing come between it and what follows.

        In a file that takes some 0.1 ms, with the event loop held; a thread's answer could wait
        there for a whole turn of the dialogue.
        """
        if is_postgres(self.path):
            return await _run(self._marker, call)
        return call(self._marker[0])

    async def close(self) -> None:
        if not is_postgres(self.path):
            self._marker[0].close()
        for store, thread in (self._writer, self._reader, self._marker):
            await _run((store, thread), Store.close)
            thread.shutdown(wait=False)


async def _run(place: tuple[Store, ThreadPoolExecutor], call: Callable[[Store], Result]) -> Result:
    store, thread = place
    return await asyncio.get_running_loop().run_in_executor(thread, call, store)
