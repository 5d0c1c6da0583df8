"""Systems that run for real, each started when a test first asks for it. What a shop's tests need
besides (`commerce`, `room`) is in the conftest.py of its folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.medusa import admin as medusa_admin
from tests.peers.medusa import server as medusa_server
from tests.peers.vendure import server as vendure_server
from tests.peers.vendure.admin import Admin
from tests.shop.commerce.doubles import patient
from tests.shop.conftest import conversation as conversation
from tests.shop.conftest import en as en
from tests.shop.conftest import environment as environment
from tests.shop.conftest import pl as pl


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)


@pytest.fixture(scope="session")
def vendure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """A Vendure shop with products of the demo shop, and its back office; `server` is its URL."""
    with vendure_server.shop(tmp_path_factory.mktemp("vendure")) as running:
        yield running


@pytest.fixture(scope="session")
def medusa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[medusa_admin.Admin]:
    """A Medusa shop with the same products, its back office and the keys of the assistant."""
    with medusa_server.shop(tmp_path_factory.mktemp("medusa")) as running:
        yield running
