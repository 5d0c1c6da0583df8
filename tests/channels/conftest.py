"""One trained model and one running server for all tests of the channels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.databases import empty
from tests.channels.rig import HERE, QUIET, Actions, Assistant, Browser
from tests.shop import postgres


@pytest.fixture(scope="session")
def specs() -> Path | None:
    """The platforms' official specifications, which are not ours to copy; None if not there.

    Limits and shapes are tested without them too; with them every request is validated.
    """
    folder = Path(os.environ.get("SPECS") or HERE.parents[2] / "shared/specs")
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A PostgreSQL server's URL, without a database at its end."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def database(cluster: str) -> str:
    """The URL of an empty database in PostgreSQL."""
    return empty(cluster)


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty inbox's, of every kind."""
    if request.param == "sqlite":
        return str(tmp_path / "var/inbox.db")
    return empty(request.getfixturevalue("cluster"))


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keywords and rules only; trained in seconds."""
    out = tmp_path_factory.mktemp("model")
    project = HERE / "project"
    command = [
        *(sys.executable, "-m", "rasa", "train", "--fixed-model-name", "tiny", "--out", str(out)),
        *("--config", "config.yml", "--domain", "domain.yml", "--data", "data"),
    ]
    settings = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(out / "cache")}
    done = subprocess.run(command, cwd=project, env=settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return out / "tiny.tar.gz"


@pytest.fixture(scope="session")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actions]:
    acting = Actions(tmp_path_factory.mktemp("actions"))
    acting.start()
    yield acting
    acting.stop()


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, model: Path, actions: Actions
) -> Iterator[Assistant]:
    """The assistant with all logging on: what it writes is searched for shoppers' words."""
    assistant = Assistant(tmp_path_factory.mktemp("server"), model, actions, "--debug")
    assistant.start()
    yield assistant
    assistant.stop()


@pytest.fixture
def shopper(server: Assistant, actions: Actions) -> Browser:
    actions.mode("ok")
    return Browser(server, lang="en", currency="PLN")
