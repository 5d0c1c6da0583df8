from __future__ import annotations

from pathlib import Path

import pytest

from shop.commerce.medusa import MedusaCommerce
from tests.peers.medusa.admin import Admin
from tests.peers.medusa.room import MedusaRoom


def bought_from(admin: Admin, folder: Path) -> MedusaCommerce:
    url = f"sqlite:///{folder / 'shop.db'}"
    return MedusaCommerce(admin.server, admin.publishable, admin.secret, url=url)


@pytest.fixture(scope="session")
def commerce(medusa: Admin, tmp_path_factory: pytest.TempPathFactory) -> MedusaCommerce:
    return bought_from(medusa, tmp_path_factory.mktemp("store"))


@pytest.fixture
def elsewhere(medusa: Admin, tmp_path: Path) -> MedusaCommerce:
    """Another way into the same shop: what is bought there is not in our store."""
    return bought_from(medusa, tmp_path)


@pytest.fixture
def room(medusa: Admin, commerce: MedusaCommerce) -> MedusaRoom:
    return MedusaRoom(medusa, commerce)
