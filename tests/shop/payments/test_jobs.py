"""What is done at a provider although no webhook came, and money's way back."""

from __future__ import annotations

import itertools

import httpx
import pytest

import shop
from shop import jobs, tables
from shop.commerce.remote.commerce import release
from shop.model import Money, Order, OrderState, PaymentState
from shop.payments.hosted import HostedPayments
from shop.store import Store, now
from shop.tables import refunds, tickets
from tests.shop.backroom import PL, STOCK, Backroom
from tests.shop.payments.doubles.base import Double
from tests.shop.payments.small_shop import connected as connected
from tests.shop.payments.small_shop import due, notices, rows, started, state, told
from tests.shop.payments.small_shop import front as front
from tests.shop.payments.small_shop import order as order
from tests.shop.payments.small_shop import room as room
from tests.shop.vendor import Said, Vendor


async def test_a_webhook_that_never_came_is_made_good(
    payments: HostedPayments, double: Double, connected: Store, order: Order
) -> None:
    payment = await started(payments, order)
    await due(connected)
    await jobs.attempt(connected)
    assert await state(order) is OrderState.AWAITING_PAYMENT
    double.pay(payment.id)
    await due(connected)
    await jobs.attempt(connected)
    assert await state(order) is OrderState.PAID


async def test_a_cancelled_order_gets_its_money_back_at_the_provider(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    provider: Vendor,
    connected: Store,
    order: Order,
) -> None:
    payment = await started(payments, order)
    double.pay(payment.id)
    await told(front, double, payment.id)
    commerce = shop.connect("commerce")
    for _ in range(2):
        await commerce.cancel(order.number, "ordered_by_mistake", PL, "cancel-1")
    counts = itertools.count()
    provider.answer = lambda asked: Said(500) if next(counts) < 3 else double.answer(asked)
    for _ in range(4):
        await due(connected)
        await jobs.attempt(connected)
    assert sum(double.payments[payment.id].refunds.values()) == order.total.minor
    assert await rows(connected, refunds) == 1
    assert await rows(connected, tickets) == 0


async def test_a_refund_that_is_refused_goes_to_a_person(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    payment = await started(payments, order)
    double.pay(payment.id)
    await told(front, double, payment.id)
    await payments.refund(payment.id, Money(100, "PLN"), "by hand")
    await shop.connect("commerce").cancel(order.number, "ordered_by_mistake", PL, "cancel-2")
    for _ in range(2):
        await due(connected)
        await jobs.attempt(connected)
    assert sum(double.payments[payment.id].refunds.values()) == 100
    assert await rows(connected, tickets) == 1


@pytest.mark.parametrize("double", ["stripe", "paypal", "przelewy24"], indirect=True)
async def test_the_link_of_an_order_that_was_cancelled_is_closed(
    payments: HostedPayments, connected: Store, order: Order
) -> None:
    payment = await started(payments, order)
    await shop.connect("commerce").cancel(order.number, "ordered_by_mistake", PL, "cancel-3")
    await due(connected)
    await jobs.attempt(connected)
    assert (await payments.payment(payment.id)).state is PaymentState.CANCELLED
    assert await state(order) is OrderState.CANCELLED
    assert await notices(connected) == []


@pytest.mark.parametrize("double", ["stripe", "paypal", "przelewy24"], indirect=True)
async def test_an_older_link_is_closed_and_its_end_is_no_news(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    first = await started(payments, order, 1)
    mine = tables.payments.c.id == first.id
    earlier = tables.payments.update().where(mine).values(created=now() - 60)
    await connected.write(lambda connection: connection.execute(earlier))
    second = await started(payments, order, 2)
    await due(connected)
    await jobs.attempt(connected)
    assert (await payments.payment(first.id)).state is PaymentState.CANCELLED
    assert await told(front, double, first.id, "failed") == 200
    assert await state(order) is OrderState.AWAITING_PAYMENT
    double.pay(second.id)
    assert await told(front, double, second.id) == 200
    assert await state(order) is OrderState.PAID
    assert await notices(connected) == ["payment_received"]


@pytest.mark.parametrize("double", ["stripe", "paypal", "przelewy24"], indirect=True)
@pytest.mark.parametrize(
    ("waited", "ends"), [(10, OrderState.AWAITING_PAYMENT), (40, OrderState.CANCELLED)]
)
async def test_what_nobody_pays_is_cancelled_after_the_hold(
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
    room: Backroom,
    waited: int,
    ends: OrderState,
) -> None:
    """As of a shop elsewhere, whose stock would be held for ever."""
    payment = await started(payments, order)
    await asked_to_release(connected, order)
    await minutes_pass(connected, waited)
    for _ in range(2):
        await due(connected)
        await jobs.attempt(connected)
    assert await state(order) is ends
    closed = ends is OrderState.CANCELLED
    expected = PaymentState.CANCELLED if closed else PaymentState.PENDING
    assert (await payments.payment(payment.id)).state is expected
    assert await notices(connected) == (["order_released"] if closed else [])
    assert await room.left(order.lines[0].variant_id) == (STOCK if closed else STOCK - 1)


@pytest.mark.parametrize("double", ["stripe", "przelewy24"], indirect=True)
async def test_what_was_paid_at_the_last_moment_is_not_cancelled(
    payments: HostedPayments, double: Double, connected: Store, order: Order
) -> None:
    payment = await started(payments, order)
    await asked_to_release(connected, order)
    double.pay(payment.id)
    await minutes_pass(connected, 40)
    others = tables.outbox.update().where(tables.outbox.c.target != "release").values(sent=True)
    await connected.write(lambda connection: connection.execute(others))
    for _ in range(2):
        await due(connected)
        await jobs.attempt(connected)
    assert await state(order) is OrderState.PAID


async def asked_to_release(store: Store, order: Order) -> None:
    await store.write(lambda connection: release(connection, order.number))


async def minutes_pass(store: Store, minutes: int) -> None:
    """As if all payments and jobs had begun so long ago."""
    for table in (tables.payments, tables.outbox):
        await store.write(
            lambda connection, table=table: connection.execute(
                table.update().values(created=table.c.created - minutes * 60)
            )
        )
