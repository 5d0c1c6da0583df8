"""Filling an empty store with the retail set."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from shop import schema, tables
from shop.catalogue import save_products, save_terms, upsert
from shop.commerce import snapshot
from shop.retail import catalogue, people
from shop.store import Store

POLICY = Path(__file__).with_name("policy.yml")


class NotEmpty(Exception):
    """The store holds a shop already."""


def load(store: Store, folder: Path) -> None:
    """All of it in one transaction, then the vocabulary file. Raises NotEmpty."""
    products, users, orders = (read(folder, name) for name in ("products", "users", "orders"))
    schema.upgrade(store.engine)
    with schema.alone(store.engine), store.begin() as connection:
        if connection.scalar(select(tables.meta.c.value).where(tables.meta.c.key == "seed")):
            raise NotEmpty(store.url)
        at = datetime.now(timezone.utc)
        fill(connection, products, users, people.Orders(orders, users, at))
        upsert(connection, tables.meta, [{"key": "seed", "value": at.date().isoformat()}])
        snapshot.changed(connection)
    snapshot.refresh(store)


def fill(
    connection: Connection, products: dict[str, Any], users: dict[str, Any], past: people.Orders
) -> None:
    save_terms(connection, catalogue.terms(products))
    save_products(connection, catalogue.products(products))
    connection.execute(tables.shoppers.insert(), list(people.shoppers(users)))
    connection.execute(tables.payment_methods.insert(), list(people.payment_methods(users)))
    connection.execute(tables.orders.insert(), list(past.rows()))
    connection.execute(tables.order_lines.insert(), list(past.lines()))
    connection.execute(tables.transactions.insert(), list(past.transactions()))
    last = max(int("".join(filter(str.isdigit, number))) for number in past.orders)
    upsert(connection, tables.counters, [{"name": "order", "value": last}])


def read(folder: Path, name: str) -> Any:
    content = (folder / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(content, parse_float=Decimal)
