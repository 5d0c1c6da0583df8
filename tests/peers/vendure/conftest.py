from __future__ import annotations

from pathlib import Path

import pytest

from shop.commerce.vendure import VendureCommerce
from tests.peers.vendure.admin import Admin
from tests.peers.vendure.room import VendureRoom

REDUCED = ["regularPrice", "lowestPrice30d"]


def bought_from(admin: Admin, folder: Path) -> VendureCommerce:
    url = f"sqlite:///{folder / 'shop.db'}"
    return VendureCommerce(admin.server, "superadmin", "superadmin", reduced=REDUCED, url=url)


@pytest.fixture(scope="session")
def commerce(vendure: Admin, tmp_path_factory: pytest.TempPathFactory) -> VendureCommerce:
    return bought_from(vendure, tmp_path_factory.mktemp("store"))


@pytest.fixture
def elsewhere(vendure: Admin, tmp_path: Path) -> VendureCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    return bought_from(vendure, tmp_path)


@pytest.fixture
def room(vendure: Admin, commerce: VendureCommerce) -> VendureRoom:
    return VendureRoom(vendure, commerce)
