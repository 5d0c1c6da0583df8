"""Search by words: SQLite's full-text index over folded stems, in memory, tolerant of typos."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shop.text import fold, stem, words

# Columns: the title weighs most, then what the catalogue's terms say of it, then running text.
WEIGHTS = (6.0, 4.0, 1.0)
LONG_ENOUGH = 4  # shorter words have too many neighbours to guess which was meant


@dataclass(frozen=True)
class Entry:
    """One product in one language."""

    row: int
    language: str
    title: str
    terms: str
    body: str


@dataclass(frozen=True)
class Hits:
    """Rows and scores (0 to 1, best first); `coverage` is the share of the query's words found."""

    rows: list[int]
    scores: list[float]
    coverage: float


class Words:
    """The index. Its rows are the caller's numbers."""

    def __init__(self, entries: Iterable[Entry], languages: tuple[str, ...]) -> None:
        self.languages = languages
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        tokenizer = """tokenize = "unicode61 remove_diacritics 0 tokenchars '.'" """
        columns = "row UNINDEXED, title, terms, body"
        self._db.execute(f"CREATE VIRTUAL TABLE docs USING fts5({columns}, {tokenizer})")
        self._db.executemany("INSERT INTO docs VALUES (?, ?, ?, ?)", map(self._stemmed, entries))
        self._db.execute("CREATE VIRTUAL TABLE known USING fts5vocab(docs, 'row')")
        self._db.execute("CREATE VIRTUAL TABLE spelling USING fts5(term, tokenize='trigram')")
        self._db.execute(
            "INSERT INTO spelling SELECT '_' || term || '_' FROM known WHERE length(term) > 2"
        )
        self._known = {term for (term,) in self._db.execute("SELECT term FROM known")}

    def search(self, text: str, limit: int) -> Hits:
        groups = [group for group in map(self._group, significant(text)) if group]
        found = [group for group in groups if not group.isdisjoint(self._known)]
        if not found:
            return Hits([], [], 0.0)
        scored: dict[int, float] = {}
        for row, score in self._ask(" OR ".join(map(alternatives, found)), limit):
            scored[row] = max(score, scored.get(row, 0.0))
        return ranked(scored, len(found) / len(groups))

    def _ask(self, query: str, limit: int) -> list[tuple[int, float]]:
        sql = (
            "SELECT row, -bm25(docs, 0, ?, ?, ?) AS score FROM docs WHERE docs MATCH ? "
            "ORDER BY score DESC LIMIT ?"
        )
        with self._lock:
            most = limit * len(self.languages)
            return self._db.execute(sql, (*WEIGHTS, query, most)).fetchall()

    def _group(self, word: str) -> set[str]:
        """A word's stems in every language; where none is known, the nearest known words."""
        stems = {stem(form, language) for form in (word, fold(word)) for language in self.languages}
        if word[0].isdigit() or not stems.isdisjoint(self._known) or len(word) < LONG_ENOUGH:
            return stems
        return stems | self._nearest(stems | {fold(word)})

    def _nearest(self, stems: set[str]) -> set[str]:
        best: dict[str, int] = {}
        for wrong in stems:
            for term in self._lookalikes(wrong):
                allowed = 1 if min(len(wrong), len(term)) < 6 else 2
                distance = edit_distance(wrong, term, allowed)
                if (distance <= allowed and wrong[0] == term[0]) or distance <= 1:
                    best[term] = min(distance, best.get(term, 9))
        nearest = min(best.values(), default=0)
        return {term for term, distance in best.items() if distance == nearest}

    def _lookalikes(self, word: str) -> list[str]:
        marked = f"_{word}_"
        grams = {marked[i : i + 3] for i in range(len(marked) - 2)}
        query = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        sql = "SELECT term FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT 60"
        with self._lock:
            return [term.strip("_") for (term,) in self._db.execute(sql, (query,))]

    def _stemmed(self, entry: Entry) -> tuple[int, str, str, str]:
        texts = (entry.title, entry.terms, entry.body)
        title, terms, body = (" ".join(stemmed(text, entry.language)) for text in texts)
        return entry.row, title, terms, body


def stemmed(text: str, language: str) -> Iterator[str]:
    for word in words(text):
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


def alternatives(group: set[str]) -> str:
    return "(" + " OR ".join(f'"{term}"' for term in sorted(group)) + ")"


def ranked(scored: dict[int, float], coverage: float) -> Hits:
    rows = sorted(scored, key=lambda row: -scored[row])
    top = scored[rows[0]] if rows else 1.0
    return Hits(rows, [scored[row] / top for row in rows], coverage)


def edit_distance(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours; `limit` + 1 when more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
