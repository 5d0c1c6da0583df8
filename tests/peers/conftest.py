"""Shops that run for real, next to our own store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.commerce.vendure import VendureCommerce
from tests.peers import vendure_shop
from tests.peers.vendure_admin import Admin
from tests.peers.vendure_room import VendureRoom
from tests.shop.conftest import conversation as conversation
from tests.shop.conftest import en as en
from tests.shop.conftest import environment as environment
from tests.shop.conftest import pl as pl

REDUCED = ["regularPrice", "lowestPrice30d"]


@pytest.fixture(scope="session")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    with vendure_shop.shop(tmp_path_factory.mktemp("vendure")) as running:
        yield running


@pytest.fixture(scope="session")
def commerce(
    environment: pytest.MonkeyPatch, admin: Admin, tmp_path_factory: pytest.TempPathFactory
) -> VendureCommerce:
    # A busy machine may be slow: what is tested is what happens, not how soon.
    for setting, seconds in {
        "shop.store.PATIENCE": 20.0,
        "shop.http.BUDGET": 40.0,
        "shop.exchange.CONNECT": 5.0,
        "shop.exchange.READ": 30.0,
    }.items():
        environment.setattr(setting, seconds)
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'shop.db'}"
    return VendureCommerce(admin.server, "superadmin", "superadmin", reduced=REDUCED, url=url)


@pytest.fixture
def room(admin: Admin, commerce: VendureCommerce) -> VendureRoom:
    return VendureRoom(admin, commerce)


@pytest.fixture
def elsewhere(admin: Admin, tmp_path: Path) -> VendureCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    return VendureCommerce(admin.server, "superadmin", "superadmin", reduced=REDUCED, url=url)
