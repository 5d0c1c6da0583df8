from __future__ import annotations

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from nlu.language import LanguageDetector, LanguageRequest
from tests.nlu.conftest import HERE

SLOT = {"type": "categorical", "values": ["en", "pl", "es"], "initial_value": "en"}
MAPPING = {"mappings": [{"type": "from_entity", "entity": "language"}]}
DOMAIN = Domain.from_dict({"entities": ["language"], "slots": {"language": {**SLOT, **MAPPING}}})


def conversation(language: str | None = None) -> DialogueStateTracker:
    events = [SlotSet("language", language)] if language else []
    return DialogueStateTracker.from_events("c", events, DOMAIN.slots)


def heard(
    detector: LanguageDetector, text: str, tracker: DialogueStateTracker, locale: str | None = None
) -> tuple[str, list[str]]:
    """The message's language, and the entity that would set the slot."""
    message = Message({"text": text, "metadata": {"locale": locale}})
    detector.process([message], tracker)
    return message.get("language"), [e["value"] for e in message.get("entities") or []]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("dziekuje", "en", "pl"),
        ("gracias", "en", "es"),
        ("gdzie paczka", "es", "pl"),
        ("donde esta mi pedido", "pl", "es"),
        ("where is my order", "pl", "en"),
        ("cancel my order", "es", "en"),
        ("zwrot", "en", "pl"),
        ("red shoes", "pl", "en"),
        ("paczkmaty sa czynne?", "en", "pl"),
    ],
)
def test_clear_words_change_the_language(
    detector: LanguageDetector, text: str, before: str, after: str
) -> None:
    assert heard(detector, text, conversation(before)) == (after, [after])


@pytest.mark.parametrize("before", ["en", "pl", "es"])
@pytest.mark.parametrize(
    "text",
    [
        *("nike", "adidas", "Anna Kowalska", "ul. Długa 5/12", "kasia@wp.pl", "XL", "42", "ok"),
        *("no", "si", "hoodie", "jeans", "outlet", "tracking", "blik", "bizum", "black friday"),
        *("10234", "👍", "注文はどこですか"),
    ],
)
def test_names_and_loan_words_change_nothing(
    detector: LanguageDetector, text: str, before: str
) -> None:
    assert heard(detector, text, conversation(before)) == (before, [])


def test_short_messages_tell_their_language(
    detector: LanguageDetector, capsys: pytest.CaptureFixture[str]
) -> None:
    said = yaml.safe_load((HERE / "short.yml").read_text(encoding="utf-8"))
    names = said.pop("stays")
    asked = [(text, own, now) for own in said for text in said[own] for now in said if now != own]
    wrong = [case for case in asked if detector.detect(case[0], case[2], True) != case[1]]
    with capsys.disabled():
        print(f"\nlanguage of {len(asked)} short messages: {1 - len(wrong) / len(asked):.3f} right")
    assert len(wrong) <= 0.05 * len(asked), wrong
    changed = [(n, now) for n in names for now in said if heard_otherwise(detector, str(n), now)]
    assert len(changed) <= 0.02 * len(names) * len(said), changed


def heard_otherwise(detector: LanguageDetector, text: str, now: str) -> bool:
    return detector.detect(text, now, True) not in (None, now)


def test_the_locale_counts_until_the_shopper_has_spoken(detector: LanguageDetector) -> None:
    assert heard(detector, "XL", conversation(), "pl-PL") == ("pl", ["pl"])
    assert heard(detector, "donde esta mi pedido", conversation(), "pl-PL") == ("es", ["es"])
    assert heard(detector, "XL", conversation("es"), "pl-PL") == ("es", [])
    assert heard(detector, "XL", conversation(), "xx") == ("en", [])


def test_a_choice_keeps_the_language(detector: LanguageDetector) -> None:
    assert heard(detector, "/greet", conversation("pl"), "es") == ("pl", [])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("po polsku proszę", "pl"),
        ("in Polish please", "pl"),
        ("¿habláis inglés?", "en"),
        ("no hablo español, english please", "en"),
        ("hiszpański poproszę", "es"),
    ],
)
def test_the_language_asked_for_is_given(text: str, language: str) -> None:
    request = LanguageRequest.create({}, None, None, None)
    message = Message({"text": text, "intent": {"name": "switch_language"}})
    message.set("entities", [{"entity": "language", "value": "en"}])
    request.process([message])
    assert [e["value"] for e in message.get("entities")] == [language]


def test_a_language_that_is_only_spoken_of_changes_nothing() -> None:
    request = LanguageRequest.create({}, None, None, None)
    message = Message({"text": "is the manual in Polish", "intent": {"name": "view_product"}})
    request.process([message])
    assert not message.get("entities")
