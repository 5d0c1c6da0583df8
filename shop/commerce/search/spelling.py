"""Guessing which of the catalogue's words was meant by one that it does not know."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # shorter words have too many neighbours
LONG = 7  # letters from which two slips are forgiven
MOST = 4  # candidates
EDGE = 2  # letters at one end of a word of which no slip is expected
OTHER_FIRST = 0.25  # the first letter is seldom wrong
NEARLY = 0.25  # what a candidate may cost more than the best one


class Spelling:
    """Knows folded words and how often each occurs. Only words that begin or end alike are
    compared, so that the time does not grow with the vocabulary."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._by_edge: dict[str, list[str]] = defaultdict(list)
        for word in counts:
            if len(word) >= SHORTEST - 1 and not word[0].isdigit():
                for edge in edges(word):
                    self._by_edge[edge].append(word)
        self.nearest = lru_cache(maxsize=20_000)(self._nearest)

    def knows(self, word: str) -> bool:
        return word in self._counts

    def _nearest(self, word: str) -> list[str]:
        """The known words with the fewest slips of the finger between, the commonest first."""
        slips = allowed(len(word))
        if not slips:
            return []
        near = {other for edge in edges(word) for other in self._by_edge.get(edge, ())}
        scored = process.extract(
            word, list(near), scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        costs = {other: cost(word, other, distance) for other, distance, _ in scored}
        least = min(costs.values(), default=0.0)
        best = [other for other, cost_ in costs.items() if cost_ <= least + NEARLY]
        return sorted(best, key=lambda other: (costs[other], -self._counts[other], other))[:MOST]


def edges(word: str) -> tuple[str, ...]:
    """The beginning, the end, and the beginning with its letters swapped or the first one lost."""
    swapped = word[1::-1]
    return f"{word[:EDGE]}-", f"-{word[-EDGE:]}", f"{swapped}-"


def cost(word: str, other: str, distance: float) -> float:
    return distance + (OTHER_FIRST if word[0] != other[0] else 0)


def allowed(length: int) -> int:
    if length < SHORTEST:
        return 0
    return 1 if length < LONG else 2
