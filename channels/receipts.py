"""What platforms say later of the messages that were sent to them: receipts, statuses, echoes.

A letter of unknown fate becomes sent, or a recorded failure; one that was taken and then failed
after all becomes a failure that staff can see. A receipt finds its letter by the reference that
the request had, else by the name that the platform gave to the message, else by the person: a
message that we cannot name, while an answer is missing, is the one whose answer was lost.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from channels.calls import Sent
from channels.inbox.engine import Db

State = Literal["sent", "refused", "closed", "left"]
PLAIN = "/plain"
"""Ends the key of a letter that goes again in plainer form."""
CHANGES = {
    "sent": ("waiting", "sending", "unknown"),
    "refused": ("sending", "unknown", "sent"),
    "closed": ("sending", "unknown", "sent"),
    "left": ("sending", "unknown", "sent"),
}
"""States of a letter that a receipt may still change. One that waits to be sent again, and
arrived, is not sent again."""


@dataclass(frozen=True)
class Receipt:
    """What became of a message; see the states of `channels.calls.Sent`."""

    state: State
    letter: str = ""
    """The `reference` that the request had."""
    message: str = ""
    """What the platform calls the message: `Sent.message`."""
    user: str = ""
    """Whom it went to."""
    text: str = ""
    """What it said, where others may write to the person too."""
    error: str | None = None


def final(sent: Sent) -> State:
    """The end of a letter that the platform gave up, after what it says of the error."""
    return sent.state if sent.state in ("closed", "left") else "refused"


def reference(key: str) -> str:
    """What a request asks the platform to repeat in receipts; `key` as in `Adapter.request`."""
    held, _, number = key.removesuffix(PLAIN).rpartition("/")
    return f"{number}.{_digest(held)}"


def remember(db: Db, letter: int, channel: str, conversation: str, message: str) -> None:
    """The platform took the letter and calls it `message`."""
    db.execute(
        "INSERT INTO receipts (channel, message, conversation, letter) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (channel, message, conversation, letter),
    )


def find(db: Db, channel: str, conversation: str, receipt: Receipt) -> int | None:
    """The letter that the receipt changes; `conversation` is with its `user`."""
    if receipt.letter:
        number = _referred(db, channel, receipt.letter)
    else:
        query = "SELECT letter FROM receipts WHERE channel = ? AND message = ?"
        named = db.execute(query, (channel, receipt.message)).fetchone()
        number = named[0] if named else _lost(db, conversation, receipt)
    query = "SELECT state FROM outbox WHERE id = ?"
    found = db.execute(query, (number,)).fetchone() if number is not None else None
    return number if found and found[0] in CHANGES[receipt.state] else None


def settle(db: Db, letter: int, receipt: Receipt) -> None:
    marks = ",".join("?" * len(CHANGES[receipt.state]))
    row = db.execute(
        "UPDATE outbox SET state = ?, error = ?,"  # noqa: S608
        " body = CASE ? WHEN 'sent' THEN '{}' ELSE body END"
        f" WHERE id = ? AND state IN ({marks}) RETURNING conversation",
        (receipt.state, receipt.error, receipt.state, letter, *CHANGES[receipt.state]),
    ).fetchone()
    if row and receipt.state == "left":
        db.execute("UPDATE people SET gone = 1 WHERE conversation = ?", row)


def _referred(db: Db, channel: str, given: str) -> int | None:
    number, _, digest = given.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    query = "SELECT conversation FROM outbox WHERE id = ? AND channel = ?"
    found = db.execute(query, (int(number), channel)).fetchone()
    return int(number) if found and _digest(found[0]) == digest else None


def _lost(db: Db, conversation: str, receipt: Receipt) -> int | None:
    """The oldest letter of unknown fate, unless it may be one whose answer is still to come."""
    query = "SELECT id, state, body FROM outbox WHERE conversation = ? AND state IN (?, ?)"
    rows = db.execute(f"{query} ORDER BY id", (conversation, "sending", "unknown")).fetchall()
    if any(state == "sending" for _, state, _ in rows):
        return None
    text = json.dumps(receipt.text, ensure_ascii=False)
    return next((id_ for id_, _, body in rows if not receipt.text or text in body), None)


def _digest(conversation: str) -> str:
    return hashlib.sha256(conversation.encode()).hexdigest()[:16]
