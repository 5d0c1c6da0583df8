"""Gives words their diacritics back and takes typos out, as far as the training phrases know."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.text import fold

WORD = re.compile(r"[^\W\d_]+")
MANY = 3000  # phrases that know so many words that an unknown one is hardly a typo
SHORTEST = 4  # letters of a word that a typo is looked for in: shorter ones are all alike
LONG = 8  # letters of a word in which one may be another by mistake: "jokes" is no misspelt "jones"


@dataclass(frozen=True)
class Spelling:
    """Half of what is typed on a phone in Polish has no diacritics, much in any language has
    typos, and the encoder knows such words less well. `marked` maps a folded word to how it is
    usually spelt; `counts` says how often each folded word stands in the training phrases, where
    these are few: many know the usual typos, and unknown words are then seldom misspelt ones."""

    marked: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def learn(cls, phrases: Iterable[tuple[str, str | None]]) -> "Spelling":
        """Learns from pairs of a phrase and its language. A word that another language writes
        without diacritics is left as it is."""
        phrases = list(phrases)
        counts: dict[str, Counter[str]] = {}
        spoken: dict[str, set[str | None]] = {}
        for text, language in phrases:
            for word in WORD.findall(text.lower()):
                counts.setdefault(fold(word), Counter())[word] += 1
                spoken.setdefault(word, set()).add(language)
        marked = {}
        for plain, spellings in sorted(counts.items()):
            with_marks = [(n, word) for word, n in spellings.items() if word != plain]
            if with_marks and spoken.get(plain, set()) <= spoken[max(with_marks)[1]]:
                marked[plain] = max(with_marks)[1]
        known = {word: sum(counts[word].values()) for word in sorted(counts)}
        return cls(marked, known if len(phrases) < MANY else {})

    def restore(self, text: str, is_common: Callable[[str], bool]) -> str:
        """The text, which must be in lower case, as its writer meant it. A common word is no typo,
        whether the phrases have it or not."""
        return WORD.sub(lambda match: self._meant(match[0], is_common), text)

    def _meant(self, word: str, is_common: Callable[[str], bool]) -> str:
        folded = fold(word)
        is_short = len(word) < SHORTEST
        if not self.counts or folded in self.counts or is_short or is_common(word):
            return self.marked.get(word, word)
        meant = self._nearest(folded)
        return self.marked.get(meant, meant) if meant else word

    def _nearest(self, word: str) -> str | None:
        """The known word that this is one typo away from. Its ends are the same: the first letter
        is hardly ever wrong, and with another last one it is rather another form of the word."""
        alike = self._alike.get(word[0] + word[-1], ())
        near = process.extract(word, alike, scorer=OSA.distance, score_cutoff=1, limit=None)
        meant = [known for known, *_ in near if _is_slip(word, known)]
        return max(meant, key=self.counts.__getitem__, default=None)

    @cached_property
    def _alike(self) -> dict[str, list[str]]:
        alike: dict[str, list[str]] = {}
        for word in self.counts:
            if len(word) >= SHORTEST:
                alike.setdefault(word[0] + word[-1], []).append(word)
        return alike


def _is_slip(word: str, known: str) -> bool:
    """Whether a letter is too many, missing, or swapped with its neighbour, or the word long."""
    return len(word) != len(known) or len(word) >= LONG or sorted(word) == sorted(known)
