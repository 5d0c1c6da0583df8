"""Money, dates and hours as people of each language write them (facts: CLDR)."""

import pytest

from nlg.values import show

NBSP = "\u00a0"
WEEK = {
    "mon": ["09:00", "17:00"],
    "tue": ["09:00", "17:00"],
    "wed": ["09:00", "17:00"],
    "thu": None,
    "fri": ["09:00", "17:00"],
    "sat": ["10:00", "14:00"],
    "sun": None,
}


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        ({"minor": 129900, "currency": "PLN"}, "pl", f"1{NBSP}299,00{NBSP}zł"),
        ({"minor": 129900, "currency": "EUR"}, "es", f"1.299,00{NBSP}€"),
        ({"minor": 129900, "currency": "EUR"}, "en", "€1,299.00"),
        ({"date": "2026-11-23"}, "pl", "23 listopada"),
        ({"date": "2026-11-23"}, "es", "23 de noviembre"),
        ({"datetime": "2026-11-23T09:00:00+01:00"}, "pl", "poniedziałek, 23 listopada, 09:00"),
        ({"datetime": "2026-11-23T09:00:00+01:00"}, "en", "Monday 23 November, 09:00"),
        ({"country": "PL"}, "es", "Polonia"),
        ({"week": WEEK}, "pl", "pon.-śr. 9:00-17:00, pt. 9:00-17:00, sob. 10:00-14:00"),
        (["a", "b", "c"], "es", "a, b y c"),
        (4.5, "pl", "4,5"),
        (None, "en", ""),
    ],
)
def test_a_value_in_a_language(value: object, language: str, text: str) -> None:
    assert show(value, language) == text
