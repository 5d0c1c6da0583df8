"""Products that belong to others: similar ones, companions, and what suits a shopper's orders."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, select

from shop.commerce.base import Relation
from shop.commerce.search.engine import Engine
from shop.model import OrderState
from shop.tables import order_lines, orders, products

SENT_BACK = (OrderState.CANCELLED, OrderState.RETURNED, OrderState.REFUNDED)


def related(
    connection: Connection, engine: Engine, relation: Relation, of: str, limit: int
) -> list[str]:
    """Product ids, best first."""
    if relation == "similar":
        return similar(connection, engine, of, limit)
    if relation == "goes_with":
        return companions(connection, [of])[:limit]
    return suiting(connection, engine, of, limit)


def similar(connection: Connection, engine: Engine, product_id: str, limit: int) -> list[str]:
    """Of the same kind first, then of the kind above it."""
    category = connection.scalar(select(products.c.category).where(products.c.id == product_id))
    if category is None:
        return []
    found: list[str] = []
    for kind in engine.names.lineage(category):
        more = engine.similar(product_id, engine.in_category([kind]), limit)
        found += [id_ for id_ in more if id_ not in found]
    return found[:limit]


def companions(connection: Connection, ids: list[str]) -> list[str]:
    rows = connection.execute(
        select(products.c.id, products.c.goes_with).where(products.c.id.in_(ids))
    )
    lists = {row.id: row.goes_with for row in rows}
    found = dict.fromkeys(other for id_ in ids for other in lists.get(id_, ()))
    return [id_ for id_ in found if id_ not in ids]


def suiting(connection: Connection, engine: Engine, shopper_id: str, limit: int) -> list[str]:
    """What goes with what they bought, then what is near to it, without kinds they have."""
    query = (
        select(order_lines.c.product_id)
        .join(orders, orders.c.number == order_lines.c.order_number)
        .where(orders.c.shopper_id == shopper_id, orders.c.state.not_in(SENT_BACK))
        .order_by(orders.c.placed.desc(), order_lines.c.position)
    )
    bought = list(dict.fromkeys(connection.scalars(query)))
    rows = [engine.row_of[id_] for id_ in bought if id_ in engine.row_of]
    if not rows:
        return []
    owned = {engine.categories[row] for row in rows}
    other = np.array([category not in owned for category in engine.categories])
    found = companions(connection, bought)
    found += [id_ for id_ in engine.similar(bought[0], other, limit) if id_ not in found]
    return [id_ for id_ in found if id_ not in bought][:limit]
