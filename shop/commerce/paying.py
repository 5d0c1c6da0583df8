"""Orders and the payments that pay them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shop.commerce import methods, stock
from shop.model import NotFound, OrderState, Payment, PaymentMethod, PaymentState, Refused
from shop.store import now
from shop.tables import holds, order_lines, orders, variants

PAYABLE = (OrderState.AWAITING_PAYMENT, OrderState.PAYMENT_FAILED)


def record(connection: Connection, payment: Payment) -> None:
    """Raises NotFound, Refused(amount_differs) or Refused(not_payable)."""
    query = select(orders).where(orders.c.number == payment.order_number).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"order {payment.order_number}")
    if row.payment == payment.id:
        return  # known, however the order went on
    if (row.total, row.currency) != (payment.amount.minor, payment.amount.currency):
        raise Refused("amount_differs", number=row.number)
    if payment.state is PaymentState.SUCCEEDED:
        pay(connection, row, payment)
    elif payment.state is not PaymentState.PENDING and row.state in PAYABLE:
        set_state(connection, row.number, state=OrderState.PAYMENT_FAILED.value)
        stock.extend_hold(connection, row.number)


def pay(connection: Connection, row: Any, payment: Payment) -> None:
    """The hold becomes a sale; where it has run out, what is left decides."""
    if row.state not in PAYABLE:
        raise Refused("not_payable", number=row.number)
    query = select(order_lines.c.variant_id, func.sum(order_lines.c.quantity))
    mine = query.where(order_lines.c.order_number == row.number)
    wanted = {v: int(n) for v, n in connection.execute(mine.group_by(order_lines.c.variant_id))}
    left = stock.available(connection, wanted, of_order=row.number)
    if any(left.get(variant_id, 0) < quantity for variant_id, quantity in wanted.items()):
        raise Refused("not_payable", number=row.number)
    for variant_id, quantity in wanted.items():
        taken = update(variants).where(variants.c.id == variant_id)
        connection.execute(taken.values(stock=variants.c.stock - quantity, moved=now()))
    connection.execute(delete(holds).where(holds.c.order_number == row.number))
    set_state(connection, row.number, state=OrderState.PAID.value, payment=payment.id)
    method = PaymentMethod(payment.id, payment.method)
    methods.add(connection, row.shopper_id, method, kept=False)
    methods.pay(connection, row.number, method, payment.amount)


def set_state(connection: Connection, number: str, **values: Any) -> None:
    connection.execute(update(orders).where(orders.c.number == number).values(**values))
