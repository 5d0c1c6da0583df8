"""A long conversation's beginning as a few events with the same state. Pure functions.

Rasa reads and replays all events of a session on every message: 3 s at 20,000 of them. The
stored events stay as they are; a fold only stands in for them when the dialogue goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

FOLD_AT = 240
"""Events (about 25 turns) after which a session is folded; about 9 come with each turn."""
TAIL = 100
"""Events kept as they were: rules and policies look back a few turns."""


def tail_start(events: list[Event]) -> int:
    """Where the last turns begin: a message with at least `TAIL` events from it to the end."""
    last = len(events) - TAIL
    return next((i for i in range(last, 0, -1) if isinstance(events[i], UserUttered)), 0)


def fold(past: list[Event], slots: Iterable[Slot]) -> list[Event]:
    """Events that lead to the slots and the open form that `past` leads to."""
    tracker = DialogueStateTracker.from_events("", past, slots)
    at = past[-1].timestamp
    changed = [slot for slot in tracker.slots.values() if slot.value != slot.initial_value]
    events: list[Event] = [SessionStarted(at)]
    events += [SlotSet(slot.name, slot.value, at) for slot in changed]
    if tracker.active_loop_name:
        events.append(ActiveLoop(tracker.active_loop_name, at))
    return [*events, ActionExecuted(ACTION_LISTEN_NAME, timestamp=at)]
