"""Which of a few known things a sentence names: the goods of an order, the options of a product.

The candidates are few and known, so words are compared with them alone: folded, stemmed, a typo
forgiven, the longest and most telling match first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from shop.text import fold, stem

TOKEN = re.compile(r"\d+(?:[.,]\d+)?|([^\W\d_]+)(?:['’]s\b)?")
BREAK = re.compile(r"[,;:.!?()\n]")
TYPO_FROM = 5  # letters
STEMS = ("en", "pl", "es")


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Mention:
    """`key` is named in text[start:end]; `weight` grows with how telling the words are."""

    key: str
    start: int
    end: int
    weight: float = 1.0


def tokens(text: str) -> list[Token]:
    """Words and numbers; "8-inch" and "8inch" are both 8 and inch, "it's" is it."""
    return [
        Token(fold(match[1] or match[0]).replace(",", "."), match.start(), match.end())
        for match in TOKEN.finditer(text)
    ]


@lru_cache(maxsize=50_000)
def alike(said: str, name: str) -> float:
    """1 for the same word, less for another form of it or a typo, 0 for another word."""
    if said == name:
        return 1.0
    if said[0].isdigit() or name[0].isdigit():
        return 0.0
    if any(stem(said, language) == stem(name, language) for language in STEMS):
        return 0.95
    shorter, longer = sorted((said, name), key=len)
    if len(shorter) >= TYPO_FROM:
        if longer.startswith(shorter[: max(4, len(longer) - 3)]) and shorter[:4] == longer[:4]:
            return 0.9
        if said[0] == name[0] and one_edit(shorter, longer):
            return 0.8
    return 0.0


def one_edit(shorter: str, longer: str) -> bool:
    """One letter wrong, missing, too many, or two swapped."""
    if len(longer) - len(shorter) > 1:
        return False
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    rest, other = shorter[start:], longer[start:]
    if len(shorter) < len(longer):
        return rest == other[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])


def named(
    text: str, names: Mapping[str, Iterable[str]], taken: Iterable[range] = ()
) -> list[Mention]:
    """The keys whose names the text names, in the order of the text; words in `taken` are others'.
    Two keys with equal claims on the same words are both given: the caller asks which."""
    words = [t for t in tokens(text) if not any(t.start in span for span in taken)]
    variants = {(key, name): tokens(name) for key, all_ in names.items() for name in all_}
    weights = telling(variants)
    claims = [
        claim
        for (key, _), name in variants.items()
        for part in unbroken(text, words)
        for claim in runs(key, part, [t.text for t in name], weights)
    ]
    return best(claims)


def unbroken(text: str, words: list[Token]) -> list[list[Token]]:
    """The words between commas, full stops and brackets: no name runs over one."""
    parts: list[list[Token]] = [[]]
    for word in words:
        last = parts[-1][-1] if parts[-1] else None
        if last and BREAK.search(text[last.end : word.start]):
            parts.append([])
        parts[-1].append(word)
    return parts


def telling(names: Mapping[tuple[str, str], list[Token]]) -> dict[str, float]:
    """A word's weight: the fewer things carry it, the more it tells; a name's last word is its
    head in English, its first in Polish and Spanish."""
    owners: dict[str, set[str]] = {}
    heads: Counter[str] = Counter()
    for (key, _), name in names.items():
        for token in name:
            owners.setdefault(token.text, set()).add(key)
        for end in {name[0].text, name[-1].text} if name else ():
            heads[end] += 1
    return {word: (1.2 if heads[word] else 1.0) / len(keys) for word, keys in owners.items()}


def runs(key: str, words: list[Token], name: list[str], weights: dict[str, float]) -> list[Mention]:
    """The stretches of the text that are made of the name's words."""
    found: list[Mention] = []
    used: set[str] = set()
    first = last = None
    weight = 0.0
    for place, word in enumerate([*words, None]):
        like = max(((alike(word.text, w), w) for w in name), default=(0.0, "")) if word else (0, "")
        fits = like[0] > 0 and like[1] not in used and not small(like[1])
        near = last is not None and place - last <= 2
        if first is not None and (word is None or (fits and not near) or (not fits and not near)):
            found.append(Mention(key, words[first].start, words[last or first].end, weight))
            first = last = None
            used, weight = set(), 0.0
        if fits and word is not None:
            first = place if first is None else first
            last = place
            used.add(like[1])
            weight += like[0] * weights.get(like[1], 0.5)
    return found


def small(word: str) -> bool:
    return (len(word) < 3 and not word[0].isdigit()) or word in small_words()["connecting"]


@cache
def small_words() -> dict[str, list[str]]:
    """Words that join, divide and connect, in all languages."""
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def best(claims: list[Mention]) -> list[Mention]:
    """The strongest claims that do not overlap; equal ones on the same words stay together."""
    chosen: list[Mention] = []
    for claim in sorted(claims, key=lambda c: (-round(c.weight, 6), c.start)):
        rivals = [c for c in chosen if c.start < claim.end and claim.start < c.end]
        equal = all(abs(c.weight - claim.weight) < 1e-6 for c in rivals)
        if not rivals or (
            equal and all((c.start, c.end) == (claim.start, claim.end) for c in rivals)
        ):
            chosen.append(claim)
    return sorted(chosen, key=lambda c: c.start)
