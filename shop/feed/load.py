"""Loading a feed into the store: checked row by row, written in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from itertools import groupby, islice
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import Connection, delete, select

from shop import tables, text
from shop.catalogue import NewPrice, NewProduct, NewVariant, save_products
from shop.commerce import names, snapshot
from shop.commerce.search.words import words_of
from shop.feed.items import BadRow, Item, item
from shop.feed.rows import FeedError, read
from shop.feed.terms import Terms
from shop.policy import policy
from shop.store import Store

SAMPLE = 200  # rows by which the language is told


@dataclass
class Report:
    """`bad` holds line numbers and what is wrong there."""

    language: str = ""
    products: int = 0
    variants: int = 0
    removed: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def load(store: Store, path: Path, language: str = "", replace: bool = False) -> Report:
    """Adds the feed's products, or replaces the whole catalogue by them. Bad rows are reported and
    left out; a file that cannot be read to its end raises FeedError and changes nothing."""
    store.prepare()
    return take(store, path, language, replace)


def take(
    store: Store, path: Path, language: str = "", replace: bool = False, trust: bool = True
) -> Report:
    """The same for a store that is in use, or is just being prepared. What is not trusted must
    have products, and more good rows than bad ones: else FeedError."""
    report = Report()
    with NamedTemporaryFile(suffix=".db") as scratch, closing(Stage(scratch.name)) as stage:
        stage.fill(path, report)
        if not trust and len(report.bad) >= report.variants:
            raise FeedError(*(report.bad or [(1, "no products")])[0])
        report.language = language or stage.language()
        if report.variants:
            with store.begin() as connection:
                write(connection, stage, report, replace)
    return report


def write(connection: Connection, stage: Stage, report: Report, replace: bool) -> None:
    known = names.read(connection, policy().default_language)
    terms = Terms(known, policy().languages)
    products = stage.products(terms, report)
    report.products = save_products(connection, products)
    terms.save(connection)
    if replace:
        ids = set(stage.groups())
        old = [i for i in connection.scalars(select(tables.products.c.id)) if i not in ids]
        for id_ in old:
            connection.execute(delete(tables.products).where(tables.products.c.id == id_))
        report.removed = len(old)
    snapshot.changed(connection)


class Stage:
    """The checked rows on disk, so that the variants of a product come together wherever in the
    file they stand."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("CREATE TABLE items (line INTEGER, id TEXT, grp TEXT, item TEXT)")

    def close(self) -> None:
        self._db.close()

    def fill(self, path: Path, report: Report) -> None:
        rows = self._checked(path, report)
        self._db.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
        self._db.execute("CREATE INDEX by_group ON items (grp, line)")

    def _checked(self, path: Path, report: Report) -> Iterator[tuple[int, str, str, str]]:
        at, seen = datetime.now(timezone.utc), dict[str, int]()
        for line, row in read(path):
            try:
                if isinstance(row, str):
                    raise BadRow(row)
                found = item(row, policy().currencies, at)
                if found.id in seen:
                    raise BadRow(f"id {found.id} stands in line {seen[found.id]} already")
            except BadRow as trouble:
                report.bad.append((line, str(trouble)))
                continue
            seen[found.id] = line
            report.variants += 1
            yield line, found.id, found.group, json.dumps(asdict(found))

    def items(self) -> Iterator[tuple[int, Item]]:
        query = "SELECT line, item FROM items ORDER BY grp, line"
        for line, data in self._db.execute(query):
            yield line, Item(**json.loads(data))

    def groups(self) -> Iterator[str]:
        return (group for (group,) in self._db.execute("SELECT DISTINCT grp FROM items"))

    def language(self) -> str:
        """The language of the shop whose small words stand in the texts most often."""
        counts: Counter[str] = Counter()
        for _, found in islice(self.items(), SAMPLE):
            said = {text.fold(word) for word in text.words(f"{found.title} {found.description}")}
            for language in policy().languages:
                counts[language] += len(said & words_of(language))
        best = counts.most_common(1)
        return best[0][0] if best and best[0][1] else policy().default_language

    def products(self, terms: Terms, report: Report) -> Iterator[NewProduct]:
        for _, group in groupby(self.items(), key=lambda pair: pair[1].group):
            yield product(list(group), terms, report)


def product(group: list[tuple[int, Item]], terms: Terms, report: Report) -> NewProduct:
    """One product of the rows that share an item_group_id; the first one speaks for all."""
    first = group[0][1]
    variants = distinct(group, terms, report)
    values = {axis: {v.options[axis] for v in variants} for axis in variants[0].options}
    return NewProduct(
        id=first.group,
        category=terms.category(first),
        brand=terms.brand(first),
        picture=first.image,
        added=int(datetime.now(timezone.utc).timestamp()),
        texts={report.language: (first.title, first.description, "")},
        variants=variants,
        facets={"material": terms.materials(first), "audience": terms.audience(first)},
        axes=tuple(axis for axis, ids in values.items() if len(ids) > 1),
        url=first.link,
    )


def distinct(group: list[tuple[int, Item]], terms: Terms, report: Report) -> tuple[NewVariant, ...]:
    """The group's variants; of two that a shopper could not tell apart the second is bad."""
    found: dict[tuple[tuple[str, str], ...], tuple[int, NewVariant]] = {}
    axes = [axis for axis in ("colour", "size") if any(value(i, axis, terms) for _, i in group)]
    for line, one in group:
        options = {axis: value(one, axis, terms) or "-" for axis in axes}
        same = found.get(tuple(options.items()))
        if same:
            report.bad.append((line, f"cannot be told apart from line {same[0]}"))
            report.variants -= 1
            continue
        prices = {one.currency: NewPrice(one.price, one.sale)}
        variant = NewVariant(one.id, options, one.stock, prices, one.image or None)
        found[tuple(options.items())] = line, variant
    return tuple(variant for _, variant in found.values())


def value(one: Item, axis: str, terms: Terms) -> str | None:
    return terms.colour(one) if axis == "colour" else one.size or None
