"""A messaging platform's HTTP API on a port of its own, which records and misbehaves as told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from channels.base import Adapter
from channels.inbox.disk import Disk
from channels.inbox.model import Inbound, Outcome
from channels.render import Button, Card, Image, Reply
from channels.sender import Sender
from tests.channels.rig import free_port

SITE = "https://shop.example/"


@dataclass(frozen=True)
class Reaction:
    """How the platform takes one request; `drop` closes the connection without an answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    drop: bool = False


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Platform:
    """`usual` is the answer to each request that `script` does not have another one for."""

    def __init__(self, usual: Any = None) -> None:
        self.heard: list[Heard] = []
        self.script: list[Reaction] = []
        self.usual = Reaction(body=usual if usual is not None else {"ok": True})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Platform:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._up.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.method, request.path_qs, headers, body))
        reaction = self.script.pop(0) if self.script else self.usual
        await asyncio.sleep(reaction.seconds)
        if reaction.drop and request.transport:
            request.transport.close()
        if isinstance(reaction.body, bytes):
            return web.Response(body=reaction.body, status=reaction.status)
        return web.json_response(reaction.body, status=reaction.status, headers=reaction.headers)


async def _body(request: web.Request) -> Any:
    """JSON; a form as its pairs, a multipart one with its files as bytes."""
    if request.content_type == "multipart/form-data":
        fields = await request.post()
        return {
            name: field.file.read() if isinstance(field, web.FileField) else field
            for name, field in fields.items()
        }
    raw = await request.read()
    if request.content_type == "application/x-www-form-urlencoded":
        return parse_qsl(raw.decode())
    return json.loads(raw) if raw else None


class Office:
    """One adapter's outbox and sender on a file of its own, without Rasa."""

    def __init__(self, adapter: Adapter, folder: Path) -> None:
        self.adapter = adapter
        self.disk = Disk(str(folder / "inbox.db"), {adapter.name(): adapter.render})
        self.sender = Sender(adapter, self.disk)
        self.count = 0

    async def say(self, user: str, *turn: Reply, to: Any = None, heard: float | None = None) -> str:
        """A message came from `user`, and the turn is its answer. Gives the conversation."""
        self.count += 1
        held = f"{self.adapter.name()}:{self.adapter.account}:{user}"
        name = self.adapter.name()
        await self.disk.accept(Inbound(name, f"m-{self.count}", held, "hi", "hi", to=to or {}))
        if heard is not None:
            query = "UPDATE people SET heard = ? WHERE conversation = ?"
            await self.write(lambda db: db.execute(query, (heard, held)))
        (row,) = await self.disk.write(lambda store: store.claim((), 1))
        await self.disk.write(lambda store: store.finish(row, Outcome("done", turn)))
        return held

    async def write(self, call: Callable[[Any], Any]) -> Any:
        return await self.disk.write(lambda store: store.transact(call))

    async def states(self) -> list[tuple[str, str | None]]:
        query = "SELECT state, error FROM outbox ORDER BY id"
        return list(await self.write(lambda db: db.execute(query).fetchall()))

    async def send(self, seconds: float = 5) -> list[tuple[str, str | None]]:
        """Sends until nothing waits any more, or the time is over."""
        task = asyncio.create_task(self.sender.run())
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
            if all(state not in ("waiting", "sending") for state, _ in await self.states()):
                break
        await self.sender.stop()
        await asyncio.wait_for(task, 5)
        self.sender = Sender(self.adapter, self.disk)
        return await self.states()


def sent(adapter: Adapter, to: Any, *turn: Reply, key: str = "") -> list[tuple[str, Any]]:
    """The URL and body of each request that shows the turn; choices as they were given.

    `key` begins the requests' keys; without one they have no references for receipts.
    """
    rendered = adapter.render(turn, to)
    calls = enumerate(rendered.calls, 1)
    requests = [adapter.request(call, key and f"{key}{number}") for number, call in calls]
    return [(request.url, request.json or request.form) for request in requests]


def choices(*titles: str) -> tuple[Button, ...]:
    return tuple(Button(title, f"id-{number}") for number, title in enumerate(titles, 1))


def cards(count: int, picture: str = "https://shop.example/storm.png") -> tuple[Card, ...]:
    """Jackets with two choices each."""
    return tuple(
        Card(
            id=f"j{n}",
            title=f"Jacket {n}",
            subtitle="129.90 zł · 4.5 (23)",
            url=f"https://shop.example/j{n}",
            image=Image(picture, f"Jacket {n}"),
            facts={"price": "129.90"},
            buttons=(Button("Details", f"id-{n}a"), Button("Add to cart", f"id-{n}b")),
        )
        for n in range(1, count + 1)
    )


def shows_all(adapter: Adapter, to: Any, turn: Sequence[Reply]) -> None:
    """Every choice can be made: by its id in a request, or by a number that is written there."""
    rendered = adapter.render(turn, to)
    said = "\n".join(str(call.body) for call in rendered.calls)
    for reply in turn:
        for button in reply.choices():
            number = rendered.numbers.get(button.payload or "")
            assert repr(button.payload) in said or (number and f"{number}. " in said), button
