"""Guessing which of the catalogue's words was meant by one that it does not know."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # shorter words have too many neighbours
MOST = 4  # candidates of one distance


class Spelling:
    """Knows folded words and how often each occurs."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in counts:
            if len(word) >= SHORTEST - 1 and not word[0].isdigit():
                self._by_length[len(word)].append(word)
        self.nearest = lru_cache(maxsize=20_000)(self._nearest)

    def _nearest(self, word: str) -> list[str]:
        """The known words with the fewest slips of the finger between, the commonest first."""
        slips = allowed(len(word))
        if not slips:
            return []
        lengths = range(len(word) - slips, len(word) + slips + 1)
        near = [word_ for length in lengths for word_ in self._by_length.get(length, ())]
        scored = process.extract(word, near, scorer=OSA.distance, score_cutoff=slips, limit=None)
        if not scored:
            return []
        least = min(self._cost(word, other, distance) for other, distance, _ in scored)
        best = [o for o, distance, _ in scored if self._cost(word, o, distance) == least]
        return sorted(best, key=lambda other: -self._counts[other])[:MOST]

    def _cost(self, word: str, other: str, distance: float) -> float:
        """The first letter is seldom wrong."""
        return distance + (0.5 if word[0] != other[0] else 0)


def allowed(length: int) -> int:
    if length < SHORTEST:
        return 0
    return 1 if length < 6 else 2
