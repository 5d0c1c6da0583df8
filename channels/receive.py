"""The one way in: a platform's request is verified, read, written to the inbox, answered.

A request is answered when its messages are on disk, before any of them is understood.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from channels import http, listen
from channels.base import DAY, Adapter, Event, Incoming
from channels.clean import MAX_TEXT, clean_data, clean_text, mask, plain
from channels.desk import DEFAULT_DATABASE, Desk, attach, desk_of
from channels.guard import Refused
from channels.inbox.model import Erased, Full, Inbound, Unavailable
from channels.receipts import Receipt

MAX_BODY = 512 * 1024
"""Bytes of one request; the largest batch of a platform stays well below."""
STALE_SECONDS = DAY
"""Platforms repeat for up to a week; nobody waits for an answer that long."""
MAX_ID = 500
MAX_PHOTO = 2000
RETRY_SECONDS = 1.0
START, PHOTO = "/greet", "/inform"
MEDIA = "[{}]"
WORDLESS = {
    "picture": {"picture", "photo", "image", "animation", "story", "story_mention", "media"},
    "video": {"video", "video_note", "live_photo", "share_post", "reel", "ig_reel", "shortvideo"},
    "voice": {"voice", "audio"},
    "sticker": {"sticker", "emoji", "dice"},
    "place": {"location", "place", "venue"},
}
"""The words of the platforms for what is no text."""
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
_ID = re.compile(r"[\w:.@+=/-]{1,120}", re.ASCII)

logger = logging.getLogger(__name__)


def routes(adapter: Adapter) -> Blueprint:
    """`/webhooks/<name>/webhook`, with the sender of the channel attached to the desk."""
    blueprint = Blueprint(f"{adapter.name()}_channel")
    database = adapter["database"] or DEFAULT_DATABASE
    attach(blueprint, database, adapter)
    if isinstance(adapter, listen.Listener):
        listen.attach(blueprint, adapter, database, lambda app: _taker(adapter, app))

    async def receive(request: Request) -> HTTPResponse:
        desk = desk_of(request.app)
        try:
            return await _receive(adapter, desk, _incoming(request))
        except (Full, Unavailable):
            desk.missed(adapter.name())
            raise
        except Refused as refused:
            if refused.status == 503:
                desk.missed(adapter.name())
            raise

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
    return [found for found in read(adapter, _items(adapter, body)) if isinstance(found, Event)]


def _items(adapter: Adapter, body: bytes) -> list[Any]:
    try:
        return list(adapter.items(body))
    except UNREADABLE as error:
        raise Refused(400, "body") from error


def read(adapter: Adapter, items: Iterable[Any]) -> list[Event | Receipt]:
    """What people did and became of letters, without the items that cannot be read."""
    found: list[Event | Receipt] = []
    for item in items:
        try:
            event = adapter.event(item)
            if event:
                found.append(_checked(adapter, event) if isinstance(event, Event) else event)
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
    await adapter.prepare(request.body)
    for found in read(adapter, _items(adapter, request.body)):
        await _take(adapter, desk, found)
    return adapter.taken(request.body)


def _taker(adapter: Adapter, app: Sanic) -> listen.Take:
    """For what nobody sends again: waits until the inbox can be written."""

    async def take(item: Any) -> None:
        for event in read(adapter, [item]):
            while True:
                try:
                    await _take(adapter, desk_of(app), event)
                    break
                except (Full, Unavailable) as error:
                    logger.error("%s: the inbox waits: %s", adapter.name(), type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)

    return take


async def _take(adapter: Adapter, desk: Desk, event: Event | Receipt) -> None:
    """On return the event is on disk, or left out. Raises `Full` and `Unavailable`."""
    if isinstance(event, Receipt):
        await desk.settle(adapter.name(), f"{adapter.name()}:{adapter.account}:{event.user}", event)
        return
    if event.at is not None and event.at < time.time() - STALE_SECONDS:
        logger.warning("%s: a message came too late to be answered", adapter.name())
        return
    try:
        await _put(adapter, desk, event)
    except Erased:
        logger.warning("%s: a message for an erased conversation", adapter.name())


async def _put(adapter: Adapter, desk: Desk, event: Event) -> None:
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
            metadata=_about(adapter, event),
            say=say,
            to=dict(event.to),
        )
    )


def _about(adapter: Adapter, event: Event) -> dict[str, Any]:
    about: dict[str, Any] = clean_data({"locale": event.locale, **event.about})
    if adapter.photos:
        about["photos"] = True
    if event.photo:
        about["attachments"] = [f"{adapter.name()}: {clean_text(event.photo, MAX_PHOTO)}"]
    return about


def media(kind: str) -> str:
    """What is said to a message without words; `kind` is the platform's word for what it is."""
    known = next((name for name, kinds in WORDLESS.items() if kind in kinds), None)
    return f"utter_only_words_{known}" if known else "utter_only_words"


async def _words(desk: Desk, held: str, event: Event) -> tuple[str, str, str | None]:
    """What the log shows, what the dialogue gets, and what is said instead of a turn."""
    chosen, typed = event.choice, mask(event.text)
    if chosen and (choice := await desk.disk.read(lambda store: store.choice(held, chosen))):
        return choice.title, choice.payload, None
    if event.kind == "start":
        return typed or MEDIA.format("start"), START, None
    if event.kind == "media" and not typed:
        given = PHOTO if event.photo else ""
        return MEDIA.format(event.media or event.kind), given, media(event.media)
    if len(typed) > MAX_TEXT:
        return typed[:MAX_TEXT], "", "utter_message_too_long"
    if choice := await desk.disk.read(lambda store: store.typed(held, typed)):
        return typed, choice.payload, None
    return typed, plain(typed), None


def _incoming(request: Request) -> Incoming:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query: dict[str, Any] = dict(request.query_args)
    return Incoming(request.body, headers, query)
