"""Other people's systems, installed and started for the time of the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

CACHE = Path(__file__).parents[2] / ".peers"  # not in git; what is installed there is kept
INSTALL_PATIENCE = 300  # seconds
START_PATIENCE = 240.0


def missing(what: str, why: str) -> NoReturn:
    """Loud on a developer's machine, an error where everything must be there."""
    reason = f"NOT RUN: {what} cannot be had here: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def installed(name: str, manifest: Path) -> Path:
    """A folder with the packages that a package.json pins, from the registry or the cache."""
    npm = shutil.which("npm")
    if not npm:
        missing(name, "npm is not installed")
    folder = CACHE / name / digest([manifest])
    if (folder / "complete").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(manifest, folder / "package.json")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_PATIENCE
        )
    except subprocess.TimeoutExpired:
        missing(name, f"npm install took more than {INSTALL_PATIENCE} s")
    if done.returncode:
        missing(name, done.stderr.strip()[-300:])
    (folder / "complete").touch()
    return folder


def digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@contextmanager
def running(
    command: list[str], environment: dict[str, str], log: Path, ready: Callable[[], bool]
) -> Iterator[None]:
    """A server, from when it answers until the end of the block."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
    try:
        until = time.monotonic() + START_PATIENCE
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command} did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(20)
