"""A Medusa shop of our own: installed once, filled once, started on a copy for each run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.peers import peer
from tests.peers.medusa.admin import Admin
from tests.shop import postgres

HERE = Path(__file__).parent
CONFIG = HERE / "medusa-config.js"
MADE_OF = (CONFIG, HERE / "admin.py", HERE / "filling.py")
FIRST_NUMBER = 500001  # of an order: one that can be told from a count of pieces


@contextmanager
def shop(folder: Path) -> Iterator[Admin]:
    """`MEDUSA_SERVER` names one that runs already, for those who try things out."""
    if there := os.environ.get("MEDUSA_SERVER"):
        admin = Admin(there)
        admin.take_keys()
        yield admin
        return
    try:
        postgres.binaries()
    except pytest.fail.Exception as why:
        peer.missing("medusa", str(why))
    packages = peer.from_npm("medusa", HERE)
    shutil.copy(CONFIG, packages)
    filled = packages / f"{peer.digest(MADE_OF)}.dump"
    with postgres.server() as url:
        if not filled.exists():
            fill(packages, f"{url}/filling", filled, folder)
        create(f"{url}/shop")
        tool("pg_restore", "--no-owner", "-d", f"{url}/shop", str(filled))
        with server(packages, f"{url}/shop", folder / "log") as admin:
            admin.take_keys()
            yield admin


def fill(packages: Path, database: str, filled: Path, folder: Path) -> None:
    create(database)
    environment = settings(database)
    medusa = ["node", str(packages / "node_modules/@medusajs/cli/cli.js")]
    peer.run([*medusa, "db:migrate"], environment, packages)
    peer.run([*medusa, "user", "-e", Admin.EMAIL, "-p", Admin.PASSWORD], environment, packages)
    begin(database)
    with server(packages, database, folder / "seed.log") as admin:
        admin.fill()
    new = filled.with_suffix(".new")
    tool("pg_dump", "--format=custom", "--file", str(new), database)
    new.rename(filled)


@contextmanager
def server(packages: Path, database: str, log: Path) -> Iterator[Admin]:
    port = str(postgres.free_port())
    admin = Admin(f"http://127.0.0.1:{port}")
    medusa = str(packages / "node_modules/@medusajs/cli/cli.js")
    command = ["node", medusa, "start", "-H", "127.0.0.1", "-p", port]
    with peer.running(command, settings(database), log, admin.ready, packages):
        yield admin


def settings(database: str) -> dict[str, str]:
    return {
        "MEDUSA_DATABASE": database,
        "MEDUSA_DISABLE_TELEMETRY": "true",
        "NODE_ENV": "development",
    }


def create(database: str) -> None:
    server, _, name = database.rpartition("/")
    execute(f"{server}/postgres", f"CREATE DATABASE {name}")


def begin(database: str) -> None:
    execute(database, f"ALTER SEQUENCE order_display_id_seq RESTART WITH {FIRST_NUMBER}")


def execute(database: str, statement: str) -> None:
    address = database.replace("postgresql:", "postgresql+pg8000:")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def tool(name: str, *arguments: str) -> None:
    subprocess.run([str(postgres.binaries() / name), *arguments], check=True, timeout=60)
