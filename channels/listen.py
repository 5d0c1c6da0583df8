"""Channels that listen: they fetch their messages, or hold a connection, instead of being called.

Only one process listens for a channel. A connection that is lost is made again, later and later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiohttp
from sanic import Blueprint, Sanic

from channels.base import Adapter, Incoming
from channels.guard import Refused
from channels.inbox.lock import alone

Take = Callable[[Any], Awaitable[None]]
"""Returns when what `Adapter.event` makes of the item is on disk, or left out; never raises."""
BACKOFF_SECONDS = (1.0, 300.0)
"""The wait before a lost connection is made again: doubled from the first to the second."""
STEADY_SECONDS = 60.0
"""A connection that held for so long was a good one: the next wait is the first again."""

HELD_SECONDS = 5.0
"""How often it is asked whether the lock is still ours."""

logger = logging.getLogger(__name__)


class Listener(Adapter):
    """An adapter that hears by itself what people did."""

    called = False

    @abstractmethod
    async def listen(self, http: aiohttp.ClientSession, take: Take) -> None:
        """Gives every item to `take`, in order, until cancelled.

        May return or raise when a connection is over: it is called again. A message is marked as
        fetched on the platform only after `take` has returned.
        """

    def verify(self, request: Incoming) -> None:
        raise Refused(404, "webhook")

    def items(self, body: bytes) -> Iterable[Any]:
        return ()


async def run(listener: Listener, database: str, take: Take) -> None:
    """Listens until cancelled, while no other process does."""
    while True:
        lock = alone(database, f"{listener.name()}.listen")
        async with lock as held, aiohttp.ClientSession() as http:
            listening = asyncio.create_task(_again_and_again(listener, http, take))
            try:
                while await held.held():  # noqa: ASYNC110
                    await asyncio.sleep(HELD_SECONDS)
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


async def _again_and_again(listener: Listener, http: aiohttp.ClientSession, take: Take) -> None:
    wait, longest = BACKOFF_SECONDS
    while True:
        begun = time.monotonic()
        try:
            await listener.listen(http, take)
        except Exception as error:  # whatever it was, the next connection may be better
            logger.warning("%s: listening ended: %s", listener.name(), told(error))
        if time.monotonic() - begun > STEADY_SECONDS:
            wait = BACKOFF_SECONDS[0]
        await asyncio.sleep(wait)
        wait = min(wait * 2, longest)


def attach(
    blueprint: Blueprint, listener: Listener, database: str, take: Callable[[Sanic], Take]
) -> None:
    """Listens as long as the server of this blueprint runs. To be called after `desk.attach`."""
    tasks: list[asyncio.Task[None]] = []

    @blueprint.listener("after_server_start")
    async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        if app.ctx.desk.sends:  # where there is a gateway, it listens too
            tasks.append(asyncio.create_task(run(listener, database, take(app))))

    @blueprint.listener("before_server_stop")
    async def stop(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tasks.clear()


def told(error: Exception) -> str:
    """The kind of an error; its words may hold a secret or a shopper's address."""
    return f"{type(error).__name__} {getattr(error, 'status', '')}".strip()
