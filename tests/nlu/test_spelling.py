from __future__ import annotations

import pytest

from nlu.spelling import Spelling

PHRASES = [
    ("gdzie jest moje zamówienie", "pl"),
    ("dónde está mi pedido", "es"),
    ("where is my order", "en"),
    ("change my address", "en"),
]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling.learn(PHRASES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("moje zamowienie", "moje zamówienie"),
        ("moje zamowinie", "moje zamówienie"),
        ("zamówinie", "zamówienie"),
        ("where is my ordr", "where is my order"),
        ("chnage my adress", "change my address"),
        ("mis peddios", "mis peddios"),
        ("este peddido", "este pedido"),
        ("rder", "rder"),  # the first letter is hardly ever wrong
        ("orders", "orders"),  # with another last letter it is another form
        ("older", "older"),  # with another letter inside it is another word
        ("zamowiynie", "zamówienie"),
        ("xyzzy 42", "xyzzy 42"),
        ("si", "si"),
    ],
)
def test_words_are_read_as_the_phrases_spell_them(
    spelling: Spelling, typed: str, meant: str
) -> None:
    assert spelling.restore(typed, lambda word: False) == meant


def test_a_common_word_is_no_typo(spelling: Spelling) -> None:
    assert spelling.restore("oder", lambda word: word == "oder") == "oder"
    assert spelling.restore("oder", lambda word: False) == "order"


def test_the_likelier_word_is_meant() -> None:
    spelling = Spelling.learn([("boats boots boots", "en")])
    assert spelling.restore("bots", lambda word: False) == "boots"
