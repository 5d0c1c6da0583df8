"""Who may speak, how often, and in which shape: signed sessions, rate limits, JSON bodies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

CONVERSATION_BYTES = 18
"""144 random bits: nobody guesses another's conversation."""
SESSION_SECONDS = 24 * 3600
MAX_DEPTH = 8


class Refused(Exception):
    """An answer other than the one asked for: HTTP status and a word for the program."""

    def __init__(self, status: int, error: str, wait: int | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.wait = status, error, wait


@dataclass(frozen=True)
class Session:
    """A conversation that this server began, until `expires` (seconds since 1970)."""

    conversation: str
    expires: int
    lang: str | None = None
    currency: str | None = None


class Sessions:
    """Signs sessions (HMAC-SHA256) and reads them back; nothing is stored."""

    def __init__(self, secret: str, channel: str, now: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(f"{channel} session\0{secret}".encode()).digest()
        self._channel = channel
        self._now = now

    def begin(self, lang: str | None, currency: str | None) -> Session:
        made = f"{self._channel}:{secrets.token_urlsafe(CONVERSATION_BYTES)}"
        return Session(made, int(self._now()) + SESSION_SECONDS, lang, currency)

    def renew(self, old: Session, lang: str | None, currency: str | None) -> Session:
        """The same conversation for another day."""
        expires = int(self._now()) + SESSION_SECONDS
        return Session(old.conversation, expires, lang or old.lang, currency or old.currency)

    def token(self, session: Session) -> str:
        body = _encode(json.dumps(asdict(session), separators=(",", ":")).encode())
        return f"{body}.{_encode(self._sign(body.encode()))}"

    def read(self, token: str) -> Session:
        """Raises `Refused` (401) for a token that is not ours, was changed, or has expired."""
        body, _, signature = token.encode("utf-8", "replace").partition(b".")
        if not hmac.compare_digest(_encode(self._sign(body)).encode(), signature):
            raise Refused(401, "session")
        session = Session(**json.loads(base64.urlsafe_b64decode(body + b"==")))
        if session.expires <= self._now():
            raise Refused(401, "session")
        return session

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()


class Limiter:
    """A bucket for each key: `burst` at once, refilled at `per_minute`. In memory."""

    def __init__(
        self, per_minute: float, burst: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._now = per_minute / 60, burst, now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Raises `Refused` (429) with the seconds to wait when the bucket is empty."""
        now = self._now()
        left, since = self._buckets.get(key, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._rate)
        if left < 1:
            raise Refused(429, "rate", wait=1 + int((1 - left) / self._rate))
        self._buckets[key] = (left - 1, now)
        if len(self._buckets) > 10_000:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        idle = self._burst / self._rate
        self._buckets = {k: v for k, v in self._buckets.items() if now - v[1] < idle}


def json_body(raw: bytes, limit: int) -> Mapping[str, Any]:
    """The JSON object in `raw`; an empty body is an empty object. Raises `Refused` (413, 400)."""
    if len(raw) > limit:
        raise Refused(413, "size")
    try:
        body = json.loads(raw.decode("utf-8") or "{}", parse_constant=_no_constant)
        _check_depth(body, MAX_DEPTH)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "json") from error
    if not isinstance(body, dict):
        raise Refused(400, "json")
    return body


def _check_depth(value: Any, left: int) -> None:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        if left == 0:
            raise ValueError("too deep")
        _check_depth(item, left - 1)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
