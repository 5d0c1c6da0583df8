"""The search engine of a catalogue held in memory: facets, words and meaning, joined."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from shop import tables
from shop.commerce.names import SIZE_AXES, Names
from shop.commerce.search.facets import Builder, Columns
from shop.commerce.search.meaning import encode_query, unpack
from shop.commerce.search.relax import relax
from shop.commerce.search.words import Entry, Words
from shop.model import Sort, Wishes
from shop.text import words

Scores = np.ndarray
WORDS_WEIGHT = 0.75  # of the joint score; the rest is meaning
NEAR = 0.36  # a cosine from which a product may be meant
CLOSE = 0.10  # how far behind the nearest one a product may be and still be meant
WORD_SCORE = 0.4  # a word score from which a product is meant
DEPTH = 300  # hits taken from the word index


@dataclass(frozen=True)
class Ranking:
    ids: list[str]
    total: int
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Relevance:
    """How well each product answers a text, and which products it can mean at all."""

    scores: Scores
    meant: np.ndarray
    understood: bool


class Engine:
    """A snapshot of the catalogue; a changed catalogue gets a new one."""

    def __init__(self, connection: Connection, names: Names, policy: Any) -> None:
        rows = connection.execute(select(tables.products).order_by(tables.products.c.id)).all()
        self.ids = [row.id for row in rows]
        self.names = names
        self.row_of = {id_: row for row, id_ in enumerate(self.ids)}
        self.categories = [row.category for row in rows]
        self.columns, options = self._columns(connection, rows, names, policy.currencies)
        self.added = np.array([row.added for row in rows], np.int64)
        self.liked = liking(rows)
        self.vectors = self._vectors(connection)
        synonyms = {
            token(facet, id_): said
            for facet, ids in names.facets.items()
            for id_, said in ids.items()
        }
        self.words = Words(self._entries(connection, rows, options), synonyms, policy.languages)

    def search(self, wishes: Wishes, currency: str, offset: int, limit: int) -> Ranking:
        sold = self.columns.everything(currency)
        asked = self.columns.wishes(wishes, currency)
        text = self.relevance(wishes.text) if wishes.text.strip() else None
        if text is not None and not wishes.facets:
            asked.append(("text", text.meant[self.columns.owner]))
        mask, dropped = relax(asked, sold)
        if text and not text.understood and "category" not in wishes.facets:
            dropped = tuple(dict.fromkeys((*dropped, "text")))
        found = self.columns.products(mask, len(self.ids))
        order = self._order(wishes.sort, found, mask, currency, text)
        page = [self.ids[row] for row in order[offset : offset + limit]]
        return Ranking(page, int(found.sum()), dropped)

    def relevance(self, text: str) -> Relevance:
        hits = self.words.search(text, DEPTH)
        by_words = np.zeros(len(self.ids), np.float32)
        by_words[hits.rows] = hits.scores
        near = self.vectors @ encode_query(hits.text)
        top = float(near.max(initial=0.0))
        meant = by_words >= WORD_SCORE
        if top >= NEAR:
            meant |= near >= max(NEAR, top - CLOSE)
        understood = (hits.sure and bool(meant.any())) or top >= NEAR
        if not meant.any():
            meant = near >= top - CLOSE / 2
        scores = WORDS_WEIGHT * by_words + (1 - WORDS_WEIGHT) * near / max(top, 0.01)
        return Relevance(scores, meant, understood)

    def similar(self, product_id: str, among: np.ndarray, limit: int) -> list[str]:
        """Products nearest in meaning to one, out of a mask of product rows."""
        row = self.row_of.get(product_id)
        if row is None:
            return []
        scores = np.where(among, self.vectors @ self.vectors[row] + 0.02 * self.liked, -1)
        scores[row] = -1
        order = np.argsort(-scores, kind="stable")[:limit]
        return [self.ids[i] for i in order if scores[i] > -1]

    def in_category(self, ids: Iterable[str]) -> np.ndarray:
        mask = self.columns.any_of("category", ids) & (self.columns.stock > 0)
        return self.columns.products(mask, len(self.ids))

    def _order(
        self, sort: Sort, found: np.ndarray, mask: np.ndarray, currency: str, text: Relevance | None
    ) -> np.ndarray:
        """Rows of found products, best first; ties go to what is in stock and liked."""
        rows = np.flatnonzero(found)
        buyable = self.columns.products(mask & (self.columns.stock > 0), len(self.ids))[rows]
        price = self.columns.cheapest(mask, currency, len(self.ids))[rows]
        liked = self.liked[rows]
        first = {
            Sort.RELEVANCE: -text.scores[rows] if text else -liked,
            Sort.CHEAPEST: price,
            Sort.DEAREST: -price,
            Sort.BEST_RATED: -liked,
            Sort.NEWEST: -self.added[rows],
        }[sort]
        tie = -text.scores[rows] if text else -liked
        # The last key of lexsort is the first to decide.
        return rows[np.lexsort((tie, first, ~buyable))]

    def _columns(
        self, connection: Connection, rows: Any, names: Names, currencies: tuple[str, ...]
    ) -> tuple[Columns, dict[str, set[tuple[str, str]]]]:
        prices: dict[str, dict[str, Any]] = defaultdict(dict)
        for price in connection.execute(select(tables.prices)):
            prices[price.variant_id][price.currency] = price
        builder = Builder(names, currencies)
        options: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for variant in connection.execute(select(tables.variants)):
            owner = self.row_of[variant.product_id]
            builder.add(owner, rows[owner], variant, prices[variant.id])
            options[variant.product_id].update(variant.options.items())
        return builder.columns(), options

    def _vectors(self, connection: Connection) -> np.ndarray:
        table = tables.product_vectors
        rows = connection.execute(select(table.c.product_id, table.c.vector))
        stored = {row.product_id: row.vector for row in rows}
        return unpack([stored.get(id_) for id_ in self.ids])

    def _entries(
        self, connection: Connection, rows: Any, options: dict[str, set[tuple[str, str]]]
    ) -> Iterable[Entry]:
        texts: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for text in connection.execute(select(tables.product_texts)):
            body = f"{text.description} {text.details}"
            texts[text.product_id][text.language] = text.title, body
        for product in rows:
            facets = [("category", id_) for id_ in self.names.lineage(product.category)]
            facets += [("brand", product.brand), *sorted(options[product.id])]
            facets += [(facet, id_) for facet, ids in product.facets.items() for id_ in ids]
            tokens = tuple(token(facet, id_) for facet, id_ in facets)
            yield Entry(self.row_of[product.id], texts[product.id], tokens)


def token(facet: str, id_: str) -> str:
    """A term as one word of the index; a size is the word that people type."""
    if facet in SIZE_AXES:
        return " ".join(words(id_))
    return re.sub(r"\W", "_", f"{facet}_{id_}".lower())


def liking(rows: Any) -> np.ndarray:
    """0 to 1: the average rating, drawn to the shop's mean where few have rated."""
    counts = np.array([row.rating_count or 0 for row in rows], np.float32)
    averages = np.array([row.rating or 0.0 for row in rows], np.float32)
    if not counts.sum():
        return np.zeros(len(rows), np.float32)
    mean, weight = float((counts * averages).sum() / counts.sum()), 20.0
    return (counts * averages + weight * mean) / (counts + weight) / 5.0
