"""The search engine of a catalogue held in memory: facets, words and meaning, joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from shop import tables
from shop.commerce.names import SIZE_AXES, Names
from shop.commerce.search.amounts import bounds
from shop.commerce.search.facets import Builder, Columns
from shop.commerce.search.meaning import Meanings, encode_query
from shop.commerce.search.relax import relax
from shop.commerce.search.words import Hits, Text, Words
from shop.model import Sort, Wishes
from shop.text import words

WORDS_WEIGHT = 0.85  # of the joint score; the rest is meaning
TRUST = 0.5  # 1: half of the words known, half the weight; 0: the weight is always the same
NEAR = 0.22  # a cosine from which a product may be meant
CLOSE = 0.08  # how far behind the nearest one a product may be and still be meant
WORD_SCORE = 0.5  # the share of the best word score from which a product is meant
EVERY_WORD = 0.72  # a word score from which every word was found in a title or a term
FIT = 0.4  # what a product gains by all the values of one facet, or by a guessed one
FOR_KIDS, LESS = ("audience", "kids"), 0.2  # goods for children come later if none asked for them
STREAMED = 5_000  # rows of a table read at once


@dataclass(frozen=True)
class Ranking:
    ids: list[str]
    total: int
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Relevance:
    """How well each product answers a text, and which products it can mean at all."""

    scores: np.ndarray
    meant: np.ndarray
    whole: np.ndarray  # those to which every word of it answers
    understood: bool
    firm: Wishes  # those of the wishes that no misspelt word makes doubtful


class Engine:
    """A snapshot of the catalogue; a changed catalogue gets a new one."""

    def __init__(self, connection: Connection, names: Names, policy: Any) -> None:
        rows = connection.execute(select(tables.products).order_by(tables.products.c.id)).all()
        self.ids = [row.id for row in rows]
        self.names = names
        self.row_of = {id_: row for row, id_ in enumerate(self.ids)}
        self.categories = [row.category for row in rows]
        self.added = np.array([row.added for row in rows], np.int64)
        self.liked = liking(rows)
        options: set[tuple[int, str]] = set()
        self.columns = self._columns(connection, rows, policy.currencies, options)
        self.kids = self.columns.of_products.get(FOR_KIDS, np.empty(0, np.int32))
        self.meanings = Meanings(len(rows), self._vectors(connection))
        self.terms = {token(f, id_): (f, id_) for f, ids in names.facets.items() for id_ in ids}
        synonyms = {name: names.all(*term) for name, term in self.terms.items()}
        tokens = self._tokens(rows, options)
        texts = self._texts(connection)
        self.words = Words(len(rows), texts, tokens, synonyms, policy.languages)

    def search(self, wishes: Wishes, currency: str, offset: int, limit: int) -> Ranking:
        sold = self.columns.everything(currency)
        text = self.relevance(wishes) if wishes.text.strip() else None
        firm = text.firm if text else wishes
        asked = self.columns.wishes(firm, currency)
        if text is not None and (not firm.facets or firm.facets != wishes.facets):
            asked.append(("text", text.meant[self.columns.owner]))
        mask, dropped = relax(asked, sold)
        if dropped and text and text.whole.any():
            mask, dropped = self._named(text, firm, currency, sold) or (mask, dropped)
        if text and not text.understood and "category" not in wishes.facets:
            dropped = tuple(dict.fromkeys((*dropped, "text")))
        found = self.columns.products(mask, len(self.ids))
        order = self._order(wishes.sort, found, mask, currency, text, offset + limit)
        page = [self.ids[row] for row in order[offset : offset + limit]]
        return Ranking(page, int(found.sum()), dropped)

    def _named(
        self, text: Relevance, wishes: Wishes, currency: str, sold: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]] | None:
        """What every word of the text names, if nothing meets what the wishes made of them: "merino
        150" is a shirt's name and no size."""
        bounds = replace(wishes, facets={}, without={})
        named = ("text", text.whole[self.columns.owner])
        mask, dropped = relax([*self.columns.wishes(bounds, currency), named], sold)
        return None if dropped else (mask, dropped)

    def relevance(self, wishes: Wishes) -> Relevance:
        unwanted = frozenset(token(f, id_) for f, ids in wishes.without.items() for id_ in ids)
        hits = self.words.search(wishes.text, unwanted)
        near = self.meanings.near(encode_query(hits.text))
        top, most = float(near.max(initial=0.0)), float(hits.scores.max(initial=0.0))
        meant = hits.scores >= max(most * WORD_SCORE, 0.01)
        if top >= NEAR:
            meant |= near >= max(NEAR, top - CLOSE)
        understood = (hits.sure and bool(meant.any())) or top >= NEAR
        if not meant.any():
            meant = near >= top - CLOSE / 2
        # The fewer of the words are known, the more meaning decides.
        weight = WORDS_WEIGHT * most**TRUST
        scores = weight * hits.scores + (1 - weight) * closeness(near)
        sure = firm(wishes, hits, self.terms)
        scores += self._fit(wishes, sure)
        if not asks_for_someone(wishes, hits):
            scores[self.kids] -= LESS
        return Relevance(scores, meant, hits.scores >= EVERY_WORD, understood, sure)

    def _fit(self, wishes: Wishes, sure: Wishes) -> np.ndarray:
        """What a product gains by answering to several of the values of one facet, or to one that
        was only guessed."""
        gain = np.zeros(len(self.ids), np.float32)
        for facet, ids in wishes.facets.items():
            for id_ in ids if len(ids) > 1 or ids != sure.facets.get(facet) else ():
                rows = self.columns.of_products.get((facet, id_))
                if rows is not None and id_ not in sure.without.get(facet, ()):
                    gain[rows] += FIT / len(ids)
        return gain

    def similar(self, product_id: str, among: np.ndarray, limit: int) -> list[str]:
        """Products nearest in meaning to one, out of a mask of product rows."""
        row = self.row_of.get(product_id)
        if row is None:
            return []
        scores = np.where(among, self.meanings.near_product(row) + 0.02 * self.liked, -1)
        scores[row] = -1
        order = np.argsort(-scores, kind="stable")[:limit]
        return [self.ids[i] for i in order if scores[i] > -1]

    def in_category(self, ids: Iterable[str]) -> np.ndarray:
        mask = self.columns.any_of("category", ids) & (self.columns.stock > 0)
        return self.columns.products(mask, len(self.ids))

    def _order(
        self,
        sort: Sort,
        found: np.ndarray,
        mask: np.ndarray,
        currency: str,
        text: Relevance | None,
        count: int,
    ) -> np.ndarray:
        """The first `count` rows of found products; what is in stock comes before what is not,
        ties go to what is meant or liked."""
        buyable = found & self.columns.products(mask & (self.columns.stock > 0), len(self.ids))
        relevance = -text.scores if text else -self.liked
        keys = {
            Sort.RELEVANCE: lambda: relevance,
            Sort.CHEAPEST: lambda: self.columns.cheapest(mask, currency, len(self.ids)),
            Sort.DEAREST: lambda: -self.columns.cheapest(mask, currency, len(self.ids)),
            Sort.BEST_RATED: lambda: -self.liked,
            Sort.NEWEST: lambda: -self.added,
        }[sort]()
        first = best(np.flatnonzero(buyable), keys, relevance, count)
        if len(first) >= count:
            return first
        rest = best(np.flatnonzero(found & ~buyable), keys, relevance, count - len(first))
        return np.concatenate((first, rest))

    def _columns(
        self,
        connection: Connection,
        rows: Any,
        currencies: tuple[str, ...],
        options: set[tuple[int, str]],
    ) -> Columns:
        """The columns; into `options` go the tokens of what the variants differ in."""
        builder = Builder(self.names, currencies)
        for row, product in enumerate(rows):
            builder.add_product(row, product)
        variants = tables.variants
        query = select(variants.c.id, variants.c.product_id, variants.c.options, variants.c.stock)
        for variant in stream(connection, query.order_by(variants.c.product_id)):
            owner = self.row_of[variant.product_id]
            builder.add_variant(owner, variant)
            options.update((owner, token(axis, id_)) for axis, id_ in variant.options.items())
        prices = tables.prices.c
        amounts = select(prices.variant_id, prices.currency, prices.regular, prices.sale)
        builder.add_prices(stream(connection, amounts))
        return builder.columns()

    def _vectors(self, connection: Connection) -> Iterator[tuple[int, bytes]]:
        table = tables.product_vectors
        for row in stream(connection, select(table.c.product_id, table.c.vector)):
            if row.product_id in self.row_of:
                yield self.row_of[row.product_id], row.vector

    def _texts(self, connection: Connection) -> Iterator[Text]:
        for row in stream(connection, select(tables.product_texts)):
            if row.product_id in self.row_of:
                body = f"{row.description} {row.details}"
                yield Text(self.row_of[row.product_id], row.language, row.title, body)

    def _tokens(self, rows: Any, options: set[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        yield from options
        for row, product in enumerate(rows):
            for id_ in self.names.lineage(product.category):
                yield row, token("category", id_)
            yield row, token("brand", product.brand)
            for facet, ids in product.facets.items():
                for id_ in ids:
                    yield row, token(facet, id_)


def stream(connection: Connection, query: Any) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=STREAMED).execute(query)


def best(rows: np.ndarray, keys: np.ndarray, ties: np.ndarray, count: int) -> np.ndarray:
    """The `count` rows with the smallest keys, in order."""
    if count <= 0:
        return rows[:0]
    if len(rows) > count:
        limit = np.partition(keys[rows], count - 1)[count - 1]
        rows = rows[keys[rows] <= limit]
    return rows[np.lexsort((ties[rows], keys[rows]))][:count]


def firm(wishes: Wishes, hits: Hits, terms: dict[str, tuple[str, str]]) -> Wishes:
    """The wishes without values that rest on a guess, without those that the text refuses, and with
    the price of which the words were misspelt."""
    facets, without = dict[str, tuple[str, ...]](), dict(wishes.without)
    for facet, ids in wishes.facets.items():
        kept = tuple(i for i in ids if token(facet, i) not in hits.guessed | hits.refused)
        if kept:
            facets[facet] = kept
    for facet, id_ in sorted(terms[name] for name in hits.refused):
        without[facet] = tuple(dict.fromkeys((*without.get(facet, ()), id_)))
    least, most = wishes.price_min, wishes.price_max
    if least is None and most is None:
        least, most = bounds(hits.text)
    return replace(wishes, facets=facets, without=without, price_min=least, price_max=most)


def closeness(near: np.ndarray) -> np.ndarray:
    """0 for what is as near as anything, 1 for the nearest, if that is near at all."""
    if not len(near):
        return near
    usual, top = float(near.mean()), float(near.max())
    sureness = min(1.0, max(top, 0.0) / NEAR)
    return np.maximum(near - usual, 0) / max(top - usual, 0.01) * sureness


def asks_for_someone(wishes: Wishes, hits: Hits) -> bool:
    """Whether it was said who shall have it."""
    return "audience" in wishes.facets or any(t.startswith("audience_") for t in hits.terms)


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
