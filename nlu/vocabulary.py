"""What the shop sells, as the shop wrote it to the vocabulary file, found in a shopper's words."""

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlu.lexicon import Lexicon
from nlu.models import model_words
from nlu.text import Token, tokenize
from nlu.words import Match, Phrases, Words

logger = logging.getLogger(__name__)

PRODUCT, CATEGORY = "product", "category"
NOTHING = "\u2400"  # stands for a word that is none of this language
WITHIN = ("material", "colour")  # said in the name of a category too: "leather belt"
LETTER_SIZE = re.compile(r"x{0,3}[sml]|[2-6]xl", re.IGNORECASE)
SHORTEST_FOREIGN = 4  # letters of a word that is taken from another language's list


class Vocabulary:
    """Facet values and product names, inflected, without diacritics or with one typo a word."""

    def __init__(
        self,
        content: Mapping[str, Any],
        words: Mapping[str, Words],
        is_common: Callable[[str], bool],
    ) -> None:
        self._is_common = is_common
        self.models = model_words(content.get("products", {}))
        self.measures: dict[str, list[tuple[str, str]]] = {}
        self._lexicons = {name: Lexicon(w.endings, w.feminine) for name, w in words.items()}
        self._phrases = {}
        entries = list(_entries(content))
        for language, lexicon in self._lexicons.items():
            spoken: list[tuple[str, Any, list[str]]] = []
            for facet, value, texts in entries:
                for text in texts.get(language) or texts.get("", []):
                    self._add(lexicon, spoken, facet, value, text)
            lexicon.index_typos()
            self._phrases[language] = Phrases(spoken)

    def _add(self, lexicon: Lexicon, spoken: list, facet: str, value: str, text: str) -> None:
        if facet != PRODUCT and (any(c.isdigit() for c in text) or LETTER_SIZE.fullmatch(text)):
            meanings = self.measures.setdefault(measure(text), [])
            if (facet, value) not in meanings:
                meanings.append((facet, value))
            return
        words = [token.text for token in tokenize(text)]
        spoken.append((facet, value, [lexicon.add(word) for word in words]))

    def is_common(self, word: str) -> bool:
        """Whether a word has an everyday meaning of its own."""
        return self._is_common(word)

    def find(self, tokens: list[Token], language: str) -> list[Match]:
        """The longest matches; at equal length those of the shopper's own language."""
        found = []
        others = [other for other in self._lexicons if other != language]
        for rank, spoken in enumerate([language, *others]):
            if spoken in self._lexicons:
                keys = [self._key(token, spoken, rank > 0) for token in tokens]
                found += [(-m.length, rank, m) for m in self._phrases[spoken].find(keys)]
        found.sort(key=lambda each: (*each[:2], each[2].first))
        return _without_overlaps([match for _, _, match in found])

    def _key(self, token: Token, language: str, is_foreign: bool) -> str:
        if not token.is_word:
            return token.text
        if is_foreign:  # a loan word comes as it is in the list, or not at all
            is_long = len(token.text) >= SHORTEST_FOREIGN
            return self._lexicons[language].words.get(token.text, NOTHING) if is_long else NOTHING
        is_common = _always if token.is_name else self._is_common
        return self._lexicons[language].key(token.text, is_common) or token.text


def _always(_: str) -> bool:
    return True


def _without_overlaps(matches: list[Match]) -> list[Match]:
    taken: dict[int, Match] = {}
    kept = []
    for match in matches:
        over = [taken[i] for i in range(match.first, match.last) if i in taken]
        same = all((o.first, o.last) == (match.first, match.last) for o in over)
        within = match.label in WITHIN and all(o.label == CATEGORY for o in over)
        if (same or within) and all(o.label != match.label for o in over):
            kept.append(match)
            taken.update((i, match) for i in range(match.first, match.last) if i not in taken)
    return sorted(kept, key=lambda match: match.first)


def measure(text: str) -> str:
    """The form in which sizes, lengths and volumes are compared: "42,5" and "42.5" are one."""
    return text.lower().replace(",", ".").replace("×", "x").replace(" ", "")


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Facet, value and its texts by language; a value without texts is called by its id."""
    for facet, values in content.get("facets", {}).items():
        for value, texts in values.items():
            spoken = {k: list(v) for k, v in (texts or {}).items() if v}
            yield facet, value, spoken or {"": [value.replace("-", " ")]}
    for value, texts in content.get("products", {}).items():
        yield PRODUCT, value, {language: [text] for language, text in texts.items()}


class VocabularyFile:
    """The vocabulary, read again when its file has changed. A missing file is an empty one."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        words: Mapping[str, Words],
        is_common: Callable[[str], bool],
    ) -> None:
        self._path = Path(path)
        self._make = lambda content: Vocabulary(content, words, is_common)
        self._stamp: float | None = -1.0
        self._current = self._make({})

    def current(self) -> Vocabulary:
        stamp = self._path.stat().st_mtime if self._path.exists() else None
        if stamp != self._stamp:
            self._stamp = stamp
            self._read()
        return self._current

    def _read(self) -> None:
        if self._stamp is None:
            logger.warning("No vocabulary at %s: no product or facet is found.", self._path)
            self._current = self._make({})
            return
        try:
            self._current = self._make(json.loads(self._path.read_text(encoding="utf-8")))
        except (ValueError, AttributeError, TypeError):
            logger.exception("The vocabulary at %s cannot be read: the last one stays.", self._path)
