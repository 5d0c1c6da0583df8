"""A conversation's log as Server-Sent Events that resume at any number."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

from channels.desk import Desk
from channels.guard import Session
from channels.inbox.hub import Signal
from channels.inbox.model import Entry, Unavailable
from channels.inbox.store import PAGE

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
            await send(_event(Signal("error", {"code": "storage", "retryable": True})) + HEARTBEAT)


async def _follow(
    desk: Desk, session: Session, after: int, send: Send, signals: asyncio.Queue[Signal]
) -> None:
    conversation = session.conversation
    sent = min(after, await desk.disk.read(lambda store: store.last(conversation)))
    state = await _state(desk, conversation)  # first: "done" may not come before its answers
    sent = await _tell(desk, conversation, sent, [Signal("log"), *state], send)
    while (left := session.expires - time.time()) > 0:
        heard = await _heard(signals, min(HEARTBEAT_SECONDS, left))
        if any(signal.kind == "close" for signal in heard):
            return
        sent = await _tell(desk, conversation, sent, heard, send)


async def _heard(signals: asyncio.Queue[Signal], seconds: float) -> list[Signal]:
    """All that was signalled meanwhile, after the first; [] if nothing came."""
    try:
        heard = [await asyncio.wait_for(signals.get(), seconds)]
    except asyncio.TimeoutError:
        return []
    while not signals.empty():
        heard.append(signals.get_nowait())
    return heard


async def _tell(desk: Desk, conversation: str, sent: int, heard: list[Signal], send: Send) -> int:
    """Sends what the signals mean; gives the number of the last line sent of the log."""
    said: list[str] = []
    goes_on = bool(heard)  # with the answer, to which typing and the shopper's own words lead up
    for signal in heard:
        if signal.kind == "log":
            fresh = await _fresh(desk, conversation, sent)
            said += [_line(entry) for entry in fresh]
            sent = fresh[-1].n if fresh else sent
            goes_on &= all(entry.author == "user" for entry in fresh)
        else:
            said.append(_event(signal))
            goes_on &= signal.kind == "typing"
    if said:
        await send("".join(said))
    if not goes_on:
        await send(HEARTBEAT)  # some virus scanners hold an event back until the next bytes
    return sent


async def _fresh(desk: Desk, conversation: str, sent: int) -> list[Entry]:
    """What the log has after `sent`."""
    fresh: list[Entry] = []
    while True:
        after = fresh[-1].n if fresh else sent
        some = await desk.disk.read(lambda store, after=after: store.entries(conversation, after))
        fresh += some
        if len(some) < PAGE:
            return fresh


async def _state(desk: Desk, conversation: str) -> list[Signal]:
    """After a resume the page must know whether an answer is still due: one look, so that a message
    that comes in between is not taken for answered."""
    due, asked = await desk.disk.read(
        lambda store: (store.unanswered(conversation), store.last_asked(conversation))
    )
    if due:
        return [Signal("typing")]
    return [Signal("done", {"reply_to": asked})] if asked else []


def _line(entry: Entry) -> str:
    return f"id: {entry.n}\nevent: message\ndata: {_compact(as_json(entry))}\n\n"


def _event(signal: Signal) -> str:
    return f"event: {signal.kind}\ndata: {_compact(signal.data)}\n\n"


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
