"""Access tokens that end: kept in a file, renewed by one process at a time.

A platform may give, with each token, the only means to get the next one (TikTok), or let a new
token end the old one (WeChat): so all processes of an account share one file, and who renews
holds its lock. The file is encrypted with the account's secret.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import os
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.fernet import Fernet, InvalidToken

from channels.base import Adapter
from channels.calls import Call, Request, Trouble, exchange
from channels.desk import DEFAULT_DATABASE
from channels.inbox.engine import is_postgres
from channels.inbox.lock import alone

EARLY_SECONDS = 300.0
"""How long before its end a token is renewed."""
YOUNG_SECONDS = 60.0
"""A token that was got just now is not renewed because the platform refused it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Token:
    """`refresh` gets the next one, where there is such a thing. Times: seconds since 1970."""

    access: str = ""
    until: float = 0.0
    refresh: str = ""
    since: float = 0.0


Renew = Callable[[aiohttp.ClientSession, str], Awaitable[Token]]
"""Gets the next token with a refresh token. Raises `Trouble`."""


def file_for(database: str, channel: str, account: str) -> Path:
    """Beside the inbox; in var/ where that is a server's."""
    folder = Path("var") if is_postgres(database) else Path(database).parent
    return folder / f"{channel}-{hashlib.sha256(account.encode()).hexdigest()[:8]}"


class Tokens:
    def __init__(self, file: Path, secret: str, renew: Renew, first: str = "") -> None:
        """`first` is the refresh token that a person was given; another one begins anew."""
        key = hashlib.sha256(f"{secret}\0{first}".encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(key))
        self._file, self._renew, self._first = file, renew, first
        self._token, self._refused = Token(), ""
        self._busy = asyncio.Lock()

    @property
    def access(self) -> str:
        """The token that was got last."""
        return self._token.access

    async def fresh(self, http: aiohttp.ClientSession) -> str:
        """A token that is good for some minutes. Raises `Trouble` and `aiohttp.ClientError`."""
        if not self._good():  # whoever waits may give up; the next refresh token must be kept
            await asyncio.shield(self._next(http))
        return self.access

    def refused(self) -> bool:
        """The platform does not take the token: before the next call there is another one.

        False if there is not: it was got just now, so that something else is wrong.
        """
        old = self._token.since < time.time() - YOUNG_SECONDS
        if old:
            self._refused = self.access
        return old

    async def _next(self, http: aiohttp.ClientSession) -> None:
        async with self._busy, alone(str(self._file), "."):
            self._token = self._load()
            if not self._good():
                given = await self._renew(http, self._token.refresh or self._first)
                self._token = replace(given, since=time.time())
                self._save()

    def _good(self) -> bool:
        lasting = self._token.until - EARLY_SECONDS > time.time()
        return lasting and self.access != self._refused

    def _load(self) -> Token:
        try:
            return Token(**json.loads(self._box.decrypt(self._file.read_bytes())))
        except FileNotFoundError:
            return Token()
        except (InvalidToken, ValueError, TypeError):
            logger.warning("%s is of another secret: begun anew", self._file.name)
            return Token()

    def _save(self) -> None:
        """The old file stays until the new one is on disk."""
        new = self._file.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self._box.encrypt(json.dumps(asdict(self._token)).encode()))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)


class TokenAdapter(Adapter):
    """A platform with such a token: settings `secret`, and `refresh` where there is one."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        database = self["database"] or DEFAULT_DATABASE
        self._file = file_for(database, self.name(), self.account)
        self._tokens = Tokens(self._file, self["secret"], self._renewed, self["refresh"])

    async def ready(self, http: aiohttp.ClientSession, call: Call) -> Call:
        await self._tokens.fresh(http)
        return call

    @abstractmethod
    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        """The next token. Raises `Trouble`."""

    async def _given(
        self, http: aiohttp.ClientSession, request: Request, *names: str
    ) -> dict[str, Any]:
        """An answer in which `names` are. Raises `Trouble`."""
        answer = await exchange(http, request)
        given, sent = self._content(answer.body), self.judge(answer)
        if sent.error or not all(given.get(name) for name in names):
            raise Trouble(f"{names[0]}: {sent.error or 'not given'}")
        return given

    def _content(self, body: Any) -> dict[str, Any]:
        """The part of an answer where the platform puts what was asked for."""
        return body if isinstance(body, dict) else {}
