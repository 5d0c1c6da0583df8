from __future__ import annotations

from collections import Counter

import pytest

from shop.commerce.search.spelling import Spelling
from shop.commerce.search.words import Entry, Words, significant

ENTRIES = [
    Entry(
        0,
        {"pl": ("Kurtka żółta Burza", "na deszcz"), "en": ("Storm jacket", "for gore-tex")},
        ("category_jackets", "colour_yellow"),
    ),
    Entry(1, {"pl": ("Buty zimowe", "ciepłe")}, ("category_boots",)),
]
SYNONYMS = {
    "category_jackets": {"pl": ["kurtki", "kurtka"], "es": ["chaquetas", "chubasquero"]},
    "category_boots": {"pl": ["buty zimowe", "kozaki"]},
    "colour_yellow": {"pl": ["żółty", "żółta"], "es": ["amarillo"]},
}


@pytest.fixture(scope="module")
def index() -> Words:
    return Words(ENTRIES, SYNONYMS, ("pl", "es", "en"))


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("kurtkę", 0),
        ("ZOLTA KURTKA", 0),
        ("kutrka", 0),
        ("chubasqueros amarillos", 0),
        ("kozakow", 1),
        ("szukam butow na zime do 200 zł", 1),
        ("gore tex", 0),
    ],
)
def test_words_are_found_in_any_form_and_language(index: Words, query: str, row: int) -> None:
    hits = index.search(query, 5)
    assert hits.rows[0] == row
    assert hits.scores[0] == 1.0
    assert hits.sure


@pytest.mark.parametrize(
    "query", ["", "?!", "poproszę", "kajak", '" OR docs MATCH "', "NEAR(", "-"]
)
def test_what_means_nothing_finds_nothing(index: Words, query: str) -> None:
    assert not index.search(query, 5).sure


def test_the_text_is_put_right(index: Words) -> None:
    assert index.search("zolta kutrka", 5).text == "zolta kurtka"


def test_amounts_and_empty_words_do_not_count() -> None:
    assert significant("szukam czegoś do 1 200,50 zł, menos de 50 euros, buty 42,5") == [
        "czegoś",
        "1",
        "buty",
        "42.5",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kutrka", ["kurtka"]),
        ("kurtkka", ["kurtka"]),
        ("kurtka", ["kurtka"]),
        ("plceak", ["plecak"]),
        ("abc", []),
        ("xylofon", []),
        ("but", []),
    ],
)
def test_slips_of_the_finger_are_seen(typed: str, meant: list[str]) -> None:
    assert Spelling(Counter(["kurtka", "plecak", "buty", "kubek"])).nearest(typed) == meant
