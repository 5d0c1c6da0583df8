"""Every provider with a page of its own: what they share, over their doubles."""

from __future__ import annotations

import contextlib
import itertools
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from shop import outbox
from shop.model import Money, Order, PaymentState, Refused, Unavailable
from shop.payments.hosted import HostedPayments
from shop.store import Store
from tests.shop.payments.conftest import order_of
from tests.shop.payments.doubles.base import Double
from tests.shop.payments_contract import Pay, PaymentsContract
from tests.shop.vendor import Asked, Said, Vendor

BACK = "http://shop.test/pl/"
LOST = Said(body=None)  # done, but nobody hears of it
FAULTS = {
    "429": Said(429, {}, {"Retry-After": "30"}),
    "500": Said(500, {}),
    "html": Said(200, b"<html>"),
    "cut": Said(200, {"id": "x"}, cut=3),
    "lost": LOST,
}


def failing(double: Double, fault: Said, from_call: int) -> Callable[[Asked], Said]:
    """Some calls go well, then three in a row do not."""
    numbers = itertools.count()

    def answer(asked: Asked) -> Said:
        if not from_call <= next(numbers) < from_call + 3:
            return double.answer(asked)
        if fault is not LOST:
            return fault
        return replace(double.answer(asked), cut=0)

    return answer


class TestProviders(PaymentsContract):
    pass


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Said:
    return FAULTS[request.param]


async def test_the_provider_is_told_the_order_and_the_way_back(
    payments: HostedPayments, double: Double, order: Order, empty_store: Store
) -> None:
    started = await payments.start(order, "pl", BACK, "told")
    told = repr(double.payments[started.id].asked)
    assert f"http://shop.test/pay/back/{double.payments[started.id].reference}" in told
    assert order.number in told
    with empty_store.begin(write=False) as connection:
        checks = [
            row
            for row in connection.execute(outbox.outbox.select())
            if row.body == {"payment": started.id}
        ]
    assert [row.target for row in checks] == [outbox.CHECK]  # should the webhook not come


async def test_unpaid_is_pending_and_ended_is_not_paid(
    payments: HostedPayments, double: Double, order: Order
) -> None:
    started = await payments.start(order, "pl", BACK, "ended")
    assert (await payments.payment(started.id)).state is PaymentState.PENDING
    double.fail(started.id)
    ended = (await payments.payment(started.id)).state
    told = {"przelewy24": PaymentState.PENDING, "stripe": PaymentState.FAILED}
    assert ended is told.get(payments.name, PaymentState.CANCELLED)


async def test_the_amount_is_the_providers(
    payments: HostedPayments, double: Double, order: Order, paid: Pay
) -> None:
    """Another amount than was asked for is told as it is, and not taken where taking is ours."""
    if payments.name == "linepay":
        double.payments = {}  # it confirms no other amount than was asked for: see its own test
        return
    started = await payments.start(order, "pl", BACK, "other amount")
    double.payments[started.id].amount = 100
    await paid(started)
    seen = await payments.payment(started.id)
    assert seen.amount == Money(100, "PLN")
    if payments.name in ("przelewy24", "paypal"):
        assert double.payments[started.id].captured == 0


async def test_money_is_taken_once_however_often_it_is_asked_for(
    payments: HostedPayments, double: Double, order: Order, paid: Pay
) -> None:
    started = await payments.start(order, "pl", BACK, "once")
    await paid(started)
    for _ in range(3):
        await payments.payment(started.id)
    assert double.payments[started.id].captured == 1


CLOSED = {"stripe": "expired", "adyen": "expired", "payu": "CANCELED"}


async def test_a_closed_link_takes_no_money(
    payments: HostedPayments, double: Double, order: Order
) -> None:
    started = await payments.start(order, "pl", BACK, "closed")
    for _ in range(2):
        assert (await payments.close(started.id)).state is PaymentState.CANCELLED
    if payments.name in CLOSED:
        assert double.payments[started.id].state == CLOSED[payments.name]
    elif payments.name != "przelewy24":  # whose page stays open until its time is over
        double.pay(started.id)  # a yes that nobody takes at its word
        assert (await payments.payment(started.id)).state is PaymentState.CANCELLED
        assert double.payments[started.id].captured == 0


async def test_what_was_paid_before_it_was_closed_stays_paid(
    payments: HostedPayments, double: Double, order: Order, paid: Pay
) -> None:
    started = await payments.start(order, "pl", BACK, "too late")
    await paid(started)
    await payments.payment(started.id)
    assert (await payments.close(started.id)).state is PaymentState.SUCCEEDED
    assert double.payments[started.id].captured == 1


