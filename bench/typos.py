"""Slips of the finger, the same ones every time: one in each word of five letters or more."""

from __future__ import annotations

import random
import re

from shop.text import fold

LONG_WORD = re.compile(r"[^\W\d_]{5,}")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def neighbours() -> dict[str, str]:
    """Each key and those beside it in its row, above and below."""
    found: dict[str, set[str]] = {key: set() for row in ROWS for key in row}
    for y, row in enumerate(ROWS):
        for x, key in enumerate(row):
            near = [(y, x + 1), (y + 1, x - 1), (y + 1, x)]
            for other in (ROWS[b][a] for b, a in near if b < len(ROWS) and 0 <= a < len(ROWS[b])):
                found[key].add(other)
                found[other].add(key)
    return {key: "".join(sorted(others)) for key, others in found.items()}


BESIDE = neighbours()


def misspelt(text: str, seed: int = 0) -> str:
    """`text` with a slip in each long word: letters swapped, one left out, one typed twice, or the
    key beside hit."""
    source = random.Random(f"{seed} {text}")
    return LONG_WORD.sub(lambda match: slip(match[0], source), text)


def slip(word: str, source: random.Random) -> str:
    while True:
        i = source.randrange(len(word))
        kind = source.choice((swapped, dropped, doubled, beside))
        result = kind(word, i, source)
        if result != word:
            return result


def swapped(word: str, i: int, _: random.Random) -> str:
    return word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :]


def dropped(word: str, i: int, _: random.Random) -> str:
    return word[:i] + word[i + 1 :]


def doubled(word: str, i: int, _: random.Random) -> str:
    return word[: i + 1] + word[i:]


def beside(word: str, i: int, source: random.Random) -> str:
    keys = BESIDE.get(fold(word[i]), "")
    return word[:i] + (source.choice(keys) if keys else "") + word[i + 1 :]
