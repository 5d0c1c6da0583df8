"""The catalogue in memory: names and search engine, rebuilt when the store's catalogue changes."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from shop import tables
from shop.catalogue import upsert
from shop.commerce import names, stock
from shop.commerce.names import SIZE_AXES, Names
from shop.commerce.search import meaning
from shop.commerce.search.engine import Engine
from shop.policy import policy
from shop.store import Store, now

DEFAULT_VOCABULARY = "var/vocabulary.json"
PATIENCE = 2.0  # seconds that a caller waits for a changed catalogue
STOCK_AGE = 5.0  # seconds for which a search may go by the stock it knows
CHUNK = 200  # products whose vectors are written at once
TRAITS = ("purpose", "feature")
FACETS = ("category", "colour", "material", "brand", "audience", "feature", "purpose")


@dataclass(frozen=True)
class Snapshot:
    version: int
    names: Names
    engine: Engine
    built: int


class Snapshots:
    """Gives the newest snapshot. While a changed catalogue is read in, which may take long, the old
    one serves on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._builder: threading.Thread | None = None
        self._stock_read = 0.0

    def warm_up(self, _store: Store) -> None:
        self._build()
        meaning.encode_query("")

    def get(self, connection: Connection) -> Snapshot:
        if self._current is None:
            return self._build()
        if self._current.version != stored_version(connection):
            self._start_building().join(PATIENCE)
        if time.monotonic() - self._stock_read > STOCK_AGE:
            self._stock_read = time.monotonic()
            self._current.engine.columns.restock(stock.moved(connection, self._current.built))
        return self._current

    def _start_building(self) -> threading.Thread:
        with self._lock:
            if self._builder is None or not self._builder.is_alive():
                self._builder = threading.Thread(target=self._build, daemon=True)
                self._builder.start()
            return self._builder

    def _build(self) -> Snapshot:
        with self._store.begin(write=False) as connection:
            self._current = build(connection, stored_version(connection))
        return self._current


def build(connection: Connection, version: int) -> Snapshot:
    known = names.read(connection, policy().default_language)
    return Snapshot(version, known, Engine(connection, known, policy()), now())


def stored_version(connection: Connection) -> int:
    value = connection.scalar(select(tables.meta.c.value).where(tables.meta.c.key == "catalogue"))
    return int(value or 0)


def changed(connection: Connection) -> None:
    """Tells every process that the catalogue is another one now."""
    version = str(stored_version(connection) + 1)
    upsert(connection, tables.meta, [{"key": "catalogue", "value": version}])


def refresh(store: Store) -> None:
    """After a change: computes the vectors that are missing and writes the vocabulary file."""
    with store.begin(write=False) as connection:
        known = names.read(connection, policy().default_language)
        waiting = without_vector(connection, known)
        write_vocabulary(vocabulary(connection, known))
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        vectors = meaning.encode([text for _, text in chunk])
        rows = [
            {"product_id": id_, "digest": meaning.digest(text), "vector": meaning.pack(vector)}
            for (id_, text), vector in zip(chunk, vectors, strict=True)
        ]
        with store.begin() as connection:
            upsert(connection, tables.product_vectors, rows)
    if waiting:
        with store.begin() as connection:
            changed(connection)


def without_vector(connection: Connection, known: Names) -> list[tuple[str, str]]:
    """Ids and texts of products whose text has no vector yet."""
    table = tables.product_vectors
    rows = connection.execute(select(table.c.product_id, table.c.digest))
    stored = {row.product_id: row.digest for row in rows}
    texts = meant_texts(connection, known)
    return [(id_, text) for id_, text in texts.items() if stored.get(id_) != meaning.digest(text)]


def meant_texts(connection: Connection, known: Names) -> dict[str, str]:
    """What is encoded of a product: its title and kind in every language, and what it is for and
    can do in the default one; its description where nothing says that."""
    products, texts = tables.products, tables.product_texts
    query = select(texts, products.c.category, products.c.facets).join(products)
    rows: dict[str, list[Row]] = {}
    for row in connection.execute(query.order_by(texts.c.product_id, texts.c.language)):
        rows.setdefault(row.product_id, []).append(row)
    return {id_: meant_text(said, known) for id_, said in rows.items()}


def meant_text(said: list[Row], known: Names) -> str:
    titles = [f"{r.title}. {known.label('category', r.category, r.language)}." for r in said]
    facets, language = said[0].facets, known.default_language
    traits = [known.label(f, id_, language) for f in TRAITS for id_ in facets.get(f, ())]
    return " ".join([*titles, ", ".join(traits) or said[0].description])


def vocabulary(connection: Connection, known: Names) -> dict[str, Any]:
    facets = {facet: known.facets.get(facet, {}) for facet in FACETS}
    products: dict[str, dict[str, str]] = {}
    for row in connection.execute(select(tables.product_texts)):
        products.setdefault(row.product_id, {})[row.language] = row.title
    return {
        "version": 1,
        "facets": {**facets, "size": sizes(connection)},
        "products": products,
    }


def sizes(connection: Connection) -> dict[str, dict[str, list[str]]]:
    """Every size on sale, as written and as people also write it."""
    found: dict[str, None] = {}
    for options in connection.scalars(select(tables.variants.c.options)):
        found |= {value: None for axis, value in options.items() if axis in SIZE_AXES}
    languages = policy().languages
    return {size: dict.fromkeys(languages, spellings(size)) for size in sorted(found)}


def spellings(size: str) -> list[str]:
    """42.5 is also 42,5; "20 l" is also "20l"; XXL is also 2XL."""
    forms = [size, size.replace(".", ","), size.replace(" ", "")]
    if size.strip("X") in ("L", "S") and size.count("X") > 1:
        forms.append(f"{size.count('X')}X{size[-1]}")
    return list(dict.fromkeys(forms))


def vocabulary_path() -> Path:
    return Path(os.environ.get("SHOPKEEPER_VOCABULARY") or DEFAULT_VOCABULARY)


def write_vocabulary(content: dict[str, Any]) -> None:
    """Atomically: a reader sees the old file or the new one."""
    path = vocabulary_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(path)
