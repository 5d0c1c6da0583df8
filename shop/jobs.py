"""Work at other people's systems that is on disk before it is done, and tried again until it is:
asking about a payment whose webhook did not come, giving money back, closing the links of an order
that is not to be paid any more, cancelling one that nobody has paid, and telling the CRM."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from shop import connect, outbox, tickets
from shop.commerce.aftersale import UNPAID
from shop.crm import telling
from shop.model import Money, NotFound, PaymentState, Refused, Ticket, Unavailable, deal_of
from shop.payments.kept import of_order
from shop.policy import policy
from shop.store import Store, now
from shop.tables import orders
from shop.tables import outbox as table
from shop.webhooks import settle, spread

logger = logging.getLogger(__name__)
PAUSE = 2.0  # seconds between looks
BETWEEN = 180  # seconds between two tries of a job, at least
PATIENCE = 20 * 3600  # seconds after which a person takes a refund over
DAY = 24 * 3600


async def run(store: Store) -> None:
    """For ever; cancel the task to stop. Money does not wait for a slow CRM or help desk."""
    apart = (outbox.CRM, outbox.TICKET)
    money = [target for target in JOBS if target not in apart]
    await asyncio.gather(repeat(store, money), *(repeat(store, [target]) for target in apart))


async def repeat(store: Store, targets: Iterable[str]) -> None:
    while True:
        try:
            await attempt(store, targets)
        except Unavailable as trouble:
            logger.warning("jobs: %s", trouble)
        await asyncio.sleep(PAUSE)


async def attempt(store: Store, targets: Iterable[str] | None = None) -> None:
    """What is due of these kinds, or of all."""
    for row in await store.read(partial(outbox.waiting, targets=targets or JOBS)):
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
        values: dict[str, Any] = {"due": table.c.due + BETWEEN}
        if row.target == outbox.RELEASE:  # its stock would be held for ever
            values["sent"] = False
        connection.execute(update(table).where(table.c.id == row.id).values(**values))


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


async def close(store: Store, row: Any) -> bool:
    """What was paid all the same is settled, which hands it to a person."""
    if await closed(row.body["payment"]) is PaymentState.SUCCEEDED:
        await settle(row.body["payment"])
    return True


async def closed(payment_id: str) -> PaymentState:
    return (await connect("payments").close(payment_id)).state


async def release(store: Store, row: Any) -> bool:
    """An order that nobody paid for as long as the policy holds its stock. Every link given in the
    meantime prolongs that; money on its way has the days that a transfer takes. Its shopper and the
    CRM are told."""
    number, terms = row.body["order"], policy().payment
    links = await store.read(lambda connection: of_order(connection, number))
    newest = max(links.values(), default=row.created)
    if now() < newest + terms.hold_minutes * 60:
        return False
    for payment_id in links:
        state = await closed(payment_id)
        if state is PaymentState.SUCCEEDED:
            await settle(payment_id)
            return True
        if state is PaymentState.PENDING and now() < newest + terms.transfer_days * DAY:
            return False
    try:
        order = await connect("commerce").expire(number)
    except NotFound:
        logger.warning("order %s is not there any more", number)
        return True
    if order.cancel_reason == UNPAID:  # else its shopper, or the shop's people, were quicker
        opened = await telling.told(f"placed_{number}")
        await spread(order, "order_released", number, *([deal_of(order)] if opened else []))
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
    outbox.CLOSE: close,
    outbox.RELEASE: release,
    outbox.CRM: telling.work,
    outbox.TICKET: tickets.look,
}
