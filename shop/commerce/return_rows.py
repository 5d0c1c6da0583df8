"""Returns in the store: writing and reading their rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from shop import links
from shop.catalogue import next_value
from shop.commerce import methods
from shop.commerce.shelf import Shelf
from shop.model import (
    Money,
    NotFound,
    Order,
    PaymentMethod,
    Refused,
    Return,
    ReturnKind,
    ReturnState,
)
from shop.policy import policy
from shop.store import moment, now
from shop.tables import orders, returns

FIRST_NUMBER = 1001


def require_left(connection: Connection, order: Order, quantities: Mapping[str, int]) -> None:
    """Raises Refused(not_returnable) for more pieces than were bought and not given back yet."""
    gone: dict[str, int] = {}
    query = select(returns.c.quantities).where(returns.c.order_number == order.number)
    for counted in connection.scalars(query.where(returns.c.state != ReturnState.WITHDRAWN.value)):
        for line_id, count in counted.items():
            gone[line_id] = gone.get(line_id, 0) + count
    left = {line.id: line.quantity - gone.get(line.id, 0) for line in order.lines}
    wrong = [i for i, count in quantities.items() if not 0 < count <= left.get(i, 0)]
    if wrong or not quantities:
        raise Refused("not_returnable", number=order.number, lines=tuple(wrong))


def new(
    order: Order,
    kind: ReturnKind,
    quantities: Mapping[str, int],
    reason: str,
    amount: Money,
    method: PaymentMethod | None,
) -> dict[str, Any]:
    return {
        "order_number": order.number,
        "kind": kind.value,
        "state": ReturnState.REQUESTED.value,
        "order_state": order.state.value,
        "quantities": dict(quantities),
        "changes": {},
        "reason": reason,
        "amount": amount.minor,
        "currency": amount.currency,
        "method_id": method.id if method else None,
        "requested": now(),
        "label": False,
    }


def sent_back(order: Order, refund: bool = False) -> dict[str, Any]:
    terms, at = policy().returns, moment(now())
    values: dict[str, Any] = {
        "send_by": int((at + timedelta(days=terms.send_back_days)).timestamp()),
        "label": order.address.country in terms.label_free,
    }
    if refund:
        values["refund_by"] = int((at + timedelta(days=terms.refund_days)).timestamp())
    return values


def usual_refund() -> int:
    """When money sent back today is usually there."""
    at = policy().local(moment(now()))
    day = policy().working_day(at.date(), policy().returns.usual_refund_days[1])
    return int((at + timedelta(days=(day - at.date()).days)).timestamp())


def put(connection: Connection, row: dict[str, Any]) -> str:
    id_ = f"R{next_value(connection, 'return', FIRST_NUMBER)}"
    connection.execute(returns.insert().values(id=id_, **row))
    return id_


def row_of(connection: Connection, return_id: str) -> Any:
    row = connection.execute(select(returns).where(returns.c.id == return_id)).first()
    if row is None:
        raise NotFound(f"return {return_id}")
    return row


def read(connection: Connection, shelf: Shelf, return_id: str) -> Return:
    return many(connection, shelf, returns.c.id == row_of(connection, return_id).id)[0]


def many(connection: Connection, shelf: Shelf, condition: Any) -> tuple[Return, ...]:
    """Newest first."""
    query = select(returns, orders.c.language).join(
        orders, orders.c.number == returns.c.order_number
    )
    newest = returns.c.requested.desc(), returns.c.id.desc()
    rows = connection.execute(query.where(condition).order_by(*newest)).all()
    known = methods.by_ids(connection, {row.method_id for row in rows if row.method_id})
    secret = links.secret(connection)
    return tuple(to_return(row, known.get(row.method_id), shelf, secret) for row in rows)


def to_return(row: Any, method: PaymentMethod | None, shelf: Shelf, secret: str) -> Return:
    return Return(
        id=row.id,
        kind=ReturnKind(row.kind),
        state=ReturnState(row.state),
        order_number=row.order_number,
        quantities=row.quantities,
        reason=row.reason,
        amount=Money(row.amount, row.currency),
        requested=moment(row.requested),
        method=method,
        changes=row.changes,
        label=label_of(row, shelf, secret),
        send_by=moment(row.send_by) if row.send_by else None,
        refund_by=moment(row.refund_by) if row.refund_by else None,
    )


def label_of(row: Any, shelf: Shelf, secret: str) -> str | None:
    if not row.label or row.state != ReturnState.REQUESTED.value:
        return None
    path = f"/{row.language}/order/{row.order_number}/label/{row.id}"
    return links.signed(secret, shelf.public_url, path, row.send_by)
