"""What words and their pieces tell of a language, learnt from the phrases of each."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from nlu.text import fold

WORD = re.compile(r"[^\W\d_]+")
SHORTEST, LONGEST = 2, 4  # characters of a piece of a word
RARE_WORD, RARE_PIECE = 0.3, 0.1  # added to every count
PIECES_WEIGHT = 0.5


def pieces(word: str) -> list[str]:
    """The runs of two to four letters of a word, with and without its diacritics."""
    found = []
    for form in {word, fold(word)}:
        framed = f"^{form}$"
        for size in range(SHORTEST, LONGEST + 1):
            found += [framed[i : i + size] for i in range(max(1, len(framed) - size + 1))]
    return found


@dataclass(frozen=True)
class LanguageModel:
    """How often words and their pieces stand in the phrases of each language."""

    languages: tuple[str, ...] = ()
    words: dict[str, list[int]] = field(default_factory=dict)
    pieces: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def learn(cls, phrases: Iterable[tuple[str, str]]) -> "LanguageModel":
        """Learns from pairs of a phrase and its language."""
        pairs = list(phrases)
        languages = tuple(sorted({language for _, language in pairs}))
        words: Counter[tuple[str, str]] = Counter()
        parts: Counter[tuple[str, str]] = Counter()
        for text, language in pairs:
            for word in set(WORD.findall(text.lower())):
                words[fold(word), language] += 1
                parts.update((piece, language) for piece in pieces(word))
        return cls(languages, _by_language(words, languages), _by_language(parts, languages))

    @cached_property
    def _word_totals(self) -> list[int]:
        return [sum(c[i] for c in self.words.values()) for i in range(len(self.languages))]

    @cached_property
    def _piece_totals(self) -> list[int]:
        return [sum(c[i] for c in self.pieces.values()) for i in range(len(self.languages))]

    def scores(self, words: Iterable[str]) -> dict[str, float]:
        """Log-likelihood of each language."""
        totals = [0.0] * len(self.languages)
        for word in words:
            for i, score in enumerate(self._score(word, self.words.get(fold(word)))):
                totals[i] += score
        return dict(zip(self.languages, totals, strict=True))

    def count(self, word: str, language: str) -> int:
        """In how many phrases of a language a word stands."""
        counts = self.words.get(fold(word))
        return counts[self.languages.index(language)] if counts else 0

    def _score(self, word: str, counts: list[int] | None) -> list[float]:
        parts = [self.pieces.get(piece) for piece in pieces(word)]
        found = [p for p in parts if p is not None]
        scores = []
        for i in range(len(self.languages)):
            total = self._piece_totals[i] + RARE_PIECE * len(self.pieces)
            score = sum(math.log((p[i] + RARE_PIECE) / total) for p in found)
            score *= PIECES_WEIGHT / (LONGEST - SHORTEST + 1)
            if counts is not None:
                total = self._word_totals[i] + RARE_WORD * len(self.words)
                score += math.log((counts[i] + RARE_WORD) / total)
            scores.append(score)
        return scores

    def to_json(self) -> str:
        return json.dumps([self.languages, self.words, self.pieces], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "LanguageModel":
        languages, words, parts = json.loads(text)
        return cls(tuple(languages), words, parts)


def _by_language(
    counts: Counter[tuple[str, str]], languages: tuple[str, ...]
) -> dict[str, list[int]]:
    keys = sorted({key for key, _ in counts})
    return {key: [counts[key, language] for language in languages] for key in keys}
