"""Choices that were offered to one conversation: a short random id stands for a payload.

A payload (`/intent{...}`) never leaves the process, so it can neither be read nor forged.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from channels.inbox.engine import Db
from channels.render import Button

ID_BYTES = 12
"""96 random bits; 16 characters, short enough for every platform's button data."""


@dataclass(frozen=True)
class Choice:
    title: str
    payload: str


def offer(db: Db, conversation: str, n: int, button: Button, position: int) -> str:
    """Keeps the button of message `n`, inside the caller's transaction, and gives its id."""
    chosen = secrets.token_urlsafe(ID_BYTES)
    db.execute(
        "INSERT INTO choices (id, conversation, n, position, title, payload) VALUES (?,?,?,?,?,?)",
        (chosen, conversation, n, position, button.title, button.payload),
    )
    return chosen


def find(db: Db, conversation: str, chosen: str) -> Choice | None:
    """The choice with this id, if it was offered to this very conversation."""
    row = db.execute(
        "SELECT title, payload FROM choices WHERE id = ? AND conversation = ?",
        (chosen, conversation),
    ).fetchone()
    return Choice(*row) if row else None
