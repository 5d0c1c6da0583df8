"""One attempt of a call to a back end: a request out, an answer or a trouble back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

CONNECT, READ = 1.0, 4.0  # seconds: to connect, and between two pieces of the answer
LARGEST = 20_000_000  # bytes of an answer
PIECE = 65_536


@dataclass(frozen=True)
class Answer:
    """`content` is the body decoded, None where it is empty."""

    status: int
    content: Any
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return self.status < 400


@dataclass(frozen=True)
class Trouble:
    """Why there is no answer, in words without addresses. `wait`: seconds that the back end wants
    to be left alone; `again`: whether to try again, None where that depends on the request."""

    reason: str
    wait: float = 0.0
    again: bool | None = None


class Session(requests.Session):
    """Follows no redirects: credentials are meant for one server, and some answer orders with 302
    and a body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def new_session(connections: int) -> Session:
    """Several threads share it; it keeps no cookies, which would be one shopper's."""
    session = Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=connections))
    return session


def exchange(
    session: requests.Session,
    request: requests.PreparedRequest,
    until: float,
    decode: Callable[[bytes], Any],
) -> Answer | Trouble:
    """Never raises for what the other side or the network did."""
    left = until - time.monotonic()
    if left <= 0:
        return Trouble("too slow", again=False)
    options = session.merge_environment_settings(request.url or "", {}, True, None, None)
    options["timeout"] = min(CONNECT, left), min(READ, left)
    try:
        with session.send(request, **options) as response:
            body = read(response, until)
    except (requests.RequestException, HTTPError, OSError) as trouble:
        return Trouble(type(trouble).__name__, again=True if unsent(trouble) else None)
    if body is None:
        return Trouble("too slow or too long")
    status = response.status_code
    if status == 429 or status >= 500:
        return Trouble(str(status), wait=patience(response.headers.get("Retry-After", "")))
    try:
        return Answer(status, decode(body) if body else None, response.headers)
    except (ValueError, RecursionError):
        return Trouble(f"{status} with nonsense")


def unsent(trouble: Exception) -> bool:
    """Whether the request certainly did not reach the server."""
    cause = getattr(trouble.args[0] if trouble.args else None, "reason", None)
    return isinstance(trouble, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)


def read(response: requests.Response, until: float) -> bytes | None:
    """The body, as long as it comes in time and is of a bearable size."""
    body = bytearray()
    while piece := response.raw.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > LARGEST or time.monotonic() > until:
            return None
    return bytes(body)


def patience(retry_after: str) -> float:
    """Seconds of a Retry-After header, which holds seconds or a date."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
        return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
