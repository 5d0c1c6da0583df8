from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.commerce.prestashop import PrestaShopCommerce
from shop.model import Order
from tests.shop.commerce.doubles import FarRoom, patient
from tests.shop.commerce.prestashop.back import LOWEST, OFFICE, BackOffice
from tests.shop.commerce.prestashop.server import KEY
from tests.shop.commerce.prestashop.shop import PrestaShop
from tests.shop.vendor import Vendor, serving


class Room(FarRoom):
    far: BackOffice

    async def known(self, elsewhere: PrestaShopCommerce, name: str, postcode: str) -> Order:  # type: ignore[override]
        order = await super().known(elsewhere, name, postcode)
        self.far.adopt(order.number, order.email)
        return order


@pytest.fixture(scope="session")
def office(environment: pytest.MonkeyPatch) -> BackOffice:
    return BackOffice(PrestaShop())


@pytest.fixture(scope="session")
def wire(office: BackOffice) -> Iterator[Vendor]:
    with serving(office.shop.answer) as vendor:
        yield vendor


def bought_from(wire: Vendor, folder: Path) -> PrestaShopCommerce:
    url = f"sqlite:///{folder / 'shop.db'}"
    return PrestaShopCommerce(wire.url, KEY, carriers=OFFICE, lowest=LOWEST, url=url)


@pytest.fixture(scope="session")
def commerce(
    environment: pytest.MonkeyPatch, wire: Vendor, tmp_path_factory: pytest.TempPathFactory
) -> PrestaShopCommerce:
    return bought_from(wire, tmp_path_factory.mktemp("prestashop"))


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)


@pytest.fixture
def elsewhere(wire: Vendor, tmp_path: Path) -> PrestaShopCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    return bought_from(wire, tmp_path)


@pytest.fixture
def room(office: BackOffice, commerce: PrestaShopCommerce) -> Room:
    return Room(office, commerce)
