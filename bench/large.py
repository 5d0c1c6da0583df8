"""The speed of a large shop: the demo's products recombined into many, in a temporary database.

A new product has the kind, sizes and audience of one of the demo's, colours, materials, features
and purposes of its kind, a name of its own, the sentences of two siblings, any brand and price.
Its vector lies between theirs with some noise: encoding 100,000 texts would take a quarter of an
hour and time nothing that is searched. Searches go to the shop's port, each text once, so that the
encoder's time counts: as text alone, and with wishes as the understanding would add them.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from bench.judged import Query, catalogue_products, queries
from bench.typos import misspelt
from shop import tables
from shop.catalogue import (
    NewPrice,
    NewProduct,
    NewVariant,
    batches,
    price_rows,
    product_row,
    text_rows,
    upsert,
    variant_rows,
)
from shop.commerce import snapshot
from shop.commerce.demo import DemoCommerce
from shop.commerce.search.meaning import DIMENSIONS, encode_query, pack
from shop.commerce.snapshot import Snapshots
from shop.demo import catalogue
from shop.model import Locale, Money, Wishes

SYLLABLES = (
    "ba",
    "ce",
    "dor",
    "el",
    "fin",
    "gor",
    "jo",
    "kal",
    "lu",
    "mir",
    "no",
    "sun",
    "tar",
    "ve",
)
NOISE = 0.5  # of a vector's length
Texts = dict[str, tuple[str, str, str]]


class Recombined:
    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.products = catalogue_products()
        self.brands = sorted({product.brand for product in self.products})
        self.colours = [term.id for term in catalogue.terms() if term.facet == "colour"]
        self.siblings: dict[str, list[NewProduct]] = defaultdict(list)
        for product in self.products:
            self.siblings[product.category].append(product)

    def make(self, number: int) -> tuple[NewProduct, str, str]:
        """A product and the ids of the two that it comes from."""
        one = self.random.choice(self.products)
        other = self.random.choice(self.siblings[one.category])
        name = "".join(self.random.choices(SYLLABLES, k=3)).title()
        product = replace(
            one,
            id=f"{name.lower()}-{number}",
            brand=self.random.choice(self.brands),
            texts={lang: self.text(lang, name, one, other) for lang in one.texts},
            facets={f: self.some(ids, other.facets.get(f, ())) for f, ids in one.facets.items()},
            variants=tuple(self.variants(one, f"{name.lower()}-{number}")),
            rating=round(self.random.uniform(3, 5), 1),
            rating_count=self.random.randrange(200),
        )
        return product, one.id, other.id

    def text(
        self, language: str, name: str, one: NewProduct, other: NewProduct
    ) -> tuple[str, str, str]:
        title, description, details = one.texts[language]
        sentences = f"{description} {other.texts[language][1]}".split(". ")
        self.random.shuffle(sentences)
        return f"{title} {name}", ". ".join(sentences[:4]), details

    def some(self, ids: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
        both = list(dict.fromkeys((*ids, *others)))
        return tuple(self.random.sample(both, min(len(both), max(1, len(ids)))))

    def variants(self, one: NewProduct, id_: str) -> Iterator[NewVariant]:
        factor, recolour = self.random.uniform(0.5, 2), dict[str, str]()
        for colour in {v.options["colour"]: 0 for v in one.variants if "colour" in v.options}:
            left = [c for c in self.colours if c not in recolour.values()]
            recolour[colour] = self.random.choice(left)
        for variant in one.variants:
            options = dict(variant.options)
            if "colour" in options:
                options["colour"] = recolour[options["colour"]]
            prices = {c: scaled(price, factor) for c, price in variant.prices.items()}
            full = "-".join([id_, *options.values()]).replace(" ", "")
            yield NewVariant(full, options, self.random.randrange(10), prices)


def scaled(price: NewPrice, factor: float) -> NewPrice:
    amounts = (price.regular, price.sale, price.lowest_30d)
    return NewPrice(*(None if a is None else int(a * factor) for a in amounts))  # type: ignore[arg-type]


def fill(commerce: DemoCommerce, count: int) -> None:
    made, noise = Recombined(), np.random.default_rng(1)
    table = tables.product_vectors
    with commerce.store.begin() as connection:
        rows = connection.execute(select(table.c.product_id, table.c.vector))
        vectors = {id_: np.frombuffer(blob, np.float16).astype(np.float32) for id_, blob in rows}
        for batch in batches(range(count - len(made.products)), 2_000):
            new = [made.make(number) for number in batch]
            insert(connection, [product for product, _, _ in new])
            stored = []
            for product, one, other in new:
                away = noise.standard_normal(DIMENSIONS) * NOISE / DIMENSIONS**0.5
                vector = vectors[one] + vectors[other] * noise.random() + away
                vector /= np.linalg.norm(vector)
                stored.append({"product_id": product.id, "digest": "", "vector": pack(vector)})
            upsert(connection, table, stored)
        snapshot.changed(connection)


def insert(connection: Connection, products: list[NewProduct]) -> None:
    """As `save_products`, for products that are not there yet."""
    connection.execute(tables.products.insert(), [product_row(p) for p in products])
    for table, rows in (
        (tables.product_texts, text_rows),
        (tables.variants, variant_rows),
        (tables.prices, price_rows),
    ):
        connection.execute(table.insert(), [row for p in products for row in rows(p)])


def searches() -> Iterator[tuple[Query, Wishes]]:
    source = random.Random(1)
    kinds = {product.id: product.category for product in catalogue_products()}
    for query in queries():
        yield query, Wishes(query.text)
        best = max(query.grades, key=lambda id_: query.grades[id_])
        facets: dict[str, tuple[str, ...]] = {"category": (kinds[best],)}
        if source.random() < 0.5:
            facets["colour"] = (source.choice(["black", "blue", "red", "green"]),)
        if source.random() < 0.3:
            facets["feature"] = (source.choice(["waterproof", "insulated", "leakproof"]),)
        bound = Money(source.randrange(2_000, 30_000), query.currency)
        text = misspelt(query.text)
        yield query, Wishes(text, facets, price_max=bound if source.random() < 0.3 else None)


async def timed(commerce: DemoCommerce) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"text": [], "wishes": []}
    for query, wishes in searches():
        locale = Locale(query.language, query.currency)
        began = time.perf_counter()
        await commerce.search(wishes, locale)
        took = (time.perf_counter() - began) * 1000
        found["wishes" if wishes.facets else "text"].append(took)
    return found


def memory_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def measured(folder: Path, count: int) -> Iterator[str]:
    os.environ["SHOPKEEPER_VOCABULARY"] = str(folder / "vocabulary.json")
    url = f"sqlite:///{folder / 'shop.db'}"
    commerce = DemoCommerce(url, "http://shop.example")
    commerce.store.prepare()
    fill(commerce, count)
    with commerce.store.begin(write=False) as connection:
        for table in (tables.products, tables.variants):
            number: Any = connection.scalar(select(func.count()).select_from(table))
            yield f"{table.name:<24}{number:>10}"
        before, began = memory_mb(), time.perf_counter()
        commerce._snapshots = Snapshots(commerce.store)
        commerce._snapshots.get(connection)
        yield f"{'built in':<24}{time.perf_counter() - began:>10.1f} s"
        yield f"{'memory of it':<24}{memory_mb() - before:>10.0f} MB"
    encode_query("")
    for name, times in asyncio.run(timed(commerce)).items():
        p95 = statistics.quantiles(times, n=20)[-1]
        yield f"{name + ', median':<24}{statistics.median(times):>10.1f} ms"
        yield f"{name + ', p95':<24}{p95:>10.1f} ms"
        yield f"{name + ', slowest':<24}{max(times):>10.1f} ms"
