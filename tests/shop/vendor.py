"""A real HTTP server on a free port that answers as a test says: a vendor's double."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import pytest

from shop import exchange, http, store


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. `headers` have names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Said:
    """An answer. `cut` ends the connection after so many bytes of the body; `wait` seconds are
    before the answer, `drip` seconds between two bytes of it."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0
    cut: int | None = None

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Vendor:
    """`answer` may be exchanged at any time; what was asked is in `asked`. Faults put into `faults`
    come first: before the work, or, when the body is None, after it (the answer is lost)."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.faults: list[Said] = []
        self.url = ""

    def reply(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if not self.faults:
            return self.answer(asked)
        fault = self.faults.pop(0)
        if fault.body is None:
            return Said(200, self.answer(asked).bytes, cut=0)
        return fault


@contextmanager
def serving(answer: Callable[[Asked], Said]) -> Iterator[Vendor]:
    vendor = Vendor(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # a body would wait 40 ms for its headers to be confirmed

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.respond(vendor.reply(self.request_now()))

        def request_now(self) -> Asked:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            return Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)

        def respond(self, said: Said) -> None:
            time.sleep(said.wait)
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.bytes)))
            self.end_headers()
            self.write(said)
            if said.cut is not None:
                self.close_connection = True

        def write(self, said: Said) -> None:
            if not said.drip:
                self.wfile.write(said.bytes[: said.cut])
                return
            for byte in said.bytes:
                self.wfile.write(bytes([byte]))
                time.sleep(said.drip)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Callers that hang up in the middle are what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()


class Checked(Protocol):
    """A double that notes what is wrong with requests, against the vendor's specification."""

    problems: list[str]

    def answer(self, asked: Asked) -> Said: ...


@contextmanager
def strict(double: Checked, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A busy machine may be slow: what is tested is what happens, not how soon."""
    monkeypatch.setattr(http, "PAUSE", 0.01)
    monkeypatch.setattr(http, "BUDGET", 25.0)
    monkeypatch.setattr(exchange, "READ", 20.0)
    monkeypatch.setattr(store, "PATIENCE", 20.0)
    with serving(double.answer) as running:
        yield running
    assert double.problems == [], "requests against the specification"
