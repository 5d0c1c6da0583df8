"""What is left of each variant, and who may have it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, select, update

from shop.commerce.carts import Line
from shop.commerce.shelf import held
from shop.model import OutOfStock
from shop.policy import policy
from shop.store import now
from shop.tables import holds, order_lines, orders, variants


def require(connection: Connection, found: list[Line], of_order: str | None = None) -> None:
    """Locks the variants and raises OutOfStock if one has fewer than its line; an order's own hold
    does not count against it."""
    wanted = {entry.line.variant_id: entry.line for entry in found}
    left = available(connection, wanted, of_order)
    for variant_id, line in wanted.items():
        if left.get(variant_id, 0) < line.quantity:
            raise OutOfStock(max(0, left.get(variant_id, 0)), line.title)


def available(
    connection: Connection, ids: Iterable[str], of_order: str | None = None
) -> dict[str, int]:
    wanted = sorted(ids)
    locked = select(variants.c.id, variants.c.stock).where(variants.c.id.in_(wanted))
    stock = {
        row.id: row.stock
        for row in connection.execute(locked.order_by(variants.c.id).with_for_update())
    }
    claims = select(holds.c.variant_id, func.sum(holds.c.quantity)).where(
        holds.c.variant_id.in_(wanted),
        holds.c.until > now(),
        holds.c.order_number != (of_order or ""),
    )
    for variant_id, quantity in connection.execute(claims.group_by(holds.c.variant_id)):
        stock[variant_id] = stock.get(variant_id, 0) - int(quantity)
    return stock


def moved(connection: Connection, since: int) -> dict[str, int]:
    """What is left of every variant that orders may have taken or given back after a moment."""
    taken = held(now())
    recent = (
        select(order_lines.c.variant_id)
        .join(orders, orders.c.number == order_lines.c.order_number)
        .where(orders.c.placed > since - policy().payment.hold_minutes * 60)
    )
    query = (
        select(variants.c.id, variants.c.stock - func.coalesce(taken.c.quantity, 0))
        .join(taken, taken.c.variant_id == variants.c.id, isouter=True)
        .where(variants.c.id.in_(recent))
    )
    return {id_: int(left) for id_, left in connection.execute(query)}


def hold(connection: Connection, number: str) -> None:
    """Claims the stock of an order's lines for as long as the policy says."""
    until = now() + policy().payment.hold_minutes * 60
    connection.execute(delete(holds).where(holds.c.order_number == number))
    lines = select(order_lines.c.variant_id, func.sum(order_lines.c.quantity).label("quantity"))
    mine = lines.where(order_lines.c.order_number == number).group_by(order_lines.c.variant_id)
    for row in connection.execute(mine).all():
        claim = {"variant_id": row.variant_id, "quantity": row.quantity, "until": until}
        connection.execute(holds.insert().values(order_number=number, **claim))


def extend_hold(connection: Connection, number: str) -> None:
    """Time for another attempt, if the hold has not run out."""
    until = now() + policy().payment.hold_minutes * 60
    mine = (holds.c.order_number == number) & (holds.c.until > now())
    connection.execute(update(holds).where(mine).values(until=until))
