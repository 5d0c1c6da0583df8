"""The doubles are worth something: Stripe's own SDK works with its double, and a field that a
vendor's specification does not know, or knows otherwise, fails."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from shop.model import Money, Order
from shop.payments import adyen
from shop.payments.hosted import Ask
from shop.payments.stripe import StripePayments, brackets, scale
from tests.shop.payments import spec
from tests.shop.payments.conftest import order_of
from tests.shop.payments.doubles.adyen import AdyenDouble
from tests.shop.payments.doubles.base import Double
from tests.shop.payments.doubles.linepay import LinePayDouble
from tests.shop.payments.doubles.paypal import PayPalDouble
from tests.shop.payments.doubles.payu import PayUDouble
from tests.shop.payments.doubles.przelewy24 import REGISTER, Przelewy24Double, wrong
from tests.shop.payments.doubles.stripe import KEY, StripeDouble
from tests.shop.vendor import Vendor, serving

BACK = "http://shop.test/pl/"
SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "https://shop.test/",
    "payment_method_types": ["card", "blik", "p24"],
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "pln",
                "unit_amount": 12990,
                "product_data": {"name": "10042"},
            },
        }
    ],
}


@pytest.fixture
def server() -> Iterator[tuple[StripeDouble, Vendor]]:
    double = StripeDouble()
    with serving(double.answer) as vendor:
        yield double, vendor


@pytest.fixture
def sdk(server: tuple[StripeDouble, Vendor]) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": server[1].url}, max_network_retries=0)


def test_stripes_sdk_pays_and_refunds_with_the_double(
    server: tuple[StripeDouble, Vendor], sdk: stripe.StripeClient
) -> None:
    double, _ = server
    made = sdk.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})  # type: ignore[arg-type]
    again = sdk.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})  # type: ignore[arg-type]
    assert (made.id, made.payment_status) == (again.id, "unpaid")
    double.pay(made.id)
    paid = sdk.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (paid.payment_status, paid.amount_total) == ("paid", 12990)
    intent = str(paid.payment_intent.id)  # type: ignore[union-attr]
    refund = sdk.v1.refunds.create({"payment_intent": intent, "amount": 12990})
    assert refund.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.refunds.create({"payment_intent": intent, "amount": 1})


def test_stripes_idempotency_is_the_doubles(sdk: stripe.StripeClient) -> None:
    sdk.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k2"})  # type: ignore[arg-type]
    other = {**SESSION, "success_url": "https://shop.test/other"}
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.checkout.sessions.create(other, {"idempotency_key": "k2"})  # type: ignore[arg-type]


def test_stripes_double_wants_a_key(server: tuple[StripeDouble, Vendor]) -> None:
    stranger = stripe.StripeClient("sk_other", base_addresses={"api": server[1].url})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.checkout.sessions.create(SESSION)  # type: ignore[arg-type]


CHANGES: list[tuple[tuple[str | int, ...], Any]] = [
    (("mode",), "buy"),
    (("unknown",), "1"),
    (("payment_method_types", 0), "cash"),
    (("line_items", 0, "quantity"), "two"),
    (("line_items", 0, "price_data", "unit_amuont"), 1),
    (("line_items", 0, "price_data", "product_data", "title"), "x"),
    (("metadata",), 1),
]


def changed(body: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    body = copy.deepcopy(body)
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return body


@spec.needed
@pytest.mark.parametrize(("path", "value"), CHANGES)
def test_a_wrong_field_is_refused_by_stripes_double(
    server: tuple[StripeDouble, Vendor],
    sdk: stripe.StripeClient,
    path: tuple[str | int, ...],
    value: Any,
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.checkout.sessions.create(changed(SESSION, path, value))  # type: ignore[arg-type]
    assert server[0].problems


# what each specification must object to in a request that our adapter makes
WRONG: list[tuple[type[Double], str, str, str, tuple[str | int, ...], Any]] = [
    (PayUDouble, "payu", "POST", "/api/v2_1/orders", ("customerIp",), 1),
    (PayUDouble, "payu", "POST", "/api/v2_1/orders", ("totalAmount",), 12990),
    (PayUDouble, "payu", "POST", "/api/v2_1/orders", ("notifyURL",), "https://x"),
    (PayUDouble, "payu", "POST", "/api/v2_1/orders", ("products", 0, "price"), "1"),
    (PayPalDouble, "paypal orders", "POST", "/v2/checkout/orders", ("intent",), "BUY"),
    (
        PayPalDouble,
        "paypal orders",
        "POST",
        "/v2/checkout/orders",
        ("purchase_units", 0, "amount", "value"),
        89.9,
    ),
    (
        PayPalDouble,
        "paypal orders",
        "POST",
        "/v2/checkout/orders",
        ("payment_source", "paypal", "experience_context", "returnUrl"),
        "https://x",
    ),
    (AdyenDouble, "adyen", "POST", "/paymentLinks", ("amount", "value"), "12990"),
    (AdyenDouble, "adyen", "POST", "/paymentLinks", ("amount", "curency"), "PLN"),
    (AdyenDouble, "adyen", "POST", "/paymentLinks", ("merchantAcount",), "x"),
]


@spec.needed
@pytest.mark.parametrize(("kind", "name", "method", "path", "place", "value"), WRONG)
async def test_a_wrong_field_fails_the_specification(
    empty_store: Any,
    kind: type[Double],
    name: str,
    method: str,
    path: str,
    place: tuple[str | int, ...],
    value: Any,
) -> None:
    double = kind()
    with serving(double.answer) as vendor:
        order: Order = order_of(Money(12990, "PLN"))
        started = await double.adapter(vendor.url, empty_store.url).start(order, "pl", BACK, "k")
    right = double.payments[started.id].asked
    assert spec.request_faults(name, method, path, right) == []
    assert spec.request_faults(name, method, path, changed(right, place, value))


async def test_a_wrong_field_fails_the_tables(empty_store: Any) -> None:
    for double in (Przelewy24Double(), LinePayDouble()):
        with serving(double.answer) as vendor:
            adapter = double.adapter(vendor.url, empty_store.url)
            started = await adapter.start(order_of(Money(100, "PLN")), "pl", BACK, adapter.name)
        right = double.payments[started.id].asked
        if isinstance(double, Przelewy24Double):
            assert wrong(REGISTER, right) == []
            assert wrong(REGISTER, {**right, "amount": "100"})
            assert wrong(REGISTER, {**right, "urlstatus": "x"})
        else:
            double._open({**right, "orderID": "x"})
            assert double.problems == ["orderID: unknown or missing"]


@pytest.mark.parametrize(
    ("currency", "digits"), [("PLN", 2), ("jpy", 0), ("KWD", 3), ("ISK", 2), ("HUF", 2), ("KRW", 0)]
)
def test_stripe_counts_each_currency_in_its_unit(currency: str, digits: int) -> None:
    assert scale(currency) == digits


def test_forms_are_written_as_stripe_reads_them() -> None:
    pairs = list(brackets(SESSION))
    assert ("line_items[0][price_data][product_data][name]", "10042") in pairs
    assert spec.nested(pairs)["payment_method_types"] == ["card", "blik", "p24"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("pl", "pl-PL"), ("en", "en-US"), ("es", "es-ES"), ("cs", "cs-CZ"), ("xx", "xx")],
)
def test_adyen_is_told_a_language_with_a_country(language: str, told: str) -> None:
    assert adyen.locale(language) == told


@pytest.mark.parametrize("double", ["stripe"], indirect=True)
@pytest.mark.parametrize(("minutes", "kept"), [(1, 31), (45, 45), (2880, 1439)])
async def test_stripe_is_asked_for_a_session_that_it_can_keep_open(
    payments: StripePayments, minutes: int, kept: int, order: Order
) -> None:
    ask = Ask("r", order, "pl", "http://x/back", "http://x/hook", minutes * 60)
    ends = payments._session(ask)["expires_at"] - time.time()
    assert kept * 60 - 5 < ends <= kept * 60
