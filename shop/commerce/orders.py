"""Orders in the store: placing, reading and paying them."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from shop import text
from shop.catalogue import next_value
from shop.commerce import carts, methods, stock
from shop.commerce.carts import Line
from shop.commerce.shelf import Shelf
from shop.model import (
    Address,
    Checkout,
    DeliveryMethod,
    Locale,
    Money,
    NotFound,
    Order,
    OrderLine,
    OrderState,
    Refused,
    Tracking,
    Transaction,
)
from shop.policy import policy
from shop.store import moment, now
from shop.tables import cart_lines, order_lines, orders, products, shoppers

FIRST_NUMBER = 10001


def place(
    connection: Connection, shelf: Shelf, conversation: str, checkout: Checkout, key: str
) -> str:
    """Turns the cart into an order and returns its number; a known key's is the first order's."""
    lock_cart(connection, conversation)
    done = connection.scalar(select(orders.c.number).where(orders.c.key == key))
    if done:
        return done
    found = carts.lines(connection, shelf, conversation)
    if not found:
        raise Refused("cart_empty")
    cart = carts.read(connection, shelf, conversation)
    if cart.code and promotion_used(connection, conversation, checkout.email):
        raise Refused("code_used")
    method = delivery_of(checkout, shelf.locale, cart.total)
    stock.require(connection, found)
    number = plain_number(str(next_value(connection, "order", FIRST_NUMBER)))
    agreed = {
        "number": number,
        "key": key,
        "conversation": conversation,
        "shopper_id": shopper_of(connection, checkout),
        "currency": shelf.locale.currency,
        "code": cart.code,
        "discount": cart.discount.minor,
        "delivery": method.id,
        "delivery_price": method.price.minor,
        "total": (cart.total + method.price).minor,
    }
    connection.execute(orders.insert().values(**agreed, **given(checkout, method)))
    connection.execute(order_lines.insert(), line_rows(number, found))
    stock.hold(connection, number)
    empty_cart(connection, conversation)
    return number


def given(checkout: Checkout, method: DeliveryMethod) -> dict[str, Any]:
    return {
        "email": checkout.email.lower(),
        "phone": checkout.phone,
        "language": checkout.language,
        "address": asdict(checkout.address),
        "point": checkout.point if method.to_point else None,
        "state": OrderState.AWAITING_PAYMENT.value,
        "placed": now(),
    }


def lock_cart(connection: Connection, conversation: str) -> None:
    """PostgreSQL: the same cart is not ordered twice at once. SQLite writes one by one anyway."""
    mine = select(carts.carts).where(carts.carts.c.conversation == conversation)
    connection.execute(mine.with_for_update())


def promotion_used(connection: Connection, conversation: str, email: str) -> bool:
    row = carts.promotion_of(connection, conversation)
    return row is not None and row.once and carts.used_before(connection, row.code, email)


def delivery_of(checkout: Checkout, locale: Locale, total: Money) -> DeliveryMethod:
    for method in policy().deliveries(checkout.address.country):
        if method.id == checkout.delivery:
            if method.to_point and not checkout.point:
                raise Refused("point_missing")
            return method.offer(locale, total, policy().default_language)
    raise Refused("delivery_unavailable")


def shopper_of(connection: Connection, checkout: Checkout) -> str:
    """The identified shopper, or a guest. A guest is an earlier guest or customer only if e-mail,
    name and postcode agree: an e-mail alone must not open another person's orders."""
    if checkout.shopper_id:
        return checkout.shopper_id
    row = shopper_row(checkout)
    same = [shoppers.c[name] == row[name] for name in ("email", "name_key", "postcode_key")]
    known = connection.scalar(select(shoppers.c.id).where(*same).order_by(shoppers.c.id).limit(1))
    if known:
        return known
    connection.execute(shoppers.insert().values(**row))
    return row["id"]


def shopper_row(checkout: Checkout) -> dict[str, Any]:
    return {
        "id": f"guest-{uuid.uuid4().hex}",
        "name": checkout.address.name,
        "email": checkout.email.lower(),
        "phone": checkout.phone,
        "address": asdict(checkout.address),
        "name_key": name_key(checkout.address.name),
        "postcode_key": text.key(checkout.address.postcode),
    }


def name_key(name: str) -> str:
    """Kowalski Jan is Jan Kowalski."""
    return " ".join(sorted(text.fold(name).replace("-", " ").split()))


