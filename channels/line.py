"""LINE: `channels.line.Line: {token, secret}` in credentials.yml.

https://developers.line.biz/en/reference/messaging-api/. Text 5,000 UTF-16 units; a buttons
template has a text of 160 and 4 actions with labels of 20; 13 quick replies, 12 flex bubbles; 5
messages in a request. A reply with the token of the message that it answers is free, once and for
about a minute; after that the same goes as a push, which is paid, and taken once (retry key).
Answers only to persons, not in groups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import aiohttp

from channels.base import Adapter, Address, Event, Incoming, each, json_object, part, same
from channels.calls import Answer, Call, Pace, Request, Sent, by_status
from channels.limits import Bubble, Can, Carousel, Form
from channels.render import Button, Card
from channels.text import fit, utf16

TOGETHER = 5
"""Messages in one request."""
LOADING_SECONDS = 20
ALT = 400
"""UTF-16 units of what the list of chats shows for a template."""
REPLY, PUSH = "message/reply", "message/push"


class Line(Adapter):
    needs = ("token", "secret")
    api = "https://api.line.me/v2/bot"
    account_pace, person_pace = Pace(200, 200), Pace(5, 10)
    photos = True
    can = Can(
        text=5000,
        unit=utf16,
        titles=utf16,
        buttons=Form(count=4, title=20, text=160, links=True),
        quick=Form(count=13, title=20, text=5000),
        carousel=Carousel(12, title=80, text=300, buttons=Form(4, 20, 0, links=True)),
        picture=Form(count=0, title=0, text=0),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "line"

    @property
    def account(self) -> str:
        return self["account"] or "main"

    def verify(self, request: Incoming) -> None:
        digest = hmac.new(self["secret"].encode(), request.body, hashlib.sha256).digest()
        same(request.headers.get("x-line-signature"), base64.b64encode(digest).decode())

    def items(self, body: bytes) -> Iterable[Any]:
        return each(json_object(body), "events")

    def event(self, item: Any) -> Event | None:
        source, kind = part(item, "source"), item["type"]
        if item.get("mode") == "standby" or source.get("type") != "user":
            return None
        user, message = source["userId"], part(item, "message")
        tokens = {"reply": item.get("replyToken"), "read": message.get("markAsReadToken")}
        known = {
            "at": item["timestamp"] / 1000,
            "to": {"user": user, **{name: token for name, token in tokens.items() if token}},
        }
        ident = item["webhookEventId"]
        if kind == "message" and message["type"] == "text":
            return Event("text", ident, user, text=message["text"], **known)
        if kind == "postback":
            return Event("choice", ident, user, choice=item["postback"]["data"], **known)
        if kind == "message":
            photo = str(message.get("id") or "") if message["type"] == "image" else ""
            return Event("media", ident, user, media=message["type"], photo=photo, **known)
        kinds: dict[str, Any] = {"follow": "start", "unfollow": "left"}
        return Event(kinds[kind], ident, user, **known) if kind in kinds else None

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        return [Call(PUSH, {"to": to["user"], "messages": [_message(bubble)]}, key=True)]

    def packed(self, calls: Sequence[Call], to: Address) -> Iterable[Call]:
        messages = [message for call in calls for message in call.body["messages"]]
        token = to.get("reply")
        for first in range(0, len(messages), TOGETHER):
            body = {"to": to["user"], "messages": messages[first : first + TOGETHER]}
            if token and not first:
                yield Call(REPLY, {**body, "replyToken": token})
            else:
                yield Call(PUSH, body, key=True)

    def instead(self, call: Call) -> Call | None:
        """A token that is used or too old: the same as a push."""
        body = {name: value for name, value in call.body.items() if name != "replyToken"}
        return Call(PUSH, body, key=True) if call.path == REPLY else None

    def hints(self, to: Address) -> Iterable[Call]:
        if "read" in to:
            yield Call("chat/markAsRead", {"markAsReadToken": to["read"]})
        loading = {"chatId": to["user"], "loadingSeconds": LOADING_SECONDS}
        yield Call("chat/loading/start", loading)

    def request(self, call: Call, key: str) -> Request:
        headers = {"Authorization": f"Bearer {self['token']}"}
        if call.path == PUSH:
            headers["X-Line-Retry-Key"] = str(uuid.uuid5(uuid.NAMESPACE_URL, key))
        reply = call.path == REPLY
        body = {name: v for name, v in call.body.items() if not (reply and name == "to")}
        return Request(f"{self.host}/{call.path}", headers, body)

    def judge(self, answer: Answer) -> Sent:
        words = str(answer.body.get("message", "")) if isinstance(answer.body, dict) else ""
        if answer.status == 409:  # the retry key is known: it arrived the first time
            return Sent("sent")
        if answer.status == 429 and "monthly limit" in words:
            return Sent("refused", words)
        sent = by_status(answer)
        error = f"{sent.error} {words[:100]}".strip() if sent.error else None
        if answer.status in (401, 403):  # somebody is going to mend it
            return Sent("later", error, 60.0)
        return Sent(sent.state, error, sent.wait, sent.everyone)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        await self.ask(http, "channel/webhook/endpoint", {"endpoint": url}, method="PUT")
        return ["in the LINE console switch on 'Use webhook' and off 'Auto-reply messages'"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        await self.ask(http, "info")
        endpoint = await self.ask(http, "channel/webhook/endpoint")
        problems = []
        if endpoint.get("endpoint") != url:
            problems.append(f"the webhook is {endpoint.get('endpoint') or 'not set'}, not {url}")
        if not endpoint.get("active"):
            problems.append("the webhook is switched off in the LINE console")
        return problems


def _message(bubble: Bubble) -> dict[str, Any]:
    if bubble.form == "picture":
        return {
            "type": "image",
            "originalContentUrl": bubble.image,
            "previewImageUrl": bubble.image,
        }
    if bubble.form == "carousel":
        bubbles = [_flex(card) for card in bubble.cards]
        alt = ", ".join(card.title for card in bubble.cards)
        contents = {"type": "carousel", "contents": bubbles}
        return {"type": "flex", "altText": fit(alt, ALT, utf16), "contents": contents}
    actions = [_action(button) for button in bubble.buttons]
    if bubble.form == "buttons":
        template = {"type": "buttons", "text": bubble.text, "actions": actions}
        return {"type": "template", "altText": bubble.text, "template": template}
    items = [{"type": "action", "action": action} for action in actions]
    quick = {"quickReply": {"items": items}} if items else {}
    return {"type": "text", "text": bubble.text, **quick}


def _action(button: Button) -> dict[str, str]:
    if button.payload:
        chosen = {"data": button.payload, "displayText": button.title}
        return {"type": "postback", "label": button.title, **chosen}
    return {"type": "uri", "label": button.title, "uri": str(button.url)}


def _flex(card: Card) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [_text(card.title, weight="bold")]
    lines += [_text(card.subtitle, size="sm")] if card.subtitle else []
    link = {"action": {"type": "uri", "label": fit(card.title, 20, utf16), "uri": card.url}}
    bubble: dict[str, Any] = {"type": "bubble", **(link if card.url else {})}
    if card.image:
        size = {"size": "full", "aspectRatio": "4:3", "aspectMode": "fit"}
        bubble["hero"] = {"type": "image", "url": card.image.src, **size}
    bubble["body"] = {"type": "box", "layout": "vertical", "contents": lines}
    if card.buttons:
        buttons = [{"type": "button", "height": "sm", "action": _action(b)} for b in card.buttons]
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": buttons}
    return bubble


def _text(text: str, **style: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "wrap": True, **style}
