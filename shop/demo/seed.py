"""Filling an empty store with the demo shop; `python -m shop.demo` does it before the first use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, select

from shop import schema, tables
from shop.catalogue import save_products, save_terms, upsert
from shop.commerce import snapshot
from shop.demo import catalogue, people
from shop.demo.orders import Past
from shop.store import Store, open_store


def open_shop(url: str | None = None) -> Store:
    """The store at `url`, filled on its first use if it is empty."""
    store = open_store(url)
    if fill not in store.on_first_use:
        store.on_first_use.insert(0, fill)
    return store


def fill(store: Store) -> None:
    with schema.alone(store.engine):
        with store.begin(write=False) as connection:
            seeded = connection.scalar(
                select(tables.meta.c.value).where(tables.meta.c.key == "seed")
            )
        if seeded is None:
            with store.begin() as connection:
                seed(connection, datetime.now(timezone.utc))
            snapshot.refresh(store)
        elif not snapshot.vocabulary_path().exists():
            snapshot.refresh(store)


def seed(connection: Connection, at: datetime) -> None:
    """The whole demo shop in one transaction; the same every time but for its dates."""
    save_terms(connection, catalogue.terms())
    products = list(catalogue.products())
    save_products(connection, products)
    upsert(connection, tables.promotions, list(promotions(at)))
    upsert(connection, tables.shoppers, list(people.shopper_rows()))
    last = "0"
    for order, lines in Past(list(people.shoppers()), products, at).orders():
        connection.execute(tables.orders.insert().values(**order))
        connection.execute(tables.order_lines.insert(), lines)
        last = order["number"]
    connection.execute(tables.counters.insert().values(name="order", value=int(last)))
    upsert(connection, tables.meta, [{"key": "seed", "value": at.date().isoformat()}])
    snapshot.changed(connection)


def promotions(at: datetime) -> Iterator[dict[str, Any]]:
    path = Path(__file__).with_name("promotions.yml")
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        days = {name: entry[name] for name in ("starts", "ends") if name in entry}
        moments = {name: int((at + timedelta(days=n)).timestamp()) for name, n in days.items()}
        yield {
            "code": entry["code"],
            "percent": entry.get("percent"),
            "fixed": entry.get("fixed"),
            "minimum": entry.get("minimum"),
            "starts": moments.get("starts"),
            "ends": moments.get("ends"),
            "once": entry.get("once", False),
            "with_sale": entry.get("with_sale", False),
        }
