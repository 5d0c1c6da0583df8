"""Mails in: a folder on an IMAP server, and the watch over it."""

from __future__ import annotations

import asyncio
import imaplib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from imap_tools import (
    BaseMailBox,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)

from channels.mailing.servers import TIMEOUT_SECONDS, Login, Server

MOST_BYTES = 1_000_000
"""What is read of one mail: the words stand before the files."""
LOOK_BACK = timedelta(days=2)
"""Older mails that nobody has read yet stay as they are."""
IDLE_SECONDS, POLL_SECONDS, STEP_SECONDS = 60.0, 20.0, 1.0
"""How long one IDLE lasts, the wait where there is none, and how soon a stop is noticed."""
CLOSE_SECONDS = 2.0
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Fetched:
    """A mail as the server keeps it. `place` is its name in the mailbox, `at` when it arrived."""

    raw: bytes
    place: str
    at: float


class Box:
    """A folder on an IMAP server. Blocking. Raises `OSError`, `imaplib.IMAP4.error` and others."""

    def __init__(self, place: Server, login: Login, folder: str) -> None:
        self._box, self._idling = _connect(place), False
        if login.token:
            self._box.xoauth2(login.user, login.token, folder)
        else:
            self._box.login(login.user, login.password, folder)
        validity = self._box.client.response("UIDVALIDITY")[1]
        self._validity = (validity[0] or b"").decode() if validity else ""
        able = self._box.client.capability()[1]  # after the login it is more than before
        self.idles = b"IDLE" in b" ".join(one for one in able if one).upper().split()

    def unread(self) -> list[str]:
        """The UIDs of new mails, oldest first."""
        day = (date.today() - LOOK_BACK).strftime("%d-%b-%Y")
        return sorted(self._box.uids(f"UNSEEN SINCE {day}"), key=int)

    def fetch(self, uid: str) -> Fetched | None:
        """The mail, which stays unread; None if it is gone."""
        what = f"(INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
        _, answer = self._box.client.uid("fetch", uid, what)
        parts: Any = next((part for part in answer if isinstance(part, tuple)), None)
        if parts is None:
            return None
        everything = b" ".join(p if isinstance(p, bytes) else p[0] for p in answer if p)
        arrived = _ARRIVED.search(everything)
        when = imaplib.Internaldate2tuple(b'INTERNALDATE "%s"' % arrived[1]) if arrived else None
        at = time.mktime(when) if when else time.time()
        return Fetched(parts[1], f"{self._validity}.{uid}", at)

    def read(self, uid: str) -> None:
        """Marks it as read."""
        self._box.flag(uid, MailMessageFlags.SEEN, True)

    def idle(self) -> None:
        self._idling = True
        self._box.idle.start()

    def woken(self, seconds: float) -> bool:
        """While it idles: whether something happened within that time."""
        begun = time.monotonic()
        return bool(self._box.idle.poll(seconds)) or time.monotonic() - begun < seconds / 2

    def end_idle(self) -> None:
        self._box.idle.stop()
        self._idling = False

    def noop(self) -> None:
        self._box.client.noop()

    def close(self) -> None:
        with suppress(Exception):
            self._box.client.sock.settimeout(CLOSE_SECONDS)
            if self._idling:
                self.end_idle()
            self._box.logout()


def _connect(place: Server) -> BaseMailBox:
    if place.kind == "imaps":
        return MailBox(place.host, place.port, TIMEOUT_SECONDS)
    if place.kind == "imap":
        return MailBoxStartTls(place.host, place.port, TIMEOUT_SECONDS)
    return MailBoxUnencrypted(place.host, place.port, TIMEOUT_SECONDS)


async def watch(connect: Callable[[], Box], take: Callable[[Fetched], Awaitable[None]]) -> None:
    """Gives every new mail to `take`, and marks it as read when that has returned."""
    async with _thread() as in_thread:
        box: Box = await in_thread(connect)
        try:
            taken: set[str] = set()
            while True:
                new = [uid for uid in await in_thread(box.unread) if uid not in taken]
                for uid in new:
                    await _hand_over(box, uid, take, in_thread)
                    taken.add(uid)
                if not new:  # what came meanwhile was told before, and is not told again
                    await _wait(box, in_thread)
        finally:
            await asyncio.shield(in_thread(box.close))


async def _hand_over(
    box: Box, uid: str, take: Callable[[Fetched], Awaitable[None]], in_thread: InThread
) -> None:
    fetched: Fetched | None = await in_thread(lambda: box.fetch(uid))
    if fetched:
        await take(fetched)
        await in_thread(lambda: box.read(uid))


async def _wait(box: Box, in_thread: InThread) -> None:
    """Until something happened in the mailbox, or it is time to look again."""
    if not box.idles:
        await asyncio.sleep(POLL_SECONDS)
        await in_thread(box.noop)
        return
    await in_thread(box.idle)
    end = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < end and not await in_thread(lambda: box.woken(STEP_SECONDS)):
        continue
    await in_thread(box.end_idle)


@asynccontextmanager
async def _thread() -> AsyncIterator[InThread]:
    """Runs blocking calls, one after the other, in a thread of its own."""
    pool = ThreadPoolExecutor(1, "imap")
    try:
        yield lambda call: asyncio.get_running_loop().run_in_executor(pool, call)
    finally:
        pool.shutdown(wait=False)
