"""The words of each language that entities are recognised by: `words/<language>.yml`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlu.text import Token, fold, tokenize

FOLDER = Path(__file__).parent / "words"


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


@dataclass(frozen=True)
class Words:
    """One language's words. What the lists mean is said in the YAML files."""

    language: str
    endings: Mapping[str, str]
    feminine: Mapping[str, str]
    phrases: Phrases
    lists: Mapping[str, frozenset[str]]
    plain: frozenset[str]

    def find(self, tokens: list[Token]) -> list[Match]:
        return list(self.phrases.find([token.text for token in tokens]))


def load_words(folder: Path = FOLDER) -> dict[str, Words]:
    return {file.stem: _read(file) for file in sorted(folder.glob("*.yml"))}


def _read(file: Path) -> Words:
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    endings, feminine = data.pop("endings"), data.pop("feminine")
    entries = [(label, value, _split(phrase)) for label, value, phrase in _entries(data)]
    lists: dict[str, set[str]] = {}
    for label, _, words in entries:
        lists.setdefault(label, set()).add(" ".join(words))
    plain = frozenset(word for _, _, words in entries for word in words)
    frozen = {label: frozenset(phrases) for label, phrases in lists.items()}
    return Words(file.stem, endings, feminine, Phrases(entries), frozen, plain)


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
