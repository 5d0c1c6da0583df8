"""Gives words their diacritics back, as far as the training phrases know them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from nlu.text import fold

WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Accents:
    """Half of what is typed on a phone in Polish has no diacritics, and the encoder knows those
    words less well. `words` maps a folded word to how it is usually spelt."""

    words: dict[str, str] = field(default_factory=dict)

    @classmethod
    def learn(cls, phrases: Iterable[tuple[str, str | None]]) -> "Accents":
        """Learns from pairs of a phrase and its language. A word that another language writes
        without diacritics is left as it is."""
        counts: dict[str, Counter[str]] = {}
        spoken: dict[str, set[str | None]] = {}
        for text, language in phrases:
            for word in WORD.findall(text.lower()):
                counts.setdefault(fold(word), Counter())[word] += 1
                spoken.setdefault(word, set()).add(language)
        words = {}
        for plain, spellings in sorted(counts.items()):
            marked = [(n, word) for word, n in spellings.items() if word != plain]
            if marked and spoken.get(plain, set()) <= spoken[max(marked)[1]]:
                words[plain] = max(marked)[1]
        return cls(words)

    def restore(self, text: str) -> str:
        """The text with its diacritics; the text must be in lower case."""
        return WORD.sub(lambda match: self.words.get(match[0], match[0]), text)
