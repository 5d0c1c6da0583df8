"""A throw-away PostgreSQL server on a free port, for the time of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off"


def binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if shutil.which("pg_config"):
        asked = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=True
        )
        installed.append(Path(asked.stdout.strip()))
    for folder in installed:
        if (folder / "initdb").exists():
            return folder
    pytest.fail("PostgreSQL is not installed: apt-get install postgresql-15")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server() -> Iterator[str]:
    """The URL of the server, without a database at its end."""
    folder = Path(mkdtemp(prefix="shop-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    found, port, data = binaries(), free_port(), folder / "data"
    control = [*as_user, str(found / "pg_ctl"), "-D", str(data)]
    start = f"{OPTIONS} -p {port} -c unix_socket_directories={folder}"
    initdb = [*as_user, str(found / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    try:
        subprocess.run([*initdb, "-E", "UTF8", "--no-sync"], **quiet)
        subprocess.run([*control, "-w", "-l", str(folder / "log"), "-o", start, "start"], **quiet)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet | {"check": False})
        shutil.rmtree(folder, ignore_errors=True)
