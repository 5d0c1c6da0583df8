"""What is done at a provider although no webhook came, and money's way back."""

from __future__ import annotations

import itertools

import httpx

import shop
from shop import jobs
from shop.model import Money, Order, OrderState
from shop.payments.hosted import HostedPayments
from shop.store import Store
from shop.tables import refunds, tickets
from tests.shop.backroom import PL
from tests.shop.payments.doubles.base import Double
from tests.shop.payments.small_shop import connected as connected
from tests.shop.payments.small_shop import due, rows, started, state, told
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
