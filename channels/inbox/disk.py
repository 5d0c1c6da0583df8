"""The inbox's blocking calls, kept away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from channels.inbox.model import Full, Inbound
from channels.inbox.sqlite import Store
from channels.outbox import Render

Result = TypeVar("Result")
MAX_QUEUED = 64
"""Messages that may wait to be written; beyond it the file is locked or the disk too slow."""


class Disk:
    """One thread writes, one reads: reading goes on while a write waits for the platter."""

    def __init__(self, path: str, renders: Mapping[str, Render] | None = None) -> None:
        self.path = path
        self._writer = (Store(path, renders), ThreadPoolExecutor(1, "inbox-write"))
        self._reader = (Store(path), ThreadPoolExecutor(1, "inbox-read"))
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

    async def close(self) -> None:
        for store, thread in (self._writer, self._reader):
            await _run((store, thread), Store.close)
            thread.shutdown(wait=False)


async def _run(place: tuple[Store, ThreadPoolExecutor], call: Callable[[Store], Result]) -> Result:
    store, thread = place
    return await asyncio.get_running_loop().run_in_executor(thread, call, store)