async def test_a_fault_while_closing_is_unavailable_and_a_repeat_closes(
    payments: HostedPayments, double: Double, provider: Vendor, order: Order, fault: Said
) -> None:
    started = await payments.start(order, "pl", BACK, "closing")
    provider.answer = failing(double, fault, from_call=0)
    with pytest.raises(Unavailable):
        await payments.close(started.id)
    provider.answer = double.answer
    assert (await payments.close(started.id)).state is PaymentState.CANCELLED


async def test_a_fault_while_starting_is_unavailable_and_starts_one_payment(
    payments: HostedPayments, double: Double, provider: Vendor, order: Order, fault: Said
) -> None:
    """A link that got lost is known to nobody: one payment can be paid."""
    provider.answer = failing(double, fault, from_call=0)
    with pytest.raises(Unavailable):
        await payments.start(order, "pl", BACK, "key")
    provider.answer = double.answer
    first = await payments.start(order, "pl", BACK, "key")
    assert await payments.start(order, "pl", BACK, "key") == first


async def test_a_fault_while_taking_the_money_takes_it_once(
    payments: HostedPayments,
    double: Double,
    provider: Vendor,
    order: Order,
    paid: Pay,
    fault: Said,
) -> None:
    started = await payments.start(order, "pl", BACK, "taking")
    await paid(started)
    for clean in range(4):  # the fault meets the first call, then the second ...
        provider.answer = failing(double, fault, from_call=clean)
        with contextlib.suppress(Unavailable):
            await payments.payment(started.id)
    provider.answer = double.answer
    assert (await payments.payment(started.id)).state is PaymentState.SUCCEEDED
    assert double.payments[started.id].captured == 1


async def test_a_fault_while_refunding_gives_back_once(
    payments: HostedPayments,
    double: Double,
    provider: Vendor,
    order: Order,
    paid: Pay,
    fault: Said,
) -> None:
    started = await payments.start(order, "pl", BACK, "refunding")
    await paid(started)
    await payments.payment(started.id)
    part = Money(5000, "PLN")
    for clean in range(4):
        provider.answer = failing(double, fault, from_call=clean)
        with contextlib.suppress(Unavailable):
            await payments.refund(started.id, part, "same key")
    provider.answer = double.answer
    await payments.refund(started.id, part, "same key")
    assert sum(double.payments[started.id].refunds.values()) == 5000


@pytest.mark.parametrize(
    "nonsense",
    [{}, [], None, 1, "x", {"id": 1}, {"data": []}, {"orders": [[]]}, {"returnCode": "0000"},
     {"id": None, "status": {}, "amount": {"value": "x", "currency": 7}, "amount_total": "x"},
     {"status": "APPROVED", "purchase_units": [{"amount": {"value": [], "currency_code": "PLN"}}]},
     {"data": {"status": "1", "amount": 12990, "currency": "PLN"}},
     {"returnCode": "0123", "info": [{"payInfo": 1}]}],
)  # fmt: skip
async def test_json_without_sense_is_unavailable(
    payments: HostedPayments, provider: Vendor, order: Order, nonsense: object
) -> None:
    started = await payments.start(order, "pl", BACK, "sense")
    provider.answer = lambda asked: Said(200, nonsense)
    with pytest.raises(Unavailable):
        await payments.start(order, "pl", BACK, "no sense")
    with contextlib.suppress(Unavailable):
        assert (await payments.payment(started.id)).state is not PaymentState.SUCCEEDED
    with pytest.raises((Unavailable, Refused)):
        await payments.refund(started.id, Money(100, "PLN"), "no sense")


async def test_a_providers_no_to_a_refund_is_a_refusal(
    payments: HostedPayments, double: Double, order: Order, paid: Pay
) -> None:
    started = await payments.start(order, "pl", BACK, "refund refused")
    await paid(started)
    await payments.payment(started.id)
    double.payments[started.id].refunds["by hand"] = 12990  # in the vendor's own panel
    with pytest.raises((Refused, Unavailable)) as trouble:
        await payments.refund(started.id, Money(100, "PLN"), "too late")
    assert trouble.type is Refused or payments.name == "linepay"


async def test_wrong_credentials_are_told_without_them(
    payments: HostedPayments,
    provider: Vendor,
    order: Order,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.answer = lambda asked: Said(401, {"error": "ewa@example.org"})
    with pytest.raises(Unavailable) as caught:
        await payments.start(order, "pl", BACK, "wrong credentials")
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert not [word for word in ("ewa@", "secret", "sk_test", "AQE", "api-key") if word in told]


@pytest.mark.parametrize(("minor", "currency"), [(500, "JPY"), (129900, "EUR"), (1, "PLN")])
async def test_amounts_keep_their_worth(
    payments: HostedPayments, double: Double, order: Order, minor: int, currency: str
) -> None:
    ask = replace(order, total=order_of(Money(minor, currency)).total)
    started = await payments.start(ask, "pl", BACK, "worth")
    assert (await payments.payment(started.id)).amount == Money(minor, currency)
