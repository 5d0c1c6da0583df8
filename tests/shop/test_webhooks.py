"""Payment webhooks as the provider sends them: in order and out of it, twice, forged, half-way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from shop import connect, faults, jobs
from shop.model import Locale, Order, OrderState, Payment, PaymentState
from shop.payments.demo import event_body
from shop.signing import encoded, signed_headers
from shop.store import Store
from shop.tables import outbox, outcomes, payments, tickets
from shop.webhooks import payment_webhook
from tests.shop.buying import ordered
from tests.shop.conftest import SECRET


@pytest.fixture
async def order(connected: Store, conversation: str, pl: Locale) -> Order:
    return await ordered(connect("commerce"), conversation, pl)


async def started(order: Order, attempt: int = 1) -> Payment:
    key = f"{order.number}:{attempt}"
    return await connect("payments").start(order, "pl", "http://shop.test/thanks", key)


async def settled(payment: Payment, state: PaymentState) -> Payment:
    """The shopper did it on the page; the webhook has not come yet."""
    return await connect("payments").settle(payment.id, state)  # type: ignore[attr-defined]


async def call(payment: Payment, event: str = "", secret: str = SECRET) -> int:
    body = encoded(event_body(payment))
    event = event or f"evt_{payment.id}_{payment.state.value}"
    return await payment_webhook(signed_headers(secret, event, body), body)


async def state(order: Order) -> OrderState:
    return (await connect("commerce").order(order.number, Locale("pl", "PLN"))).state


async def notices(store: Store, order: Order) -> list[dict[str, Any]]:
    query = select(outbox.c.body).where(outbox.c.target == "notice").order_by(outbox.c.created)
    bodies = await store.read(lambda connection: list(connection.scalars(query)))
    return [body for body in bodies if body["conversation"] == order.conversation]


async def count(store: Store, table: Any, conversation: str | None) -> int:
    query = select(func.count()).select_from(table).where(table.c.conversation == conversation)
    return await store.read(lambda connection: connection.scalar(query))


async def test_a_paid_order_is_told_once(connected: Store, order: Order) -> None:
    paid = await settled(await started(order), PaymentState.SUCCEEDED)
    for event in ("", "", f"evt_other_{order.number}"):
        assert await call(paid, event) == 200
    assert await state(order) is OrderState.PAID
    assert await notices(connected, order) == [
        {
            "conversation": order.conversation,
            "notice": "payment_received",
            "data": {
                "order_number": order.number,
                "minor": order.total.minor,
                "currency": "PLN",
            },
        }
    ]
    await jobs.attempt(connected, ["crm"])
    assert await count(connected, outcomes, order.conversation) == 1


async def test_a_failed_payment_is_told_and_can_be_made_good(
    connected: Store, order: Order
) -> None:
    failed = await settled(await started(order), PaymentState.FAILED)
    assert await call(failed) == 200
    assert await state(order) is OrderState.PAYMENT_FAILED
    paid = await settled(await started(order, attempt=2), PaymentState.SUCCEEDED)
    assert await call(paid) == 200
    assert await state(order) is OrderState.PAID
    told = [body["notice"] for body in await notices(connected, order)]
    assert told == ["payment_failed", "payment_received"]


async def test_a_late_failure_does_not_undo_a_payment(connected: Store, order: Order) -> None:
    failed = await settled(await started(order), PaymentState.FAILED)
    paid = await settled(await started(order, attempt=2), PaymentState.SUCCEEDED)
    assert [await call(paid), await call(failed)] == [200, 200]
    assert await state(order) is OrderState.PAID
    assert [b["notice"] for b in await notices(connected, order)] == ["payment_received"]


@pytest.mark.parametrize("lie", ["state", "amount"])
async def test_the_providers_word_counts_not_the_webhooks(
    connected: Store, order: Order, lie: str
) -> None:
    """Even a well signed webhook is only a reason to ask."""
    payment = await started(order)
    if lie == "state":
        told, expected = replace(payment, state=PaymentState.SUCCEEDED), order.state
    else:
        paid = await settled(payment, PaymentState.SUCCEEDED)
        told, expected = replace(paid, amount=replace(paid.amount, minor=1)), OrderState.PAID
    assert await call(told) == 200
    assert await state(order) is expected


async def test_a_forged_webhook_is_refused(connected: Store, order: Order) -> None:
    paid = await settled(await started(order), PaymentState.SUCCEEDED)
    other = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=="
    assert await call(paid, secret=other) == 401
    assert await payment_webhook({}, b"") == 401
    assert await state(order) is OrderState.AWAITING_PAYMENT


async def test_another_amount_goes_to_a_person(connected: Store, order: Order) -> None:
    payment = await started(order)
    less = update(payments).where(payments.c.id == payment.id).values(amount=1)
    await connected.write(lambda connection: connection.execute(less))
    paid = await settled(payment, PaymentState.SUCCEEDED)
    assert [await call(paid), await call(paid, "evt_again")] == [200, 200]
    assert await state(order) is OrderState.AWAITING_PAYMENT
    assert await count(connected, tickets, order.conversation) == 1
    assert [b["notice"] for b in await notices(connected, order)] == ["payment_unclear"]


async def test_paying_twice_goes_to_a_person(connected: Store, order: Order) -> None:
    for attempt in (1, 2):
        paid = await settled(await started(order, attempt), PaymentState.SUCCEEDED)
        assert await call(paid) == 200
    assert await state(order) is OrderState.PAID
    assert await count(connected, tickets, order.conversation) == 1


async def test_a_payment_of_no_order_is_taken_note_of(connected: Store, order: Order) -> None:
    ghost = replace(order, number="99999999")
    paid = await settled(await started(ghost), PaymentState.SUCCEEDED)
    assert await call(paid) == 200


@pytest.mark.parametrize("broken", ["payment", "record_payment", "tell", "notice"])
@pytest.mark.parametrize("kind", ["before", "after"])
async def test_what_broke_off_is_finished_by_the_repeat(
    connected: Store, order: Order, broken: str, kind: faults.Kind
) -> None:
    paid = await settled(await started(order), PaymentState.SUCCEEDED)
    await faults.plan(connected, broken, kind)
    assert await call(paid) == 503
    assert await call(paid) == 200
    assert await state(order) is OrderState.PAID
    assert len(await notices(connected, order)) == 1
    await jobs.attempt(connected, ["crm"])
    assert await count(connected, outcomes, order.conversation) == 1
