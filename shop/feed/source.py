"""Where a feed comes from: a file, or an address that is asked whether there is a new one.

https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
"""

from __future__ import annotations

import gzip
import shutil
import time
from pathlib import Path
from typing import IO, Protocol

import requests
from urllib3.exceptions import HTTPError

from shop.exchange import CONNECT, READ, Session, new_session
from shop.model import Unavailable

LARGEST = 200_000_000  # bytes, unpacked
LONGEST = 120.0  # seconds for a whole feed
PIECE = 1 << 16
GZIP = b"\x1f\x8b"


class Endless(OSError):
    """More, or slower, than anything that we want."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Source:
    """`address` may hold a password: it is told to nobody; `name` stands in errors."""

    def __init__(self, address: str, name: str = "feed") -> None:
        self._address, self._name = address, name
        self._session: Session = new_session(1)
        self._seen: dict[str, str] = {}  # what the last version that was taken is known by
        self._fetched: dict[str, str] = {}

    def fetch(self, into: Path) -> bool:
        """Writes the feed if it is another one than was `taken` last. Raises Unavailable."""
        try:
            if not self._address.startswith(("https://", "http://")):
                return self._copy(Path(self._address), into)
            return self._download(into)
        except (requests.RequestException, HTTPError, OSError, EOFError) as trouble:
            raise Unavailable(f"{self._name}: {type(trouble).__name__}") from None

    def taken(self) -> None:
        """What was fetched is in use: the next fetch asks for something newer."""
        self._seen = self._fetched

    def _copy(self, file: Path, into: Path) -> bool:
        now = file.stat()
        self._fetched = {"file": f"{now.st_mtime_ns} {now.st_size}"}
        if self._fetched == self._seen:
            return False
        with file.open("rb") as start, into.open("wb") as end:
            copy(start, end)
        unpack(into)
        return True

    def _download(self, into: Path) -> bool:
        options = self._session.merge_environment_settings(self._address, {}, True, None, None)
        request = requests.Request("GET", self._address, headers=self._seen)
        prepared = self._session.prepare_request(request)
        timeout = (CONNECT, READ)
        with self._session.send(prepared, timeout=timeout, **options) as response:
            if response.status_code == 304:
                return False
            if response.status_code != 200:
                raise Unavailable(f"{self._name}: {response.status_code}")
            known = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
            said = {asked: response.headers.get(name, "") for asked, name in known.items()}
            self._fetched = {asked: value for asked, value in said.items() if value}
            response.raw.decode_content = True
            with into.open("wb") as end:
                copy(response.raw, end)
        unpack(into)
        return True


def copy(start: Readable, end: IO[bytes]) -> None:
    size, until = 0, time.monotonic() + LONGEST
    while piece := start.read(PIECE):
        size += len(piece)
        if size > LARGEST or time.monotonic() > until:
            raise Endless
        end.write(piece)


def unpack(file: Path) -> None:
    """A feed that is a gzip file, whatever it is called."""
    with file.open("rb") as start:
        if start.read(2) != GZIP:
            return
    packed = file.with_suffix(".gz")
    shutil.move(file, packed)
    with gzip.open(packed) as start, file.open("wb") as end:
        copy(start, end)
