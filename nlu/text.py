"""Letters and words as they are compared: without case, without diacritics, without endings."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

# a number with its separators, a word with inner apostrophes or full stops after one letter, a sign
TOKEN = re.compile(
    r"\d{1,3}(?:[ .\u00a0]\d{3})+(?:,\d{1,2})?(?!\d)|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d)"
    r"|\d+(?:[.,]\d{1,2})?(?!\d)|\d+|,-|[^\W\d_]+(?:'[^\W\d_]+)?|\S"
)
SHORTEST_STEM = 3


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    low = letter.lower()[:1].replace("ł", "l").replace("’", "'")
    return unicodedata.normalize("NFKD", low)[:1] if low else letter


def fold(text: str) -> str:
    """Lower case without diacritics, each character in its place: offsets stay valid."""
    return text.lower() if text.isascii() else "".join(map(_fold_letter, text))


@dataclass(frozen=True)
class Token:
    """A piece of a message in folded form, and where it stands in the text."""

    text: str
    start: int
    end: int
    is_name: bool = False  # a capital inside of a sentence

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()


def tokenize(text: str) -> list[Token]:
    found = list(TOKEN.finditer(fold(text)))
    starts = [text[match.start()].isupper() for match in found]
    named = not all(upper for upper, m in zip(starts, found, strict=True) if m[0][0].isalpha())
    return [
        Token(match[0], *match.span(), named and upper and i > 0)
        for i, (match, upper) in enumerate(zip(found, starts, strict=True))
    ]


def stems(word: str, endings: Mapping[str, str]) -> list[str]:
    """What a folded word may be a form of: itself, then the word for each ending that it has."""
    found = [word]
    for ending, instead in endings.items():
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= SHORTEST_STEM:
            found.append(word[: len(word) - len(ending)] + instead)
    return list(dict.fromkeys(found))
