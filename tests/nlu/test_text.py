from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import fold, stems, tokenize


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_takes_case_and_diacritics_away() -> None:
    assert fold("ŻÓŁTA Łódź, talla pequeña") == "zolta lodz, talla pequena"


@given(st.text(max_size=200))
def test_tokens_stand_where_they_say(text: str) -> None:
    for token in tokenize(text):
        assert fold(text)[token.start : token.end] == token.text


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("200zł", ["200", "zl"]),
        ("1 299,00 zł", ["1 299,00", "zl"]),
        ("€1,299.00", ["€", "1,299.00"]),
        ("42,5", ["42,5"]),
        ("199,-", ["199", ",-"]),
        ("it's XL!", ["it's", "xl", "!"]),
    ],
)
def test_numbers_and_units_come_apart(text: str, tokens: list[str]) -> None:
    assert [token.text for token in tokenize(text)] == tokens


def test_a_capital_inside_a_sentence_marks_a_name() -> None:
    names = {t.text: t.is_name for t in tokenize("Mieszkam w Krakowie")}
    assert names == {"mieszkam": False, "w": False, "krakowie": True}
    assert not any(token.is_name for token in tokenize("WHERE IS MY ORDER"))


def test_a_stem_keeps_three_letters() -> None:
    assert stems("butow", {"ow": "", "utow": ""}) == ["butow", "but"]
