from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import BARE_VALUES, LABEL, LANGUAGE
from nlu.classifier import PhraseClassifier, spoken_name
from nlu.encoder import HEAD, TAIL, RecentTexts, SentenceEncoder, plain
from tests.nlu.conftest import Workshop

PHRASES = {
    "track_order": ["where is my order", "has my parcel left", "when will it come"],
    "return_item": ["i want to return these shoes", "send the jacket back", "it does not fit"],
    "faq/delivery_cost": ["how much is delivery", "what does shipping cost", "shipping fee"],
    "faq/invoice": ["can i have an invoice", "i need a vat invoice", "where do i get an invoice"],
    "inform": ["42", "size L", "in black"],
    "search_product": ["i am looking for a tent", "do you sell boots", "show me backpacks"],
    "out_of_scope": ["what is the weather", "write a poem", "who won the match"],
    "deny": ["no", "nope", "not that"],
}
ABROAD = {"affirm": ["no", "no tak", "tak"]}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return Workshop(tmp_path_factory.mktemp("encoder")).make(SentenceEncoder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Any:
    return learnt(tmp_path_factory.mktemp("classifier"), encoder)


def learnt(folder: Path, encoder: SentenceEncoder) -> PhraseClassifier:
    messages = [
        Message({"text": text, "intent": label.split("/")[0], LABEL: label, LANGUAGE: language})
        for language, phrases in (("en", PHRASES), ("pl", ABROAD))
        for label, texts in phrases.items()
        for text in texts
    ]
    data = encoder.process_training_data(TrainingData(messages))
    workshop = Workshop(folder)
    workshop.make(PhraseClassifier).train(data)
    return workshop.load(PhraseClassifier, unsure_below=0.15)


def said(classifier: PhraseClassifier, encoder: SentenceEncoder, text: str, **more: Any) -> Message:
    message = Message({"text": text, **more})
    encoder.process([message])
    classifier.process([message])
    return message


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where's my parcel", "track_order"),
        ("gdzie jest moje zamówienie", "track_order"),
        ("quiero devolver los zapatos", "return_item"),
        ("will it rain tomorrow", "out_of_scope"),
    ],
)
def test_near_meanings_have_one_intent(
    classifier: PhraseClassifier, encoder: SentenceEncoder, text: str, intent: str
) -> None:
    message = said(classifier, encoder, text)
    assert message.get("intent")["name"] == intent
    ranked = [each["confidence"] for each in message.get("intent_ranking")]
    assert ranked == sorted(ranked, reverse=True)
    assert 0 < ranked[0] <= 1


def test_a_question_brings_its_answer(
    classifier: PhraseClassifier, encoder: SentenceEncoder
) -> None:
    message = said(classifier, encoder, "what is the delivery fee")
    assert message.get("intent")["name"] == "faq"
    assert message.get("intent")["full_retrieval_intent_name"] == "faq/delivery_cost"
    answer = message.get("response_selector")["faq"]["response"]
    assert answer["intent_response_key"] == "faq/delivery_cost"
    assert answer["utter_action"] == "utter_faq/delivery_cost"


def test_what_is_like_nothing_is_not_understood(
    classifier: PhraseClassifier, encoder: SentenceEncoder
) -> None:
    message = said(classifier, encoder, "qwertz uiop asdf")
    assert message.get("intent")["name"] in ("nlu_fallback", "out_of_scope")
    assert len(message.get("intent_ranking")) > 1, "the guesses are there to be offered"


@pytest.mark.parametrize(
    ("text", "kind", "intent"),
    [("no, XL", "size", "inform"), ("a@b.pl", "email", "inform"), ("karimata", "category", None)],
)
def test_values_alone_are_information(
    classifier: PhraseClassifier, encoder: SentenceEncoder, text: str, kind: str, intent: str | None
) -> None:
    values = {BARE_VALUES: True, "entities": [{"entity": kind, "value": "x"}]}
    message = said(classifier, encoder, text, **values)
    assert message.get("intent")["name"] == (intent or "search_product")


@pytest.mark.parametrize(("language", "intent"), [("en", "deny"), ("pl", "affirm")])
def test_a_word_means_what_it_means_in_the_language_spoken(
    classifier: PhraseClassifier, encoder: SentenceEncoder, language: str, intent: str
) -> None:
    message = said(classifier, encoder, "No!", **{LANGUAGE: language})
    assert message.get("intent")["name"] == intent


def test_typos_are_seen_through(classifier: PhraseClassifier, encoder: SentenceEncoder) -> None:
    message = said(classifier, encoder, "shippng fee")
    assert message.get("intent")["full_retrieval_intent_name"] == "faq/delivery_cost"


def test_training_twice_gives_the_same(
    classifier: PhraseClassifier, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    again = learnt(tmp_path, encoder)
    for text in ("where is it", "no invoice came", "blue tents"):
        first, second = said(classifier, encoder, text), said(again, encoder, text)
        assert first.get("intent_ranking") == second.get("intent_ranking")


def test_a_message_without_text_is_left_alone(classifier: PhraseClassifier) -> None:
    message = Message({})
    classifier.process([message])
    assert message.get("intent") == {"name": None, "confidence": 0.0}


def test_a_label_says_what_it_means() -> None:
    assert spoken_name("faq/delivery_cost") == "faq delivery cost"
    assert spoken_name("Refund_not_showing_up") == "refund not showing up"


def test_long_texts_keep_their_beginning_and_end() -> None:
    read = plain("first " + "x" * 2000 + " last")
    assert len(read) <= HEAD + TAIL + 1
    assert (read[:5], read[-4:]) == ("first", "last")


def test_shouting_and_signs_do_not_matter() -> None:
    assert plain("WHERE is my ORDER?!") == "where is my order"
    assert plain("?!") == "?!"


def test_recent_texts_are_encoded_once() -> None:
    asked: list[str] = []

    def encode(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([[len(text)] for text in texts])

    vectors = RecentTexts(encode, capacity=2)
    assert [int(v[0]) for v in vectors(["a", "bb", "a"])] == [1, 2, 1]
    vectors(["ccc", "bb"])
    vectors(["a"])
    assert asked == ["a", "bb", "ccc", "a"]
