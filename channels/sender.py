"""The one way out: letters of one channel are sent in order, in time, at the platform's pace.

Only one process sends for a channel. Nothing here raises to anybody: what cannot be sent is put
off or kept for staff.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

import aiohttp

from channels import outbox
from channels.base import Adapter, Address
from channels.calls import Call, Pace, Sent
from channels.inbox.disk import Disk
from channels.inbox.engine import Db
from channels.inbox.lock import alone
from channels.inbox.model import Unavailable
from channels.inbox.pump import POLL_SECONDS, Pump
from channels.leaving import LEAVING, Leaving, Withdrawn
from channels.outbox import Letter
from channels.receipts import PLAIN

BACKOFF_SECONDS = (1.0, 60.0)
"""The wait after a failure: doubled from the first to the second."""
GIVE_UP_SECONDS = 6 * 3600.0
"""An answer that is older than this is not worth sending any more."""
HINT_SECONDS = 5.0

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class Sender:
    def __init__(self, adapter: Adapter, disk: Disk) -> None:
        self._adapter, self._disk = adapter, disk
        self._pump = Pump(self._find, self._deliver, lambda letter: letter.conversation)
        self._hints: set[asyncio.Task[None]] = set()
        self._paces = Paces(adapter.account_pace, adapter.person_pace)
        self._http: aiohttp.ClientSession | None = None

    def nudge(self) -> None:
        """Something new is in the outbox."""
        self._pump.nudge()

    def hint(self, to: Address) -> None:
        """Shows the person that their message was seen, if the platform can; soon or never."""
        for call in self._adapter.hints(to):
            task = asyncio.create_task(self._hint(call))
            self._hints.add(task)
            task.add_done_callback(self._hints.discard)

    async def run(self) -> None:
        """Works until cancelled or stopped, whenever no other process sends for the channel."""
        name, again = self._adapter.name(), self._adapter.again
        async with aiohttp.ClientSession() as self._http:
            while not self._pump.stopping:
                async with alone(self._disk.path, name) as lock:
                    await self._patiently(lambda db: outbox.recover(db, name, again))
                    await self._pump.run(lock)

    async def stop(self) -> None:
        """Lets what is on its way arrive; the rest is sent after a restart."""
        await self._pump.stop()
        for hint in self._hints:
            hint.cancel()

    async def _find(self, busy: set[str], free: int) -> list[Letter]:
        name, now = self._adapter.name(), time.time()
        return await self._disk.read(
            lambda store: store.look(lambda db: outbox.due(db, name, now, busy, free))
        )

    async def _deliver(self, letter: Letter) -> None:
        sent = await self._permitted(letter)
        if sent is None:
            await asyncio.sleep(self._paces.reserve(letter.conversation))
            sent = None if self._pump.stopping else await self._try(letter)
        if sent is None:
            return
        if sent.state == "later":
            await self._put_off(letter, sent)
            return
        if sent.state != "sent":
            logger.error("outbox: letter %s is %s: %s", letter.id, sent.state, sent.error)
        await self._patiently(
            lambda db: outbox.end(db, letter, sent.state, sent.error, sent.message)
        )
        if sent.state == "left":
            await self._patiently(lambda db: outbox.leave(db, letter.conversation))

    async def _permitted(self, letter: Letter) -> Sent | None:
        """What is known before anything is sent; None if it may go."""
        window, now = self._adapter.window, time.time()
        if letter.left:
            return Sent("left", "the person wants no messages")
        if now - letter.created > GIVE_UP_SECONDS:
            return Sent("late", "too old")
        over = window is not None and now - letter.heard > window
        if over and not self._adapter.reopened(letter.call):
            return Sent("closed", "the window for messages is over")
        return await self._counted(letter) if self._adapter.most else None

    async def _counted(self, letter: Letter) -> Sent | None:
        most = self._adapter.most or 0
        try:
            count = await self._disk.read(
                lambda store: store.look(lambda db: outbox.since_heard(db, letter))
            )
        except Unavailable:
            return None  # the platform counts as well
        return Sent("closed", f"the person has to write after {most}") if count >= most else None

    async def _try(self, letter: Letter) -> Sent | None:
        """What became of it; None if it is not to be sent any more."""
        leaving = Leaving(
            lambda: self._disk.mark(lambda s: s.transact(lambda db: outbox.begin(db, letter)))
        )
        LEAVING.set(leaving)
        window, call = self._adapter.window, letter.call
        if window is not None and time.time() - letter.heard > window:
            call = self._adapter.reopened(call) or call
        sent = await self._send(call, f"{letter.conversation}/{letter.id}", leaving)
        if sent and sent.state == "refused" and (plainer := self._adapter.instead(call)):
            logger.warning("outbox: letter %s goes in plainer form: %s", letter.id, sent.error)
            sent = await self._send(plainer, f"{letter.conversation}/{letter.id}{PLAIN}", leaving)
        return sent

    async def _send(self, call: Call, key: str, leaving: Leaving) -> Sent | None:
        if self._http is None:
            return Sent("later", "the sender has not begun")
        try:
            sent = await self._adapter.send(self._http, call, key)
        except (Withdrawn, Unavailable) as error:
            sent = Sent("later", str(error))
        if leaving.withdrawn:
            return None
        if sent.state == "unknown" and (self._adapter.again or not leaving.begun):
            return Sent("later", sent.error)
        return sent

    async def _put_off(self, letter: Letter, sent: Sent) -> None:
        first, longest = BACKOFF_SECONDS
        wait = sent.wait if sent.wait is not None else min(first * 2**letter.attempts, longest)
        if sent.everyone:
            self._paces.hold(wait)
        logger.warning("outbox: letter %s waits %.0f s: %s", letter.id, wait, sent.error)
        until = time.time() + wait
        await self._patiently(lambda db: outbox.put_off(db, letter, until, sent.error))

    async def _hint(self, call: Call) -> None:
        try:
            if self._http:
                await asyncio.wait_for(self._adapter.send(self._http, call, ""), HINT_SECONDS)
        except asyncio.TimeoutError as error:
            logger.warning("%s: a hint failed: %s", self._adapter.name(), type(error).__name__)

    async def _patiently(self, call: Callable[[Db], Result]) -> Result:
        """Writes, however long the database is in trouble."""
        while True:
            try:
                return await self._disk.write(lambda store: store.transact(call))
            except Unavailable as error:
                logger.error("outbox: cannot write: %s", error)
                await asyncio.sleep(POLL_SECONDS)


class Paces:
    """When the next call may be made: by the account, and by the conversation. In memory."""

    def __init__(
        self, account: Pace, person: Pace, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._account, self._person, self._now = account, person, now
        self._free = 0.0
        self._held = 0.0
        self._people: dict[str, float] = {}

    def reserve(self, conversation: str) -> float:
        """Takes a place and gives the seconds to wait for it."""
        now = self._now()
        self._free, first = _place(self._account, self._free, now)
        held, second = _place(self._person, self._people.get(conversation, 0.0), now)
        self._people[conversation] = held
        if len(self._people) > 10_000:
            self._people = {who: free for who, free in self._people.items() if free > now}
        return max(first, second, self._held - now, 0.0)

    def hold(self, seconds: float) -> None:
        """The platform asked the whole account to wait."""
        self._held = max(self._held, self._now() + seconds)


def _place(pace: Pace, free: float, now: float) -> tuple[float, float]:
    """The next theoretical arrival time, and the seconds to wait (GCRA)."""
    gap = 1 / pace.per_second
    arrival = max(free, now)
    return arrival + gap, max(0.0, arrival - now - (pace.burst - 1) * gap)
