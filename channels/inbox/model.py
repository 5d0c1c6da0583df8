"""What the inbox holds and promises, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from channels.render import Reply


class Erased(Exception):
    """The conversation was erased; nothing may be added to it."""


class Full(Exception):
    """Too much is waiting; the platform should try again later."""


class Unavailable(Exception):
    """The database is in trouble: nothing was written, and later it may be."""


@dataclass(frozen=True)
class Inbound:
    """One message that a channel has verified, cleaned and masked.

    `conversation` begins with the name of the channel that shows it (`web:...`), whoever
    sends the message: a notice about a payment goes to the shopper's own channel.
    """

    channel: str
    message_id: str
    """The platform's id, unique in the channel; the turn's message id too."""
    conversation: str
    text: str
    """What the dialogue is given: plain words, or the payload of a choice."""
    shown: str | None = None
    """The person's own line in the log; None for a notice, which has no line."""
    client_id: str | None = None
    """What answers name as `reply_to`."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    say: str | None = None
    """A response to give instead of a turn of the dialogue, such as a polite refusal."""
    to: Mapping[str, Any] | None = None
    """Where the channel sends the answers, None if it keeps them to be fetched."""


@dataclass(frozen=True)
class Row:
    """A message taken from the inbox, with the number of times that it was taken before."""

    id: int
    attempts: int
    message: Inbound


@dataclass(frozen=True)
class Outcome:
    """What became of a row: `done`, or `dead` (kept for staff, never run again)."""

    state: Literal["done", "dead"]
    replies: tuple[Reply, ...]
    error: str | None = None


@dataclass(frozen=True)
class Entry:
    """A line of a conversation's log."""

    n: int
    author: Literal["bot", "user"]
    reply_to: str | None
    client_id: str | None
    body: Mapping[str, Any]
    created: float
