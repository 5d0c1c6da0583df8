"""Pictures of the shop's, for platforms that want them uploaded."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import aiohttp

from channels.base import part
from channels.calls import TIMEOUT, Call, Trouble
from channels.tokens import TokenAdapter

KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""What every platform takes, by its first bytes: what a server says of a file may be wrong."""
KNOWN = 1000
"""Pictures whose names on the platform are remembered."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    content: bytes
    type: str

    @property
    def name(self) -> str:
        return "picture." + self.type.removeprefix("image/").replace("jpeg", "jpg")


Upload = Callable[[aiohttp.ClientSession, Picture], Awaitable[str]]
"""Gives what the platform calls the picture. Raises `Trouble`."""


class Uploads:
    """What a platform calls the pictures that it was given. In memory: else they go again."""

    def __init__(self, upload: Upload, most: int, seconds: float) -> None:
        """`most` bytes each; the platform keeps them for `seconds`."""
        self._upload, self._most, self._seconds = upload, most, seconds
        self._known: dict[str, tuple[str, float]] = {}

    async def id(self, http: aiohttp.ClientSession, url: str) -> str:
        """Raises `Trouble` and `aiohttp.ClientError`."""
        known, until = self._known.get(url, ("", 0.0))
        if until > time.time():
            return known
        given = await self._upload(http, await fetch(http, url, self._most))
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[url] = given, time.time() + self._seconds
        return given


async def fetch(http: aiohttp.ClientSession, url: str, most: int) -> Picture:
    """The JPEG or PNG at `url`, of at most `most` bytes. Raises `Trouble`, `ClientError`."""
    async with http.get(url, timeout=TIMEOUT, allow_redirects=False) as answer:
        if answer.status != 200:
            raise Trouble(f"a picture: HTTP {answer.status}")
        content = bytearray()
        async for piece in answer.content.iter_chunked(64 * 1024):
            content += piece
            if len(content) > most:
                raise Trouble("a picture is too large")
    for start, kind in KINDS.items():
        if content.startswith(start):
            return Picture(bytes(content), kind)
    raise Trouble("a picture is neither a JPEG nor a PNG")


class UploadAdapter(TokenAdapter):
    """A platform that wants pictures uploaded, which calls have as `image: {url}`."""

    picture_bytes: ClassVar[int]
    picture_seconds: ClassVar[float]
    """How long the platform keeps them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._uploads = Uploads(self._uploaded, self.picture_bytes, self.picture_seconds)

    async def ready(self, http: aiohttp.ClientSession, call: Call) -> Call:
        call = await super().ready(http, call)
        url = part(call.body, "image").get("url")
        if not url:
            return call
        try:
            media = await self._uploads.id(http, url)
        except (Trouble, aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.warning(
                "%s: a picture goes as its address: %s", self.name(), type(error).__name__
            )
            return self.instead(call) or call
        return Call(call.path, {**call.body, "image": {"media_id": media}})

    @abstractmethod
    async def _uploaded(self, http: aiohttp.ClientSession, picture: Picture) -> str:
        """What the platform calls the picture. Raises `Trouble`."""
