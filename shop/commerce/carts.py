"""Carts in the store: what is in them and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from shop.catalogue import upsert
from shop.commerce.shelf import Shelf, held, in_stock_query, price_of
from shop.model import Cart, CartLine, Money, NotFound, OutOfStock, Refused
from shop.store import now
from shop.tables import cart_lines, carts, orders, product_texts, promotions, variants

MOST = 99  # pieces of one variant


@dataclass(frozen=True)
class Line:
    """A cart line with what a promotion needs to know of it."""

    line: CartLine
    reduced: bool
    options: dict[str, str]
    picture: str


def read(connection: Connection, shelf: Shelf, conversation: str) -> Cart:
    found = lines(connection, shelf, conversation)
    subtotal = total_of(found, shelf.locale.currency)
    row = promotion_of(connection, conversation)
    discount = Money(0, subtotal.currency)
    if row is not None and not objection(row, found, subtotal):
        discount = discount_of(row, found, subtotal)
    return Cart(
        lines=tuple(entry.line for entry in found),
        subtotal=subtotal,
        discount=discount,
        total=Money(subtotal.minor - discount.minor, subtotal.currency),
        code=row.code if row is not None and discount.minor else None,
    )


def lines(connection: Connection, shelf: Shelf, conversation: str) -> list[Line]:
    """In the order in which they were first put in."""
    query = (
        in_stock_query(shelf.locale.currency)
        .add_columns(cart_lines.c.quantity)
        .join(cart_lines, cart_lines.c.variant_id == variants.c.id)
        .where(cart_lines.c.conversation == conversation)
        .order_by(cart_lines.c.position)
    )
    rows = connection.execute(query).all()
    titles = titles_of(connection, shelf, [row.product_id for row in rows])
    return [line_of(row, shelf, titles) for row in rows]


def line_of(row: Any, shelf: Shelf, titles: dict[str, str]) -> Line:
    price, picture = price_of(row, shelf.locale.currency), row.picture or row.product_picture
    line = CartLine(
        variant_id=row.id,
        product_id=row.product_id,
        title=titles[row.product_id],
        labels=shelf.labels(row.options),
        quantity=row.quantity,
        price=price.amount,
        image=shelf.picture(picture, row.options),
    )
    return Line(line, price.amount.minor < row.regular, row.options, picture)


def titles_of(connection: Connection, shelf: Shelf, ids: list[str]) -> dict[str, str]:
    """Product titles in the shopper's language, else the default's, else any."""
    order = {shelf.names.default_language: 1, shelf.locale.language: 2}
    rows = connection.execute(select(product_texts).where(product_texts.c.product_id.in_(ids)))
    best = sorted(rows, key=lambda row: order.get(row.language, 0))
    return {row.product_id: row.title for row in best}


def total_of(found: list[Line], currency: str) -> Money:
    return Money(sum(entry.line.total.minor for entry in found), currency)


def put(connection: Connection, conversation: str, variant_id: str, quantity: int) -> None:
    available = stock_of(connection, variant_id)
    if not 0 <= quantity <= max(available, 0) or quantity > MOST:
        raise OutOfStock(min(max(available, 0), MOST))
    touch(connection, conversation)
    mine = (cart_lines.c.conversation == conversation) & (cart_lines.c.variant_id == variant_id)
    if quantity == 0:
        connection.execute(delete(cart_lines).where(mine))
        return
    if connection.execute(update(cart_lines).where(mine).values(quantity=quantity)).rowcount:
        return
    last = select(func.coalesce(func.max(cart_lines.c.position), 0) + 1)
    position = connection.scalar(last.where(cart_lines.c.conversation == conversation))
    row = {"conversation": conversation, "variant_id": variant_id, "position": position}
    connection.execute(cart_lines.insert().values(**row, quantity=quantity))


def stock_of(connection: Connection, variant_id: str) -> int:
    """What can be ordered of a variant now. Raises NotFound."""
    taken = held(now())
    query = select(variants.c.stock - func.coalesce(taken.c.quantity, 0)).join(
        taken, taken.c.variant_id == variants.c.id, isouter=True
    )
    available = connection.scalar(query.where(variants.c.id == variant_id))
    if available is None:
        raise NotFound(f"variant {variant_id}")
    return available


def touch(connection: Connection, conversation: str) -> None:
    upsert(connection, carts, [{"conversation": conversation, "updated": now()}])


def set_code(connection: Connection, shelf: Shelf, conversation: str, code: str) -> None:
    """Raises Refused where the code does not hold for this cart."""
    touch(connection, conversation)
    mine = update(carts).where(carts.c.conversation == conversation)
    if not code.strip():
        connection.execute(mine.values(code=None))
        return
    found = lines(connection, shelf, conversation)
    row = find_promotion(connection, code)
    if row is None:
        raise Refused("code_unknown")
    if refusal := objection(row, found, total_of(found, shelf.locale.currency)):
        raise refusal
    connection.execute(mine.values(code=row.code))


def find_promotion(connection: Connection, code: str) -> Row | None:
    wanted = "".join(code.split()).upper()
    return connection.execute(select(promotions).where(promotions.c.code == wanted)).first()


def promotion_of(connection: Connection, conversation: str) -> Row | None:
    code = connection.scalar(select(carts.c.code).where(carts.c.conversation == conversation))
    return find_promotion(connection, code) if code else None


def objection(row: Any, found: list[Line], subtotal: Money) -> Refused | None:
    """Why a promotion does not hold for these lines."""
    at = now()
    if row.starts and at < row.starts:
        return Refused("code_unknown")
    if row.ends and at >= row.ends:
        return Refused("code_expired")
    minimum = (row.minimum or {}).get(subtotal.currency, 0)
    if subtotal.minor < minimum:
        return Refused("code_minimum", minimum=Money(minimum, subtotal.currency))
    if found and not discount_of(row, found, subtotal).minor:
        return Refused("code_not_combinable")
    return None


def discount_of(row: Any, found: list[Line], subtotal: Money) -> Money:
    """Percentages are rounded to the shopper's favour, line by line."""
    eligible = [entry.line.total.minor for entry in found if row.with_sale or not entry.reduced]
    if row.percent:
        amount = sum(-(-total * row.percent // 100) for total in eligible)
    else:
        amount = min((row.fixed or {}).get(subtotal.currency, 0), sum(eligible))
    return Money(amount, subtotal.currency)


def used_before(connection: Connection, code: str, email: str) -> bool:
    mine = (orders.c.code == code) & (orders.c.email == email.lower())
    return connection.scalar(select(orders.c.number).where(mine).limit(1)) is not None
