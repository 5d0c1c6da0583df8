"""What every payment provider's adapter must do: subclass the contract and give it the adapter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from shop.model import Money, NotFound, Order, Payment, PaymentState, Refused
from shop.payments.base import Payments

Pay = Callable[[Payment], Awaitable[None]]


class PaymentsContract:
    """Needs the fixtures `payments`, `order` (one that awaits its payment) and `paid`, which does
    what a shopper does on the hosted page of a payment and what the provider then tells."""

    async def test_the_same_key_gives_the_same_payment(
        self, payments: Payments, order: Order
    ) -> None:
        first = await payments.start(order, "pl", "http://shop.test/thanks", "key-1")
        again = await payments.start(order, "pl", "http://shop.test/thanks", "key-1")
        other = await payments.start(order, "pl", "http://shop.test/thanks", "key-2")
        assert first == again
        assert first.id != other.id
        assert (first.amount, first.order_number) == (order.total, order.number)
        assert first.state is PaymentState.PENDING
        assert first.url.startswith("http")

    async def test_the_provider_knows_its_payments(self, payments: Payments, order: Order) -> None:
        started = await payments.start(order, "pl", "http://shop.test/thanks", "key-3")
        assert await payments.payment(started.id) == started

    async def test_unknown_payment_is_not_found(self, payments: Payments) -> None:
        with pytest.raises(NotFound):
            await payments.payment("pay_unknown")

    async def test_an_unsigned_webhook_is_refused(self, payments: Payments) -> None:
        with pytest.raises(Refused) as refusal:
            await payments.verify({}, b'{"type":"payment.succeeded"}')
        assert refusal.value.reason == "signature"

    async def test_what_was_paid_is_seen_and_stays(
        self, payments: Payments, order: Order, paid: Pay
    ) -> None:
        started = await payments.start(order, "pl", "http://shop.test/thanks", "key-4")
        await paid(started)
        for _ in range(2):
            seen = await payments.payment(started.id)
            assert seen.state is PaymentState.SUCCEEDED
            assert (seen.amount, seen.order_number) == (order.total, order.number)

    async def test_a_refund_is_given_once_and_never_more_than_was_paid(
        self, payments: Payments, order: Order, paid: Pay
    ) -> None:
        started = await payments.start(order, "pl", "http://shop.test/thanks", "key-5")
        await paid(started)
        part = Money(order.total.minor // 200 * 100, order.total.currency)
        first = await payments.refund(started.id, part, "refund-1")
        assert await payments.refund(started.id, part, "refund-1") == first
        with pytest.raises(Refused) as refusal:
            await payments.refund(started.id, order.total, "refund-2")
        assert refusal.value.reason == "not_refundable"
        rest = Money(order.total.minor - part.minor, part.currency)
        assert await payments.refund(started.id, rest, "refund-3") != first

    async def test_what_was_not_paid_is_not_refunded(
        self, payments: Payments, order: Order
    ) -> None:
        started = await payments.start(order, "pl", "http://shop.test/thanks", "key-6")
        with pytest.raises(Refused) as refusal:
            await payments.refund(started.id, order.total, "refund-1")
        assert refusal.value.reason == "not_refundable"
        with pytest.raises(NotFound):
            await payments.refund("pay_unknown", order.total, "refund-1")
