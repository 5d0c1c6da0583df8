"""A BottleCRM of our own: installed once with a newer Python, migrated once, restored for a run.

Its role in PostgreSQL is no superuser: it keeps organisations apart by row-level security."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import peer
from tests.peers.medusa.server import execute, tool
from tests.shop import postgres

HERE = Path(__file__).parent
REQUIREMENTS, SEED = HERE / "requirements.txt", HERE / "seed.py"
NEWER = "import sys, venv; sys.exit(sys.version_info[:2] < (3, 12))"
MIGRATION = 600.0  # seconds: 109 on a machine with nothing else to do


@dataclass(frozen=True)
class Running:
    url: str
    token: str


@contextmanager
def crm(folder: Path) -> Iterator[Running]:
    try:
        postgres.binaries()
    except pytest.fail.Exception as why:
        peer.missing("bottlecrm", str(why))
    packages = peer.kept("bottlecrm", [REQUIREMENTS], install)
    filled = packages / f"{peer.digest([SEED])}.dump"
    with postgres.server() as server:
        execute(f"{server}/postgres", "CREATE ROLE crm LOGIN PASSWORD 'crm'")
        if not filled.exists():
            fill(packages, f"{server}/filling", filled)
        create(f"{server}/crm")
        tool("pg_restore", "-d", f"{server}/crm", str(filled))
        environment = settings(f"{server}/crm")
        python, port = interpreter(packages), str(postgres.free_port())
        token = peer.run([python, str(SEED)], environment, packages).split()[-1]
        url = f"http://127.0.0.1:{port}"
        command = [python, "-m", "uvicorn", "crm.asgi:application", "--port", port]
        with peer.running(command, environment, folder / "log", lambda: ready(url)):
            yield Running(url, token)


def install(folder: Path) -> None:
    peer.fetch("bottlecrm", [newer_python(), "-m", "venv", "venv"], folder)
    pip = [interpreter(folder), "-m", "pip", "install", "-q", "--no-compile"]
    peer.fetch("bottlecrm", [*pip, "--require-hashes", "-r", "requirements.txt"], folder)


def interpreter(folder: Path) -> str:
    return str(folder / "venv/bin/python")


def newer_python() -> str:
    """From PATH, else pyenv's, else one that uv fetches."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in (13, 12, 14):
        found = shutil.which(f"python3.{minor}")
        for python in filter(None, [found, *map(str, pyenv.glob(f"3.{minor}*/bin/python"))]):
            if subprocess.run([python, "-c", NEWER], capture_output=True).returncode == 0:
                return python
    folder = peer.kept("python", [], fetch_python)
    return (folder / "path").read_text()


def fetch_python(folder: Path) -> None:
    peer.fetch("python", ["python3", "-m", "venv", "uv"], folder)
    peer.fetch("python", ["uv/bin/pip", "install", "-q", "uv"], folder)
    peer.fetch("python", ["uv/bin/uv", "python", "install", "--quiet", "3.12"], folder)
    path = peer.run(["uv/bin/uv", "python", "find", "3.12"], {}, folder)
    (folder / "path").write_text(path.strip())


def fill(packages: Path, database: str, filled: Path) -> None:
    create(database)
    migrate = [interpreter(packages), "-m", "django", "migrate", "-v", "0"]
    peer.run(migrate, settings(database), packages, MIGRATION)
    new = filled.with_suffix(".new")
    tool("pg_dump", "--format=custom", "--file", str(new), database)
    new.rename(filled)


def create(database: str) -> None:
    server, _, name = database.rpartition("/")
    execute(f"{server}/postgres", f"CREATE DATABASE {name} OWNER crm")


def settings(database: str) -> dict[str, str]:
    address, _, name = database.rpartition("/")
    return {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "SECRET_KEY": "a key of tests, which protects nothing at all",
        "DBNAME": name,
        "DBUSER": "crm",
        "DBPASSWORD": "crm",
        "DBHOST": "127.0.0.1",
        "DBPORT": address.rpartition(":")[2],
        "ALLOWED_HOSTS": "127.0.0.1",
        "CELERY_BROKER_URL": "memory://",
        "CELERY_RESULT_BACKEND": "cache+memory://",
    }


def ready(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/api/contacts/", timeout=5)
    except urllib.error.HTTPError:
        return True  # it wants a token
    except OSError:
        return False
    return True
