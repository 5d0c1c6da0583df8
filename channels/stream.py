"""A conversation's log as Server-Sent Events that resume at any number."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

from channels.desk import Desk
from channels.guard import Session
from channels.inbox.hub import Signal
from channels.inbox.model import Entry, Unavailable
from channels.inbox.store import Store

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = ": hb\n\n"
FIRST = "retry: 3000\n: ok\n\n"
"""At once: headers leave with the first bytes."""
Send = Callable[[str], Awaitable[None]]


async def follow(desk: Desk, session: Session, after: int, send: Send) -> None:
    """Sends the log after `after`, then what comes, until the session ends or is erased.

    A number beyond the log (another database) counts as its end, else nothing would ever come.
    """
    await send(FIRST)
    with desk.hub.listen(session.conversation) as signals:
        try:
            await _follow(desk, session, after, send, signals)
        except Unavailable:
            await _event(send, Signal("error", {"code": "storage", "retryable": True}))


async def _follow(
    desk: Desk, session: Session, after: int, send: Send, signals: asyncio.Queue[Signal]
) -> None:
    conversation = session.conversation
    sent = min(after, await desk.disk.read(lambda store: store.last(conversation)))
    state = await _state(desk, conversation)  # first: "done" may not come before its answers
    sent = await _catch_up(desk, conversation, sent, send)
    if state:
        await _event(send, state)
    while (left := session.expires - time.time()) > 0:
        try:
            signal = await asyncio.wait_for(signals.get(), min(HEARTBEAT_SECONDS, left))
        except asyncio.TimeoutError:
            await send(HEARTBEAT)
            continue
        if signal.kind == "close":
            return
        if signal.kind == "log":
            sent = await _catch_up(desk, conversation, sent, send)
        else:
            await _event(send, signal)


async def _catch_up(desk: Desk, conversation: str, sent: int, send: Send) -> int:
    """Sends what the log has after `sent`; gives the number of the last line sent."""
    while entries := await desk.disk.read(partial(_entries, conversation, sent)):
        for entry in entries:
            await send(f"id: {entry.n}\nevent: message\ndata: {_compact(as_json(entry))}\n\n")
            await send(HEARTBEAT)  # some virus scanners hold an event back until the next bytes
            sent = entry.n
    return sent


def _entries(conversation: str, sent: int, store: Store) -> list[Entry]:
    return store.entries(conversation, sent)


async def _state(desk: Desk, conversation: str) -> Signal | None:
    """After a resume the page must know whether an answer is still due: one look, so that a message
    that comes in between is not taken for answered."""
    due, asked = await desk.disk.read(
        lambda store: (store.unanswered(conversation), store.last_asked(conversation))
    )
    if due:
        return Signal("typing")
    return Signal("done", {"reply_to": asked}) if asked else None


async def _event(send: Send, signal: Signal) -> None:
    await send(f"event: {signal.kind}\ndata: {_compact(signal.data)}\n\n")
    await send(HEARTBEAT)


def as_json(entry: Entry) -> dict[str, Any]:
    """A line of the log as the page knows it."""
    return {
        "id": entry.n,
        "from": entry.author,
        "reply_to": entry.reply_to,
        "client_id": entry.client_id,
        "ts": iso(entry.created),
        **entry.body,
    }


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
