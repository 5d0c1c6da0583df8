"""The one way in: a platform's request is verified, read, written to the inbox, answered.

A request is answered when its messages are on disk, before any of them is understood.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from channels import http
from channels.base import DAY, Adapter, Event, Incoming
from channels.clean import MAX_TEXT, clean_data, clean_text, mask, plain
from channels.desk import DEFAULT_DATABASE, Desk, attach, desk_of
from channels.guard import Refused
from channels.inbox.model import Erased, Inbound

MAX_BODY = 512 * 1024
"""Bytes of one request; the largest batch of a platform stays well below."""
STALE_SECONDS = DAY
"""Platforms repeat for up to a week; nobody waits for an answer that long."""
MAX_ID = 500
START = "/greet"
MEDIA = "[{}]"
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
_ID = re.compile(r"[\w:.@+=/-]{1,120}", re.ASCII)

logger = logging.getLogger(__name__)


def routes(adapter: Adapter) -> Blueprint:
    """`/webhooks/<name>/webhook`, with the sender of the channel attached to the desk."""
    blueprint = Blueprint(f"{adapter.name()}_channel")
    attach(blueprint, adapter["database"] or DEFAULT_DATABASE, adapter)

    async def receive(request: Request) -> HTTPResponse:
        return await _receive(adapter, desk_of(request.app), _incoming(request))

    async def challenge(request: Request) -> HTTPResponse:
        return adapter.challenge(_incoming(request)) or HTTPResponse(status=404)

    for method, handler in (("POST", receive), ("GET", challenge)):
        guarded = http.guarded(handler, frozenset())
        blueprint.add_route(guarded, "/webhook", methods=[method], name=f"webhook_{method}")
    return blueprint


def conversation(adapter: Adapter, user: str) -> str:
    """The name of a person's conversation with this account. Raises `ValueError` on odd ids."""
    if not _ID.fullmatch(user):
        raise ValueError("a person's id of an unknown form")
    return f"{adapter.name()}:{adapter.account}:{user}"


def events(adapter: Adapter, body: bytes) -> list[Event]:
    """What people did, in order; an item that cannot be read does not hold up the others."""
    found: list[Event] = []
    try:
        items = list(adapter.items(body))
    except UNREADABLE as error:
        raise Refused(400, "body") from error
    for item in items:
        try:
            event = adapter.event(item)
            if event:
                found.append(_checked(adapter, event))
        except UNREADABLE as error:
            logger.warning("%s: an item is unreadable: %s", adapter.name(), type(error).__name__)
    return found


def _checked(adapter: Adapter, event: Event) -> Event:
    """The event if it can be kept. Raises `ValueError` and `TypeError`."""
    conversation(adapter, event.user)
    if not 0 < len(event.id.encode()) <= MAX_ID:
        raise ValueError("a message's id of an unknown form")
    return replace(event, text=clean_text(event.text), choice=clean_text(event.choice, 64))


async def _receive(adapter: Adapter, desk: Desk, request: Incoming) -> HTTPResponse:
    if len(request.body) > MAX_BODY:
        raise Refused(413, "size")
    adapter.verify(request)
    for event in events(adapter, request.body):
        if event.at is not None and event.at < time.time() - STALE_SECONDS:
            logger.warning("%s: a message came too late to be answered", adapter.name())
            continue
        try:
            await _take(adapter, desk, event)
        except Erased:
            logger.warning("%s: a message for an erased conversation", adapter.name())
    return adapter.taken()


async def _take(adapter: Adapter, desk: Desk, event: Event) -> None:
    held = conversation(adapter, event.user)
    if event.kind == "left":
        await desk.left(held)
        return
    shown, text, say = await _words(desk, held, event)
    await desk.accept(
        Inbound(
            channel=adapter.name(),
            message_id=event.id,
            conversation=held,
            text=text,
            shown=shown,
            client_id=event.id,
            metadata=clean_data({"locale": event.locale, **event.about}),
            say=say,
            to=dict(event.to),
        )
    )


async def _words(desk: Desk, held: str, event: Event) -> tuple[str, str, str | None]:
    """What the log shows, what the dialogue gets, and what is said instead of a turn."""
    chosen, typed = event.choice, mask(event.text)
    if chosen and (choice := await desk.disk.read(lambda store: store.choice(held, chosen))):
        return choice.title, choice.payload, None
    if event.kind == "start":
        return typed or MEDIA.format("start"), START, None
    if not typed:
        return MEDIA.format(event.kind), plain(""), None
    if len(typed) > MAX_TEXT:
        return typed[:MAX_TEXT], "", "utter_message_too_long"
    if choice := await desk.disk.read(lambda store: store.typed(held, typed)):
        return typed, choice.payload, None
    return typed, plain(typed), None


def _incoming(request: Request) -> Incoming:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query: dict[str, Any] = dict(request.query_args)
    return Incoming(request.body, headers, query)
