"""What every topic needs: leaving, bare answers, and not having understood."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.base import Events, ShopAction
from actions.pointing import offered
from actions.turn import Turn, choice, said

# What is kept with a response beside its values.
NOT_VALUES = frozenset({"lang", "utter_action", "template", "model_id", "assistant_id"})


class Agree(ShopAction):
    """A yes to "shall I put it in your cart?", or to nothing."""

    def name(self) -> str:
        return "action_agree"

    async def serve(self, turn: Turn) -> Events:
        if offered(turn):
            return [FollowupAction("add_form")]
        turn.say("utter_what_next")
        return []


class Repeat(ShopAction):
    """Says the last answer again; an open question is asked again by its form."""

    def name(self) -> str:
        return "action_repeat"

    async def serve(self, turn: Turn) -> Events:
        form = (turn.tracker.active_loop or {}).get("name")
        said_last = [] if form else last_words(turn)
        turn.say("utter_again" if form or said_last else "utter_what_next")
        for response, values in said_last:
            turn.say(response, **values)
        return []


def last_words(turn: Turn) -> list[tuple[str, dict[str, Any]]]:
    """The responses to the shopper's message before this one, with their values."""
    events = turn.tracker.events
    turns = [i for i, event in enumerate(events) if event["event"] == "user"][-2:]
    told = [e.get("metadata") or {} for e in events[slice(*turns)] if e["event"] == "bot"]
    return [
        (meta["utter_action"], {k: v for k, v in meta.items() if k not in NOT_VALUES})
        for meta in told
        if len(turns) == 2 and meta.get("utter_action") not in (None, "utter_again")
    ]


class Leave(ShopAction):
    """Stops whatever form is open and forgets its answers; the cart stays."""

    def name(self) -> str:
        return "action_leave"

    async def serve(self, turn: Turn) -> Events:
        turn.say("utter_left_as_it_was")
        slots = {s for form in turn.domain["forms"].values() for s in form["required_slots"]}
        slots.add("add_waiting")
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            *[SlotSet(slot, None) for slot in sorted(slots) if turn.slot(slot) is not None],
        ]


class DidNotUnderstand(ShopAction):
    """Asks which of two likely wishes was meant; the second time in a row offers a person. Never
    leaves the turn without a way on: a fallback predicted again and again mutes a conversation."""

    def name(self) -> str:
        return "action_did_not_understand"

    async def serve(self, turn: Turn) -> Events:
        if self.missed_before(turn):
            person = [choice(said("utter_name_person"), "ask_person")]
            turn.say("utter_offer_person", choices=person)
        else:
            turn.say("utter_which", choices=self.likely(turn))
        form = (turn.tracker.active_loop or {}).get("name")
        return [FollowupAction(form or "action_listen")]

    def likely(self, turn: Turn) -> list[dict]:
        """Buttons for the likeliest intents that have a name in the language files."""
        ranking = [intent["name"] for intent in turn.message.get("intent_ranking") or []]
        known = [n for n in ranking if f"utter_name_intent_{n}" in turn.domain["responses"]]
        likely = [choice(said(f"utter_name_intent_{name}"), name) for name in known[:2]]
        return [*likely, choice(said("utter_name_person"), "ask_person")]

    def missed_before(self, turn: Turn) -> bool:
        events = turn.tracker.events
        turns = [i for i, event in enumerate(events) if event["event"] == "user"][-2:]
        between = events[turns[0] : turns[1]] if len(turns) == 2 else []
        return any(e["event"] == "action" and e.get("name") == self.name() for e in between)
