"""Other people's systems, installed once into .peers/ and started for the time of the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

CACHE = Path(__file__).parents[2] / ".peers"  # not in git; what is installed there is kept
INSTALL_PATIENCE = 300.0  # seconds
START_PATIENCE = 240.0
NPM = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


def missing(what: str, why: str) -> NoReturn:
    """Loud on a developer's machine, an error where everything must be there."""
    reason = f"NOT RUN: {what} cannot be had here: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def kept(name: str, made_of: Iterable[Path], install: Callable[[Path], None]) -> Path:
    """A folder of the cache that `install` fills once, and again when what it is made of changes:
    files that lie at its top when it is called."""
    sources = [*made_of]
    folder = CACHE / name / digest(sources)
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for source in sources:
            shutil.copy(source, folder)
        install(folder)
        (folder / "complete").touch()
    return folder


def from_npm(name: str, source: Path) -> Path:
    """A folder with the packages that a package.json and its lock pin."""
    npm = shutil.which("npm")
    if not npm:
        missing(name, "npm is not installed")
    manifests = (source / "package.json", source / "package-lock.json")
    return kept(name, manifests, lambda folder: fetch(name, [npm, *NPM], folder))


def fetch(name: str, command: list[str], folder: Path) -> None:
    """An installer's run: what it cannot get from its registry is missing here."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_PATIENCE
        )
    except subprocess.TimeoutExpired:
        missing(name, f"{command[0]} took more than {INSTALL_PATIENCE:.0f} s")
    if done.returncode:
        missing(name, done.stderr.strip()[-300:])


def run(
    command: list[str], environment: Mapping[str, str], folder: Path, patience: float = 180.0
) -> str:
    """What a program that must succeed has said: a migration, a seeding."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=patience,
    )
    if done.returncode:
        pytest.fail(f"{command} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@contextmanager
def running(
    command: list[str],
    environment: Mapping[str, str],
    log: Path,
    ready: Callable[[], bool],
    folder: Path | None = None,
) -> Iterator[None]:
    """A server, from when it answers until the end of the block; it runs where its log is, or in
    `folder`."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder or log.parent,
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
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
