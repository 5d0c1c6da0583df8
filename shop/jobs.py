"""Work at a payment provider that is on disk before it is done, and tried again until it is: asking
about a payment whose webhook did not come, and giving money back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from shop import connect, outbox
from shop.model import Money, NotFound, PaymentState, Refused, Ticket, Unavailable
from shop.policy import policy
from shop.store import Store, now
from shop.tables import orders
from shop.tables import outbox as table
from shop.webhooks import settle

logger = logging.getLogger(__name__)
PAUSE = 2.0  # seconds between looks
BETWEEN = 180  # seconds between two tries of a job, at least
PATIENCE = 20 * 3600  # seconds after which a person takes a refund over


async def run(store: Store) -> None:
    """For ever; cancel the task to stop."""
    while True:
        try:
            await attempt(store)
        except Unavailable as trouble:
            logger.warning("jobs: %s", trouble)
        await asyncio.sleep(PAUSE)


async def attempt(store: Store) -> None:
    for row in await store.read(partial(outbox.waiting, targets=JOBS)):
        try:
            done = await JOBS[row.target](store, row)
        except Unavailable as trouble:
            logger.warning("%s: %s", row.id, trouble)
            done = False
        except Exception as trouble:  # one job that cannot be done must not stop the others
            logger.error("%s: %s", row.id, type(trouble).__name__)
            done = False
        await store.write(partial(note, row=row, done=done))


def note(connection: Connection, row: Any, done: bool) -> None:
    outbox.note(connection, row, done)
    if not done:
        late = update(table).where(table.c.id == row.id)
        connection.execute(late.values(due=table.c.due + BETWEEN))


async def check(store: Store, row: Any) -> bool:
    """Whether the payment has come to an end, which settle() then has told the order."""
    state = await settle(row.body["payment"])
    return state is not PaymentState.PENDING


async def refund(store: Store, row: Any) -> bool:
    body = row.body
    amount = Money(body["minor"], body["currency"])
    try:
        await connect("payments").refund(body["payment"], amount, body["key"])
    except (NotFound, Refused) as refusal:
        await hand_over(store, body, amount, str(refusal))
    except Unavailable:
        if now() - row.created < PATIENCE:
            raise
        await hand_over(store, body, amount, "unavailable")
    return True


async def hand_over(store: Store, body: dict[str, Any], amount: Money, why: str) -> None:
    """Money that did not go back by itself is for a person."""
    number = body["order"]
    mine = select(orders.c.email, orders.c.language).where(orders.c.number == number)
    found = await store.read(lambda connection: connection.execute(mine).first())
    contact, language = found or ("", policy().default_language)
    question = f"refund: {body['payment']}, {amount.decimal} {amount.currency}: {why}"
    ticket = Ticket("", contact, question, language, order_number=number)
    logger.error("payment %s was not refunded: %s", body["payment"], why)
    await connect("helpdesk").open_ticket(ticket, key=f"refund/{body['key']}")


JOBS: dict[str, Callable[[Store, Any], Awaitable[bool]]] = {
    outbox.CHECK: check,
    outbox.REFUND: refund,
}
