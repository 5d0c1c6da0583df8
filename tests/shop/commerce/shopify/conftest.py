"""A Shopify shop's double, our adapter to it, and the back room of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.commerce.shopify import ShopifyCommerce, documents
from tests.shop.commerce.doubles import FarRoom, patient
from tests.shop.commerce.shopify.double import CLIENT, Double
from tests.shop.commerce.shopify.schema import read
from tests.shop.payments import spec
from tests.shop.vendor import Vendor, serving


@pytest.fixture(scope="session")
def double(environment: pytest.MonkeyPatch) -> Double:
    if not spec.MISSING:
        read(documents.SHOP)  # the schema takes seconds, which no request should wait for
    return Double()


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)
    monkeypatch.setattr("shop.commerce.shopify.amend.PAUSE", 0.01)
    monkeypatch.setattr("shop.commerce.shopify.vendor.PAUSE", 0.01)
    monkeypatch.setattr("shop.commerce.shopify.export.SHORTEST_PAUSE", 0.01)


@pytest.fixture(scope="session")
def server(double: Double, environment: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with serving(double.answer) as running:
        double.exports.url = running.url
        yield running


@pytest.fixture(autouse=True)
def right(double: Double) -> Iterator[None]:
    double.problems.clear()
    yield
    assert double.problems == [], "requests against the official schema"


def adapter(server: Vendor, store: Path) -> ShopifyCommerce:
    secret = CLIENT["client_secret"]
    lowest, url = "shopkeeper.lowest_30d", f"sqlite:///{store}"
    return ShopifyCommerce(server.url, "app", secret, lowest=lowest, url=url)


@pytest.fixture(scope="session")
def commerce(server: Vendor, tmp_path_factory: pytest.TempPathFactory) -> ShopifyCommerce:
    return adapter(server, tmp_path_factory.mktemp("store") / "shop.db")


@pytest.fixture
def elsewhere(server: Vendor, tmp_path: Path) -> ShopifyCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    return adapter(server, tmp_path / "elsewhere.db")


@pytest.fixture
def room(double: Double, commerce: ShopifyCommerce) -> FarRoom:
    return FarRoom(double, commerce)
