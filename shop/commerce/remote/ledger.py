"""A vendor's orders among our own rows, so that rules, returns and money are ours as in a shop of
our own. What the vendor does not know (a failed payment, an announced return) stays until its own
state of the order changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shop.commerce import methods, orders, stock
from shop.commerce.paying import PAYABLE
from shop.commerce.remote import notes
from shop.commerce.remote.vendor import TheirLine, TheirOrder, product_of
from shop.model import Checkout, Money, OrderState, PaymentMethod
from shop.policy import policy
from shop.store import now
from shop.tables import order_lines, products, shoppers, transactions, variants
from shop.tables import orders as table

DAY = 24 * 3600
KIND = "order"
AGREED = ("discount", "delivery_price", "total")
CUSTOMER = "customer-"  # what the ids of those begin with who have an account there


def in_order(their: TheirOrder, lines: Sequence[TheirLine]) -> TheirOrder:
    """Its lines as they stood in the cart, which some vendors mix: "the second one" is that of the
    cart still."""
    place = {line.variant_id: number for number, line in enumerate(lines)}
    mixed = sorted(their.lines, key=lambda line: place.get(line.variant_id, len(place)))
    return replace(their, lines=tuple(mixed))


def housed(their: TheirOrder) -> TheirOrder:
    """The second line of an address is a locker or a collection point, as we write it; with other
    ways of delivery it is a flat or a company, as the vendor's own pages ask for it."""
    to_point = any(one.id == their.delivery and one.to_point for one in policy().delivery)
    if to_point or not their.point:
        return their
    street = f"{their.address.street} {their.point}".strip()
    return replace(their, address=replace(their.address, street=street), point=None)


def record(
    connection: Connection, their: TheirOrder, agreed: Mapping[str, Any] | None = None
) -> None:
    """`agreed` holds what only the conversation knows of an order that was placed in one."""
    their = housed(their)
    mine = table.c.number == their.number
    row = connection.execute(select(table).where(mine).with_for_update()).first()
    if row is None:
        connection.execute(table.insert().values(**new_row(connection, their, agreed or {})))
        write_lines(connection, their)
        if their.state in PAYABLE:
            hold(connection, their)
    else:
        renew(connection, their, row)
    balance(connection, their)
    notes.put(connection, KIND, their.number, {"state": their.state.value})


def new_row(connection: Connection, their: TheirOrder, agreed: Mapping[str, Any]) -> dict[str, Any]:
    whose = agreed.get("shopper_id") or buyer(connection, their)
    known = {
        "number": their.number,
        "email": their.email.lower(),
        "phone": their.phone,
        "currency": their.currency,
        "language": policy().default_language,
        "delivery": their.delivery,
        "placed": their.placed,
        "state": their.state.value,
    }
    return {**known, **terms(their), **agreed, "shopper_id": whose}


def buyer(connection: Connection, their: TheirOrder) -> str:
    """A customer with an account there is one person here; guests are told apart as our own are."""
    given = Checkout(their.email, their.phone, their.address, their.delivery)
    if not their.account:
        return orders.shopper_of(connection, given)
    row = {**orders.shopper_row(given), "id": f"{CUSTOMER}{their.account}"}
    mine = select(shoppers.c.id).where(shoppers.c.id == row["id"])
    if connection.scalar(mine) is None:
        connection.execute(shoppers.insert().values(**row))
    return str(row["id"])


def terms(their: TheirOrder) -> dict[str, Any]:
    """What may change while an order is open."""
    return {
        "discount": their.discount,
        "delivery_price": their.delivery_price,
        "total": their.total,
        "address": asdict(their.address),
        "point": their.point,
        "code": their.code,
        "tracking": their.tracking,
        "delivered": their.delivered,
    }


def renew(connection: Connection, their: TheirOrder, row: Any) -> None:
    """Of a cancelled order some vendors have nothing left: what was bought, and for how much, stays
    as it was known."""
    gone, values = their.state is OrderState.CANCELLED, terms(their)
    if gone:
        values = {name: values[name] for name in values if name not in AGREED}
    if row.delivered:
        values["delivered"] = row.delivered
    if notes.get(connection, KIND, their.number).get("state") != their.state.value:
        values["state"] = their.state.value
        if their.state not in PAYABLE:
            stock.release(connection, their.number)
    connection.execute(update(table).where(table.c.number == their.number).values(**values))
    if not gone and bought(connection, their.number) != pieces(their.lines):
        connection.execute(delete(order_lines).where(order_lines.c.order_number == their.number))
        write_lines(connection, their)


def bought(connection: Connection, number: str) -> dict[str, int]:
    query = select(order_lines.c.variant_id, func.sum(order_lines.c.quantity))
    mine = query.where(order_lines.c.order_number == number)
    return {id_: int(n) for id_, n in connection.execute(mine.group_by(order_lines.c.variant_id))}


def pieces(lines: tuple[TheirLine, ...]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for line in lines:
        counted[line.variant_id] = counted.get(line.variant_id, 0) + line.quantity
    return counted


def write_lines(connection: Connection, their: TheirOrder) -> None:
    known = shelf_rows(connection, [line.variant_id for line in their.lines])
    for position, line in enumerate(their.lines):
        on_shelf = known.get(line.variant_id)
        row = {
            "order_number": their.number,
            "position": position,
            "variant_id": line.variant_id,
            "product_id": product_of(line.variant_id),
            "title": line.title,
            "options": on_shelf.options if on_shelf else {},
            "picture": (on_shelf.picture or on_shelf.shown) if on_shelf else "",
            "quantity": line.quantity,
            "price": line.price,
        }
        connection.execute(order_lines.insert().values(**row))


def shelf_rows(connection: Connection, ids: list[str]) -> dict[str, Any]:
    """By variant id: product, options, and the pictures of variant and product."""
    query = select(variants, products.c.picture.label("shown")).join(products)
    return {row.id: row for row in connection.execute(query.where(variants.c.id.in_(ids)))}


def hold(connection: Connection, their: TheirOrder) -> None:
    """As long as the vendor does: until the slowest way to pay has had its time."""
    until = now() + policy().payment.transfer_days * DAY
    stock.hold_until(connection, their.number, pieces(their.lines), until)


def balance(connection: Connection, their: TheirOrder) -> None:
    """Money that moved at the vendor alone: orders of its own pages, refunds by its people."""
    mine = transactions.c.order_number == their.number
    query = select(transactions.c.refund, func.sum(transactions.c.amount)).where(mine)
    moved = {bool(r): int(n) for r, n in connection.execute(query.group_by(transactions.c.refund))}
    if not moved and their.paid:
        whose = connection.scalar(select(table.c.shopper_id).where(table.c.number == their.number))
        method = PaymentMethod(f"{their.number}-{their.method}", their.method)
        methods.add(connection, str(whose), method, kept=False)
        methods.pay(connection, their.number, method, Money(their.paid, their.currency))
    back = their.refunded - moved.get(True, 0)
    if back > 0:
        own = methods.of_orders(connection, {their.number: their.currency})[their.number]
        if own:
            methods.pay_back(connection, their.number, own[0].method, Money(back, their.currency))
