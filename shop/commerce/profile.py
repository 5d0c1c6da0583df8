"""What the shop knows of a shopper, and how they change it; in the caller's transaction."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select, update

from shop import text
from shop.catalogue import next_value
from shop.model import Address, NotFound, Refused, Shopper
from shop.policy import policy
from shop.tables import identities, orders, shoppers

GUEST = "guest-"  # what the ids of those begin with who ordered without an account


def find(
    connection: Connection, email: str, order_number: str, name_key: str, postcode: str
) -> Shopper:
    """Accounts before guests, who may have named anybody's e-mail. Raises NotFound."""
    query = select(shoppers)
    email = email.strip().lower()
    if email and not policy().identity.order_number_with_email:
        query = query.where(shoppers.c.email == email)
    elif email and order_number:
        query = query.join(orders, orders.c.shopper_id == shoppers.c.id)
        query = query.where(orders.c.number == order_number)
        query = query.where((orders.c.email == email) | (shoppers.c.email == email))
    elif name_key and postcode:
        query = query.where(shoppers.c.name_key == name_key)
        query = query.where(shoppers.c.postcode_key == text.key(postcode))
    else:
        raise NotFound("shopper")
    row = connection.execute(query.order_by(is_guest(), shoppers.c.id).limit(1)).first()
    if row is None:
        raise NotFound("shopper")
    return to_shopper(row)


def is_guest() -> Any:
    return shoppers.c.id.startswith(GUEST, autoescape=True)


def to_shopper(row: Any) -> Shopper:
    address = Address(**row.address) if row.address else None
    return Shopper(row.id, row.name, row.email, row.phone, address)


def locked(connection: Connection, shopper_id: str) -> Shopper:
    mine = select(shoppers).where(shoppers.c.id == shopper_id)
    row = connection.execute(mine.with_for_update()).first()
    if row is None:
        raise NotFound(f"shopper {shopper_id}")
    return to_shopper(row)


def change(
    connection: Connection,
    shopper: Shopper,
    email: str | None,
    phone: str | None,
    address: Address | None,
) -> str:
    """Raises Refused(email_taken). Conversations that know the shopper learn of it."""
    values: dict[str, Any] = {}
    if email is not None:
        values["email"] = email.strip().lower()
        require_free(connection, shopper, values["email"])
    if phone is not None:
        values["phone"] = phone
    if address is not None:
        values |= {"address": asdict(address), "postcode_key": text.key(address.postcode)}
    if values:
        mine = shoppers.c.id == shopper.id
        connection.execute(update(shoppers).where(mine).values(**values))
        known = update(identities).where(identities.c.shopper_id == shopper.id)
        connection.execute(known.values(shopper=asdict(locked(connection, shopper.id))))
    return shopper.id


def require_free(connection: Connection, shopper: Shopper, email: str) -> None:
    """An e-mail opens one account only."""
    next_value(connection, "email", 1)  # of two who take the same one, the second waits here
    others = (shoppers.c.email == email) & (shoppers.c.id != shopper.id) & ~is_guest()
    if connection.scalar(select(shoppers.c.id).where(others).limit(1)):
        raise Refused("email_taken")