def line_rows(number: str, found: list[Line]) -> list[dict[str, Any]]:
    return [
        {
            "order_number": number,
            "position": position,
            "variant_id": entry.line.variant_id,
            "product_id": entry.line.product_id,
            "title": entry.line.title,
            "options": entry.options,
            "picture": entry.picture,
            "quantity": entry.line.quantity,
            "price": entry.line.price.minor,
        }
        for position, entry in enumerate(found)
    ]


def empty_cart(connection: Connection, conversation: str) -> None:
    connection.execute(delete(cart_lines).where(cart_lines.c.conversation == conversation))
    mine = update(carts.carts).where(carts.carts.c.conversation == conversation)
    connection.execute(mine.values(code=None))


def read(connection: Connection, shelf: Shelf, number: str) -> Order:
    found = many(connection, shelf, orders.c.number == plain_number(number))
    if not found:
        raise NotFound(f"order {number}")
    return found[0]


def locked(connection: Connection, shelf: Shelf, number: str) -> Order:
    """The order as it stands; nobody else changes it until this work is done."""
    mine = select(orders.c.number).where(orders.c.number == plain_number(number))
    connection.execute(mine.with_for_update())
    return read(connection, shelf, number)


def many(connection: Connection, shelf: Shelf, condition: Any) -> tuple[Order, ...]:
    """Newest first."""
    newest = orders.c.placed.desc(), orders.c.number.desc()
    rows = connection.execute(select(orders).where(condition).order_by(*newest)).all()
    lines: dict[str, list[Any]] = {row.number: [] for row in rows}
    about = select(order_lines, products.c.category)
    joined = about.join(products, products.c.id == order_lines.c.product_id, isouter=True)
    query = joined.where(order_lines.c.order_number.in_(lines))
    for line in connection.execute(query.order_by(order_lines.c.position)):
        lines[line.order_number].append(line)
    ids = [line.product_id for of_order in lines.values() for line in of_order]
    titles = carts.titles_of(connection, shelf, ids)
    moved = methods.of_orders(connection, {row.number: row.currency for row in rows})
    return tuple(
        to_order(row, to_lines(row, lines[row.number], shelf, titles), moved[row.number], shelf)
        for row in rows
    )


def plain_number(number: str) -> str:
    """#10234, nr 10234 and 10 234 are 10234, after the prefix that the shop's numbers have."""
    digits = "".join(char for char in number if char.isdigit())
    return f"{policy().order_prefix}{digits}" if digits else number.strip()


def to_order(
    row: Any, lines: tuple[OrderLine, ...], moved: tuple[Transaction, ...], shelf: Shelf
) -> Order:
    currency = row.currency
    return Order(
        number=row.number,
        state=OrderState(row.state),
        placed=moment(row.placed),
        shopper_id=row.shopper_id,
        email=row.email,
        lines=lines,
        delivery=method_of(row, shelf.locale),
        address=Address(**row.address),
        discount=Money(row.discount, currency),
        total=Money(row.total, currency),
        point=row.point,
        tracking=to_tracking(row.tracking),
        conversation=row.conversation,
        transactions=moved,
        items_changed=row.items_changed,
        delivered=moment(row.delivered) if row.delivered else None,
        cancel_reason=row.cancel_reason,
    )


def to_lines(
    row: Any, lines: list[Any], shelf: Shelf, titles: dict[str, str]
) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            variant_id=line.variant_id,
            product_id=line.product_id,
            title=titles.get(line.product_id, line.title),
            labels=shelf.labels(line.options),
            quantity=line.quantity,
            price=Money(line.price, row.currency),
            image=shelf.picture(line.picture, line.options),
            id=str(line.position),
            category=line.category or "",
        )
        for line in lines
    )


def method_of(row: Any, locale: Locale) -> DeliveryMethod:
    """The method as it is called today, at the price that was agreed."""
    price = Money(row.delivery_price, row.currency)
    for method in policy().delivery:
        if method.id == row.delivery:
            title = method.title.get(locale.language) or method.title[policy().default_language]
            return DeliveryMethod(method.id, title, price, method.days, method.to_point)
    return DeliveryMethod(row.delivery, row.delivery, price, (0, 0))


def to_tracking(data: dict[str, Any] | None) -> Tracking | None:
    if data is None:
        return None
    estimated = data.get("estimated")
    return Tracking(
        carrier=data["carrier"],
        number=data["number"],
        url=data["url"],
        status=data["status"],
        updated=datetime.fromisoformat(data["updated"]),
        estimated=date.fromisoformat(estimated[:10]) if estimated else None,
    )
