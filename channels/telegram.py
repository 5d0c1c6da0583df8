"""Telegram: `channels.telegram.Telegram: {token, secret}` in credentials.yml.

https://core.telegram.org/bots/api (10.1). Text 4,096 and caption 1,024 UTF-16 units, 100 buttons
with 64 bytes of data; about 1 message a second to a chat and 30 in all; 429 says how long to wait.
Answers only in private chats: a group would share one cart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from rasa.shared.exceptions import RasaException

from channels.base import Adapter, Address, Event, Incoming, each, json_object, same
from channels.calls import Answer, Call, Pace, Request, Sent, by_status
from channels.limits import Bubble, Can, Form
from channels.text import utf16

UPDATES = ["message", "callback_query", "my_chat_member"]
MEDIA = (
    *("animation", "audio", "document", "live_photo", "photo", "sticker", "story", "video"),
    *("video_note", "voice", "contact", "dice", "game", "location", "venue", "poll", "checklist"),
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class Telegram(Adapter):
    needs = ("token", "secret")
    api = "https://api.telegram.org"
    account_pace, person_pace = Pace(30, 30), Pace(1, 3)
    photos = True
    can = Can(
        text=4096,
        unit=utf16,
        titles=utf16,
        buttons=Form(count=100, title=64, text=4096, links=True),
        picture=Form(count=100, title=64, text=1024, links=True),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "telegram"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        if not _SECRET.fullmatch(self["secret"]):
            raise RasaException(
                "credentials: channels.telegram.Telegram: secret: 16 to 256 of A-Za-z0-9_-"
            )

    @property
    def account(self) -> str:
        return self["token"].partition(":")[0]

    def verify(self, request: Incoming) -> None:
        same(request.headers.get("x-telegram-bot-api-secret-token"), self["secret"])

    def items(self, body: bytes) -> Iterable[Any]:
        return [json_object(body)]

    def event(self, item: Any) -> Event | None:
        if query := item.get("callback_query"):
            return _tapped(item["update_id"], query)
        if member := item.get("my_chat_member"):
            gone = member["new_chat_member"]["status"] == "kicked"
            return _event("left", item["update_id"], member) if gone else None
        message = item.get("message")
        if not message or message["chat"]["type"] != "private" or message["from"].get("is_bot"):
            return None
        return _written(item["update_id"], message)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        body: dict[str, Any] = {"chat_id": to["chat"]}
        if bubble.buttons:
            body["reply_markup"] = {"inline_keyboard": [[_key(b)] for b in bubble.buttons]}
        if bubble.form == "picture":
            caption = {"caption": bubble.text} if bubble.text else {}
            return [Call("sendPhoto", {**body, "photo": bubble.image, **caption})]
        plain = {"text": bubble.text, "link_preview_options": {"is_disabled": True}}
        return [Call("sendMessage", {**body, **plain})]

    def instead(self, call: Call) -> Call | None:
        """Telegram fetches images itself; what it cannot fetch is refused with its caption."""
        if call.path != "sendPhoto" or "caption" not in call.body:
            return None
        rest = {k: v for k, v in call.body.items() if k in ("chat_id", "reply_markup")}
        return Call("sendMessage", {**rest, "text": call.body["caption"]})

    def hints(self, to: Address) -> Iterable[Call]:
        if "query" in to:  # or the button would go on turning
            yield Call("answerCallbackQuery", {"callback_query_id": to["query"]})
        yield Call("sendChatAction", {"chat_id": to["chat"], "action": "typing"})

    def request(self, call: Call, key: str) -> Request:
        return Request(f"{self.host}/bot{self['token']}/{call.path}", json=dict(call.body))

    def judge(self, answer: Answer) -> Sent:
        said = answer.body if isinstance(answer.body, dict) else {}
        error = f"HTTP {answer.status} {str(said.get('description', ''))[:100]}".strip()
        if answer.status == 429:
            wait = (said.get("parameters") or {}).get("retry_after", 5)
            return Sent("later", error, float(wait))
        if answer.status == 403:
            return Sent("left", error)
        if answer.status in (401, 404):  # the token: somebody is going to mend it
            return Sent("later", error, 60.0)
        sent = by_status(answer)
        return Sent(sent.state, error, sent.wait) if sent.error else sent

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        body = {"url": url, "secret_token": self["secret"], "allowed_updates": UPDATES}
        await self.ask(http, "setWebhook", body)
        return []

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        await self.ask(http, "getMe", {})
        info = (await self.ask(http, "getWebhookInfo", {}))["result"]
        problems = []
        if info.get("url") != url:
            problems.append(f"the webhook is {info.get('url') or 'not set'}, not {url}")
        elif not set(UPDATES) <= set(info.get("allowed_updates") or ()):
            problems.append("the webhook does not deliver all that is used: register again")
        if info.get("last_error_message"):
            problems.append(f"the last delivery failed: {info['last_error_message']}")
        return problems


def _key(button: Any) -> dict[str, str]:
    if button.payload:
        return {"text": button.title, "callback_data": button.payload}
    return {"text": button.title, "url": button.url}


def _tapped(update: int, query: Mapping[str, Any]) -> Event | None:
    message = query.get("message")
    if not message or message["chat"]["type"] != "private":
        return None
    to = {"chat": message["chat"]["id"], "query": query["id"]}
    person = query["from"]
    return Event(
        "choice",
        str(update),
        str(message["chat"]["id"]),
        choice=str(query.get("data", "")),
        locale=person.get("language_code"),
        to=to,
    )


def _written(update: int, message: Mapping[str, Any]) -> Event | None:
    text = message.get("text") or message.get("caption") or ""
    command, _, rest = text.partition(" ")
    if command == "/start":
        return _event("start", update, message, about={"ref": rest} if rest else {})
    if contact := message.get("contact"):  # shared by the person themselves, when asked
        text = text or str(contact.get("phone_number") or "")
    sizes = each(message, "photo")  # the last one is the largest
    photo = str(sizes[-1].get("file_id") or "") if sizes else ""
    if text:
        return _event("text", update, message, text=text, photo=photo)
    kinds = [kind for kind in MEDIA if kind in message]
    return _event("media", update, message, media=kinds[0], photo=photo) if kinds else None


def _event(kind: Any, update: int, message: Mapping[str, Any], **more: Any) -> Event:
    return Event(
        kind,
        str(update),
        str(message["chat"]["id"]),
        at=float(message["date"]),
        locale=message["from"].get("language_code"),
        to={"chat": message["chat"]["id"]},
        **more,
    )
