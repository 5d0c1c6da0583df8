from __future__ import annotations

import pytest

from shop.commerce.demo import DemoCommerce
from shop.store import Store
from tests.shop.backroom import Backroom


@pytest.fixture(scope="session")
def commerce(store: Store) -> DemoCommerce:
    return DemoCommerce(store.url)


@pytest.fixture
def room(store: Store, commerce: DemoCommerce, monkeypatch: pytest.MonkeyPatch) -> Backroom:
    monkeypatch.setattr("shop.store.PATIENCE", 20.0)
    return Backroom(store, commerce)
