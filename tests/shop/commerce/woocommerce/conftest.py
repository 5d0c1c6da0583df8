"""A WooCommerce shop for the time of these tests, and our way into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.woocommerce import WooCommerce
from shop.model import Order
from tests.shop.commerce.doubles import FarRoom, patient
from tests.shop.commerce.woocommerce.server import INSTANCES, KEY, SECRET, Shop
from tests.shop.vendor import Vendor, serving


@pytest.fixture(scope="session")
def shop() -> Shop:
    return Shop()


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)


@pytest.fixture(scope="session")
def server(shop: Shop, environment: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with serving(shop.answer) as vendor:
        yield vendor


class Room(FarRoom):
    def __init__(self, shop: Shop, commerce: WooCommerce) -> None:
        super().__init__(shop, commerce)
        self.double = shop

    async def known(self, elsewhere: RemoteCommerce, name: str, postcode: str) -> Order:
        """Whoever is logged in on the shop's own pages has an order of their account."""
        order = await super().known(elsewhere, name, postcode)
        own = self.double.orders.customers[order.email]
        self.double.orders.all[int(order.number)]["customer_id"] = own
        return order


def opened(server: Vendor, folder: Path) -> WooCommerce:
    languages = ("en", "pl", "es")
    url = f"sqlite:///{folder / 'shop.db'}"
    return WooCommerce(server.url, KEY, SECRET, INSTANCES, languages, "_lowest", url)


@pytest.fixture(scope="session")
def commerce(server: Vendor, tmp_path_factory: pytest.TempPathFactory) -> WooCommerce:
    return opened(server, tmp_path_factory.mktemp("store"))


@pytest.fixture
def elsewhere(server: Vendor, tmp_path: Path) -> WooCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    return opened(server, tmp_path)


@pytest.fixture
def room(shop: Shop, commerce: WooCommerce) -> Room:
    return Room(shop, commerce)


@pytest.fixture(autouse=True)
def by_the_reference(shop: Shop) -> Iterator[None]:
    """Every request of every test."""
    yield
    wrong, shop.breaches = shop.breaches, []
    assert not wrong
