from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.bottlecrm import server
from tests.peers.bottlecrm.server import Running


@pytest.fixture(scope="session")
def bottlecrm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with server.crm(tmp_path_factory.mktemp("bottlecrm")) as running:
        yield running
