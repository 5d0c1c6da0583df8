"""Addresses of pages that only their receiver can open: signed, and valid until a moment."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, select

from shop import schema
from shop.catalogue import upsert
from shop.store import Store, now
from shop.tables import meta

KEY = "link_secret"


def make_secret(store: Store) -> None:
    """Work for a store's first use: its own secret, made once."""
    with schema.alone(store.engine), store.begin() as connection:
        if connection.scalar(select(meta.c.value).where(meta.c.key == KEY)) is None:
            upsert(connection, meta, [{"key": KEY, "value": secrets.token_urlsafe(32)}])


def secret(connection: Connection) -> str:
    value = connection.scalar(select(meta.c.value).where(meta.c.key == KEY))
    if not value:
        raise LookupError("the store has no link secret: it was not prepared")
    return value


def signature(secret: str, path: str, until: int) -> str:
    return hmac.new(secret.encode(), f"{path}?{until}".encode(), hashlib.sha256).hexdigest()


def signed(secret: str, site: str, path: str, until: int) -> str:
    """The full address of a page by its plain path; `until` is in UTC seconds."""
    query = urlencode({"until": until, "signature": signature(secret, path, until)})
    return f"{site}{quote(path)}?{query}"


def holds(secret: str, path: str, until: str, given: str) -> bool:
    """Whether the address was signed here and still is valid."""
    if not until.isascii() or not until.isdigit() or int(until) < now():
        return False
    return hmac.compare_digest(signature(secret, path, int(until)).encode(), given.encode())
