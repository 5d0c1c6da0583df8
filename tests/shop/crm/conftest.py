"""Each vendor's double on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.crm.remote import RemoteCRM
from tests.shop.crm.doubles.base import CRMDouble
from tests.shop.crm.doubles.hubspot import HubSpotDouble
from tests.shop.crm.doubles.odoo import OdooDouble, OldOdooDouble
from tests.shop.crm.doubles.salesforce import SalesforceDouble
from tests.shop.vendor import Vendor, strict

DOUBLES: dict[str, type[CRMDouble]] = {
    "hubspot": HubSpotDouble,
    "salesforce": SalesforceDouble,
    "odoo": OdooDouble,
    "odoo 18": OldOdooDouble,
}


@pytest.fixture(params=DOUBLES)
def double(request: pytest.FixtureRequest) -> CRMDouble:
    return DOUBLES[request.param]()


@pytest.fixture
def vendor(double: CRMDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with strict(double, monkeypatch) as running:
        yield running


@pytest.fixture
def remote(double: CRMDouble, vendor: Vendor) -> RemoteCRM:
    return double.adapter(vendor.url)
