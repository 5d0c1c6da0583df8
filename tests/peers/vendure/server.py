"""A Vendure shop of our own: installed once, filled once, started on a copy for each run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers import peer
from tests.peers.vendure.admin import Admin
from tests.shop.postgres import free_port

HERE = Path(__file__).parent
MADE_OF = (*sorted(HERE.glob("*.js*")), HERE / "admin.py")


@contextmanager
def shop(folder: Path) -> Iterator[Admin]:
    """`VENDURE_SERVER` names one that runs already, for those who try things out."""
    if there := os.environ.get("VENDURE_SERVER"):
        admin = Admin(there)
        admin.log_in()
        yield admin
        return
    packages = peer.from_npm("vendure", HERE)
    filled = packages / f"{peer.digest(MADE_OF)}.sqlite"
    if not filled.exists():
        fill(packages, filled, folder)
    database = folder / "shop.sqlite"
    shutil.copy(filled, database)
    with server(packages, database, folder / "log", save=False) as admin:
        admin.log_in()
        yield admin


def fill(packages: Path, filled: Path, folder: Path) -> None:
    database = folder / "new.sqlite"
    environment = settings(packages, database, 0, save=True)
    peer.run(["node", str(HERE / "server.js"), "seed"], environment, folder)
    with server(packages, database, folder / "seed.log", save=True) as admin:
        admin.fill()
    shutil.copy(database, filled)


@contextmanager
def server(packages: Path, database: Path, log: Path, save: bool) -> Iterator[Admin]:
    port = free_port()
    admin = Admin(f"http://127.0.0.1:{port}")
    environment = settings(packages, database, port, save)
    with peer.running(["node", str(HERE / "server.js")], environment, log, admin.ready):
        yield admin


def settings(packages: Path, database: Path, port: int, save: bool) -> dict[str, str]:
    return {
        "VENDURE_FOLDER": str(packages),
        "VENDURE_DB": str(database),
        "VENDURE_PORT": str(port),
        "VENDURE_SAVE": "true" if save else "false",
        "VENDURE_DISABLE_TELEMETRY": "true",
    }
