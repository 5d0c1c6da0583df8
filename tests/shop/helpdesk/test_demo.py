from __future__ import annotations

import pytest

from shop.helpdesk.base import Helpdesk
from shop.helpdesk.demo import DemoHelpdesk
from shop.store import Store
from tests.shop.helpdesk_contract import HelpdeskContract


@pytest.fixture
def helpdesk(store: Store) -> Helpdesk:
    return DemoHelpdesk(store.url)


class TestDemoHelpdesk(HelpdeskContract):
    pass
