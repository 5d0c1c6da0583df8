from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from shop.commerce.search.postings import PostingsBuilder
from shop.commerce.search.spelling import Spelling
from shop.commerce.search.words import Hits, Text, Words, significant

TEXTS = [
    Text(0, "pl", "Kurtka żółta Burza", "na deszcz"),
    Text(0, "en", "Storm jacket", "for gore-tex"),
    Text(1, "pl", "Buty zimowe", "ciepłe"),
    Text(2, "pl", "Wosk do butów", "chroni skórę"),
    Text(3, "pl", "Kurtka skórzana", ""),
]
TOKENS = [
    (0, "category_jackets"),
    (0, "colour_yellow"),
    (1, "category_boots"),
    (1, "42.5"),
    (2, "category_care"),
    (3, "category_jackets"),
    (3, "material_leather"),
]
SYNONYMS = {
    "category_jackets": {"pl": ["kurtki", "kurtka"], "es": ["chaquetas", "chubasquero"]},
    "category_boots": {"pl": ["buty", "buty zimowe", "kozaki"], "en": ["long boots"]},
    "category_care": {"pl": ["wosk"]},
    "colour_yellow": {"pl": ["żółty", "żółta"], "es": ["amarillo"]},
    "material_leather": {"pl": ["skóra", "skórzana"], "en": ["leather"]},
}


@pytest.fixture(scope="module")
def index() -> Words:
    return Words(4, TEXTS, TOKENS, SYNONYMS, ("pl", "es", "en"))


def best(hits: Hits) -> int:
    return int(np.argmax(hits.scores))


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("kurtkę", 0),
        ("ZOLTA KURTKA", 0),
        ("zolta kutrka", 0),
        ("chubasqueros amarillos", 0),
        ("kozakow", 1),
        ("longboots", 1),
        ("szukam butow na zime do 200 zł", 1),
        ("42,5", 1),
        ("gore tex", 0),
        ("buty", 1),  # the wax has boots in its title and is none
        ("wosk do butów", 2),
        ("lether chaqueta", 3),
    ],
)
def test_words_are_found_in_any_form_and_language(index: Words, query: str, row: int) -> None:
    hits = index.search(query)
    assert best(hits) == row
    assert 0 < hits.scores[row] <= 1
    assert hits.sure


@pytest.mark.parametrize(
    "query", ["", "?!", "poproszę", "kajak", '" OR docs MATCH "', "NEAR(", "-"]
)
def test_what_means_nothing_finds_nothing(index: Words, query: str) -> None:
    hits = index.search(query)
    assert not hits.sure
    assert not hits.scores.any()


def test_the_text_is_put_right(index: Words) -> None:
    assert index.search("zolta kutrka").text == "zolta kurtka"


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("kurtka bez skóry", {"material_leather"}),
        ("jacket wihtout leather", {"material_leather"}),
        ("chaqueta que no sea amarilla", {"colour_yellow"}),
        ("nie macie żółtej?", set()),  # asked for, not refused
        ("¿no hay chaqueta amarilla?", set()),
        ("żółta kurtka", set()),
    ],
)
def test_what_is_refused_is_not_looked_for(index: Words, query: str, refused: set[str]) -> None:
    hits = index.search(query)
    assert hits.refused == refused
    assert hits.terms.isdisjoint(refused)


def test_what_the_wishes_refuse_is_not_looked_for(index: Words) -> None:
    hits = index.search("kurtka, tylko nie żółta", frozenset({"colour_yellow"}))
    assert hits.scores[0] == hits.scores[3]


def test_a_word_that_may_be_two_is_a_guess(index: Words) -> None:
    assert index.search("skora").guessed == frozenset()
    spelt = Words(2, [Text(0, "pl", "Szalik", ""), Text(1, "pl", "Szlak", "")], [], {}, ("pl",))
    assert set(np.flatnonzero(spelt.search("szlaik").scores)) == {0, 1}


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
        ("lecak", ["plecak"]),
        ("lpecak", ["plecak"]),
        ("plecka", ["plecak"]),
        ("abc", []),
        ("xylofon", []),
        ("but", []),
    ],
)
def test_slips_of_the_finger_are_seen(typed: str, meant: list[str]) -> None:
    assert Spelling(Counter(["kurtka", "plecak", "buty", "kubek"])).nearest(typed) == meant


def test_postings_hold_each_row_once_in_order() -> None:
    builder = PostingsBuilder()
    for row, terms in ((2, [1, 1]), (0, [1, 3]), (2, [1])):
        builder.add(row, terms)
    postings = builder.postings()
    assert [list(postings.rows(term)) for term in range(5)] == [[], [0, 2], [], [0], []]
    assert list(postings.terms()) == [1, 3]
    assert not len(PostingsBuilder().postings().rows(0))
