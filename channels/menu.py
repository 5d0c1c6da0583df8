"""What a person types instead of tapping: "2", "two", the title, nearly the title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import regex
import yaml
from rapidfuzz import fuzz

from channels.choices import Choice
from channels.inbox.engine import Db

NEARLY = 85.0
"""Likeness in percent at which a title with a typing mistake is still that title."""
CLEARLY = 8.0
"""How much more like it than any other."""
SHORTEST = 4
"""Signs of a title that may be mistyped: "XL" and "XS" are a sign apart."""
WORDS = Path(__file__).parents[1] / "nlu" / "words"
_DIGITS = regex.compile(r"\D{0,2}(\d{1,2})\D{0,2}")
_EDGES = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$")


def find(db: Db, conversation: str, typed: str) -> Choice | None:
    """The choice of the last turn that `typed` means; None if it means none or several.

    A number, and nearly a title, count only where the text showed the choices as a menu; a title
    typed in full counts always.
    """
    rows = db.execute(
        "SELECT c.title, c.payload, m.number FROM choices c LEFT JOIN menus m"
        " ON m.conversation = c.conversation AND m.choice = c.id WHERE c.conversation = ?"
        " AND c.n > (SELECT coalesce(max(n), 0) FROM log"
        " WHERE conversation = ? AND author = 'user') ORDER BY c.n, c.position",
        (conversation, conversation),
    ).fetchall()
    offered = [(Choice(title, payload), number) for title, payload, number in rows]
    return meant(typed, offered) if offered else None


def meant(typed: str, offered: Sequence[tuple[Choice, int | None]]) -> Choice | None:
    """`offered` with the number under which each was shown, None for one that had no number."""
    words = _folded(typed)
    exact = {choice for choice, _ in offered if _folded(choice.title) == words}
    if len(exact) == 1:
        return exact.pop()
    numbered = {number: choice for choice, number in offered if number is not None}
    digits = _DIGITS.fullmatch(typed.strip())
    number = int(digits[1]) if digits else numbers().get(words)
    if number is not None:
        return numbered.get(number)
    return None if exact else _nearly(words, numbered.values())


def _nearly(words: str, choices: Iterable[Choice]) -> Choice | None:
    likely = {choice: fuzz.ratio(words, _folded(choice.title)) for choice in choices}
    ranked = sorted(likely, key=lambda choice: -likely[choice])
    if not ranked or likely[ranked[0]] < NEARLY or len(_folded(ranked[0].title)) < SHORTEST:
        return None
    second = likely[ranked[1]] if len(ranked) > 1 else 0.0
    return ranked[0] if likely[ranked[0]] - second >= CLEARLY else None


@cache
def numbers() -> dict[str, int]:
    """What "two", "second", "option 2" and their like mean, in every language."""
    found: dict[str, int] = {}
    for file in sorted(WORDS.glob("*.yml")):
        known: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        for number, names in known["ordinals"].items():
            found |= {_folded(name): number for name in names if number > 0}
        found |= {_folded(name): number for name, number in known["numbers"].items()}
    return found


def _folded(text: str) -> str:
    return regex.sub(r"\s+", " ", _EDGES.sub("", text)).casefold()
