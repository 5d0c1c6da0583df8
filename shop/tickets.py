"""What became of tickets is told to the conversations that they came from, once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from shop import connect, outbox
from shop.helpdesk.kept import plan_look
from shop.model import NotFound, Refused, Ticket, TicketState, Unavailable
from shop.store import Store, now, open_store
from shop.tables import tickets
from shop.webhooks import DONE, TRY_AGAIN, UNAUTHORIZED

logger = logging.getLogger(__name__)
SOONEST, LATEST = 300, 6 * 3600  # seconds between two looks at a ticket
SHARE = 0.2  # of a ticket's age that passes between two looks
PATIENCE = 30 * 24 * 3600  # seconds after which nobody looks any more


async def ticket_webhook(headers: Mapping[str, str], body: bytes) -> int:
    """The HTTP status to answer, as shop/webhooks.py says."""
    try:
        number = await connect("helpdesk").verify(headers, body)
        if number:
            await follow(number)
    except Refused:
        logger.warning("ticket webhook refused: signature")
        return UNAUTHORIZED
    except NotFound:
        logger.info("ticket webhook: not a ticket of ours")
    except Unavailable as trouble:
        logger.warning("ticket webhook: %s", trouble)
        return TRY_AGAIN
    return DONE


async def follow(number: str) -> Ticket:
    """Asks the help desk, and puts what the shopper does not know yet into the outbox. Raises
    NotFound and Unavailable; can be done again."""
    ticket = await connect("helpdesk").ticket(number)
    await open_store().write(partial(tell, ticket=ticket), "follow")
    outbox.wake()
    return ticket


def tell(connection: Connection, ticket: Ticket) -> None:
    mine = tickets.c.number == ticket.number
    before = connection.scalar(select(tickets.c.told).where(mine))
    digest = hashlib.sha256(ticket.answer.encode()).hexdigest()[:16] if ticket.answer else ""
    told = f"{ticket.state.value}:{digest}"
    known = told if before is None and ticket.state is TicketState.OPEN else before
    if told == known:
        return
    same = tickets.c.told.is_(None) if before is None else tickets.c.told == before
    changed = connection.execute(update(tickets).where(mine & same).values(told=told))
    notice = news(before or "", ticket, digest)
    if changed.rowcount and notice and ticket.conversation:
        data = {"ticket_number": ticket.number}
        body = {"conversation": ticket.conversation, "notice": notice, "data": data}
        key = f"msg_ticket_{ticket.number}_{now()}_{told}"
        outbox.put(connection, outbox.NOTICE, key, body)


def news(before: str, ticket: Ticket, digest: str) -> str | None:
    """The notice to send, where something happened that a shopper waits for."""
    state, _, answer = before.partition(":")
    if digest and digest != answer:
        return "ticket_answered"
    if ticket.state is TicketState.SOLVED and state != TicketState.SOLVED.value:
        return "ticket_solved"
    if ticket.state is TicketState.ANSWERED and not digest and state != ticket.state.value:
        return "ticket_answered"  # by a way that only the help desk knows
    return None


async def look(store: Store, row: Any) -> bool:
    """Work of shop/jobs.py: webhooks get lost, and some help desks have none."""
    number, since = row.body["number"], row.body["since"]
    try:
        ticket = await follow(number)
    except NotFound:
        return True
    age = now() - since
    if ticket.state is not TicketState.SOLVED and age < PATIENCE:
        wait, again = min(max(age * SHARE, SOONEST), LATEST), row.body["look"] + 1
        await store.write(lambda connection: plan_look(connection, number, since, again, wait))
    return True
