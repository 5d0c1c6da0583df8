"""What we keep of a payment: under which key it was started, what for, and what was given back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from shop import outbox
from shop.model import Money, NotFound, Order, Payment, PaymentState, Refused
from shop.store import now
from shop.tables import payments, refunds

STARTED, PAID = PaymentState.PENDING, PaymentState.SUCCEEDED


@dataclass(frozen=True)
class Kept:
    """`amount` is what we asked for; `reference` is ours, `charge` the provider's id of the money
    that came, where it told one; `closed`: it shall not be paid any more."""

    id: str
    reference: str
    order_number: str
    amount: Money
    url: str
    charge: str
    language: str
    return_url: str
    closed: bool

    @property
    def unpaid(self) -> PaymentState:
        """Of one that nobody has begun to pay."""
        return PaymentState.CANCELLED if self.closed else PaymentState.PENDING

    def now(self, state: PaymentState, amount: Money | None = None, method: str = "") -> Payment:
        told = Payment(self.id, self.order_number, amount or self.amount, state, self.url)
        return replace(told, method=method) if method and state is PAID else told


def find(connection: Connection, condition: ColumnElement[bool]) -> Kept | None:
    row = connection.execute(select(payments).where(condition)).first()
    return to_kept(row) if row else None


def found(connection: Connection, payment_id: str) -> Kept:
    kept = find(connection, payments.c.id == payment_id)
    if kept is None:
        raise NotFound(f"payment {payment_id}")
    return kept


def to_kept(row: Any) -> Kept:
    amount = Money(row.amount, row.currency)
    reference, url, charge = row.reference or "", row.url or "", row.charge or ""
    return Kept(
        row.id,
        reference,
        row.order_number,
        amount,
        url,
        charge,
        row.language,
        row.return_url,
        closed=row.state == PaymentState.CANCELLED.value,
    )


def keep(connection: Connection, order: Order, key: str, **more: str) -> None:
    values: dict[str, Any] = {
        "key": key,
        "order_number": order.number,
        "amount": order.total.minor,
        "currency": order.total.currency,
        "state": STARTED.value,
        "created": now(),
        **more,
    }
    connection.execute(payments.insert().values(**values))


def note(connection: Connection, payment_id: str, **values: str) -> None:
    connection.execute(update(payments).where(payments.c.id == payment_id).values(**values))


def close(connection: Connection, payment_id: str) -> None:
    """Nothing is done any more for it to be paid."""
    pending = (payments.c.id == payment_id) & (payments.c.state == STARTED.value)
    closed = PaymentState.CANCELLED.value
    connection.execute(update(payments).where(pending).values(state=closed))


def of_order(connection: Connection, order_number: str) -> dict[str, int]:
    """The payments that were started for an order, and when."""
    query = select(payments.c.id, payments.c.created)
    mine = query.where(payments.c.order_number == order_number)
    return {row.id: row.created for row in connection.execute(mine.order_by(payments.c.created))}


def close_links(connection: Connection, order_number: str, but: str = "") -> None:
    """Part of a transaction after which an order is not to be paid by the links it has: they are
    closed as soon as can be (shop/jobs.py)."""
    pending = (payments.c.state == STARTED.value) & (payments.c.id != but)
    mine = select(payments.c.id).where(payments.c.order_number == order_number, pending)
    for id_ in connection.scalars(mine).all():
        outbox.put(connection, outbox.CLOSE, f"close_{id_}", {"payment": id_})


def superseded(connection: Connection, payment_id: str) -> bool:
    """Whether a newer payment of the same order was started."""
    this = connection.execute(select(payments).where(payments.c.id == payment_id)).first()
    if this is None:
        return False
    same = payments.c.order_number == this.order_number
    newer = select(payments.c.id).where(same, payments.c.created > this.created)
    return connection.scalar(newer.limit(1)) is not None


def refunded(connection: Connection, payment_id: str) -> int:
    """Minor units given back so far."""
    total = select(func.coalesce(func.sum(refunds.c.amount), 0))
    return int(connection.scalar(total.where(refunds.c.payment_id == payment_id)) or 0)


def refund_done(connection: Connection, payment_id: str, key: str) -> str | None:
    mine = (refunds.c.payment_id == payment_id) & (refunds.c.key == key)
    return connection.scalar(select(refunds.c.reference).where(mine))


def require_refundable(connection: Connection, kept: Kept, amount: Money) -> None:
    left = kept.amount.minor - refunded(connection, kept.id)
    if amount.currency != kept.amount.currency or not 0 < amount.minor <= left:
        raise Refused("not_refundable", number=kept.order_number)


def keep_refund(
    connection: Connection, kept: Kept, amount: Money, key: str, reference: str
) -> None:
    if refund_done(connection, kept.id, key) is None:
        row = {"key": key, "payment_id": kept.id, "amount": amount.minor, "at": now()}
        connection.execute(refunds.insert().values(**row, reference=reference))


def send_back(
    connection: Connection, order_number: str, payment_id: str, amount: Money, key: str
) -> None:
    """Part of the transaction that books a refund: the money goes back at the provider, too, as
    soon as it can (shop/jobs.py). What was not paid through the payments port is not its business.
    """
    if find(connection, payments.c.id == payment_id) is None:
        return
    body = {"payment": payment_id, "minor": amount.minor, "currency": amount.currency, "key": key}
    outbox.put(connection, outbox.REFUND, f"refund_{key}", {**body, "order": order_number})
