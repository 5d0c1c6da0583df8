from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.encoder import SentenceEncoder, sentence_vector
from nlu.gist import Gist, joined
from tests.nlu.conftest import Workshop

PHRASES = {
    "card_arrival": "when does my card arrive",
    "card_lost": "i lost my card",
    "pin_change": "change the pin of my card",
    "top_up": "i can't top up",
    "exchange": "is the exchange rate right",
}


@pytest.fixture(scope="module")
def gist() -> Gist:
    return Gist.learn(list(PHRASES.values()), list(PHRASES))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("has my card arrived", "has arrived"),
        ("i can't find the card", "can't find"),
        ("my card", "my card"),  # nothing else is said
        ("", ""),
    ],
)
def test_words_that_go_with_everything_are_left_out(gist: Gist, text: str, left: str) -> None:
    assert gist.of(text) == left


def test_a_vector_and_its_gist_are_of_length_one() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert np.allclose(np.linalg.norm(joined(vectors, vectors[::-1]), axis=1), 1)
    assert np.allclose(joined(vectors, vectors) @ joined(vectors, vectors).T, np.eye(3))


def test_few_phrases_are_encoded_with_their_gist_now_and_later(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    messages = [Message({"text": text, "intent": label}) for label, text in PHRASES.items()]
    encoder = workshop.make(SentenceEncoder)
    encoder.train(TrainingData(messages))
    vectors = []
    for each in (encoder, workshop.load(SentenceEncoder)):
        message = Message({"text": "has my card arrived"})
        each.process([message])
        vectors.append(sentence_vector(message))
    assert [len(vector) for vector in vectors] == [1024, 1024]
    assert np.allclose(*vectors)
