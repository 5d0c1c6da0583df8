"""What every topic needs: leaving, bare answers, and not having understood."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.base import Events, ShopAction
from actions.turn import Turn, choice, said


class Leave(ShopAction):
    """Stops whatever form is open and forgets its answers; the cart stays."""

    def name(self) -> str:
        return "action_leave"

    async def serve(self, turn: Turn) -> Events:
        turn.say("utter_left_as_it_was")
        slots = {s for form in turn.domain["forms"].values() for s in form["required_slots"]}
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
