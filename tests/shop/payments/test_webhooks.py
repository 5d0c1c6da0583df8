"""Every provider's webhook through the front to the order: in order and out of it, twice, late,
with another amount, about nothing we know. Money is counted once."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from shop.front.payment import home_page
from shop.model import Money, Order, OrderState
from shop.payments.hosted import HostedPayments
from shop.store import Store
from shop.tables import tickets, transactions
from tests.shop.payments.doubles.base import Double
from tests.shop.payments.small_shop import BACK, notices, rows, started, state, told
from tests.shop.payments.small_shop import connected as connected
from tests.shop.payments.small_shop import front as front
from tests.shop.payments.small_shop import order as order
from tests.shop.payments.small_shop import room as room
from tests.shop.vendor import Said, Vendor


async def test_a_paid_order_is_paid_once_whatever_comes_again(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    payment = await started(payments, order)
    assert await told(front, double, payment.id, "pending") == 200
    assert await state(order) is OrderState.AWAITING_PAYMENT
    double.pay(payment.id)
    for event in ("paid", "paid", "pending", "failed", "paid"):
        assert await told(front, double, payment.id, event) == 200
    assert await state(order) is OrderState.PAID
    assert await notices(connected) == ["payment_received"]
    assert await rows(connected, transactions) == 1
    assert double.payments[payment.id].captured == 1


async def test_the_providers_word_counts_not_the_webhooks(
    front: httpx.AsyncClient, payments: HostedPayments, double: Double, order: Order
) -> None:
    payment = await started(payments, order)
    assert await told(front, double, payment.id, "paid") == 200
    assert await state(order) is OrderState.AWAITING_PAYMENT
    double.pay(payment.id)
    assert await told(front, double, payment.id, "failed") == 200
    assert await state(order) is OrderState.PAID


async def test_a_second_payment_of_an_order_goes_to_a_person(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    for attempt in (1, 2):
        payment = await started(payments, order, attempt)
        double.pay(payment.id)
        assert await told(front, double, payment.id) == 200
    assert await state(order) is OrderState.PAID
    assert await rows(connected, transactions) == 1
    assert await rows(connected, tickets) == 1


@pytest.mark.parametrize("double", ["stripe", "payu", "przelewy24", "adyen"], indirect=True)
async def test_a_refund_that_fails_later_goes_to_a_person_once(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    payment = await started(payments, order)
    double.pay(payment.id)
    assert await told(front, double, payment.id) == 200
    await payments.refund(payment.id, Money(100, "PLN"), "k")
    assert await told(front, double, payment.id, "returned") == 200
    assert await rows(connected, tickets) == 0
    for _ in range(2):
        assert await told(front, double, payment.id, "unreturned") == 200
    assert await rows(connected, tickets) == 1
    assert await state(order) is OrderState.PAID
    assert await notices(connected) == ["payment_received"]


async def test_another_amount_goes_to_a_person_or_is_not_taken(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    connected: Store,
    order: Order,
) -> None:
    payment = await started(payments, order)
    double.payments[payment.id].amount = 100
    if payments.name == "linepay":
        double.payments[payment.id].asked["amount"] = 1
    double.pay(payment.id)
    assert await told(front, double, payment.id) == 200
    assert await state(order) is OrderState.AWAITING_PAYMENT
    assert await rows(connected, transactions) == 0
    taken = double.payments[payment.id].captured
    assert await rows(connected, tickets) == (1 if taken or payments.name == "przelewy24" else 0)


async def test_an_unknown_payment_is_taken_note_of(
    front: httpx.AsyncClient, double: Double, connected: Store
) -> None:
    assert await told(front, double, "no-such-payment") == 200
    assert await told(front, double, "no-such-payment", "other") == 200
    assert await notices(connected) == []


async def test_a_payment_of_an_order_that_is_gone_is_taken_note_of(
    front: httpx.AsyncClient, payments: HostedPayments, double: Double, order: Order
) -> None:
    payment = await started(payments, replace(order, number="99999999"))
    double.pay(payment.id)
    assert await told(front, double, payment.id) == 200
    assert await state(order) is OrderState.AWAITING_PAYMENT


async def test_forged_calls_get_401(front: httpx.AsyncClient, double: Double) -> None:
    for body in (b"", b"{}", b'{"id": "evt_1"}'):
        answer = await front.post("/webhooks/payments", content=body)
        assert (answer.status_code, answer.content) == (401, b"")
    assert (await front.post("/webhooks/payments", content=b"x" * 70_000)).status_code == 413


async def test_while_the_provider_is_away_it_shall_call_again(
    front: httpx.AsyncClient,
    payments: HostedPayments,
    double: Double,
    provider: Vendor,
    order: Order,
) -> None:
    payment = await started(payments, order)
    double.pay(payment.id)
    provider.answer = lambda asked: Said(503, b"<html>")
    status = await told(front, double, payment.id)
    assert status == (503 if double.webhooks else 200)
    provider.answer = double.answer
    assert await told(front, double, payment.id) == 200
    assert await state(order) is OrderState.PAID


async def test_the_way_back_leads_to_the_page_and_looks(
    front: httpx.AsyncClient, payments: HostedPayments, double: Double, order: Order
) -> None:
    payment = await started(payments, order)
    double.pay(payment.id)
    answer = await front.get(f"/pay/back/{double.payments[payment.id].reference}?transactionId=7")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BACK}#shopkeeper")
    assert await state(order) is OrderState.PAID
    assert (await front.get("/pay/back/10001-forged")).status_code == 404


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("https://shop.example/a?b=1#c", "https://shop.example/a?b=1#shopkeeper"),
        ("https://evil.example/x", "/x#shopkeeper"),
        ("", "/pl/#shopkeeper"),
        ("//evil.example/x", "/x#shopkeeper"),
        ("https://shop.example.evil.example/", "/#shopkeeper"),
    ],
)
def test_the_way_back_leads_to_pages_of_the_shop_only(
    monkeypatch: pytest.MonkeyPatch, page: str, leads_to: str
) -> None:
    monkeypatch.setenv("WEB_ORIGINS", "https://shop.example")
    assert home_page(page, "pl") == leads_to
