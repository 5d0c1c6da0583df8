"""What waits to be sent to the platforms, inside the inbox's own transactions.

A turn's answers are laid out and written in the transaction that closes its message. A letter is
marked right before it leaves: one that a crash cut short is of unknown fate (nearly always it
arrived), and goes out again only if the platform takes it once, or the channel's stanza says so.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from channels import receipts
from channels.calls import Call
from channels.inbox.engine import Db
from channels.render import Reply

if TYPE_CHECKING:
    from channels.base import Rendered

Render = Callable[[Sequence[Reply], Mapping[str, Any]], "Rendered"]
UNSENT = ("refused", "late", "unknown", "closed", "left")
"""Ends of a letter that staff should see."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """A call that waits; times are seconds since 1970."""

    id: int
    conversation: str
    call: Call
    attempts: int
    created: float
    heard: float
    left: bool


def meet(db: Db, conversation: str, to: Mapping[str, Any]) -> None:
    """A person wrote: remembers how to answer, and that they may be written to."""
    db.execute(
        "INSERT INTO people (conversation, address, heard, gone) VALUES (?, ?, ?, 0)"
        " ON CONFLICT (conversation) DO UPDATE"
        " SET address = excluded.address, heard = excluded.heard, gone = 0",
        (conversation, json.dumps(dict(to)), time.time()),
    )


def leave(db: Db, conversation: str) -> None:
    """The person wants no more messages, until they write again."""
    db.execute("UPDATE people SET gone = 1 WHERE conversation = ?", (conversation,))


def put(
    db: Db,
    conversation: str,
    render: Render,
    turn: Sequence[Reply],
    to: Mapping[str, Any] | None,
) -> None:
    """Writes down what the turn's replies are on the platform. `to` None: as they last wrote."""
    query = "SELECT address FROM people WHERE conversation = ?"
    known = db.execute(query, (conversation,)).fetchone()
    if known is None:
        logger.error("outbox: nobody is known in a conversation that was answered")
        return
    channel = conversation.partition(":")[0]
    try:
        rendered = render(turn, json.loads(known[0]) if to is None else to)
    except Exception as error:  # a mistake in an adapter must not undo the turn
        logger.exception("outbox: %s cannot show a turn", channel)
        _insert(db, channel, conversation, Call("", {}), "refused", type(error).__name__)
        return
    for call in rendered.calls:
        _insert(db, channel, conversation, call)
    db.execute("DELETE FROM menus WHERE conversation = ?", (conversation,))
    for choice, number in rendered.numbers.items():
        shown = "INSERT INTO menus (conversation, number, choice) VALUES (?, ?, ?)"
        db.execute(shown, (conversation, number, choice))


def due(db: Db, channel: str, now: float, busy: Collection[str], limit: int) -> list[Letter]:
    """The oldest letter of each conversation, if its time has come."""
    rows = db.execute(
        "SELECT o.id, o.conversation, o.path, o.body, o.once, o.attempts, o.created, p.heard,"
        " p.gone, o.due FROM outbox o JOIN people p USING (conversation) WHERE o.id IN"
        " (SELECT min(id) FROM outbox WHERE channel = ? AND state = 'waiting'"
        " GROUP BY conversation) ORDER BY o.id",
        (channel,),
    )
    letters = [
        Letter(id_, held, Call(path, json.loads(body), bool(once)), tries, made, heard, bool(gone))
        for id_, held, path, body, once, tries, made, heard, gone, time_ in rows
        if time_ <= now and held not in busy
    ]
    return letters[:limit]


def begin(db: Db, letter: Letter) -> bool:
    """Marks it as on its way; False if it was erased meanwhile, or is sent by somebody else."""
    query = "UPDATE outbox SET state = 'sending', due = ? WHERE id = ? AND state = 'waiting'"
    marked = db.execute(query, (time.time(), letter.id))
    return bool(marked.rowcount)


def end(db: Db, letter: Letter, state: str, error: str | None, message: str = "") -> None:
    """Closes it, unless a receipt did; the words of one that arrived are forgotten here: the log
    has them. `message` is what the platform calls it."""
    db.execute(
        "UPDATE outbox SET state = ?, error = ?,"
        " body = CASE ? WHEN 'sent' THEN '{}' ELSE body END"
        " WHERE id = ? AND state IN ('waiting', 'sending')",
        (state, error, state, letter.id),
    )
    if message:
        channel = letter.conversation.partition(":")[0]
        receipts.remember(db, letter.id, channel, letter.conversation, message)


def since_heard(db: Db, letter: Letter) -> int:
    """How many letters left since the person wrote."""
    query = "SELECT count(*) FROM outbox WHERE conversation = ? AND due >= ? AND state IN (?, ?, ?)"
    states = ("sending", "sent", "unknown")
    found = db.execute(query, (letter.conversation, letter.heard, *states)).fetchone()
    return int(found[0])


def put_off(db: Db, letter: Letter, until: float, error: str | None) -> None:
    db.execute(
        "UPDATE outbox SET state = 'waiting', attempts = attempts + 1, due = ?, error = ?"
        " WHERE id = ? AND state IN ('waiting', 'sending')",
        (until, error, letter.id),
    )


def recover(db: Db, channel: str, again: bool) -> None:
    """After a crash: what was on its way goes again where that is safe, or wanted (`again`)."""
    db.execute(
        "UPDATE outbox SET state = CASE WHEN once + ? > 0 THEN 'waiting' ELSE 'unknown' END,"
        " error = 'the process ended' WHERE channel = ? AND state = 'sending'",
        (int(again), channel),
    )


def unsent(db: Db) -> list[tuple[int, str, str, str | None, float]]:
    """The letters that did not arrive: id, channel, state, error, time of writing."""
    marks = ",".join("?" * len(UNSENT))
    query = f"SELECT id, channel, state, error, created FROM outbox WHERE state IN ({marks})"  # noqa: S608
    return db.execute(f"{query} ORDER BY id", UNSENT).fetchall()


def _insert(
    db: Db,
    channel: str,
    conversation: str,
    call: Call,
    state: str = "waiting",
    error: str | None = None,
) -> None:
    now = time.time()
    db.execute(
        "INSERT INTO outbox (channel, conversation, path, body, once, state, error, due, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            channel,
            conversation,
            call.path,
            json.dumps(dict(call.body), ensure_ascii=False),
            int(call.key),
            state,
            error,
            now,
            now,
        ),
    )
