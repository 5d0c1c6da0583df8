"""Discord as a bot sees it: the gateway's WebSocket and the REST API, on one port.

It keeps sessions, so that one that is resumed gets what it missed; `script` takes the next
requests for messages in another way, as `fake_platform.Reaction`.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.channels.fake_platform import Heard, Reaction
from tests.channels.rig import free_port

EPOCH = 1_420_070_400_000
BOT = {"id": "42", "username": "halny", "bot": True}
TOKEN = "NDI.abc.a-secret-of-ours"  # of the bot 42


@dataclass
class Session:
    events: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class Discord:
    def __init__(self, beat_ms: int = 40_000) -> None:
        self.heard: list[Heard] = []
        self.script: list[Reaction] = []
        self.greetings: list[dict[str, Any]] = []
        """IDENTIFY and RESUME, as they came."""
        self.codes: list[int | None] = []
        self.beats = 0
        self.deaf = False
        """Whether heartbeats are not answered."""
        self.refuses: int | None = None
        """The code with which a greeting is refused."""
        self.sessions: dict[str, Session] = {}
        self.written: list[dict[str, Any]] = []
        self._nonces: dict[str, dict[str, Any]] = {}
        self._beat_ms = beat_ms
        self._number = 0
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Discord:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.cut(1001)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def connections(self) -> int:
        return sum(session.socket is not None for session in self.sessions.values())

    def say(self, text: str, person: int = 7, **more: Any) -> str:
        """Somebody writes to the bot. Gives the message's id."""
        ident = self._snowflake()
        author = {"id": str(person), "username": "anna"}
        message = {"id": ident, "channel_id": f"9{person}", "author": author, "type": 0, **more}
        self.written.append({**message, "content": text})
        self.tell("MESSAGE_CREATE", self.written[-1])
        return ident

    def tap(self, choice: str, person: int = 7, **more: Any) -> str:
        ident = self._snowflake()
        data = {"component_type": 2, "custom_id": choice}
        tapped = {"id": ident, "application_id": "42", "type": 3, "token": f"t{ident}"}
        who = {"user": {"id": str(person)}, "channel_id": f"9{person}", "locale": "pl"}
        self.tell("INTERACTION_CREATE", {**tapped, **who, "data": data, **more})
        return ident

    def send(self, message: dict[str, Any]) -> None:
        """To every connection, whatever it is."""
        for session in self.sessions.values():
            if session.socket is not None:
                self._run(session.socket.send_json(message))

    def cut(self, code: int | None = None) -> None:
        """Closes every connection, with a code or without a word."""
        for session in self.sessions.values():
            if session.socket is not None:
                socket, session.socket = session.socket, None
                self._run(_close(socket, code) if code else _abort(socket))

    def forget(self) -> None:
        """No session can be resumed any more."""
        self.sessions.clear()

    def messages(self, person: int = 7) -> list[dict[str, Any]]:
        """What the bot wrote to a person: each message once, however often it was sent."""
        path = f"/channels/9{person}/messages"
        return [body for nonce, body in self._nonces.items() if nonce.startswith(path)]

    def tell(self, event: str, data: dict[str, Any]) -> None:
        for session in self.sessions.values():
            session.events.append({"op": 0, "t": event, "d": data, "s": len(session.events) + 2})
            if session.socket is not None:
                self._run(session.socket.send_json(session.events[-1]))

    def _snowflake(self) -> str:
        self._number += 1
        return str((int(time.time() * 1000) - EPOCH << 22) + self._number)

    def _run(self, coroutine: Any) -> None:
        with suppress(ConnectionError):
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_get("/ws/", self._socket)
        app.router.add_route("*", "/{path:.*}", self._rest)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self._port).start())
        self._up.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.method, request.path_qs, headers, body))
        if headers.get("authorization") != f"Bot {TOKEN}" and "/callback" not in request.path:
            return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
        if request.method == "GET":
            return web.json_response(self._known(request))
        if request.path.endswith("/messages"):
            reaction = self.script.pop(0) if self.script else Reaction(body={"id": "1"})
            if reaction.status < 300:
                self._nonces.setdefault(f"{request.path} {body['nonce']}", body)
            if reaction.drop and request.transport:
                request.transport.close()
            return web.json_response(
                reaction.body, status=reaction.status, headers=reaction.headers
            )
        return web.Response(status=204)

    def _known(self, request: web.Request) -> Any:
        if request.path == "/gateway/bot":
            return {"url": self.url.replace("http", "ws") + "/ws", "shards": 1}
        if request.path.endswith("/messages"):
            after, channel = int(request.query["after"]), request.path.split("/")[2]
            found = [m for m in self.written if m["channel_id"] == channel]
            return [m for m in found if int(m["id"]) > after][::-1]
        return {"id": "42", "interactions_endpoint_url": None}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        assert (request.query["v"], request.query["encoding"]) == ("10", "json")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": self._beat_ms}})
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await self._heard(socket, json.loads(message.data))
        self.codes.append(socket.close_code)
        for session in self.sessions.values():
            if session.socket is socket:
                session.socket = None
        return socket

    async def _heard(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message["op"] == 1:
            self.beats += 1
            if not self.deaf:
                await socket.send_json({"op": 11})
            return
        self.greetings.append(message)
        if self.refuses:
            await _close(socket, self.refuses)
        elif message["op"] == 2:
            await self._identified(socket)
        elif session := self.sessions.get(message["d"]["session_id"]):
            session.socket = socket
            for event in session.events[message["d"]["seq"] - 1 :]:
                await socket.send_json(event)
            await socket.send_json({"op": 0, "t": "RESUMED", "d": {}, "s": len(session.events) + 1})
        else:
            await socket.send_json({"op": 9, "d": False})

    async def _identified(self, socket: web.WebSocketResponse) -> None:
        name = f"session-{len(self.greetings)}"
        self.sessions[name] = Session(socket=socket)
        ready = {"v": 10, "user": BOT, "session_id": name, "application": {"id": "42"}}
        ready["resume_gateway_url"] = self.url.replace("http", "ws") + "/ws"
        await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})


async def _close(socket: web.WebSocketResponse, code: int) -> None:
    if socket._writer:  # `close` waits for the handler, which then ends with a code of its own
        await socket._writer.close(code)


async def _abort(socket: web.WebSocketResponse) -> None:
    if socket._req and socket._req.transport:
        socket._req.transport.abort()
