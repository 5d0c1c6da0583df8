"""Changing orders already placed: what the port promises, done in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, update

from shop import rules
from shop.commerce import methods, stock
from shop.commerce.aftersale import UNPAID
from shop.commerce.paying import PAYABLE, set_state
from shop.commerce.shelf import Shelf
from shop.model import (
    Address,
    Locale,
    Money,
    NotFound,
    Order,
    OrderState,
    PaymentMethod,
    Product,
    Refused,
    ReturnKind,
    Variant,
)
from shop.payments.kept import close_links
from shop.policy import policy
from shop.store import moment, now
from shop.tables import order_lines


def require(order: Order, what: str, reason: str | None = None) -> None:
    """Raises Refused where the rules do, and for a reason that the policy does not know."""
    if refused := rules.refusal(order, what, moment(now())):
        raise refused
    known = policy().after_sale.allowed(what).reasons if reason is not None else ()
    if known and reason not in known:
        raise Refused("reason_unknown", number=order.number, reasons=known)


def require_problem(order: Order, kind: ReturnKind, problem: str) -> None:
    """Raises Refused(cannot_settle) for a problem that the order's state, or a remedy that the
    policy does not allow."""
    if refused := rules.refusal(order, f"problem/{problem}", moment(now())):
        raise refused
    remedies = policy().after_sale.problems[problem].remedies
    if kind.value not in remedies:
        raise Refused("cannot_settle", number=order.number, state=order.state.value)


def cancel(connection: Connection, order: Order, reason: str) -> None:
    require(order, "cancel", reason)
    if order.state in PAYABLE:
        give_up(connection, order)
    else:
        stock.move(connection, {v: -n for v, n in pieces(order).items()})
    paid = rules.paid_with(order)
    methods.lock(connection, paid)
    for method, amount in paid.values():
        methods.pay_back(connection, order.number, method, amount)
    set_state(connection, order.number, state=OrderState.CANCELLED.value, cancel_reason=reason)


def expire(connection: Connection, order: Order) -> None:
    """Cancels what nobody has paid; whatever else has become of the order stays."""
    if order.state in PAYABLE:
        give_up(connection, order)
        cancelled = OrderState.CANCELLED.value
        set_state(connection, order.number, state=cancelled, cancel_reason=UNPAID)


def give_up(connection: Connection, order: Order) -> None:
    """What was kept back for an unpaid order may be sold, and its payment links are closed."""
    stock.release(connection, order.number)
    close_links(connection, order.number)


def change_items(
    connection: Connection,
    shelf: Shelf,
    order: Order,
    changes: Mapping[str, str],
    method_id: str | None,
) -> None:
    require(order, "change_items")
    products = products_of(connection, shelf, order, changes)
    wanted = really_other(order, variants_of(order, changes, products))
    difference = rules.difference(order, wanted)
    if order.state not in PAYABLE:
        stock.move(connection, stock_moves(order, wanted), titles(order, wanted))
        settle(connection, order, methods.chosen(connection, order, method_id), difference)
    else:
        stock.require_free(connection, stock_moves(order, wanted), titles(order, wanted), order)
    for line_id, variant in wanted.items():
        write_line(connection, order, line_id, variant)
    if order.state in PAYABLE:
        stock.hold(connection, order.number)
    set_state(
        connection,
        order.number,
        items_changed=True,
        total=order.total.minor + difference.minor,
        discount=rules.discount_after(order, wanted).minor,
    )


def products_of(
    connection: Connection, shelf: Shelf, order: Order, changes: Mapping[str, str]
) -> dict[str, Product]:
    """By line id, at the prices of the order's currency. Raises NotFound for an unknown line."""
    if not changes:
        raise Refused("nothing_to_change", number=order.number)
    here = Shelf(shelf.names, shelf.public_url, Locale(shelf.locale.language, order.total.currency))
    found = {}
    for line_id in changes:
        line = rules.line_of(order, line_id)
        on_sale = here.fetch(connection, [line.product_id]) if line else ()
        if not on_sale:
            raise NotFound(f"line {line_id} of order {order.number}")
        found[line_id] = on_sale[0]
    return found


