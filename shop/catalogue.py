"""Writing a catalogue into the store: what seeding and importing have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop import tables

Names = dict[str, list[str]]  # language -> label and synonyms
BATCH = 500


@dataclass(frozen=True)
class NewPrice:
    """Minor units. `lowest_30d` is the lowest price of the 30 days before the reduction."""

    regular: int
    sale: int | None = None
    lowest_30d: int | None = None


@dataclass(frozen=True)
class NewVariant:
    id: str
    options: dict[str, str]
    stock: int
    prices: dict[str, NewPrice]
    picture: str | None = None


@dataclass(frozen=True)
class NewProduct:
    """`texts` maps a language to title, description and details; `facets` maps material, feature,
    purpose and audience to term ids."""

    id: str
    category: str
    brand: str
    picture: str
    added: int
    texts: dict[str, tuple[str, str, str]]
    variants: tuple[NewVariant, ...]
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    goes_with: tuple[str, ...] = ()
    url: str | None = None
    rating: float | None = None
    rating_count: int = 0
    weight_g: int | None = None


@dataclass(frozen=True)
class Term:
    facet: str
    id: str
    names: Names
    parent: str | None = None


def save_terms(connection: Connection, terms: Iterable[Term]) -> None:
    rows = [
        {"facet": t.facet, "id": t.id, "position": n, "parent": t.parent, "names": t.names}
        for n, t in enumerate(terms)
    ]
    upsert(connection, tables.terms, rows)


def save_products(connection: Connection, products: Iterable[NewProduct]) -> int:
    """Adds or replaces products with all their variants; returns how many."""
    count = 0
    for batch in batches(products, BATCH):
        count += len(batch)
        upsert(connection, tables.products, [product_row(p) for p in batch])
        upsert(connection, tables.product_texts, [row for p in batch for row in text_rows(p)])
        drop_old_variants(connection, batch)
        upsert(connection, tables.variants, [row for p in batch for row in variant_rows(p)])
        upsert(connection, tables.prices, [row for p in batch for row in price_rows(p)])
    return count


def drop_old_variants(connection: Connection, batch: list[NewProduct]) -> None:
    kept = {variant.id for product in batch for variant in product.variants}
    of_batch = tables.variants.c.product_id.in_([product.id for product in batch])
    stored = connection.scalars(select(tables.variants.c.id).where(of_batch))
    old = [variant for variant in stored if variant not in kept]
    if old:
        connection.execute(delete(tables.variants).where(tables.variants.c.id.in_(old)))


def product_row(product: NewProduct) -> dict[str, Any]:
    names = ("id", "category", "brand", "picture", "url", "added", "rating", "rating_count")
    row = {name: getattr(product, name) for name in (*names, "weight_g")}
    facets = {facet: list(ids) for facet, ids in product.facets.items()}
    return {
        **row,
        "facets": facets,
        "axes": list(product.axes),
        "goes_with": list(product.goes_with),
    }


def text_rows(product: NewProduct) -> Iterator[dict[str, Any]]:
    for language, (title, description, details) in product.texts.items():
        yield {
            "product_id": product.id,
            "language": language,
            "title": title,
            "description": description,
            "details": details,
        }


def variant_rows(product: NewProduct) -> Iterator[dict[str, Any]]:
    for position, variant in enumerate(product.variants):
        yield {
            "id": variant.id,
            "product_id": product.id,
            "position": position,
            "options": variant.options,
            "picture": variant.picture,
            "stock": variant.stock,
        }


def price_rows(product: NewProduct) -> Iterator[dict[str, Any]]:
    for variant in product.variants:
        for currency, price in variant.prices.items():
            yield {"variant_id": variant.id, "currency": currency, **vars(price)}


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts rows, all with the same columns; those whose primary key exists are overwritten."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    change = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=change)
    if dialect is postgresql:
        # Asked for an answer, SQLAlchemy sends many rows at once; the driver would send each alone.
        connection.execute(statement.returning(table.c[keys[0]]), rows)
    else:
        connection.execute(statement, rows)


def next_value(connection: Connection, counter: str, first: int) -> int:
    """Counts on; two transactions never get the same number."""
    advance = update(tables.counters).where(tables.counters.c.name == counter)
    one_more = advance.values(value=tables.counters.c.value + 1)
    value = connection.scalar(one_more.returning(tables.counters.c.value))
    if value is None:
        connection.execute(tables.counters.insert().values(name=counter, value=first))
    return first if value is None else value


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
