"""Where a mailbox is: its two servers, and how to be let in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0
PORTS = {"imaps": 993, "imap": 143, "imap+plain": 143, "smtps": 465, "smtp": 587, "smtp+plain": 25}
"""`imap` and `smtp` begin TLS after connecting (STARTTLS); `+plain` is without, for one machine."""


@dataclass(frozen=True)
class Login:
    user: str
    password: str = ""
    token: str = ""
    """An OAuth token, in place of the password (XOAUTH2)."""


@dataclass(frozen=True)
class Server:
    kind: str
    host: str
    port: int


def server(address: str) -> Server:
    """`imaps://imap.example.com`. Raises `ValueError`."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"{address!r} is no address such as imaps://imap.example.com")
    return Server(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])
