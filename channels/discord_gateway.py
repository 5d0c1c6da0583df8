"""Discord's gateway: one WebSocket over which a bot hears, taken up again where it broke.

https://discord.com/developers/docs/events/gateway (v10). A session that is resumed gives what was
missed, across a restart as well, for some minutes: so it is kept in a file, with the number of the
last event that is in the inbox. When a session cannot be resumed, what was written meanwhile is
fetched from the conversations that are known. Without the SDK, which keeps its session to itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from channels.calls import Trouble

DISPATCH, BEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
DIRECT_MESSAGES = 1 << 12
FOR_US = ("MESSAGE_CREATE", "INTERACTION_CREATE")
OURS = 4000
"""The code with which we close: 1000 and 1001 would end the session."""
REFUSED = {4004, 4010, 4011, 4012, 4013, 4014}
"""Codes after which trying again is of no use before somebody mends something."""
ENDED = {1000, 1001, 4007, 4009}
"""Codes after which a session cannot be resumed."""
KEPT = 500
"""Conversations whose last message is remembered."""
HELLO_SECONDS, CLOSE_SECONDS, AGAIN_SECONDS = 30.0, 2.0, (1.0, 5.0)

logger = logging.getLogger(__name__)
Fetch = Callable[[str], Awaitable[Any]]
Took = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class Session:
    """What is needed to go on: `seq` is the last event that is on disk."""

    id: str = ""
    url: str = ""
    seq: int | None = None
    last: dict[str, str] = field(default_factory=dict)
    """The last message of each channel, the newest channel last."""

    def forget(self) -> None:
        self.id, self.url, self.seq = "", "", None


class Gateway:
    def __init__(self, token: str, file: Path) -> None:
        self._token, self._file = token, file
        self._session = Session()
        self._answered = True
        self._seq: int | None = None

    async def hold(self, http: aiohttp.ClientSession, fetch: Fetch, took: Took) -> None:
        """One connection, until it is over. `took` returns when the item is on disk.

        Raises `Trouble` if Discord will have none of it, and `aiohttp.ClientError`.
        """
        self._session = self._load()
        self._answered, self._seq = True, self._session.seq
        base = self._session.url or str((await fetch("gateway/bot"))["url"])
        url = f"{base.rstrip('/')}/?v=10&encoding=json"
        async with http.ws_connect(url, timeout=CLOSE_SECONDS, max_msg_size=0) as socket:
            try:
                code = await self._converse(socket, fetch, took)
            finally:
                await socket.close(code=OURS)
        self._over(code)

    async def _converse(
        self, socket: aiohttp.ClientWebSocketResponse, fetch: Fetch, took: Took
    ) -> int | None:
        """The code with which Discord closed; None if it did not, or without a word."""
        hello = await socket.receive_json(timeout=HELLO_SECONDS)
        beating = asyncio.create_task(self._beat(socket, hello["d"]["heartbeat_interval"] / 1000))
        try:
            await socket.send_json(self._greeting())
            while True:
                message = await socket.receive()
                if message.type != aiohttp.WSMsgType.TEXT:
                    return message.data if message.type == aiohttp.WSMsgType.CLOSE else None
                if not await self._heard(socket, json.loads(message.data), fetch, took):
                    return None
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await beating

    def _greeting(self) -> dict[str, Any]:
        known = self._session
        if known.id:
            resume = {"token": self._token, "session_id": known.id, "seq": known.seq}
            return {"op": RESUME, "d": resume}
        client = {"os": "linux", "browser": "shopkeeper", "device": "shopkeeper"}
        asked = {"token": self._token, "intents": DIRECT_MESSAGES, "properties": client}
        return {"op": IDENTIFY, "d": asked}

    async def _heard(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        message: dict[str, Any],
        fetch: Fetch,
        took: Took,
    ) -> bool:
        """False if the connection is to be made anew."""
        kind, data = message["op"], message.get("d")
        if kind == DISPATCH:
            self._seq = message["s"]
            await self._dispatched(message["t"], data, fetch, took)
        elif kind == BEAT:
            await socket.send_json({"op": BEAT, "d": self._seq})
        elif kind == ACK:
            self._answered = True
        elif kind == INVALID and data is not True:
            self._session.forget()
            self._save()
            await asyncio.sleep(random.uniform(*AGAIN_SECONDS))  # noqa: S311
        return kind not in (RECONNECT, INVALID)

    async def _dispatched(self, event: str, data: Any, fetch: Fetch, took: Took) -> None:
        if event == "READY":
            self._session.id = data["session_id"]
            self._session.url = data.get("resume_gateway_url") or ""
            await self._catch_up(fetch, took)
        elif event in FOR_US:
            await self._took(data, took)
        self._session.seq = self._seq
        self._save()

    async def _catch_up(self, fetch: Fetch, took: Took) -> None:
        """What was written in the known conversations since their last message."""
        for channel, last in list(self._session.last.items()):
            try:
                missed = await fetch(f"channels/{channel}/messages?after={last}&limit=100")
            except (Trouble, aiohttp.ClientError, asyncio.TimeoutError) as error:
                logger.warning("discord: a conversation is not read: %s", type(error).__name__)
                continue
            for item in sorted(missed, key=lambda one: int(one["id"])):
                await self._took(item, took)

    async def _took(self, item: dict[str, Any], took: Took) -> None:
        await took(item)
        channel = item.get("channel_id")
        if channel and "author" in item and not item.get("guild_id"):
            last = self._session.last
            last.pop(str(channel), None)
            last[str(channel)] = str(item["id"])
            for oldest in list(last)[:-KEPT]:
                del last[oldest]

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, seconds: float) -> None:
        await asyncio.sleep(seconds * random.random())  # noqa: S311
        while self._answered:
            self._answered = False
            await socket.send_json({"op": BEAT, "d": self._seq})
            await asyncio.sleep(seconds)
        logger.warning("discord: the connection is dead")
        await socket.close(code=OURS)

    def _over(self, code: int | None) -> None:
        if code in ENDED or code in REFUSED:
            self._session.forget()
            self._save()
        if code in REFUSED:
            raise Trouble(f"the gateway closed with {code}")

    def _load(self) -> Session:
        try:
            return Session(**json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return Session()
        except (ValueError, TypeError):
            logger.warning("%s is unreadable: begun anew", self._file.name)
            return Session()

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_name(self._file.name + ".new")
        new.write_text(json.dumps(asdict(self._session)), "utf-8")
        new.replace(self._file)
