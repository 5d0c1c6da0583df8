"""What is left of each variant, and who may have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, select, update

from shop.commerce.carts import Line
from shop.commerce.shelf import held
from shop.model import Order, OutOfStock
from shop.policy import policy
from shop.store import now
from shop.tables import holds, order_lines, orders, products, variants


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


def require_free(
    connection: Connection, moves: Mapping[str, int], titles: Mapping[str, str], order: Order
) -> None:
    """Locks the variants and raises OutOfStock if one has fewer than its move takes."""
    left = available(connection, moves, of_order=order.number)
    for variant_id, quantity in moves.items():
        if quantity > max(0, left.get(variant_id, 0)):
            raise OutOfStock(max(0, left.get(variant_id, 0)), titles.get(variant_id, ""))


def move(
    connection: Connection, moves: Mapping[str, int], titles: Mapping[str, str] | None = None
) -> None:
    """Takes pieces off the stock, or gives them back where negative. Raises OutOfStock."""
    left = available(connection, moves)
    for variant_id, quantity in sorted(moves.items()):
        if quantity > max(0, left.get(variant_id, 0)):
            raise OutOfStock(max(0, left.get(variant_id, 0)), (titles or {}).get(variant_id, ""))
        touched = update(variants).where(variants.c.id == variant_id)
        connection.execute(touched.values(stock=variants.c.stock - quantity, moved=now()))


def hold_until(connection: Connection, number: str, wanted: Mapping[str, int], until: int) -> None:
    """Keeps pieces back for an order, besides what it has."""
    for variant_id, quantity in sorted(wanted.items()):
        claim = {"variant_id": variant_id, "quantity": quantity, "until": until}
        connection.execute(holds.insert().values(order_number=number, **claim))
    touch(connection, wanted)


def release(connection: Connection, number: str) -> None:
    """Gives up all that is kept back for an order."""
    mine = holds.c.order_number == number
    kept = connection.scalars(select(holds.c.variant_id).where(mine)).all()
    connection.execute(delete(holds).where(mine))
    touch(connection, kept)


def touch(connection: Connection, ids: Iterable[str]) -> None:
    changed = update(variants).where(variants.c.id.in_(sorted(ids)))
    connection.execute(changed.values(moved=now()))


def picture_of(connection: Connection, variant_id: str) -> str:
    query = select(func.coalesce(variants.c.picture, products.c.picture)).join(products)
    return connection.scalar(query.where(variants.c.id == variant_id)) or ""


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
        .where(variants.c.id.in_(recent) | (variants.c.moved >= since))
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
