"""One-time codes by e-mail: whoever types the right one holds the shopper's mailbox."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shop import identity, mail
from shop.catalogue import next_value
from shop.identity import to_shopper
from shop.model import Refused, Shopper
from shop.policy import policy
from shop.store import now, open_store
from shop.tables import codes, identities

DIGITS = 6
HOUR = 3600  # seconds
COST = {"n": 2**14, "r": 8, "p": 1}  # of scrypt: about 50 ms a guess


async def send_code(conversation: str, shopper: Shopper | None, language: str) -> None:
    """Sends a code that replaces earlier ones; for nobody (None) all is done but the sending.
    Raises Refused(code_too_often), and Unavailable where the mail server does not take it."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    salt = secrets.token_hex(16)
    row = {
        "conversation": conversation,
        "shopper_id": shopper.id if shopper else "",
        "shopper": asdict(shopper) if shopper else None,
        "salt": salt,
        "digest": await asyncio.to_thread(digest, code, salt),
        "tries": 0,
        "sent": now(),
    }
    await open_store().write(partial(put, row=row), "send_code")
    if shopper is None:
        await mail.rehearse()
        return
    values = {"code": code, "minutes": policy().identity.code_minutes}
    await mail.send(shopper.email, "code", language, values)


def digest(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), **COST).hex()


def put(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(delete(codes).where(codes.c.sent <= now() - 24 * HOUR))
    next_value(connection, "code", 1)  # senders at once are counted one by one
    same = codes.c.conversation == row["conversation"]
    if row["shopper_id"]:
        same = same | (codes.c.shopper_id == row["shopper_id"])
    recent = same & (codes.c.sent > now() - HOUR)
    sent = connection.scalar(select(func.count()).select_from(codes).where(recent)) or 0
    if sent >= policy().identity.codes_an_hour:
        raise Refused("code_too_often")
    connection.execute(codes.insert().values(**row))


async def check_code(conversation: str, code: str) -> None:
    """Raises Refused(code_wrong, left), Refused(code_expired) or Refused(code_too_many); the right
    code proves the conversation, which is then known to be the shopper's."""
    typed = "".join(sign for sign in code if sign.isdigit())
    outcome = await open_store().write(partial(attempt, of=conversation, code=typed), "check_code")
    if isinstance(outcome, Refused):
        raise outcome
    await identity.remember(conversation, outcome)
    await open_store().write(partial(prove, of=conversation), "prove")


def attempt(connection: Connection, of: str, code: str) -> Shopper | Refused:
    """Counts the try, so it must not raise. A right code stays right: messages come twice."""
    newest = select(codes).where(codes.c.conversation == of).order_by(codes.c.id.desc()).limit(1)
    row = connection.execute(newest.with_for_update()).first()
    terms = policy().identity
    if row is None or row.sent <= now() - terms.code_minutes * 60:
        return Refused("code_expired")
    if row.tries >= terms.code_tries:
        return Refused("code_too_many")
    if row.shopper and hmac.compare_digest(digest(code, row.salt), row.digest):
        return to_shopper(row.shopper)
    mine = update(codes).where(codes.c.id == row.id)
    connection.execute(mine.values(tries=row.tries + 1))
    left = terms.code_tries - row.tries - 1
    return Refused("code_wrong", left=left) if left else Refused("code_too_many")


def prove(connection: Connection, of: str) -> None:
    mine = update(identities).where(identities.c.conversation == of)
    connection.execute(mine.values(proved=now()))


async def proved(conversation: str) -> bool:
    """Whether this conversation's shopper has typed a right code."""

    def work(connection: Connection) -> bool:
        mine = identities.c.conversation == conversation
        return connection.scalar(select(identities.c.proved).where(mine)) is not None

    return await open_store().read(work, "proved")
