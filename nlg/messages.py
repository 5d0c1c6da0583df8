"""The assistant's voice: responses of data/<topic>/<language>.yml with live values and cards.

`nlg: {type: nlg.messages.Messages, data: data}` in endpoints.yml; with `data`, the folder of the
topics, a reply that is reworded there is said so a second later (nlg/wording.py). Actions say which
response and with what values (actions/turn.py); every word comes from the responses of the
shopper's language.
"""

from __future__ import annotations

import json
import logging
import random
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from nlg.icu import fill
from nlg.values import decimal, show
from nlg.wording import Wording

logger = logging.getLogger(__name__)
JOINED = {"rows": "\n", "commas": ", "}
MARKS = ("introduces", "person")  # of a response's metadata; a person is wanted from here on
CARD, INTRODUCTION = "utter_card", "utter_introduction"
REMEMBERED = 1000  # conversations whose first turn may still be going on


class Messages(TemplatedNaturalLanguageGenerator):
    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        self._introduced: OrderedDict[str, str] = OrderedDict()
        folder = endpoint_config.kwargs.get("data")
        self._wording = Wording(Path(folder)) if folder else None

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **values: Any,
    ) -> dict[str, Any] | None:
        if self._wording:
            self._wording.take_up(self.responses)
        slots = tracker.current_slot_values()
        voice = Voice(self, slots, output_channel)
        message = voice.message(utter_action, values)
        if message and not message.pop("introduces", None) and self._introduce(tracker):
            message["text"] = f"{voice.words(INTRODUCTION, {})}\n\n{message.get('text') or ''}"
        return message

    def _random_response_for(
        self, utter_action: str, output_channel: str, filled_slots: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Rasa's, without making an array of the texts to choose from."""
        if utter_action not in self.responses:
            return None
        suitable = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, filled_slots
        )
        return random.choice(suitable) if suitable else None  # noqa: S311

    def _introduce(self, tracker: DialogueStateTracker) -> bool:
        """Whether to begin with the introduction: once, though a turn has several messages that
        the tracker does not know of before its end."""
        turn = str(getattr(tracker.latest_message, "message_id", None))
        if not first(tracker) or self._introduced.get(tracker.sender_id) == turn:
            return False
        self._introduced[tracker.sender_id] = turn
        if len(self._introduced) > REMEMBERED:
            self._introduced.popitem(last=False)
        return True


def first(tracker: DialogueStateTracker) -> bool:
    """Whether nothing has been said to this shopper in this session (AI Act, art. 50(1): the first
    message says that it is an automatic assistant)."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            return False
        if isinstance(event, SessionStarted):
            return True
    return True


class Voice:
    """Responses in one shopper's language on one channel."""

    def __init__(self, nlg: Messages, slots: dict[str, Any], channel: str) -> None:
        self.nlg, self.slots, self.channel = nlg, slots, channel
        self.language = slots.get("language") or "en"

    def message(self, name: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        response = self.nlg._random_response_for(name, self.channel, self.slots)
        if response is None:
            logger.error("there is no response %s", name)
            return None
        message = {key: response[key] for key in ("image", "attachment") if key in response}
        message["text"] = self.fill(response.get("text") or "", values)
        own = [self.button(button, values) for button in response.get("buttons") or []]
        given = [self.button(button, values) for button in values.get("choices") or []]
        message["buttons"] = [*given, *own]
        message["elements"] = [self.card(card) for card in values.get("cards") or []]
        marks = response.get("metadata") or {}
        return message | {mark: True for mark in MARKS if marks.get(mark)}

    def words(self, name: str, values: Mapping[str, Any]) -> str:
        message = self.message(name, values)
        return message["text"] if message else ""

    def fill(self, text: str, values: Mapping[str, Any]) -> str:
        return fill(text, values, self.language, self.show)

    def show(self, value: Any, style: str = "") -> str:
        """Like nlg.values.show, and `{"response": name, ...}` is spoken, also inside lists; a list
        is shown as a sentence ("a, b and c"), or in the style `rows` or `commas`."""
        spoken = self.spoken(value)
        if style in JOINED and isinstance(spoken, list):
            return JOINED[style].join(show(item, self.language) for item in spoken)
        return show(spoken, self.language)

    def spoken(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.spoken(item) for item in value]
        if isinstance(value, dict) and "response" in value:
            return self.words(value["response"], value)
        return value

    def button(self, button: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """A tappable choice. A button of the YAML has its title and payload; one of an action a
        title, and an intent with entities or a URL."""
        if "payload" in button:
            return {**button, "title": self.fill(button["title"], values)}
        title = self.show(button["title"])
        if "url" in button:
            return {"title": title, "url": button["url"]}
        entities = json.dumps(button["entities"]) if button.get("entities") else ""
        return {"title": title, "payload": f"/{button['intent']}{entities}"}

    def card(self, card: dict[str, Any]) -> dict[str, Any]:
        """A product as Rasa's element: title, subtitle (the text of `utter_card`), image, buttons;
        `product` holds the raw values for channels that lay out prices themselves."""
        note = self.show(card.get("note") or [], "commas")
        reduced = "yes" if card.get("lowest_30d") else "no"
        values = {
            **card,
            "note": note,
            "reduced": reduced,
            "rated": "yes" if card["rating"] else "no",
        }
        product = {key: raw(value) for key, value in card.items() if key != "choices"}
        return {
            "title": card["title"],
            "subtitle": self.words(CARD, values),
            "image_url": card["image_url"],
            "url": card["url"],
            "buttons": [self.button(button, values) for button in card["choices"]],
            "product": {**product, "note": note, "currency": card["price"]["currency"]},
        }


def raw(value: Any) -> Any:
    """Money as a decimal string ("129.90"), which a page formats itself."""
    if isinstance(value, dict) and "minor" in value:
        return decimal(value["minor"], value["currency"])
    return value
