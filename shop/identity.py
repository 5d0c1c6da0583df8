"""Who a conversation is, and which orders it may see."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shop import connect
from shop.model import Address, Locale, NotFound, Order, Refused, Shopper
from shop.store import now, open_store
from shop.tables import identities, identity_tries

MOST_TRIES = 5
TRIES_WINDOW = 3600  # seconds


async def identify(
    conversation: str,
    *,
    email: str = "",
    order_number: str = "",
    name: str = "",
    postcode: str = "",
) -> Shopper:
    """Finds the shopper by two facts (by e-mail alone where the policy says so) and remembers them.
    Raises NotFound, and Refused with reason too_many_tries (5 failures a conversation an hour) or
    other_person."""
    await require_tries_left(conversation)
    facts = {"email": email, "order_number": order_number, "name": name, "postcode": postcode}
    try:
        found = await connect("commerce").find_shopper(**facts)
    except NotFound:
        await failed(conversation)
        raise
    await remember(conversation, found)
    return found


async def remember(conversation: str, shopper: Shopper) -> None:
    """One person a conversation: raises Refused(other_person) for a second one. The same person's
    new particulars replace the old ones."""

    def work(connection: Connection) -> None:
        row = find(connection, conversation)
        if row is not None and row.shopper_id != shopper.id:
            raise Refused("other_person")
        if row is None:
            values = {"shopper_id": shopper.id, "shopper": asdict(shopper), "since": now()}
            connection.execute(identities.insert().values(conversation=conversation, **values))
        elif to_shopper(row.shopper) != shopper:
            mine = update(identities).where(identities.c.conversation == conversation)
            connection.execute(mine.values(shopper=asdict(shopper)))

    await open_store().write(work, "remember")


async def shopper(conversation: str) -> Shopper | None:
    """Who the conversation has been identified as."""

    def work(connection: Connection) -> Shopper | None:
        row = find(connection, conversation)
        return to_shopper(row.shopper) if row is not None else None

    return await open_store().read(work, "shopper")


async def forget(conversation: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(delete(identities).where(identities.c.conversation == conversation))

    await open_store().write(work, "forget")


async def visible_orders(conversation: str, locale: Locale) -> tuple[Order, ...]:
    """The identified shopper's orders and those placed in this conversation, newest first."""
    commerce, person = connect("commerce"), await shopper(conversation)
    own = await commerce.orders(person.id, locale) if person else ()
    here = await commerce.placed_in(conversation, locale)
    orders = {order.number: order for order in (*own, *here)}
    return tuple(sorted(orders.values(), key=lambda order: order.placed, reverse=True))


async def visible_order(conversation: str, number: str, locale: Locale) -> Order:
    """Raises NotFound, for an unknown order and for another person's alike."""
    order = await connect("commerce").order(number, locale)
    person = await shopper(conversation)
    if order.conversation == conversation or (person and order.shopper_id == person.id):
        return order
    raise NotFound(f"order {number}")


async def require_tries_left(conversation: str) -> None:
    def work(connection: Connection) -> int:
        recent = identity_tries.c.at > now() - TRIES_WINDOW
        mine = (identity_tries.c.conversation == conversation) & recent
        return connection.scalar(select(func.count()).select_from(identity_tries).where(mine)) or 0

    if await open_store().read(work) >= MOST_TRIES:
        raise Refused("too_many_tries")


async def failed(conversation: str) -> None:
    """Counts a failed attempt, for those who identify by other means than `identify`."""

    def work(connection: Connection) -> None:
        old = identity_tries.c.at <= now() - TRIES_WINDOW
        connection.execute(delete(identity_tries).where(old))
        connection.execute(identity_tries.insert().values(conversation=conversation, at=now()))

    await open_store().write(work, "failed")


def find(connection: Connection, conversation: str) -> Any:
    query = select(identities).where(identities.c.conversation == conversation)
    return connection.execute(query).first()


def to_shopper(data: dict[str, Any]) -> Shopper:
    address = Address(**data["address"]) if data["address"] else None
    return Shopper(**{**data, "address": address})
