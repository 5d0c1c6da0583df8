"""Looks for work when it is nudged, and every now and then; one piece at a time a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from channels.inbox.lock import Lock
from channels.inbox.model import Unavailable

PARALLEL = 16
"""Conversations at the same time: a hung back end or platform holds up only its own."""
POLL_SECONDS = 0.5
"""How soon is seen what another process wrote."""
STOP_SECONDS = 10.0

logger = logging.getLogger(__name__)
Item = TypeVar("Item")


class Pump(Generic[Item]):
    """`find` gives at most so many items, none of the busy conversations; `do` never gives up."""

    def __init__(
        self,
        find: Callable[[set[str], int], Awaitable[list[Item]]],
        do: Callable[[Item], Awaitable[None]],
        conversation: Callable[[Item], str],
    ) -> None:
        self._find, self._do, self._conversation = find, do, conversation
        self._nudged = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.stopping = False

    def nudge(self) -> None:
        """There is something new."""
        self._nudged.set()

    async def run(self, lock: Lock) -> None:
        """Works until cancelled or stopped, or until the lock is lost."""
        while not self.stopping and await lock.held():
            self._nudged.clear()
            await self._start()
            try:
                await asyncio.wait_for(self._nudged.wait(), POLL_SECONDS)
            except asyncio.TimeoutError:
                continue
        if self._tasks and not self.stopping:
            await asyncio.wait(self._tasks.values())  # whoever has the lock now may count on it

    async def stop(self) -> None:
        """Lets what runs come to its end; what does not, is done after a restart."""
        self.stopping = True
        self.nudge()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=STOP_SECONDS)
            for task in late:
                task.cancel()

    async def quiet(self, conversation: str) -> None:
        """Returns when nothing of the conversation runs."""
        while task := self._tasks.get(conversation):
            await asyncio.wait([task])

    async def _start(self) -> None:
        free = PARALLEL - len(self._tasks)
        if free <= 0:
            return
        try:
            items = await self._find(set(self._tasks), free)
        except Unavailable as error:
            logger.error("the database cannot be read: %s", error)
            return
        for item in items:
            conversation = self._conversation(item)
            task = asyncio.create_task(self._do(item))  # type: ignore[arg-type]
            self._tasks[conversation] = task
            task.add_done_callback(partial(self._ended, conversation))

    def _ended(self, conversation: str, task: asyncio.Task[None]) -> None:
        del self._tasks[conversation]
        if not task.cancelled() and (error := task.exception()):
            logger.error("a piece of work failed", exc_info=error)
        self.nudge()