def variants_of(
    order: Order, changes: Mapping[str, str], products: Mapping[str, Product]
) -> dict[str, Variant]:
    """By line id. Raises Refused(other_product)."""
    found = {}
    for line_id, variant_id in changes.items():
        same = (v for v in products[line_id].variants if v.id == variant_id)
        variant = next(same, None)
        if variant is None:
            raise Refused("other_product", number=order.number, title=products[line_id].title)
        found[line_id] = variant
    return found


def really_other(order: Order, wanted: Mapping[str, Variant]) -> dict[str, Variant]:
    """Without those that stay what they are; raises Refused(same_variant) where none is left."""
    kept = {line.id: line.variant_id for line in order.lines}
    found = {id_: variant for id_, variant in wanted.items() if kept[id_] != variant.id}
    if not found:
        raise Refused("same_variant", number=order.number)
    return found


def pieces(order: Order) -> dict[str, int]:
    """Variant id -> how many of it were bought."""
    counted: dict[str, int] = {}
    for line in order.lines:
        counted[line.variant_id] = counted.get(line.variant_id, 0) + line.quantity
    return counted


def stock_moves(order: Order, wanted: Mapping[str, Variant]) -> dict[str, int]:
    """Variant id -> pieces that leave the stock; those that come back are negative."""
    moves: dict[str, int] = {}
    for line in order.lines:
        if line.id in wanted:
            new = wanted[line.id].id
            moves[new] = moves.get(new, 0) + line.quantity
            moves[line.variant_id] = moves.get(line.variant_id, 0) - line.quantity
    return moves


def titles(order: Order, wanted: Mapping[str, Variant]) -> dict[str, str]:
    """What to call the new variants if they are not there."""
    return {wanted[line.id].id: line.title for line in order.lines if line.id in wanted}


def settle(
    connection: Connection, order: Order, method: PaymentMethod | None, difference: Money
) -> None:
    """The price difference is paid or paid back; nothing to do where no payment is known."""
    if method is None:
        return
    if difference.minor > 0:
        if refused := rules.coverage(method, difference):
            raise refused
        methods.pay(connection, order.number, method, difference)
    else:
        methods.pay_back(connection, order.number, method, difference * -1)


def write_line(connection: Connection, order: Order, line_id: str, variant: Variant) -> None:
    mine = (order_lines.c.order_number == order.number) & (order_lines.c.position == int(line_id))
    row = {
        "variant_id": variant.id,
        "options": variant.options,
        "price": variant.price.amount.minor,
        "picture": stock.picture_of(connection, variant.id),
    }
    connection.execute(update(order_lines).where(mine).values(**row))


def change_payment(connection: Connection, order: Order, method_id: str) -> None:
    require(order, "change_payment")
    before = order.transactions[0]
    if method_id == before.method.id:
        raise Refused("same_method", number=order.number)
    if method_id not in {m.id for m in methods.of_shopper(connection, order.shopper_id)}:
        raise Refused("not_yours", number=order.number)
    method = methods.lock(connection, [method_id, before.method.id])[method_id]
    if refused := rules.coverage(method, before.amount):
        raise refused
    methods.pay(connection, order.number, method, before.amount)
    methods.pay_back(connection, order.number, before.method, before.amount)


def change_address(
    connection: Connection, order: Order, address: Address, point: str | None
) -> None:
    require(order, "change_address")
    known = {method.id for method in policy().delivery}
    here = {method.id for method in policy().deliveries(address.country)}
    if order.delivery.id in known and order.delivery.id not in here:
        raise Refused("delivery_unavailable", number=order.number)
    values: dict[str, Any] = {"address": asdict(address)}
    if point and order.delivery.to_point:
        values["point"] = point
    set_state(connection, order.number, **values)
