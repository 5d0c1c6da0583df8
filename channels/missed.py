"""What could not be taken, and does not come by itself: the platform is asked to deliver it again.

After a start, for the time since the last message; and after a webhook that was answered 503.
What was taken is known by its id, so that nothing comes twice.
"""

from __future__ import annotations

import asyncio
import logging
import time

import aiohttp

from channels.base import DAY, Adapter
from channels.calls import Trouble
from channels.inbox.disk import Disk
from channels.inbox.engine import Db
from channels.inbox.model import Unavailable

PAUSE_SECONDS = 60.0
"""Before it asks: what went wrong may last for some time."""
MARGIN_SECONDS = 60.0

logger = logging.getLogger(__name__)


class Missed:
    def __init__(self, adapter: Adapter, disk: Disk) -> None:
        self._adapter, self._disk = adapter, disk
        self._since: float | None = None
        self._noted = asyncio.Event()

    def note(self, since: float | None = None) -> None:
        """A webhook could not be taken: now, or from `since` on (seconds since 1970)."""
        at = (time.time() if since is None else since) - MARGIN_SECONDS
        self._since = min(at, at if self._since is None else self._since)
        self._noted.set()

    async def run(self) -> None:
        """Works until cancelled."""
        await self._from_the_last()
        async with aiohttp.ClientSession() as http:
            while True:
                await self._noted.wait()
                await asyncio.sleep(PAUSE_SECONDS)
                await self._ask(http)

    async def _ask(self, http: aiohttp.ClientSession) -> None:
        since, self._since = self._since or 0.0, None
        self._noted.clear()
        try:
            await self._adapter.catch_up(http, max(since, time.time() - DAY + MARGIN_SECONDS))
        except (Trouble, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            logger.error("%s: what was missed: %s", self._adapter.name(), error)
            self.note(since + MARGIN_SECONDS)

    async def _from_the_last(self) -> None:
        def last(db: Db) -> float | None:
            query = "SELECT max(received) FROM inbox WHERE channel = ?"
            found: float | None = db.execute(query, (self._adapter.name(),)).fetchone()[0]
            return found

        try:
            taken = await self._disk.read(lambda store: store.look(last))
        except Unavailable:
            taken = time.time()
        if taken is not None:  # else it is the first start
            self.note(taken)
