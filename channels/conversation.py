"""A conversation in memory that costs the same in its last turn as in its first.

Rasa copies a tracker by replaying every event, several times a turn, works out again each time
which events still count, and gives all of them to every action: docs/performance.md has figures.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

CAPACITY = 64  # conversations; a long one takes some 500 kB
HEARD = 4
"""The last messages that an action is given with what was understood, this one included."""

UNTOLD = frozenset({"metadata", "policy", "confidence", "action_text", "hide_rule_turn"})
REVERTING = (Restarted, SessionStarted, ActionReverted, UserUtteranceReverted)


class Conversation(DialogueStateTracker):
    """Rasa's tracker with the same answers, worked out for what is new alone."""

    _applied: list[Event] | None = None
    _read = 0
    """How many of the events `_applied` is made of."""

    def copy(self) -> Conversation:
        """Shares the events, which nobody changes; the state is the copy's own."""
        twin = copy.copy(self)
        twin.events = copy.copy(self.events)
        twin.slots = {name: _same(slot) for name, slot in self.slots.items()}
        twin._applied = list(self._applied) if self._applied is not None else None
        if self.active_loop:
            twin.active_loop = dataclasses.replace(self.active_loop)
        return twin

    def applied_events(self) -> list[Event]:
        fresh = list(islice(self.events, self._read, None))
        if self._applied is None or any(self._changes_the_past(event) for event in fresh):
            self._applied = super().applied_events()
        else:
            for event in fresh:
                self._apply_next(event, self._applied)
        self._read = len(self.events)
        return list(self._applied)

    def _changes_the_past(self, event: Event) -> bool:
        """A form becomes one by its first `ActiveLoop`: what it did before counts differently."""
        if isinstance(event, ActiveLoop):
            return bool(event.name) and event.name not in self._loops(self._read)
        return isinstance(event, REVERTING)

    def _loops(self, end: int) -> set[str | None]:
        return {e.name for e in islice(self.events, end) if isinstance(e, ActiveLoop)}

    def _apply_next(self, event: Event, applied: list[Event]) -> None:
        """As `DialogueStateTracker.applied_events` does with an event that reverts nothing."""
        if isinstance(event, ActionExecuted):
            name = event.action_name
            is_loop = name in self._loops(len(self.events))
            if is_loop and not self._first_loop_execution_or_unhappy_path(name, applied):
                self._undo_till_previous_loop_execution(name, applied)
                return
        applied.append(event)

    def current_state(
        self, event_verbosity: EventVerbosity = EventVerbosity.NONE
    ) -> dict[str, Any]:
        """What an action is given. Of `ALL` events what `told` leaves."""
        if event_verbosity != EventVerbosity.ALL:
            return super().current_state(event_verbosity)
        state = super().current_state(EventVerbosity.NONE)
        return {**state, "events": list(told(list(self.events)))}


def _same(slot: Slot) -> Slot:
    """`copy.copy`, three times as fast: there are a hundred slots."""
    twin = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


class Recent:
    """The conversations of the last turns, each for the next turn alone: a turn that fails leaves
    nothing behind, and the next one reads what is stored."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Conversation] = OrderedDict()

    def take(self, key: str) -> Conversation | None:
        held = self._held.pop(key, None)
        return held.copy() if held else None  # whoever saved it may look at it still

    def keep(self, key: str, conversation: Conversation) -> None:
        self._held[key] = conversation
        while len(self._held) > CAPACITY:
            self._held.popitem(last=False)


def told(events: list[Event]) -> Iterator[dict[str, Any]]:
    """Who said what, and what was done; but slots set in earlier turns are slots by now, what was
    understood matters for a few messages only, and cards are for the channel."""
    heard = list(islice(_messages(events), HEARD))
    this_turn, understood = (heard[0], heard[-1]) if heard else (0, 0)
    for place, event in enumerate(events):
        if isinstance(event, SlotSet) and place < this_turn:
            continue
        data = event.as_dict()
        if isinstance(event, UserUttered) and place < understood:
            data["parse_data"] = {"text": event.text}
        elif isinstance(event, BotUttered):
            data["data"] = {}
        elif not isinstance(event, UserUttered):
            data = {key: value for key, value in data.items() if key not in UNTOLD}
        yield data


def _messages(events: list[Event]) -> Iterable[int]:
    """The places of the shopper's messages, the last one first."""
    return (i for i in reversed(range(len(events))) if isinstance(events[i], UserUttered))
