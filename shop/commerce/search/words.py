"""Search by words: folded stems of titles, terms and running text, tolerant of typos."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shop.commerce.search.postings import PostingsBuilder
from shop.commerce.search.small import denials, empty_words, money, refusals, small_words
from shop.commerce.search.small import words_of as words_of
from shop.commerce.search.spelling import Spelling
from shop.text import fold, stem, words

# How much it says of a product that a word stands in its title, that a term is its own of which
# the whole name was said, or a part of the name, and that the word stands in its running text.
TITLE, WHOLE, PART, BODY = 1.0, 0.9, 0.3, 0.25
NAMED = 0.27  # what says more than running text
BESIDE = (
    0.6  # the most for what is not of the kind of goods that a word names: boot wax, for "boots"
)
SLIP = 0.9  # the worth of a word that was put right
NUMBER = 0.5  # the worth of a number beside a word's
EMPTY_COUNT = 1_000  # "szuakm" is rather "szukam" than a rare word of the catalogue
UNKNOWN = 1.0  # the weight of a word that nobody knows; a rare one's is about 4
KIND = "category_"  # begins the token of a kind of goods

Synonyms = dict[str, dict[str, list[str]]]  # token of a term -> language -> its names


class Text(NamedTuple):
    """What one language says of the product in a row."""

    row: int
    language: str
    title: str
    body: str


class Name(NamedTuple):
    """One of a term's names: the term's token and the stems of the name."""

    token: str
    stems: frozenset[str]


class Reading(NamedTuple):
    """A word of a query: its stems in every language, or those of the words it was put right to;
    what it is worth, and what it weighs beside the others. Several such words make it a guess."""

    stems: frozenset[str]
    worth: float = 1.0
    weight: float = 1.0
    guess: bool = False


NOTHING = Reading(frozenset())


@dataclass(frozen=True)
class Hits:
    """A score (0 to 1) for every row; `text` is the query with its slips put right and without
    what is unwanted, `terms` the tokens of which a whole name was said, `refused` those that stand
    after a "without", `guessed` those for which no word but a misspelt one speaks. `sure` says
    that most of its words are names of goods and their traits, not words in passing."""

    scores: np.ndarray
    text: str
    terms: frozenset[str]
    refused: frozenset[str]
    guessed: frozenset[str]
    sure: bool


class Words:
    """The index. A term stands in it as one token, which every word of its names leads to."""

    def __init__(
        self,
        count: int,
        texts: Iterable[Text],
        tokens: Iterable[tuple[int, str]],
        synonyms: Synonyms,
        languages: tuple[str, ...],
    ) -> None:
        self.languages, self._count = languages, count
        self._ids: dict[str, int] = {}
        self._forms: dict[str, dict[str, int]] = defaultdict(dict)
        self._seen = Counter(dict.fromkeys(small_words(), EMPTY_COUNT))
        self._names = self._lead(synonyms)
        titles, terms, bodies = (PostingsBuilder() for _ in range(3))
        for text in texts:
            titles.add(text.row, self._read(text.title, text.language))
            bodies.add(text.row, set(self._read(text.body, text.language)))
        for row, token in tokens:
            terms.add(row, [self._id(word) for word in token.split()])
        self._titles, self._terms = titles.postings(), terms.postings()
        self._bodies = bodies.postings()
        used = {int(i) for p in (self._titles, self._terms, self._bodies) for i in p.terms()}
        self._known = {word: id_ for word, id_ in self._ids.items() if id_ in used}
        named = {int(i) for p in (self._titles, self._terms) for i in p.terms()}
        self._named_stems = {word for word, id_ in self._known.items() if id_ in named}
        self._spelling = Spelling(folded(self._seen))
        self._forms.clear()
        self._seen.clear()

    def search(self, text: str, unwanted: frozenset[str] = frozenset()) -> Hits:
        """`unwanted` are tokens of terms that the query names because nobody wants them."""
        text, put_right = self._put_right(text)
        readings: list[Reading] = []
        refused: set[str] = set()
        after_refusal = kind_named = False
        for word in significant(text):
            if word in refusals() or word in denials():
                after_refusal = kind_named or word in refusals()
                continue
            reading = self._reading(word, put_right.get(word))
            named = self._named(reading)
            if not named.isdisjoint(unwanted) or (after_refusal and not is_kind(named)):
                refused |= named
                text = replaced(text, word, "")
            else:
                readings.append(reading)
            kind_named |= is_kind(named)
            after_refusal = False
        terms = self._whole(readings)
        groups = [(g, r.weight) for r in readings if (g := self._group(r, terms)) is not None]
        scores, sure = self._joined(groups, UNKNOWN * sum(not r.stems for r in readings))
        firm = {token for r in readings if not r.guess for token in self._named(r)}
        guessed = {token for r in readings if r.guess for token in self._named(r)} - firm
        return Hits(
            scores=scores,
            text=text,
            terms=frozenset(terms),
            refused=frozenset(refused),
            guessed=frozenset(guessed),
            sure=sure and len(groups) * 2 > len(readings),
        )

    def _put_right(self, text: str) -> tuple[str, dict[str, list[str]]]:
        """The text with its slips put right, and by the best guess all words that may be meant."""
        found: dict[str, list[str]] = {}
        for word in significant(text):
            if not self._is_known(word) and (near := self._spelling.nearest(fold(word))):
                found[near[0]] = near
                text = replaced(text, word, near[0])
        return text, found

    def _is_known(self, word: str) -> bool:
        """Whether a word needs no putting right: it stands so in some text, or it is a form of
        one in a name or a title."""
        if self._spelling.knows(fold(word)):
            return True
        stems = self._all_stems(word)
        return any(stem_ in self._named_stems or stem_ in self._names for stem_ in stems)

    def _reading(self, word: str, guesses: list[str] | None) -> Reading:
        if guesses:
            forms = [self._all_stems(other) for other in guesses]
            unsure = any(form.isdisjoint(forms[0]) for form in forms)
            return Reading(frozenset().union(*forms), worth=SLIP, guess=unsure)
        stems = self._all_stems(word)
        if not any(stem_ in self._known or stem_ in self._names for stem_ in stems):
            return NOTHING
        return Reading(stems, weight=NUMBER if word[0].isdigit() else 1.0)

    def _named(self, reading: Reading) -> set[str]:
        """The tokens of the terms that have this word for a name."""
        names = {name for stem_ in reading.stems for name in self._names.get(stem_, ())}
        return {name.token for name in names if len(name.stems) == 1}

    def _joined(
        self, groups: list[tuple[np.ndarray, float]], weight: float
    ) -> tuple[np.ndarray, bool]:
        """The share of the query's words, each weighed by its rarity, that a row answers to;
        `weight` is that of the words which no row answers to."""
        total, named = np.zeros(self._count, np.float32), False
        for group, share in groups:
            count = int((group >= NAMED).sum())
            named |= count > 0
            count = count or int((group > 0).sum())
            rarity = share * np.log1p((self._count - count + 0.5) / (count + 0.5))
            total += rarity * group
            weight += rarity
        total /= weight or 1.0
        return total, named or (len(groups) > 1 and bool((total >= BODY * SLIP).any()))

    def _all_stems(self, word: str) -> frozenset[str]:
        forms = {word, fold(word)}
        return frozenset(stem(form, language) for form in forms for language in self.languages)

    def _whole(self, readings: list[Reading]) -> dict[str, int]:
        """The tokens of terms of which a whole name was said, and the most words of such a name."""
        said = {stem_ for reading in readings for stem_ in reading.stems}
        found: dict[str, int] = {}
        for stem_ in said:
            for name in self._names.get(stem_, ()):
                if name.stems <= said:
                    found[name.token] = max(found.get(name.token, 0), len(name.stems))
        return found

    def _group(self, reading: Reading, whole: dict[str, int]) -> np.ndarray | None:
        """How much each row answers to one word; None where no row does."""
        names = {name for stem_ in reading.stems for name in self._names.get(stem_, ())}
        most = max((whole.get(n.token, 0) for n in names if n.token.startswith(KIND)), default=0)
        found = [(self._bodies, stem_, BODY) for stem_ in reading.stems]
        names_of = {name.token for name in names}
        for token in names_of:
            # "Boots" alone are boots for hiking, but those in "winter boots" are not.
            less = token.startswith(KIND) and whole.get(token, 0) < most
            found.append((self._terms, token, PART if less or token not in whole else WHOLE))
        found += [(self._terms, stem_, WHOLE) for stem_ in reading.stems]
        found += [(self._titles, stem_, TITLE) for stem_ in reading.stems]
        group = np.zeros(self._count, np.float32)
        for postings, term, strength in sorted(found, key=lambda each: each[2]):
            if term in self._known:
                group[postings.rows(self._known[term])] = strength
        kinds = [
            t for t, words in whole.items() if t in names_of and is_kind({t}) and words >= most
        ]
        if kinds := [kind for kind in kinds if kind in self._known]:
            of_kind = np.zeros(self._count, bool)
            for kind in kinds:
                of_kind[self._terms.rows(self._known[kind])] = True
            group[~of_kind & (group > BESIDE)] = BESIDE
        return group * reading.worth if group.any() else None

    def _lead(self, synonyms: Synonyms) -> dict[str, set[Name]]:
        """Stem -> names of terms in which it stands."""
        leads: dict[str, set[Name]] = defaultdict(set)
        for token, by_language in synonyms.items():
            for language, names in by_language.items():
                for name in names:
                    kept = [word for word in words(name) if fold(word) not in empty_words()]
                    self._seen.update(fold(word) for word in kept)
                    stems = frozenset(stem(word, language) for word in kept)
                    for stem_ in stems:
                        leads[stem_].add(Name(token, stems))
                    if len(kept) > 1:  # "longjohns" are long johns
                        joined = stem("".join(kept), language)
                        leads[joined].add(Name(token, frozenset((joined,))))
        return leads

    def _read(self, text: str, language: str) -> Iterator[int]:
        forms = self._forms[language]
        for word in words(text):
            self._seen[word] += 1
            id_ = forms.get(word)
            if id_ is None:
                id_ = forms[word] = self._id(stem(word, language))
            yield id_

    def _id(self, term: str) -> int:
        return self._ids.setdefault(term, len(self._ids))


def is_kind(tokens: set[str]) -> bool:
    return any(token.startswith(KIND) for token in tokens)


def replaced(text: str, word: str, instead: str) -> str:
    return re.sub(rf"\b{re.escape(word)}\b", instead, text, flags=re.IGNORECASE)


def folded(seen: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word, count in seen.items():
        counts[fold(word)] += count
    return counts


def significant(text: str) -> list[str]:
    """The words of a query, each once, without amounts of money and words that say nothing."""
    found = dict.fromkeys(words(money().sub(" ", text)))
    kept = (word for word in found if fold(word) not in empty_words())
    return [word for word in kept if len(word) > 1 or word.isdigit()]
