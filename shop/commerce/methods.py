"""Payment methods in the store, and the money that orders moved with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select, update

from shop import rules
from shop.model import Money, Order, PaymentMethod, Refused, Transaction
from shop.payments import kept
from shop.store import now
from shop.tables import payment_methods, transactions


def of_shopper(connection: Connection, shopper_id: str) -> tuple[PaymentMethod, ...]:
    mine = (payment_methods.c.shopper_id == shopper_id) & payment_methods.c.kept
    query = select(payment_methods).where(mine)
    rows = connection.execute(query.order_by(payment_methods.c.position, payment_methods.c.id))
    return tuple(to_method(row) for row in rows)


def to_method(row: Any) -> PaymentMethod:
    balance = Money(row.balance, row.currency) if row.balance is not None else None
    return PaymentMethod(row.id, row.kind, row.name, row.ending, balance)


def of_orders(
    connection: Connection, currencies: dict[str, str]
) -> dict[str, tuple[Transaction, ...]]:
    """The transactions of orders, given the currency of each, in the order in which they came."""
    found: dict[str, list[Transaction]] = {number: [] for number in currencies}
    own = ("id", "kind", "name", "ending", "balance", "currency")
    query = (
        select(transactions, *(payment_methods.c[name] for name in own))
        .join(payment_methods, payment_methods.c.id == transactions.c.method_id)
        .where(transactions.c.order_number.in_(currencies))
    )
    for row in connection.execute(query.order_by(transactions.c.position)):
        amount = Money(row.amount, currencies[row.order_number])
        found[row.order_number].append(Transaction(amount, to_method(row), row.refund))
    return {number: tuple(moved) for number, moved in found.items()}


def by_ids(connection: Connection, ids: Iterable[str]) -> dict[str, PaymentMethod]:
    wanted = payment_methods.c.id.in_(sorted(ids))
    return {r.id: to_method(r) for r in connection.execute(select(payment_methods).where(wanted))}


def lock(connection: Connection, ids: Iterable[str]) -> dict[str, PaymentMethod]:
    """The methods as they stand now; nobody else moves their balance until this work is done."""
    wanted = payment_methods.c.id.in_(sorted(set(ids)))
    query = select(payment_methods).where(wanted).order_by(payment_methods.c.id).with_for_update()
    return {row.id: to_method(row) for row in connection.execute(query)}


def chosen(connection: Connection, order: Order, method_id: str | None) -> PaymentMethod | None:
    """The shopper's method with this id, or one that paid the order; without an id, the order's
    own, if it was paid. Locked. Raises Refused(not_yours)."""
    own = rules.original(order)
    if method_id is None:
        return lock(connection, [own.id])[own.id] if own else None
    mine = {method.id for method in of_shopper(connection, order.shopper_id)}
    if method_id not in mine | set(rules.paid_with(order)):
        raise Refused("not_yours", number=order.number)
    return lock(connection, [method_id])[method_id]


def add(connection: Connection, shopper_id: str, method: PaymentMethod, kept: bool = True) -> None:
    here = payment_methods.c.shopper_id == shopper_id
    last = connection.scalar(select(func.count()).select_from(payment_methods).where(here))
    balance = method.balance
    row = {
        "id": method.id,
        "shopper_id": shopper_id,
        "position": last,
        "kind": method.kind,
        "name": method.name,
        "ending": method.ending,
        "balance": balance.minor if balance else None,
        "currency": balance.currency if balance else None,
        "kept": kept,
    }
    connection.execute(payment_methods.insert().values(**row))


def pay(connection: Connection, number: str, method: PaymentMethod, amount: Money) -> None:
    note(connection, number, method, amount, refund=False)


def pay_back(connection: Connection, number: str, method: PaymentMethod, amount: Money) -> None:
    note(connection, number, method, amount, refund=True)


def note(
    connection: Connection, number: str, method: PaymentMethod, amount: Money, refund: bool
) -> None:
    """One more transaction of an order; a gift card's balance moves with it. Raises Refused where
    the card is of another currency."""
    if method.balance and method.balance.currency != amount.currency:
        raise Refused("other_currency", balance=method.balance, needed=amount)
    here = transactions.c.order_number == number
    last = connection.scalar(select(func.max(transactions.c.position)).where(here))
    row = {"order_number": number, "position": 0 if last is None else last + 1}
    row |= {"method_id": method.id, "amount": amount.minor, "refund": refund, "at": now()}
    connection.execute(transactions.insert().values(**row))
    change = amount.minor if refund else -amount.minor
    card = update(payment_methods).where(payment_methods.c.id == method.id)
    with_balance = card.where(payment_methods.c.balance.is_not(None))
    connection.execute(with_balance.values(balance=payment_methods.c.balance + change))
    if refund:
        kept.send_back(connection, number, method.id, amount, f"{number}/{row['position']}")
