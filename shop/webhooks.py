"""What happens when a payment provider calls. The front hands over headers and body."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import Connection, select

from shop import connect, notice
from shop.catalogue import upsert
from shop.crm import telling
from shop.model import (
    Deal,
    Locale,
    Note,
    NotFound,
    Order,
    OrderState,
    Payment,
    PaymentState,
    Refused,
    Ticket,
    Unavailable,
    deal_of,
)
from shop.payments import kept
from shop.policy import policy
from shop.store import now, open_store
from shop.tables import events_seen

logger = logging.getLogger(__name__)
DONE, UNAUTHORIZED, TRY_AGAIN = 200, 401, 503


async def payment_webhook(headers: Mapping[str, str], body: bytes) -> int:
    """The HTTP status to answer: 200 also for repeats and for what a person has to look at, 401 for
    a forged or stale call, 503 where the provider shall try again."""
    try:
        event = await connect("payments").verify(headers, body)
        if event.payment_id and not await seen(event.id):
            if event.unreturned:
                state = await not_returned(event.payment_id, event.id)
            else:
                state = await settle(event.payment_id)
            if state is not PaymentState.PENDING:  # the word may be ahead of the provider's books
                await remember(event.id)
    except Refused:
        logger.warning("payment webhook refused: signature")
        return UNAUTHORIZED
    except Unavailable as trouble:
        logger.warning("payment webhook: %s", trouble)
        return TRY_AGAIN
    return DONE


async def settle(payment_id: str) -> PaymentState | None:
    """Brings the order in line with what the provider says of the payment now, and returns that;
    None for a payment or order that is not known. Every step can be done again, so that a call
    which broke off half-way is finished by its repeat."""
    try:
        payment = await connect("payments").payment(payment_id)
        if payment.state is PaymentState.PENDING or await outdated(payment):
            return payment.state
        order = await connect("commerce").record_payment(payment)
    except NotFound as trouble:
        logger.error("payment: %s is unknown", trouble)
        return None
    except Refused as refusal:
        await hand_over(payment, refusal)
        return payment.state
    await announce(order, payment)
    return payment.state


async def outdated(payment: Payment) -> bool:
    """Whether it was not paid, and need not be: the shopper has a newer link."""
    if payment.state is PaymentState.SUCCEEDED:
        return False
    return await open_store().read(lambda c: kept.superseded(c, payment.id))


async def announce(order: Order, payment: Payment) -> None:
    """Logs the outcome and tells the conversation, if the order now stands as the payment says."""
    standing = {
        (OrderState.PAID, PaymentState.SUCCEEDED): "payment_received",
        (OrderState.PAYMENT_FAILED, PaymentState.FAILED): "payment_failed",
        (OrderState.PAYMENT_FAILED, PaymentState.CANCELLED): "payment_failed",
    }
    name = standing.get((order.state, payment.state))
    if name is None or order.conversation is None:
        return
    await spread(order, name, payment.id, deal_of(order), **amount(payment))


async def spread(order: Order, name: str, reference: str, *facts: Deal, **data: str | int) -> None:
    """News of an order, for the CRM and for the conversation that placed it; each hears it once."""
    conversation, key = order.conversation or "", f"{reference}_{name}"
    details = {"order": order.number}
    outcome = Note(conversation, name, reference, order.email, now(), details)
    await telling.tell(key, *facts, outcome)
    if conversation:
        await notice.tell(conversation, name, {"order_number": order.number, **data}, key)


async def hand_over(payment: Payment, refusal: Refused) -> None:
    """Money that its order cannot take (paid twice, wrong amount, sold out) is for a person."""
    logger.error("payment %s: %s", payment.id, refusal.reason)
    if payment.state is not PaymentState.SUCCEEDED:
        return
    conversation = await ask_person(payment, refusal.reason, f"payment/{payment.id}")
    if conversation:
        data = {"order_number": payment.order_number, **amount(payment)}
        await notice.tell(conversation, "payment_unclear", data, key=f"{payment.id}_unclear")


async def not_returned(payment_id: str, event: str) -> PaymentState | None:
    """A refund that was taken and has failed: our books say that the money went back."""
    try:
        payment = await connect("payments").payment(payment_id)
    except NotFound:
        return None
    logger.error("payment %s: a refund has failed", payment_id)
    await ask_person(payment, "refund_failed", f"refund_failed/{event}")
    return PaymentState.SUCCEEDED


async def ask_person(payment: Payment, why: str, key: str) -> str:
    """A ticket; the conversation of the payment's order, where it has one."""
    conversation, contact, number = "", "", payment.order_number
    try:
        order = await connect("commerce").order(number, locale(payment))
        conversation, contact = order.conversation or "", order.email
    except NotFound:
        pass
    question = f"{why}: {payment.id}, {payment.amount.decimal} {payment.amount.currency}"
    language = policy().default_language
    ticket = Ticket(conversation, contact, question, language, order_number=number)
    await connect("helpdesk").open_ticket(ticket, key=key)
    return conversation


async def seen(event: str) -> bool:
    def work(connection: Connection) -> bool:
        known = connection.scalar(select(events_seen.c.id).where(events_seen.c.id == event))
        return known is not None

    return await open_store().read(work)


async def remember(event: str) -> None:
    def work(connection: Connection) -> None:
        upsert(connection, events_seen, [{"id": event, "at": now()}])

    await open_store().write(work)


def amount(payment: Payment) -> dict[str, str | int]:
    return {"minor": payment.amount.minor, "currency": payment.amount.currency}


def locale(payment: Payment) -> Locale:
    return Locale(policy().default_language, payment.amount.currency)
