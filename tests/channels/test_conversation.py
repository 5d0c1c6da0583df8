"""Our tracker knows what Rasa's knows, and tells actions what they need."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from channels.conversation import CAPACITY, Conversation, Recent
from tests.channels.rig import HERE

DOMAIN = Domain.load(str(HERE / "project/domain.yml"))
HEARD = UserUttered("hi", {"name": "say", "confidence": 1.0}, parse_data={"text": "hi", "x": 1})
HAPPENS: list[list[Event]] = [
    [ActionExecuted("action_listen"), HEARD, DefinePrevUserUtteredFeaturization(False)],
    [ActionExecuted("street_form"), ActiveLoop("street_form")],
    [ActionExecuted("street_form")],
    [ActionExecuted("action_say")],
    [ActiveLoop(None)],
    [ActionExecutionRejected("street_form"), LoopInterrupted(True)],
    [SlotSet("street", "Long Lane"), BotUttered("said", {"elements": [{"title": "card"}]})],
    [FollowupAction("action_listen")],
    [UserUtteranceReverted()],
    [ActionReverted()],
    [SessionStarted()],
    [Restarted()],
]


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    return {**tracker.current_state(EventVerbosity.APPLIED), "loop": tracker.active_loop}


@given(st.lists(st.sampled_from(HAPPENS), max_size=25), st.data())
def test_it_is_rasas_tracker(happens: list[list[Event]], data: st.DataObject) -> None:
    """Whenever it is asked in between; and after a copy neither knows of what happens to the
    other."""
    ours, theirs = (t("web:a", DOMAIN.slots) for t in (Conversation, DialogueStateTracker))
    for events in happens:
        for event in events:
            ours.update(event)
            theirs.update(event)
        if data.draw(st.booleans()):
            assert ours.applied_events() == theirs.applied_events()
        if data.draw(st.booleans()):
            before, ours = ours, ours.copy()
            before.update(SlotSet("street", "elsewhere"))
            before.update(ActiveLoop("other"))
            before.applied_events()
    assert state(ours) == state(theirs)
    assert [type(e) for e in ours.events] == [type(e) for e in theirs.events]


def test_an_action_is_told_what_was_said_and_done() -> None:
    tracker = Conversation("web:a", DOMAIN.slots)
    for number in range(6):
        tracker.update(ActionExecuted("action_listen", "policy", 1.0))
        tracker.update(UserUttered(f"m{number}", {"name": "say"}, parse_data={"entities": [1]}))
        tracker.update(DefinePrevUserUtteredFeaturization(False))
        tracker.update(SlotSet("street", number))
        shown = {"elements": [{"title": "card"}]}
        tracker.update(BotUttered(f"b{number}", shown, {"utter_action": "utter_trouble"}))
    events = tracker.current_state(EventVerbosity.ALL)["events"]
    heard = [event for event in events if event["event"] == "user"]
    assert [event["text"] for event in heard] == [f"m{number}" for number in range(6)]
    assert [bool(e["parse_data"].get("entities")) for e in heard] == [False] * 2 + [True] * 4
    assert [e["value"] for e in events if e["event"] == "slot"] == [5]
    bots = [event for event in events if event["event"] == "bot"]
    assert [event["text"] for event in bots] == [f"b{number}" for number in range(6)]
    assert {event["metadata"]["utter_action"] for event in bots} == {"utter_trouble"}
    assert not any(event["data"] for event in bots)
    assert [e["name"] for e in events if e["event"] == "action"] == ["action_listen"] * 6


@pytest.mark.parametrize("keep", [1, CAPACITY, CAPACITY + 3])
def test_the_last_conversations_are_held_once(keep: int) -> None:
    recent = Recent()
    for number in range(keep):
        recent.keep(str(number), Conversation(str(number), []))
    assert (recent.take("0") is None) == (keep > CAPACITY)
    assert recent.take(str(keep - 1)) is not None or keep == 1
    assert recent.take(str(keep - 1)) is None
