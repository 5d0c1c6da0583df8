"""What is typed instead of tapped."""

import pytest

from channels.choices import Choice
from channels.menu import meant

TITLES = ["Rain jacket", "Winter jacket", "Talk to a person", "XL", "Blue"]
OFFERED = [(Choice(title, f"/{n}"), n) for n, title in enumerate(TITLES, 1)]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2", 2), ("2.", 2), ("(2)", 2), ("#2", 2), ("two", 2), ("Two!", 2), ("second", 2),
        ("number 2", 2), ("dwa", 2), ("druga", 2), ("dos", 2), ("segundo", 2), ("Rain jacket", 1),
        ("rain  JACKET.", 1), ("rain jaket", 1), ("winter jackte", 2), ("talk to a persn", 3),
        ("xl", 4), ("blu", 5), ("6", None), ("0", None), ("22", None), ("jacket", None),
        ("xs", None), ("2 jackets", None), ("I want the rain jacket in red", None), ("", None),
        ("123456", None),
    ],
)  # fmt: skip
def test_what_is_typed_is_a_choice(typed: str, number: int | None) -> None:
    choice = meant(typed, OFFERED)
    assert choice == (OFFERED[number - 1][0] if number else None)


def test_where_no_numbers_are_shown_only_a_whole_title_counts() -> None:
    unnumbered = [(choice, None) for choice, _ in OFFERED]
    assert meant("Blue", unnumbered) == OFFERED[4][0]
    for typed in ("2", "two", "rain jaket"):
        assert meant(typed, unnumbered) is None


def test_a_title_that_stands_twice_is_no_choice() -> None:
    twice = [(Choice("Details", "/a"), 1), (Choice("Details", "/b"), 2)]
    assert meant("details", twice) is None
    assert meant("2", twice) == twice[1][0]
