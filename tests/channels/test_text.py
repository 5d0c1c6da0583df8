"""Texts are cut in the platform's own unit, never inside a sign or a link."""

import re

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.clean import clean_text
from channels.text import Unit, fit, segments, split, utf8, utf16
from tests.channels.turns import long_words

LINK = re.compile(r"https?://\S+")


@pytest.mark.parametrize(
    ("text", "characters", "units", "octets"),
    [("abc", 3, 3, 3), ("ñ¡", 2, 2, 4), ("€", 1, 1, 3), ("👍", 1, 2, 4), ("", 0, 0, 0)],
)
def test_units(text: str, characters: int, units: int, octets: int) -> None:
    assert (len(text), utf16(text), utf8(text)) == (characters, units, octets)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1),
        ("€" * 81, 2), ("ñ" * 160, 1), ("á" * 70, 1), ("á" * 71, 2), ("á" * 135, 3),
        ("👍" * 35, 1), ("👍" * 36, 2),
    ],
)  # fmt: skip
def test_segments_of_an_sms(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two three", ["one two", "three"]),
        ("one. two three", ["one.", "two three"]),
        ("one two\nthree", ["one two", "three"]),
        ("onetwothreefour", ["onetwothre", "efour"]),
        ("a\n\nbb ccc dddd", ["a\n\nbb ccc", "dddd"]),
        ("see http://a.b/c", ["see", "http://a.b", "/c"]),
        ("x http://a.b", ["x", "http://a.b"]),
        ("  ", []),
    ],
)
def test_where_a_text_is_cut(text: str, parts: list[str]) -> None:
    assert split(text, 10) == parts


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(st.text().map(clean_text), long_words),
    limit=st.integers(70, 400),
    unit=st.sampled_from([len, utf16, utf8]),
)
def test_nothing_is_lost_and_no_part_is_too_long(text: str, limit: int, unit: Unit) -> None:
    parts = split(text, limit, unit)
    assert all(0 < unit(part) <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
    links = [link for link in LINK.findall(text) if unit(link) <= limit]
    assert [link for part in parts for link in LINK.findall(part)] == links
    shown = [sign for part in parts for sign in regex.findall(r"\X", part) if sign.strip()]
    whole = [sign for sign in regex.findall(r"\X", text) if sign.strip()]
    assert shown == whole or any(sign[0].isspace() for sign in whole)


@given(text=st.one_of(st.text(), long_words), unit=st.sampled_from([len, utf16, utf8]))
def test_a_title_that_is_cut_ends_in_an_ellipsis(text: str, unit: Unit) -> None:
    shown = fit(text, 20, unit)
    assert shown == text or (shown.endswith("…") and unit(shown) <= 20)
