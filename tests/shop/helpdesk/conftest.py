"""Each vendor's double on a real server, with a store of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.helpdesk.kept import KeptHelpdesk
from shop.store import Store, open_store
from tests.shop.helpdesk.doubles.base import DeskDouble
from tests.shop.helpdesk.doubles.chatwoot import ChatwootDouble
from tests.shop.helpdesk.doubles.freshdesk import FreshdeskDouble
from tests.shop.helpdesk.doubles.hubspot import HubSpotDouble
from tests.shop.helpdesk.doubles.zendesk import ZendeskDouble
from tests.shop.vendor import Vendor, strict

DOUBLES: dict[str, type[DeskDouble]] = {
    "zendesk": ZendeskDouble,
    "freshdesk": FreshdeskDouble,
    "chatwoot": ChatwootDouble,
    "hubspot": HubSpotDouble,
}


@pytest.fixture(scope="session")
def kept(
    environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A database with the schema and no catalogue: nothing of one is needed to answer."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('helpdesk') / 'shop.db'}")
    store.prepare()
    yield store
    store.engine.dispose()


@pytest.fixture(params=DOUBLES)
def double(request: pytest.FixtureRequest) -> DeskDouble:
    return DOUBLES[request.param]()


@pytest.fixture
def vendor(double: DeskDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with strict(double, monkeypatch) as running:
        yield running


@pytest.fixture
def desk(
    double: DeskDouble, vendor: Vendor, kept: Store, monkeypatch: pytest.MonkeyPatch
) -> KeptHelpdesk:
    monkeypatch.setattr("shop.helpdesk.kept.open_store", lambda url: kept)
    return double.adapter(vendor.url, kept.url)
