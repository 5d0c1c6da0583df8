from collections.abc import Iterator

import pytest

from tests.journeys.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = System(tmp_path_factory.mktemp("var"))
    running.start()
    try:
        running.wait()
        yield running
    finally:
        running.stop()
