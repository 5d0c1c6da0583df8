"""The web channel: `channels.web.WebInput: {secret, origins, database}` in credentials.yml.

A browser posts messages and reads answers as Server-Sent Events. Limits: body 16 kB, text 2,000
characters, 20 messages a minute (10 at once), sessions of 24 h. The protocol is in
`docs/web-channel.md`; the rules for streams come from proxies and virus scanners that hold
responses back.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from channels import http
from channels.clean import MAX_TEXT, clean_data, clean_text, mask, plain
from channels.desk import DEFAULT_DATABASE, attach, desk_of
from channels.guard import Limiter, Refused, Session, Sessions, json_body
from channels.inbox.model import Inbound
from channels.stream import as_json, follow, iso

MAX_BODY = 16_384
PER_MINUTE, BURST = 20, 10
MAX_PAGE, MAX_REF = 200, 64
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANG = re.compile(r"([a-z]{2})(?:-[A-Za-z0-9-]{2,20})?")
_CURRENCY = re.compile(r"([A-Z]{3})")
_NUMBER = re.compile(r"[0-9]{1,12}")


class WebInput(InputChannel):
    """Routes below `/webhooks/web`; a conversation belongs to whoever holds its token."""

    @classmethod
    def name(cls) -> str:
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebInput:
        """`origins` is a list or a comma-separated text. Raises if there is no proper secret."""
        given = credentials or {}
        secret = str(given.get("secret") or "")
        if len(secret) < 16:
            raise RasaException("credentials: channels.web.WebInput: secret: 16 characters or more")
        origins = given.get("origins") or []
        listed = origins.split(",") if isinstance(origins, str) else origins
        allowed = frozenset(origin.strip().rstrip("/") for origin in listed)
        return cls(secret, allowed, given.get("database") or DEFAULT_DATABASE)

    def __init__(self, secret: str, origins: frozenset[str], database: str) -> None:
        self._sessions = Sessions(secret, self.name())
        self._limiter = Limiter(PER_MINUTE, BURST)
        self._origins = origins
        self._database = database

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`on_new_message` is not used: messages go through the inbox."""
        blueprint = Blueprint("web_channel")
        attach(blueprint, self._database)
        for method, path, handler in (
            ("POST", "/session", self._begin),
            ("POST", "/message", self._message),
            ("GET", "/events", self._events),
            ("GET", "/history", self._history),
            ("DELETE", "/conversation", self._erase),
            ("GET", "/health", self._health),
        ):
            answer = http.guarded(handler, self._origins)
            options = http.preflight(self._origins)
            name = path.strip("/")
            blueprint.add_route(answer, path, methods=[method], name=name)
            blueprint.add_route(options, path, methods=["OPTIONS"], name=f"{name}_options")
        return blueprint

    async def _begin(self, request: Request) -> HTTPResponse:
        body = json_body(request.body, MAX_BODY)
        lang, currency = _match(_LANG, body, "lang"), _match(_CURRENCY, body, "currency")
        try:
            session = self._sessions.renew(await self._session(request), lang, currency)
        except Refused:
            session = self._sessions.begin(lang, currency)
        made = {
            "conversation": session.conversation,
            "token": self._sessions.token(session),
            "expires": iso(session.expires),
        }
        return json(made, status=201)

    async def _message(self, request: Request) -> HTTPResponse:
        session = await self._session(request)
        body = json_body(request.body, MAX_BODY)
        desk = desk_of(request.app)
        if not desk.ready:
            raise Refused(503, "not_ready", wait=5)
        self._limiter.take(session.conversation)
        message = await self._inbound(request, session, body)
        await desk.accept(message)
        return json({"id": message.client_id}, status=202)

    async def _events(self, request: Request) -> None:
        session = await self._session(request)
        after = _number(request, "after", 0)
        headers = {**http.STREAM_HEADERS, **request.ctx.cors}
        response = await request.respond(headers=headers, content_type=http.STREAM_TYPE)
        await follow(desk_of(request.app), session, after, response.send)
        await response.eof()

    async def _history(self, request: Request) -> HTTPResponse:
        session = await self._session(request)
        after, limit = _number(request, "after", 0), _number(request, "limit", MAX_PAGE)
        conversation, disk = session.conversation, desk_of(request.app).disk
        size = max(1, min(limit, MAX_PAGE))
        entries = await disk.read(lambda store: store.entries(conversation, after, size))
        last = await disk.read(lambda store: store.last(conversation))
        return json({"messages": [as_json(entry) for entry in entries], "last": last})

    async def _erase(self, request: Request) -> HTTPResponse:
        session = self._signed(request)
        erasing = asyncio.create_task(desk_of(request.app).erase(session.conversation))
        await asyncio.shield(erasing)
        return HTTPResponse(status=204)

    async def _health(self, request: Request) -> HTTPResponse:
        ready = desk_of(request.app).ready
        return json({"ready": ready}, status=200 if ready else 503)

    def _signed(self, request: Request) -> Session:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise Refused(401, "session")
        return self._sessions.read(token)

    async def _session(self, request: Request) -> Session:
        """The session of the request's token. Raises `Refused` (401), erased ones too."""
        session = self._signed(request)
        disk = desk_of(request.app).disk
        if await disk.read(lambda store: store.erased(session.conversation)):
            raise Refused(401, "session")
        return session

    async def _inbound(
        self, request: Request, session: Session, body: Mapping[str, Any]
    ) -> Inbound:
        client_id = body.get("id")
        if not isinstance(client_id, str) or not _ID.fullmatch(client_id):
            raise Refused(400, "id")
        shown, text, say = await self._words(request, session, body)
        return Inbound(
            channel=self.name(),
            message_id=f"{session.conversation}.{client_id}",
            conversation=session.conversation,
            text=text,
            shown=shown,
            client_id=client_id,
            metadata=_metadata(session, body),
            say=say,
        )

    async def _words(
        self, request: Request, session: Session, body: Mapping[str, Any]
    ) -> tuple[str, str, str | None]:
        """What the log shows, what the dialogue gets, and what is said instead of a turn."""
        if "choice" in body:
            chosen, conversation = str(body["choice"])[:64], session.conversation
            disk = desk_of(request.app).disk
            choice = await disk.read(lambda store: store.choice(conversation, chosen))
            if choice:
                return choice.title, choice.payload, None
        typed = body.get("title" if "choice" in body else "text")
        if not isinstance(typed, str) or not (text := mask(clean_text(typed))):
            raise Refused(400, "text")
        if len(text) > MAX_TEXT:
            return text[:MAX_TEXT], "", "utter_message_too_long"
        return text, plain(text), None


def _metadata(session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    page = body.get("page") or {}
    if not isinstance(page, dict):
        raise Refused(400, "page")
    known = {name: page[name] for name in ("url", "product") if isinstance(page.get(name), str)}
    ref = _ref(known.get("url", ""))
    return {
        **({"ref": ref} if ref else {}),
        "locale": _match(_LANG, body, "lang") or session.lang,
        "currency": _match(_CURRENCY, body, "currency") or session.currency,
        "page": {name: mask(value) for name, value in clean_data(known).items()},
    }


def _ref(url: str) -> str:
    """Where the shopper came from: the `ref` of the link that led to the page."""
    try:
        return clean_text(dict(parse_qsl(urlsplit(url).query)).get("ref", ""), MAX_REF)
    except ValueError:
        return ""


def _match(pattern: re.Pattern[str], body: Mapping[str, Any], name: str) -> str | None:
    """A field that may be missing, but not be something else. Raises `Refused` (400)."""
    value = body.get(name)
    if value is None:
        return None
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Refused(400, name)
    return found[1]


def _number(request: Request, name: str, default: int) -> int:
    value = request.args.get(name)
    if value is None:
        return default
    if not _NUMBER.fullmatch(value):
        raise Refused(400, name)
    return int(value)
