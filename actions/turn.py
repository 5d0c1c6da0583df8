"""One turn of a conversation as an action sees it: what was said, and the way to answer."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from shop.model import Locale, Money
from shop.policy import policy

SURE = 0.6  # below it an intent is a guess: forms keep their question, writes ask again


class Turn:
    """Reads the tracker, speaks through the dispatcher; keeps nothing."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> None:
        self.dispatcher, self.tracker, self.domain = dispatcher, tracker, domain
        self.message: dict[str, Any] = tracker.latest_message or {}

    @property
    def conversation(self) -> str:
        return self.tracker.sender_id

    @property
    def text(self) -> str:
        return self.message.get("text") or ""

    @property
    def tapped(self) -> bool:
        """A button we offered: the channel lets no typed text through in this shape."""
        return self.text.startswith("/")

    @property
    def intent(self) -> str:
        return (self.message.get("intent") or {}).get("name") or ""

    @property
    def sure(self) -> bool:
        confidence = (self.message.get("intent") or {}).get("confidence") or 0.0
        return self.tapped or confidence >= SURE

    @property
    def metadata(self) -> dict[str, Any]:
        return self.message.get("metadata") or {}

    @property
    def language(self) -> str:
        return self.tracker.get_slot("language") or policy().default_language

    @property
    def locale(self) -> Locale:
        currency = self.metadata.get("currency")
        if currency not in policy().currencies:
            currency = policy().market(self.language).currency
        return Locale(self.language, currency)

    def key(self, what: str) -> str:
        """The idempotency key of a write: the same message asks for the same write once."""
        return f"{self.message.get('message_id') or self.conversation}/{what}"

    def slot(self, name: str) -> Any:
        return self.tracker.get_slot(name)

    def entities(self, kind: str, without: bool = False) -> list[dict[str, Any]]:
        """Entities of one kind in the order of the text; `without` picks the negated ones."""
        return [
            entity
            for entity in self.message.get("entities") or []
            if entity["entity"] == kind and (entity.get("role") == "not") == without
        ]

    def value(self, kind: str) -> Any:
        """The first entity's value, or None."""
        return next((entity["value"] for entity in self.entities(kind)), None)

    def say(self, response: str, **values: Any) -> None:
        """Utters a response of data/<topic>/<language>.yml. Values may be Money, dates, lists,
        numbers, and `said(...)` for words that stand in a response of their own. `cards` and
        `choices` become elements and buttons (nlg/messages.py)."""
        self.dispatcher.utter_message(response=response, **wire(values))


def said(response: str, **values: Any) -> dict[str, Any]:
    """Words of another response as a value: said("utter_name_colour", value="black")."""
    return {"response": response, **values}


def choice(title: str | dict[str, Any], intent: str, **entities: Any) -> dict[str, Any]:
    """A button. `title` is a name out of the catalogue, or `said(...)`."""
    return {"title": title, "intent": intent, "entities": entities}


def wire(value: Any) -> Any:
    """A value as JSON that nlg/messages.py formats in the shopper's language."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"datetime": policy().local(value).isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return wire(asdict(value))
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [wire(item) for item in value]
    return value
