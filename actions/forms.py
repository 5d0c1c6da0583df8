"""One shared form: it gives way to another wish instead of swallowing its words, takes corrections
of earlier answers, asks the next question itself, and offers a person after three misses."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions.base import Events, ShopAction
from actions.turn import Turn, choice, said

ANSWERS = frozenset(
    {"", "affirm", "deny", "inform", "no_preference", "nlu_fallback", "out_of_scope"}
)
WHATEVER = frozenset({"no_preference", "deny"})
MISSES = 3
Values = dict[str, Any]
Read = Callable[[Turn, Values], Any | Awaitable[Any]]


@dataclass(frozen=True)
class Field:
    """One slot of a form. `read` gives the value that a message holds for it, or None. A `typed`
    field (an e-mail, a postcode) is recognised at any question, so it can be said early and
    corrected later. What a `choice` field reads is one of the answers offered, and so an answer
    even where it sounds like another wish ("collection point"). `whatever` is taken for "I don't
    mind" and for a plain no, where that is an answer."""

    slot: str
    read: Read
    typed: bool = False
    choice: bool = False
    whatever: Any = None


class Form(ShopAction):
    """`validate_<form>`, called by Rasa's form loop each time the form runs."""

    @property
    @abstractmethod
    def form(self) -> str: ...

    @property
    @abstractmethod
    def fields(self) -> tuple[Field, ...]: ...

    @property
    @abstractmethod
    def opened_by(self) -> frozenset[str]:
        """Intents that open the form; said again inside it they are no interruption."""

    def name(self) -> str:
        return f"validate_{self.form}"

    @property
    def dropped_by(self) -> frozenset[str]:
        """Intents that show that the shopper has moved on: the question is not asked again."""
        return frozenset()

    async def open(self, turn: Turn, values: Values) -> Values:
        """What the opening sentence and the shop already tell."""
        return {}

    async def amend(self, turn: Turn, values: Values, taken: Values) -> Values:
        """Last word on what was taken from a message, e.g. an answer that undoes another."""
        return taken

    def needed(self, values: Values) -> list[str]:
        """The slots to ask for, in order."""
        return [field.slot for field in self.fields]

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        """Asks a question that needs live data; plain ones are `utter_ask_<slot>`, said by Rasa."""

    async def serve(self, turn: Turn) -> Events:
        slots = {field.slot for field in self.fields}
        asked = turn.slot("requested_slot")
        fresh = bool(turn.tracker.slots_to_validate())
        if asked in slots and not fresh and turn.intent in self.dropped_by:
            return [SlotSet(slot, None) for slot in (*sorted(slots), "requested_slot")]
        values = {slot: turn.slot(slot) for slot in slots}
        taken: Values = {}
        if asked not in slots:
            taken = await self.open(turn, values)
        elif fresh:
            values[asked] = None  # Rasa put the raw text there
            taken = await self.take(turn, asked, values)
            if not taken and self.elsewhere(turn):
                return [SlotSet(asked, None), ActionExecutionRejected(self.form)]
        values |= taken
        following = next((s for s in self.needed(values) if values.get(s) is None), None)
        events = self.count_misses(turn, asked, following, missed=fresh and not taken)
        if events and events[-1]["value"] == 0:
            return [SlotSet(asked, None), *events, SlotSet("requested_slot", None)]
        if following:
            await self.ask(turn, following, values)
        reset = {asked: None} if asked in slots and asked not in taken and fresh else {}
        return [
            *[SlotSet(name, value) for name, value in {**reset, **taken}.items()],
            *events,
            SlotSet("requested_slot", following),
        ]

    def after_failure(self, turn: Turn) -> Events:
        """The question stays open: Rasa would take the raw text for an answer."""
        asked = turn.slot("requested_slot")
        if asked not in {field.slot for field in self.fields}:
            return []
        return [SlotSet(asked, None), SlotSet("requested_slot", asked)]

    def elsewhere(self, turn: Turn) -> bool:
        return turn.intent not in ANSWERS | self.opened_by

    async def take(self, turn: Turn, asked: str, values: Values) -> Values:
        """The answer to the question, and corrections of earlier answers."""
        taken: Values = {}
        for field in self.listening(turn, asked):
            value = field.read(turn, values)
            value = await value if inspect.isawaitable(value) else value
            if value is None and field.slot == asked and turn.sure and turn.intent in WHATEVER:
                value = field.whatever
            if value is not None and value != values.get(field.slot):
                taken[field.slot] = value
        if not taken and self.elsewhere(turn) and turn.sure:
            return {}
        return await self.amend(turn, values, taken)

    def listening(self, turn: Turn, asked: str) -> list[Field]:
        """The fields that this message may answer: none of a sure wish for something else, but for
        the choice that is asked for."""
        fields = [field for field in self.fields if field.slot == asked or field.typed]
        if self.elsewhere(turn) and turn.sure:
            return [field for field in fields if field.choice and field.slot == asked]
        return fields

    def count_misses(self, turn: Turn, asked: str, following: str | None, missed: bool) -> Events:
        """Counts answers in a row that could not be used; the third one offers a person."""
        if not missed or following != asked:
            return [SlotSet("misses", None)] if turn.slot("misses") else []
        misses = (turn.slot("misses") or 0) + 1
        if misses >= MISSES:
            turn.say(
                "utter_offer_person", choices=[choice(said("utter_name_person"), "ask_person")]
            )
            return [SlotSet("misses", 0)]
        turn.say(f"utter_invalid_{asked}")
        return [SlotSet("misses", misses)]
