"""A message while its entities are being found: what is said where, and what is still free."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from nlu.money import Amount, Reading
from nlu.patterns import Found
from nlu.text import tokenize
from nlu.vocabulary import Vocabulary
from nlu.words import Match, Words

MOST_NUMBERS = 30  # that are looked at in one message


@dataclass
class Draft:
    """Collects entities; a token that one of them has taken is not free for another kind."""

    text: str
    words: Words
    vocabulary: Vocabulary
    found: list[Found] = field(default_factory=list)
    denied: set[Found] = field(default_factory=set)
    noted: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tokens = tokenize(self.text)
        self._ends = [token.end for token in self.tokens]
        self.matches = self.words.find(self.tokens)
        self.reading = Reading(self.tokens, self.matches)
        self.free = dict.fromkeys(range(len(self.tokens)), True)
        self.numbers: list[Amount] = list(islice(self.reading.numbers(), MOST_NUMBERS))
        self.sold = self.vocabulary.find(self.tokens, self.words.language)

    def add(self, entity: str, value: Any, first: int, last: int) -> Found:
        """An entity on the tokens from `first` to `last` (exclusive)."""
        return self.add_found(
            Found(entity, value, self.tokens[first].start, self.tokens[last - 1].end)
        )

    def add_found(self, found: Found) -> Found:
        self.found.append(found)
        for i in range(*self.span(found.start, found.end)):
            self.free[i] = False
        return found

    def note(self, entity: str, value: Any, first: int, last: int, is_value: bool) -> None:
        """An entity that takes no token; where `is_value`, it may be all that is said."""
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        self.found.append(Found(entity, value, start, end))
        if is_value:
            self.noted.update(range(first, last))

    def deny(self, found: Found) -> None:
        self.denied.add(replace(found, value=str(found.value)))

    def is_denied(self, found: Found) -> bool:
        return replace(found, value=str(found.value)) in self.denied

    def is_free(self, first: int, last: int) -> bool:
        return all(self.free[i] for i in range(first, last))

    def are_free(self, start: int, end: int) -> bool:
        """The same for characters."""
        return self.is_free(*self.span(start, end))

    def word(self, i: int) -> str:
        """The folded token at a place, "" outside of the message."""
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def labelled(self, label: str) -> list[Match]:
        """The phrases of a kind, the longest first where they overlap."""
        mine = sorted((m for m in self.matches if m.label == label), key=lambda m: -m.length)
        kept: list[Match] = []
        for match in mine:
            if not any(k.first < match.last and match.first < k.last for k in kept):
                kept.append(match)
        return sorted(kept, key=lambda m: m.first)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that hold the characters from `start` to `end` (exclusive)."""
        return self.token_at(start), self.token_at(end - 1) + 1

    def token_at(self, start: int) -> int:
        """The token that holds a character."""
        return bisect_right(self._ends, start)

    def is_bare(self, fillers: Iterable[str]) -> bool:
        """Whether nothing but entities and small words stands in the message, and it does not
        ask: "42?" may be an answer, "PayPal?" is none."""
        small = set(fillers)
        taken = {i for i in self.free if not self.free[i]} | self.noted
        covered = (
            i in taken or token.text in small or not token.text[0].isalnum()
            for i, token in enumerate(self.tokens)
        )
        asked = "?" in self.text and not taken - self.noted
        return bool(taken) and not asked and all(covered)
