"""Tells the open streams of this process what other processes wrote to the log."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from channels.inbox.disk import Disk
from channels.inbox.hub import Hub, Signal
from channels.inbox.model import Unavailable
from channels.inbox.store import Store

POLL_SECONDS = 0.5
State = tuple[int, bool, str | None]
"""Of a conversation: the last line, whether an answer is due, the last message of the shopper."""

logger = logging.getLogger(__name__)


async def watch(disk: Disk, hub: Hub) -> None:
    """Until cancelled. A stream that hears twice of one line sends it once."""
    known: dict[str, State] = {}
    while True:
        await asyncio.sleep(POLL_SECONDS)
        open_ones = hub.conversations()
        known = {held: state for held, state in known.items() if held in open_ones}
        for held in open_ones:
            try:
                state = await disk.read(partial(_state, held))
            except Unavailable as error:
                logger.error("inbox: the log cannot be read: %s", error)
                break
            if held in known and known[held] != state:
                _tell(hub, held, state)
            known[held] = state


def _state(conversation: str, store: Store) -> State:
    due = bool(store.unanswered(conversation))
    return store.last(conversation), due, store.last_asked(conversation)


def _tell(hub: Hub, conversation: str, state: State) -> None:
    _, due, asked = state
    hub.tell(conversation, Signal("log"))
    hub.tell(conversation, Signal("typing") if due else Signal("done", {"reply_to": asked}))
