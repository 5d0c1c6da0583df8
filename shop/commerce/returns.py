"""Returns, exchanges and what makes good a problem, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from shop import rules
from shop.commerce import changes, methods, return_rows, stock
from shop.commerce.paying import set_state
from shop.commerce.shelf import Shelf
from shop.model import (
    Money,
    Order,
    OrderState,
    Refused,
    ReturnKind,
    ReturnState,
)
from shop.policy import policy
from shop.tables import returns

WITHDRAWABLE = (ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.REPLACEMENT)


def request_return(
    connection: Connection,
    order: Order,
    quantities: Mapping[str, int],
    reason: str,
    method_id: str | None,
) -> str:
    changes.require(order, "return", reason)
    return_rows.require_left(connection, order, quantities)
    amount = rules.refund(order, quantities)
    method = methods.chosen(connection, order, method_id)
    if method and not rules.may_refund_to(order, method):
        raise Refused("not_refundable_to", number=order.number)
    if method and method.balance and method.balance.currency != amount.currency:
        raise Refused("other_currency", balance=method.balance, needed=amount)
    made = return_rows.new(order, ReturnKind.RETURN, quantities, reason, amount, method)
    set_state(connection, order.number, state=OrderState.RETURN_REQUESTED.value)
    return return_rows.put(connection, made | return_rows.sent_back(order, refund=True))


def request_exchange(
    connection: Connection,
    shelf: Shelf,
    order: Order,
    wished: Mapping[str, str],
    reason: str,
    method_id: str | None,
) -> str:
    """The new variants are kept back until the old ones should have been sent."""
    changes.require(order, "exchange", reason)
    wanted = changes.variants_of(
        order, wished, changes.products_of(connection, shelf, order, wished)
    )
    quantities = {line.id: line.quantity for line in order.lines if line.id in wished}
    return_rows.require_left(connection, order, quantities)
    pieces: dict[str, int] = {}
    for line_id, variant in wanted.items():
        pieces[variant.id] = pieces.get(variant.id, 0) + quantities[line_id]
    stock.require_free(connection, pieces, changes.titles(order, wanted), order)
    difference = rules.difference(order, wanted)
    method = methods.chosen(connection, order, method_id)
    if method and difference.minor > 0 and (refused := rules.coverage(method, difference)):
        raise refused
    made = return_rows.new(order, ReturnKind.EXCHANGE, quantities, reason, difference, method)
    made |= {**return_rows.sent_back(order), "changes": dict(wished)}
    stock.hold_until(connection, order.number, pieces, made["send_by"])
    set_state(connection, order.number, state=OrderState.EXCHANGE_REQUESTED.value)
    return return_rows.put(connection, made)


def settle_problem(
    connection: Connection,
    order: Order,
    kind: ReturnKind,
    quantities: Mapping[str, int],
    problem: str,
) -> str:
    changes.require_problem(order, kind, problem)
    return_rows.require_left(connection, order, quantities)
    if kind is ReturnKind.REPLACEMENT:
        pieces, names = replaced(order, quantities)
        stock.move(connection, pieces, names)
        made = return_rows.new(
            order, kind, quantities, problem, Money(0, order.total.currency), None
        )
    else:
        amount = rules.refund(order, quantities)
        made = return_rows.new(order, kind, quantities, problem, amount, rules.original(order))
        made |= {"state": ReturnState.DONE.value, "refund_by": return_rows.usual_refund()}
        pay_back(connection, order, amount)
    if policy().after_sale.problems[problem].send_back:
        made |= return_rows.sent_back(order)
    return return_rows.put(connection, made)


def pay_back(connection: Connection, order: Order, amount: Money) -> None:
    """To where it came from, the first payment first; with all of it the order is refunded."""
    paid = rules.paid_with(order)
    methods.lock(connection, paid)
    for method, part in rules.split(order, amount):
        methods.pay_back(connection, order.number, method, part)
    if paid and amount == rules.paid(order):
        set_state(connection, order.number, state=OrderState.REFUNDED.value)


def replaced(order: Order, quantities: Mapping[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Variant id -> pieces sent again, and -> what they are called."""
    pieces: dict[str, int] = {}
    names = {}
    for line in order.lines:
        if line.id in quantities:
            pieces[line.variant_id] = pieces.get(line.variant_id, 0) + quantities[line.id]
            names[line.variant_id] = line.title
    return pieces, names


def withdraw(connection: Connection, order: Order, row: Any) -> None:
    kind, state = ReturnKind(row.kind), ReturnState(row.state)
    asked = order.state.value in (f"{row.kind}_requested", row.order_state)
    if state is not ReturnState.REQUESTED or kind not in WITHDRAWABLE or not asked:
        raise Refused("not_withdrawable", number=order.number, id=row.id, state=row.state)
    if kind is ReturnKind.EXCHANGE:
        stock.release(connection, order.number)
    if kind is ReturnKind.REPLACEMENT:
        pieces, _ = replaced(order, row.quantities)
        stock.move(connection, {variant: -count for variant, count in pieces.items()})
    mine = update(returns).where(returns.c.id == row.id)
    connection.execute(mine.values(state=ReturnState.WITHDRAWN.value))
    set_state(connection, order.number, state=row.order_state)
