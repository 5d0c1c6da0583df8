"""Filling an empty store with the demo shop; `python -m shop.demo` does it before the first use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, Table, select

from shop import links, schema, tables
from shop.catalogue import save_products, save_terms, upsert
from shop.commerce import snapshot
from shop.commerce.return_rows import FIRST_NUMBER
from shop.demo import catalogue, people, wallets
from shop.demo.orders import Past
from shop.demo.returns import PastReturns
from shop.store import Store, open_store


def open_shop(url: str | None = None) -> Store:
    """The store at `url`, filled on its first use if it is empty."""
    store = open_store(url)
    if fill not in store.on_first_use:
        store.on_first_use[:0] = [links.make_secret, fill]
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
    buyers = list(people.shoppers())
    owned = {buyer.id: wallets.methods(buyer) for buyer in buyers}
    upsert(connection, tables.payment_methods, [row for rows in owned.values() for row in rows])
    last, returns = "0", PastReturns(products, at)
    for order, lines in Past(buyers, products, at).orders():
        connection.execute(tables.orders.insert().values(**order))
        connection.execute(tables.order_lines.insert(), lines)
        paid = list(wallets.payments(order, owned[order["shopper_id"]]))
        insert(connection, tables.transactions, paid)
        insert(connection, tables.returns, list(returns.of(order, lines, paid)))
        last = order["number"]
    counted = {"order": int(last), "return": FIRST_NUMBER + returns.count - 1}
    insert(connection, tables.counters, [{"name": n, "value": v} for n, v in counted.items()])
    upsert(connection, tables.meta, [{"key": "seed", "value": at.date().isoformat()}])
    snapshot.changed(connection)


def insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


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
