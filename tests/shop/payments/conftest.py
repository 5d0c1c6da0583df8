"""A store of its own, a small shop in it, and each provider's double on a real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from shop.model import Address, DeliveryMethod, Money, Order, OrderState, Payment
from shop.payments.hosted import HostedPayments
from shop.store import Store
from tests.shop.payments.doubles.adyen import AdyenDouble
from tests.shop.payments.doubles.base import Double
from tests.shop.payments.doubles.linepay import LinePayDouble
from tests.shop.payments.doubles.paypal import PayPalDouble
from tests.shop.payments.doubles.payu import PayUDouble
from tests.shop.payments.doubles.przelewy24 import Przelewy24Double
from tests.shop.payments.doubles.stripe import StripeDouble
from tests.shop.payments_contract import Pay
from tests.shop.vendor import Vendor, strict

DOUBLES: dict[str, type[Double]] = {
    "stripe": StripeDouble,
    "payu": PayUDouble,
    "przelewy24": Przelewy24Double,
    "paypal": PayPalDouble,
    "adyen": AdyenDouble,
    "linepay": LinePayDouble,
}


@pytest.fixture(scope="session")
def template(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and no catalogue: nothing of one is needed to pay."""
    path = tmp_path_factory.mktemp("payments") / "shop.db"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    store.engine.dispose()
    return path


@pytest.fixture
def empty_store(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    path = tmp_path / "shop.db"
    shutil.copy(template, path)
    store = Store(f"sqlite:///{path}")
    store._ready = True
    monkeypatch.setattr("shop.payments.hosted.open_store", lambda url: store)
    return store


@pytest.fixture(params=DOUBLES)
def double(request: pytest.FixtureRequest) -> Double:
    return DOUBLES[request.param]()


@pytest.fixture
def provider(double: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with strict(double, monkeypatch) as running:
        yield running


@pytest.fixture
def payments(double: Double, provider: Vendor, empty_store: Store) -> HostedPayments:
    return double.adapter(provider.url, empty_store.url)


@pytest.fixture
def paid(double: Double, payments: HostedPayments) -> Pay:
    async def pay(payment: Payment) -> None:
        double.pay(payment.id)
        if double.webhooks:
            await payments.verify(*double.call(payment.id))

    return pay


@pytest.fixture
def order() -> Order:
    return order_of(Money(12990, "PLN"))


def order_of(total: Money, number: str = "10042") -> Order:
    nothing = Money(0, total.currency)
    return Order(
        number,
        OrderState.AWAITING_PAYMENT,
        datetime.now(timezone.utc),
        "guest-1",
        "ewa@example.org",
        (),
        DeliveryMethod("courier", "Courier", nothing, (1, 2)),
        Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL"),
        nothing,
        total,
        conversation="c-1",
    )
