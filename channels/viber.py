"""Viber: `channels.viber.Viber: {token, sender}` in credentials.yml.

https://developers.viber.com/docs/api/rest-bot-api/. Text 7,000 characters, 30 kB of JSON; a
keyboard of 24 rows goes away with the next message; a carousel has 6 cards of 7 rows; an image is
a JPEG of at most 1 MB with a text of 512. Every answer is HTTP 200: its `status` says what it
means. A button comes back as a text, which is its choice's random id. `sender` is the name under
which the bot writes, at most 28 characters. Answers within 24 h of the person's message are free;
what comes later is sent with the setting `paid: true` only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import aiohttp

from channels.base import DAY, Adapter, Address, Event, Incoming, json_object, same
from channels.calls import Answer, Call, Pace, Request, Sent, by_status
from channels.limits import Bubble, Can, Carousel, Form
from channels.receipts import Receipt, State
from channels.render import Button, Card
from channels.text import fit

EVENTS = ["conversation_started", "unsubscribed", "delivered", "failed"]
MEDIA = ("picture", "video", "file", "sticker", "contact", "url", "location")
VERSION = 7
"""The oldest app that shows a carousel."""
COLUMNS, ROWS = 6, 7
SENDER = 28
LATER = {2: 60.0, 10: 60.0, 12: 30.0}
"""`status` of what may be tried again: token, webhook, too many requests."""
LEFT = {5, 6}
"""Not registered, not subscribed."""
_ID = re.compile(r"[\w-]{16}", re.ASCII)


class Viber(Adapter):
    needs = ("token", "sender")
    api = "https://chatapi.viber.com/pa"
    account_pace, person_pace = Pace(50, 50), Pace(2, 10)
    can = Can(
        text=7000,
        quick=Form(count=24, title=60, text=4500, links=True),
        carousel=Carousel(6, title=60, text=120, buttons=Form(2, 30, 0, links=True)),
        picture=Form(count=0, title=0, text=512),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "viber"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self.window = None if settings.get("paid") is True else DAY

    @property
    def account(self) -> str:
        return self["account"] or "main"

    def verify(self, request: Incoming) -> None:
        digest = hmac.new(self["token"].encode(), request.body, hashlib.sha256).hexdigest()
        given = request.headers.get("x-viber-content-signature") or request.query.get("sig")
        same(given, digest)

    def items(self, body: bytes) -> Iterable[Any]:
        return [json_object(body)]

    def event(self, item: Any) -> Event | Receipt | None:
        kind = item["event"]
        if kind in ("delivered", "failed"):
            message, failed = str(item["message_token"]), kind == "failed"
            error = str(item.get("desc") or kind)[:100] if failed else None
            state: State = "refused" if failed else "sent"
            return Receipt(state, message=message, user=item["user_id"], error=error)
        if kind == "unsubscribed":
            return _event("left", item, {"id": item["user_id"]})
        if kind == "conversation_started" and item.get("subscribed"):  # others cannot be answered
            about = {"ref": str(item["context"])} if item.get("context") else {}
            return _event("start", item, item["user"], about=about)
        if kind != "message":
            return None
        message, person = item["message"], item["sender"]
        text = str(message.get("text") or "")
        if _ID.fullmatch(text):
            return _event("choice", item, person, text=text, choice=text)
        if text:
            return _event("text", item, person, text=text)
        if message["type"] not in MEDIA:
            return None
        return _event("media", item, person, media=message["type"])

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        sender = {"name": fit(self["sender"], SENDER)}
        body: dict[str, Any] = {"receiver": to["id"], "min_api_version": VERSION, "sender": sender}
        if bubble.form == "picture" and not str(bubble.image).lower().endswith((".jpg", ".jpeg")):
            return [self._call(body, type="text", text=f"{bubble.text}\n{bubble.image}".strip())]
        if bubble.form == "picture":
            return [self._call(body, type="picture", text=bubble.text, media=bubble.image)]
        if bubble.form == "carousel":
            alt = ", ".join(card.title for card in bubble.cards)
            grid = {"ButtonsGroupColumns": COLUMNS, "ButtonsGroupRows": ROWS}
            parts = [part for card in bubble.cards for part in _card(card)]
            media = {"Type": "rich_media", **grid, "Buttons": parts}
            return [self._call(body, type="rich_media", alt_text=alt, rich_media=media)]
        if bubble.buttons:
            keys = [_key(button, COLUMNS) for button in bubble.buttons]
            body["keyboard"] = {"Type": "keyboard", "InputFieldState": "regular", "Buttons": keys}
        return [self._call(body, type="text", text=bubble.text)]

    def request(self, call: Call, key: str) -> Request:
        headers = {"X-Viber-Auth-Token": self["token"]}
        return Request(f"{self.host}/{call.path}", headers, dict(call.body))

    def judge(self, answer: Answer) -> Sent:
        status = answer.body.get("status") if isinstance(answer.body, dict) else None
        if answer.status != 200 or status is None:
            sent = by_status(answer)
            return sent if sent.error else Sent("later", "no status")
        words = f"{status} {str(answer.body.get('status_message', ''))[:100]}".strip()
        if status == 0:
            return Sent("sent", message=str(answer.body.get("message_token") or ""))
        if status in LATER:
            return Sent("later", words, LATER[status], everyone=status == 12)
        return Sent("left" if status in LEFT else "refused", words)

    def instead(self, call: Call) -> Call | None:
        """An image that Viber cannot fetch: its text."""
        body = dict(call.body)
        if body.get("type") != "picture" or not body.get("text"):
            return None
        del body["media"]
        return Call(call.path, {**body, "type": "text"})

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """Viber calls `url` while it is asked, so the assistant must be running."""
        await self.ask(http, "set_webhook", {"url": url, "event_types": EVENTS, "send_name": False})
        return []

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        info = await self.ask(http, "get_account_info", {})
        if info.get("webhook") != url:
            return [f"the webhook is {info.get('webhook') or 'not set'}, not {url}"]
        return []

    def _call(self, body: dict[str, Any], **more: Any) -> Call:
        return Call("send_message", {**body, **more})


def _event(kind: Any, item: dict[str, Any], person: dict[str, Any], **more: Any) -> Event:
    return Event(
        kind,
        f"{item['message_token']}.{item['event']}",
        person["id"],
        at=item["timestamp"] / 1000,
        locale=person.get("language"),
        to={"id": person["id"]},
        **more,
    )


def _key(button: Button, columns: int) -> dict[str, Any]:
    """`Silent`: the chat would show the id, not the title."""
    shape = {"Columns": columns, "Rows": 1, "Text": _plain(button.title), "TextSize": "regular"}
    if button.payload:
        return {**shape, "ActionType": "reply", "ActionBody": button.payload, "Silent": True}
    return {**shape, "ActionType": "open-url", "ActionBody": button.url}


def _card(card: Card) -> list[dict[str, Any]]:
    """Seven rows: a picture, the words, one row for each button; what is missing is words."""
    keys = [_key(button, COLUMNS) for button in card.buttons]
    high = 3 if card.image else 0
    opened = {"ActionType": "open-url", "ActionBody": card.url}
    action = opened if card.url else {"ActionType": "none", "ActionBody": ""}
    words = f"<b>{_plain(card.title)}</b>"
    words += f"<br>{_plain(card.subtitle)}" if card.subtitle else ""
    text = {"Columns": COLUMNS, "Rows": ROWS - high - len(keys), "Text": words, **action}
    image = {"Columns": COLUMNS, "Rows": high, "Image": card.image and card.image.src, **action}
    return [*([image] if card.image else []), text, *keys]


def _plain(text: str) -> str:
    """Viber reads the text of a button as HTML."""
    return escape(text, quote=False)
