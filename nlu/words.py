"""The words of each language that entities are recognised by: `words/<language>.yml`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlu.lexicon import Lexicon
from nlu.text import Token, fold, tokenize

FOLDER = Path(__file__).parent / "words"
CHOICE = re.compile(r"\(([^)]*)\)|([^\s(]+)")


@dataclass(frozen=True)
class Match:
    """Tokens `first` to `last` (exclusive) say `value` of the kind `label`."""

    label: str
    value: Any
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first


class Phrases:
    """Finds phrases in the tokens of a message, through spaCy's PhraseMatcher."""

    def __init__(self, entries: Iterable[tuple[str, Any, list[str]]]) -> None:
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self._meanings: dict[str, dict[tuple[str, Any], None]] = {}
        patterns: dict[str, list[str]] = {}
        for label, value, words in entries:
            if words:
                key = " ".join(words)
                patterns[key] = words
                self._meanings.setdefault(key, {})[label, value] = None
        for key, words in patterns.items():
            self._matcher.add(key, [Doc(self._vocab, words=words)])

    def find(self, words: list[str]) -> Iterator[Match]:
        """Every match, overlapping ones too, from left to right."""
        if not words:
            return
        with self._vocab.memory_zone():  # or each new word of a shopper would stay for ever
            found = self._matcher(Doc(self._vocab, words=words))
            spans = [(self._vocab.strings[key], first, last) for key, first, last in found]
        for key, first, last in spans:
            for label, value in self._meanings[key]:
                yield Match(label, value, first, last)


Choices = list[list[list[str]]]  # one after the other; of each one; its words


class Sayings:
    """Patterns of phrases, found in any of their words' forms, each word with one typo."""

    def __init__(
        self,
        entries: Iterable[tuple[str, Any, str]],
        endings: Mapping[str, str],
        feminine: Mapping[str, str],
    ) -> None:
        self._lexicon = Lexicon(endings, feminine)
        self._patterns: dict[str, list[tuple[str, Any, Choices]]] = {}
        for label, value, pattern in entries:
            said = choices(pattern, self._lexicon.add)
            for first in _first_words(said):
                self._patterns.setdefault(first, []).append((label, value, said))
        self._lexicon.index_typos()
        self.words = frozenset(self._lexicon.words)

    def find(self, tokens: list[Token], is_common: Callable[[str], bool]) -> Iterator[Match]:
        """The longest match of each pattern from each token. A word that `is_common` is no other
        word's misspelling."""
        keys = [self._key(token, is_common) if token.is_word else token.text for token in tokens]
        for first, key in enumerate(keys):
            for label, value, said in self._patterns.get(key, ()):
                last = _end(said, keys, first)
                if last > first:
                    yield Match(label, value, first, last)

    def _key(self, token: Token, is_common: Callable[[str], bool]) -> str:
        return self._lexicon.key(token.text, is_common) or token.text


def choices(pattern: str, key: Callable[[str], str]) -> Choices:
    """The words of a pattern by their keys: "(need|want) it (now|)" stands for four phrases."""
    parts = CHOICE.findall(pattern)
    said = [some.split("|") if some else [word] for some, word in parts]
    return [[[key(word) for word in _split(phrase)] for phrase in each] for each in said]


def _first_words(said: Choices) -> set[str]:
    found: set[str] = set()
    for each in said:
        found.update(words[0] for words in each if words)
        if all(each):  # nothing here may be left out
            break
    return found


def _end(said: Choices, keys: list[str], first: int) -> int:
    """Where the longest of the phrases ends that begin at `first`; `first` if there is none."""
    ends = {first}
    for each in said:
        ends = {e + len(words) for e in ends for words in each if keys[e : e + len(words)] == words}
    return max(ends, default=first)


@dataclass(frozen=True)
class Words:
    """One language's words. What the lists mean is said in the YAML files."""

    language: str
    endings: Mapping[str, str]
    feminine: Mapping[str, str]
    phrases: Phrases
    sayings: Sayings
    lists: Mapping[str, frozenset[str]]
    plain: frozenset[str]

    def find(self, tokens: list[Token]) -> list[Match]:
        return list(self.phrases.find([token.text for token in tokens]))


@cache
def load_words(folder: Path = FOLDER) -> dict[str, Words]:
    """Read once for all components that look words up; nobody changes them."""
    return {file.stem: _read(file) for file in sorted(folder.glob("*.yml"))}


def _read(file: Path) -> Words:
    data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    endings, feminine = data.pop("endings"), data.pop("feminine")
    sayings = Sayings(_entries(data.pop("sayings", {})), endings, feminine)
    entries = [(label, value, _split(phrase)) for label, value, phrase in _entries(data)]
    lists: dict[str, set[str]] = {}
    for label, _, words in entries:
        lists.setdefault(label, set()).add(" ".join(words))
    told = (words for label, _, words in entries if label != "everywhere")  # some are names
    plain = sayings.words.union(word for words in told for word in words)
    frozen = {label: frozenset(phrases) for label, phrases in lists.items()}
    return Words(file.stem, endings, feminine, Phrases(entries), sayings, frozen, plain)


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Flattens a list, a mapping of phrase to number, or a mapping of value to phrases."""
    for label, content in data.items():
        if isinstance(content, list):
            yield from ((label, None, phrase) for phrase in content)
            continue
        for key, inner in content.items():
            if isinstance(inner, list):
                yield from ((label, key, phrase) for phrase in inner)
            else:
                yield label, inner, key


def _split(phrase: str) -> list[str]:
    return [token.text for token in tokenize(fold(str(phrase)))]
