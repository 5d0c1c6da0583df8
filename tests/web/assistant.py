"""A small assistant for browser tests: speaks the web channel's protocol and fails on demand."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Message = dict[str, Any]


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


@dataclass
class Conversation:
    id: str
    token: str
    messages: list[Message] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    posts: list[Message] = field(default_factory=list)

    def log(self, **message: Any) -> None:
        message = {"id": len(self.messages) + 1, "ts": now(), **message}
        self.messages.append(message)
        frame = f"id: {message['id']}\nevent: message\ndata: {json.dumps(message)}\n\n"
        self.frames.append(frame)

    def signal(self, event: str, **data: Any) -> None:
        self.frames.append(f"event: {event}\ndata: {json.dumps(data)}\n\n")


class Assistant:
    """`answer` makes the bot's messages for a text; the other attributes make it misbehave."""

    def __init__(self, answer: Callable[[str], list[Message]]) -> None:
        self.answer = answer
        self.conversations: dict[str, Conversation] = {}
        self.failures: list[int] = []
        self.delay = 0.05
        self.silent = False
        self.mask: Callable[[str], str] = str
        self.mute = False
        self.cuts: list[int] = []
        self.streams = 0
        self.closing = False
        self.requests: list[str] = []

    @property
    def only(self) -> Conversation:
        (conversation,) = self.conversations.values()
        return conversation

    def say(self, **message: Any) -> None:
        """The bot speaks without having been asked."""
        self.only.log(**{"from": "bot", "reply_to": None, "lang": "en", **message})

    def _conversation(self, request: Request) -> Conversation | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return next((one for one in self.conversations.values() if one.token == token), None)

    async def session(self, request: Request) -> Response:
        self.requests.append("session")
        conversation = self._conversation(request)
        if conversation is None:
            conversation = Conversation(secrets.token_hex(16), secrets.token_hex(16))
            self.conversations[conversation.id] = conversation
        expires = (datetime.now(timezone.utc) + timedelta(hours=24)).isoformat()
        body = {
            "conversation": conversation.id,
            "token": conversation.token,
            "expires": expires,
        }
        return JSONResponse(body, 201)

    async def message(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(f"message {body.get('text') or body.get('title')}")
        if self.failures:
            return Response(status_code=self.failures.pop(0))
        conversation = self._conversation(request)
        if conversation is None:
            return JSONResponse({"error": "session"}, 401)
        conversation.posts.append(body)
        if body["id"] not in conversation.accepted:
            conversation.accepted.append(body["id"])
            text = self.mask(body.get("text") or body["title"])
            conversation.log(
                **{"from": "user", "client_id": body["id"], "reply_to": None, "text": text}
            )
            asyncio.get_running_loop().create_task(self._turn(conversation, body["id"], text))
        return JSONResponse({"id": body["id"]}, 202)

    async def _turn(self, conversation: Conversation, client_id: str, text: str) -> None:
        if self.silent:
            return
        conversation.signal("typing")
        await asyncio.sleep(self.delay)
        for message in self.answer(text):
            conversation.log(**{"from": "bot", "reply_to": client_id, "lang": "en", **message})
        conversation.signal("done", reply_to=client_id)

    async def events(self, request: Request) -> Response:
        self.requests.append("events")
        conversation = self._conversation(request)
        if conversation is None:
            return JSONResponse({"error": "session"}, 401)
        self.streams += 1
        after = int(request.query_params["after"])
        frames = self._frames(request, conversation, after)
        return StreamingResponse(frames, media_type="text/event-stream")

    async def _frames(
        self, request: Request, conversation: Conversation, after: int
    ) -> AsyncIterator[bytes]:
        cut = self.cuts.pop(0) if self.cuts else None
        if self.mute:
            await self._closed()
        yield b"retry: 3000\n: ok\n\n"
        skip = sum(1 for frame in conversation.frames if _number(frame) <= after and _number(frame))
        seen = 0
        for position in itertools.count():
            while position >= len(conversation.frames):
                if self.closing or await request.is_disconnected():
                    return
                await asyncio.sleep(0.02)
            frame = conversation.frames[position]
            number = _number(frame)
            if number and seen < skip:
                seen += 1
                continue
            if not number and seen < skip:
                continue
            data = frame.encode()
            if cut is not None and number:
                yield data[:cut]
                return
            yield data + b": hb\n\n"

    async def _closed(self) -> None:
        for _ in itertools.count():
            await asyncio.sleep(0.02)
            if self.closing:
                return

    async def history(self, request: Request) -> Response:
        self.requests.append("history")
        conversation = self._conversation(request)
        if conversation is None:
            return JSONResponse({"error": "session"}, 401)
        after = int(request.query_params["after"])
        messages = [one for one in conversation.messages if one["id"] > after][:200]
        return JSONResponse({"messages": messages, "last": len(conversation.messages)})

    async def delete(self, request: Request) -> Response:
        self.requests.append("delete")
        conversation = self._conversation(request)
        if conversation is None:
            return JSONResponse({"error": "session"}, 401)
        del self.conversations[conversation.id]
        return Response(status_code=204)

    def routes(self) -> list[Route]:
        return [
            Route("/session", self.session, methods=["POST"]),
            Route("/message", self.message, methods=["POST"]),
            Route("/events", self.events),
            Route("/history", self.history),
            Route("/conversation", self.delete, methods=["DELETE"]),
        ]


def _number(frame: str) -> int:
    return int(frame[4 : frame.index("\n")]) if frame.startswith("id: ") else 0
