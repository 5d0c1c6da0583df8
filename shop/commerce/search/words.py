"""Search by words: SQLite's full-text index over folded stems, in memory, tolerant of typos."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shop.commerce.search.spelling import Spelling
from shop.text import fold, stem, words

# Columns: the title weighs most, then what the catalogue's terms say of it, then running text.
WEIGHTS = (6.0, 4.0, 1.0)
ENOUGH = 10  # products that have all words of a query: no need to look at those that have some
EMPTY_COUNT = 1_000  # "szuakm" is rather "szukam" than a rare word of the catalogue

Name = tuple[str, frozenset[str]]  # a term's token, and the stems of one of its names
Synonyms = dict[str, dict[str, list[str]]]  # token of a term -> language -> its names


@dataclass(frozen=True)
class Entry:
    """One product: the caller's row, language -> title and running text, tokens of its terms."""

    row: int
    texts: dict[str, tuple[str, str]]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Hits:
    """Rows and scores (0 to 1, best first); `text` is the query with its slips put right. `sure`
    says that most of its words are names of goods and their traits, not words in passing."""

    rows: list[int]
    scores: list[float]
    text: str
    sure: bool


class Words:
    """The index. A term stands in it as one token, which every word of its names leads to."""

    def __init__(
        self, entries: Iterable[Entry], synonyms: Synonyms, languages: tuple[str, ...]
    ) -> None:
        self.languages = languages
        self._lock = threading.Lock()
        self._seen = Counter(dict.fromkeys(empty_words()[0], EMPTY_COUNT))
        self._names = self._lead(synonyms)
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        tokenizer = """tokenize = "unicode61 remove_diacritics 0 tokenchars '._'" """
        self._db.execute(f"CREATE VIRTUAL TABLE docs USING fts5(title, terms, body, {tokenizer})")
        rows = map(self._stemmed, entries)
        self._db.executemany(
            "INSERT INTO docs (rowid, title, terms, body) VALUES (?, ?, ?, ?)", rows
        )
        self._db.execute("CREATE VIRTUAL TABLE known USING fts5vocab(docs, 'row')")
        self._known = {term for (term,) in self._db.execute("SELECT term FROM known")}
        self._spelling = Spelling(self._seen)

    def search(self, text: str, limit: int) -> Hits:
        said, corrected = significant(text), text
        forms: list[set[str]] = []
        for word in said:
            stems, meant = self._stems(word)
            forms.append(stems)
            if meant:
                corrected = re.sub(rf"\b{re.escape(word)}\b", meant, corrected, flags=re.IGNORECASE)
        groups = [alternatives(group) for group in self._groups(forms) if group]
        hits, sure = self._best(groups, limit)
        top = max((score for _, score in hits), default=1.0)
        known = sure and len(groups) * 2 > len(said)
        return Hits([row for row, _ in hits], [s / top for _, s in hits], corrected, known)

    def _best(self, groups: list[str], limit: int) -> tuple[list[tuple[int, float]], bool]:
        """Products named by all words, if there are enough of them; else by any; else products in
        whose running text all words stand, which says less the fewer they are."""
        if not groups:
            return [], False
        every, some = " AND ".join(groups), " OR ".join(groups)
        hits = self._ask(f"{{title terms}} : ({every})", limit)
        if len(hits) < ENOUGH:
            hits = self._ask(f"{{title terms}} : ({some})", limit)
        if hits:
            return hits, True
        return self._ask(every, limit), len(groups) > 1

    def _ask(self, query: str, limit: int) -> list[tuple[int, float]]:
        sql = (
            "SELECT rowid, -bm25(docs, ?, ?, ?) AS score FROM docs WHERE docs MATCH ? "
            "ORDER BY score DESC LIMIT ?"
        )
        with self._lock:
            return self._db.execute(sql, (*WEIGHTS, query, limit)).fetchall()

    def _stems(self, word: str) -> tuple[set[str], str]:
        """A word's stems in every language; those of the words nearest to one that nobody knows,
        and the nearest one."""
        stems = self._all_stems(word)
        if any(stem_ in self._known or stem_ in self._names for stem_ in stems):
            return stems, ""
        near = self._spelling.nearest(fold(word))
        if not near or near[0] in empty_words()[0]:
            return set(), near[0] if near else ""
        return {stem_ for other in near for stem_ in self._all_stems(other)}, near[0]

    def _all_stems(self, word: str) -> set[str]:
        return {stem(form, language) for form in (word, fold(word)) for language in self.languages}

    def _groups(self, forms: list[set[str]]) -> Iterator[list[str]]:
        """What to look for, word by word: its stems and the terms in whose names it stands. Named
        twice, and so worth twice as much, are terms of which a whole name was said."""
        said = {stem_ for stems in forms for stem_ in stems}
        for stems in forms:
            names = {name for stem_ in stems for name in self._names.get(stem_, ())}
            part = {token for token, _ in names}
            whole = {token for token, name in names if name <= said}
            yield [term for term in (*sorted(part | stems), *sorted(whole)) if term in self._known]

    def _lead(self, synonyms: Synonyms) -> dict[str, set[Name]]:
        """Stem -> names of terms in which it stands."""
        leads: dict[str, set[Name]] = defaultdict(set)
        empty = empty_words()[0]
        for token, by_language in synonyms.items():
            for language, names in by_language.items():
                for name in names:
                    kept = " ".join(word for word in words(name) if fold(word) not in empty)
                    stems = frozenset(self._read(kept, language))
                    for stem_ in stems:
                        leads[stem_].add((token, stems))
        return leads

    def _stemmed(self, entry: Entry) -> tuple[int, str, str, str]:
        title, body = (
            " ".join(s for lang, text in entry.texts.items() for s in self._read(text[n], lang))
            for n in (0, 1)
        )
        return entry.row, title, " ".join(entry.tokens), body

    def _read(self, text: str, language: str) -> Iterator[str]:
        for word in words(text):
            self._seen[fold(word)] += 1
            yield stem(word, language)


def significant(text: str) -> list[str]:
    """The words of a query, each once, without amounts of money and words that say nothing."""
    empty, money = empty_words()
    found = dict.fromkeys(words(money.sub(" ", text)))
    return [word for word in found if fold(word) not in empty and (len(word) > 1 or word.isdigit())]


@cache
def empty_words() -> tuple[frozenset[str], re.Pattern[str]]:
    languages = {name: words for name, words in empty_file().items() if name != "money"}
    money = re.compile(empty_file()["money"], re.IGNORECASE)
    return frozenset(word for words in languages.values() for word in words), money


def words_of(language: str) -> frozenset[str]:
    """The small words by which a language is told from the others."""
    others = [set(w) for name, w in empty_file().items() if name not in (language, "money")]
    return frozenset(empty_file().get(language, ())).difference(*others)


@cache
def empty_file() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("empty.yml").read_text(encoding="utf-8"))


def alternatives(group: list[str]) -> str:
    return "(" + " OR ".join(f'"{term}"' for term in group) + ")"
