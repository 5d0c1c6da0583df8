"""Signed messages to be delivered: on disk before they are sent, tried again until they are taken.

Two targets: `payment`, the sandbox provider's webhook to the shop, and `notice`, the shop's word to
the conversation. One process runs `run`; the others only put messages in. `check`, `refund`,
`close`, `release` and `crm` are not sent but done, by shop/jobs.py, in the same process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Connection, select, update
from standardwebhooks.webhooks import EmptyWebhookSecretError

from shop.model import Unavailable
from shop.settings import public_url
from shop.signing import encoded, signed_headers
from shop.store import Store, now
from shop.tables import outbox

logger = logging.getLogger(__name__)
PAYMENT, NOTICE = "payment", "notice"
CHECK, REFUND, CLOSE, RELEASE = "check", "refund", "close", "release"  # work for shop/jobs.py
CRM = "crm"  # that too: what shop/crm/telling.py puts in
TICKET = "ticket"  # and a look at a ticket (shop/tickets.py)
POLL = 0.5  # seconds between looks, for what other processes put in
DELAYS = (0.5, 1, 2, 5, 15, 60, 300)  # seconds before the next try; the last one repeats
GIVE_UP = 24 * 3600  # seconds after which nobody waits for the message any more
LONGER = {CRM: 30 * GIVE_UP}  # where somebody does
TIMEOUT = httpx.Timeout(4.0, connect=1.0)
BATCH = 20

_woken: set[asyncio.Event] = set()


@dataclass(frozen=True)
class Target:
    url: str
    secret: str


def targets() -> dict[str, Target]:
    """Where messages go and what they are signed with, from the environment."""
    assistant = os.environ.get("ASSISTANT_URL", "http://127.0.0.1:5005").rstrip("/")
    secrets = {name: os.environ.get(f"{name.upper()}_SECRET", "") for name in (PAYMENT, NOTICE)}
    return {
        PAYMENT: Target(f"{public_url()}/webhooks/payments", secrets[PAYMENT]),
        NOTICE: Target(f"{assistant}/webhooks/notice/webhook", secrets[NOTICE]),
    }


def put(
    connection: Connection, target: str, id_: str, body: dict[str, Any], due: float | None = None
) -> None:
    """Part of the caller's transaction. A message with a known id is not put in again."""
    if connection.scalar(select(outbox.c.id).where(outbox.c.id == id_)):
        return
    row = {"id": id_, "target": target, "body": body, "created": now(), "attempts": 0}
    connection.execute(outbox.insert().values(**row, due=due or time.time(), sent=False))


def wake() -> None:
    """Lets the loop of this process, if it has one, look at once."""
    for event in _woken:
        event.set()


async def run(store: Store, to: dict[str, Target] | None = None) -> None:
    """Delivers for ever; cancel the task to stop."""
    woken = asyncio.Event()
    _woken.add(woken)
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            while True:
                woken.clear()
                await attempt(store, client, to or targets())
                await pause(woken)
    finally:
        _woken.discard(woken)


async def attempt(store: Store, client: httpx.AsyncClient, to: dict[str, Target]) -> None:
    try:
        for row in await store.read(partial(waiting, targets=to)):
            taken = await deliver(client, to[row.target], row)
            await store.write(partial(note, row=row, taken=taken))
    except Unavailable as trouble:
        logger.warning("outbox: %s", trouble)


async def pause(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), POLL)
    except asyncio.TimeoutError:
        return


def waiting(connection: Connection, targets: Iterable[str]) -> list[Any]:
    due = (~outbox.c.sent) & (outbox.c.due <= time.time()) & outbox.c.target.in_(tuple(targets))
    query = select(outbox).where(due).order_by(outbox.c.due, outbox.c.created).limit(BATCH)
    return list(connection.execute(query))


async def deliver(client: httpx.AsyncClient, target: Target, row: Any) -> bool:
    body = encoded(row.body)
    try:
        headers = signed_headers(target.secret, row.id, body)
        answer = await client.post(target.url, content=body, headers=headers)
    except (httpx.HTTPError, EmptyWebhookSecretError) as trouble:
        logger.info("outbox: %s %s: %s", row.target, row.id, type(trouble).__name__)
        return False
    if answer.is_error:
        logger.warning("outbox: %s %s got %s", row.target, row.id, answer.status_code)
    return not answer.is_error


def note(connection: Connection, row: Any, taken: bool) -> None:
    old = now() - row.created > LONGER.get(row.target, GIVE_UP)
    delay = DELAYS[min(row.attempts, len(DELAYS) - 1)]
    values = {"sent": taken or old, "attempts": row.attempts + 1, "due": time.time() + delay}
    if values["sent"] and row.target == CRM:
        values["body"] = {}  # it tells of a person, and nobody needs it any more
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(**values))
