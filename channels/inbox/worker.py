"""Takes the inbox's messages one by one for each conversation, in order, until answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from channels.inbox.disk import Disk
from channels.inbox.hub import Hub, Signal
from channels.inbox.lock import alone
from channels.inbox.model import Outcome, Row, Unavailable
from channels.inbox.pump import POLL_SECONDS, Pump

logger = logging.getLogger(__name__)


class Turns:
    """Runs `answer` for a row; the outcome is written before anybody hears of it."""

    def __init__(
        self,
        disk: Disk,
        hub: Hub,
        answer: Callable[[Row], Awaitable[Outcome]],
        answered: Callable[[str], None] = lambda conversation: None,
    ) -> None:
        """`answered` hears of each conversation whose answers were written."""
        self.disk = disk
        self._hub = hub
        self._answer = answer
        self._answered = answered

    async def run(self, row: Row) -> None:
        """Returns when the row has an outcome, however long the database is in trouble."""
        conversation, asked = row.message.conversation, row.message.client_id
        self._hub.tell(conversation, Signal("typing"))
        outcome = await self._answer(row)
        if outcome.error:
            logger.error("inbox: row %s is %s: %s", row.id, outcome.state, outcome.error)
        await self._write_down(row, outcome)
        self._answered(conversation)
        self._hub.tell(conversation, Signal("log"))
        if not outcome.replies and outcome.error:
            self._hub.tell(conversation, _error("trouble", asked, again=False))
        self._hub.tell(conversation, Signal("done", {"reply_to": asked}))

    async def _write_down(self, row: Row, outcome: Outcome) -> None:
        told = False
        while True:
            try:
                await self.disk.write(lambda store: store.finish(row, outcome))
                return
            except Unavailable as error:
                logger.error("inbox: row %s cannot be written: %s", row.id, error)
                if not told:
                    self._hub.tell(
                        row.message.conversation,
                        _error("storage", row.message.client_id, again=True),
                    )
                told = True
                await asyncio.sleep(POLL_SECONDS)


class Worker:
    """Only one process takes turns from one file: it holds a lock beside it, which the kernel
    frees however that process ends. The next one then finds the unanswered rows."""

    def __init__(self, turns: Turns) -> None:
        self._disk = turns.disk
        self._pump = Pump(self._find, turns.run, lambda row: row.message.conversation)

    def nudge(self) -> None:
        """Something new is in the inbox."""
        self._pump.nudge()

    async def run(self) -> None:
        """Works until cancelled or stopped; trouble with the database is waited out."""
        async with alone(self._disk.path, "turns") as lock:
            await self._pump.run(lock)

    async def stop(self) -> None:
        """Lets the turns that run come to their end; what does not, is done after a restart."""
        await self._pump.stop()

    async def quiet(self, conversation: str) -> None:
        """Returns when no turn of the conversation runs."""
        await self._pump.quiet(conversation)

    async def _find(self, busy: set[str], free: int) -> list[Row]:
        if not await self._disk.read(lambda store: store.waits(busy)):
            return []
        return await self._disk.write(lambda store: store.claim(busy, free))


def _error(code: str, asked: str | None, *, again: bool) -> Signal:
    return Signal("error", {"code": code, "retryable": again, "reply_to": asked})
