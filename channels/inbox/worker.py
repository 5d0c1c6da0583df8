"""Takes the inbox's messages one by one for each conversation, in order, until answered."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial

from channels.inbox.disk import Disk
from channels.inbox.hub import Hub, Signal
from channels.inbox.lock import only_one
from channels.inbox.model import Outcome, Row

PARALLEL = 16
"""Conversations answered at the same time: a hung back end holds up only its own."""
POLL_SECONDS = 0.5
"""How soon a message is seen that another process put into the inbox."""
STOP_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Worker:
    """Runs `answer` for each row; the outcome is written before anybody hears of it.

    Only one process takes turns from one inbox: it holds a lock on a file beside it, which
    the kernel frees however that process ends. The next one then finds the unanswered rows.
    """

    def __init__(
        self,
        disk: Disk,
        hub: Hub,
        answer: Callable[[Row], Awaitable[Outcome]],
        answered: Callable[[str], None] = lambda conversation: None,
    ) -> None:
        """`answered` hears of each conversation whose answers were written."""
        self._disk = disk
        self._hub = hub
        self._answer = answer
        self._answered = answered
        self._nudged = asyncio.Event()
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def nudge(self) -> None:
        """Something new is in the inbox."""
        self._nudged.set()

    async def run(self) -> None:
        """Works until cancelled or stopped; trouble with the database is waited out."""
        lock = await only_one(self._disk.path + ".lock")
        try:
            while not self._stopping:
                self._nudged.clear()
                await self._start_turns()
                try:
                    await asyncio.wait_for(self._nudged.wait(), POLL_SECONDS)
                except asyncio.TimeoutError:
                    continue
        finally:
            lock.close()

    async def stop(self) -> None:
        """Lets the turns that run come to their end; what does not, is done after a restart."""
        self._stopping = True
        self.nudge()
        if self._turns:
            _, late = await asyncio.wait(self._turns.values(), timeout=STOP_SECONDS)
            for turn in late:
                turn.cancel()

    async def quiet(self, conversation: str) -> None:
        """Returns when no turn of the conversation runs."""
        while turn := self._turns.get(conversation):
            await asyncio.wait([turn])

    async def _start_turns(self) -> None:
        free = PARALLEL - len(self._turns)
        if free <= 0:
            return
        busy = set(self._turns)
        try:
            rows = await self._disk.write(lambda store: store.claim(busy, free))
        except sqlite3.Error as error:
            logger.error("inbox: cannot read: %s", error)
            return
        for row in rows:
            conversation = row.message.conversation
            turn = asyncio.create_task(self._turn(row))
            self._turns[conversation] = turn
            turn.add_done_callback(partial(self._ended, conversation))

    def _ended(self, conversation: str, _: asyncio.Task[None]) -> None:
        del self._turns[conversation]
        self.nudge()

    async def _turn(self, row: Row) -> None:
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
                await self._disk.write(lambda store: store.finish(row, outcome))
                return
            except sqlite3.Error as error:
                logger.error("inbox: row %s cannot be written: %s", row.id, error)
                if not told:
                    self._hub.tell(
                        row.message.conversation,
                        _error("storage", row.message.client_id, again=True),
                    )
                told = True
                await asyncio.sleep(POLL_SECONDS)


def _error(code: str, asked: str | None, *, again: bool) -> Signal:
    return Signal("error", {"code": code, "retryable": again, "reply_to": asked})
