"""The moment at which a letter leaves this machine.

A letter is marked when its first byte is about to be written, not when its request is prepared:
a process that ends before has not sent it, one that ends after has, since the kernel delivers
what was written. Between the mark and the byte nothing else runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from channels.inbox.model import Unavailable

TRIES, PAUSE_SECONDS = 60, 0.05


class Withdrawn(Exception):
    """The letter is not to be sent any more: it was erased, or another process has sent it."""


class Leaving:
    """One letter's way out; `begun` when a byte of it may have left."""

    def __init__(self, mark: Callable[[], Awaitable[bool]]) -> None:
        """`mark` is False if the letter was withdrawn; raises `Unavailable`."""
        self._mark = mark
        self.begun = self.withdrawn = False

    async def now(self) -> None:
        """Raises `Withdrawn`, and `Unavailable` if the database stays in trouble."""
        if not self.begun:
            self.withdrawn = not await self._patiently()
            if self.withdrawn:
                raise Withdrawn
            self.begun = True

    async def _patiently(self) -> bool:
        for _ in range(TRIES):
            try:
                return await self._mark()
            except Unavailable:
                await asyncio.sleep(PAUSE_SECONDS)
        return await self._mark()


LEAVING: ContextVar[Leaving | None] = ContextVar("LEAVING", default=None)
"""The letter that the running task sends."""


async def leaves() -> None:
    """To be called right before the first byte is written; raises what `Leaving.now` raises."""
    if leaving := LEAVING.get():
        await leaving.now()


class Marked(Payload):
    """A request's body that says when it is written."""

    def __init__(self, body: Payload, leaving: Leaving) -> None:
        super().__init__(body, headers=body.headers)
        self._body, self._leaving = body, leaving

    @property
    def size(self) -> int | None:
        return self._body.size

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self._leaving.now()
        await self._body.write(writer)
