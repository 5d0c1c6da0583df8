"""The gist of a message: what is left without the words that people say whatever they want."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

WORD = re.compile(r"[\w']+")
EVERYWHERE = 0.2  # share of the labels from which on a word of theirs tells nothing
WEIGHT = 0.3  # of the gist's meaning, beside that of the whole message


@dataclass(frozen=True)
class Gist:
    """Ten phrases a label do not teach that "i", "my" and "card" are said with all of them. Where
    there are thousands of phrases they teach it, and a second encoding would cost too much."""

    idle: list[str] = field(default_factory=list)

    @classmethod
    def learn(cls, texts: Sequence[str], labels: Sequence[str]) -> "Gist":
        said: dict[str, set[str]] = {}
        for text, label in zip(texts, labels, strict=True):
            for word in WORD.findall(text):
                said.setdefault(word, set()).add(label)
        most = EVERYWHERE * len(set(labels))
        return cls(sorted(word for word, used in said.items() if len(used) > most))

    def of(self, text: str) -> str:
        """The words that tell something, or the whole text where none does."""
        return " ".join(word for word in WORD.findall(text) if word not in self._idle) or text

    @cached_property
    def _idle(self) -> frozenset[str]:
        return frozenset(self.idle)


def joined(vectors: np.ndarray, gists: np.ndarray) -> np.ndarray:
    """One vector each for a message and its gist, unit if theirs are."""
    return np.hstack([(1 - WEIGHT) ** 0.5 * vectors, WEIGHT**0.5 * gists]).astype(np.float32)
