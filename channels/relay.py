"""A partner's platform: `channels.relay.Relay: {secret, deliver}` in credentials.yml.

For platforms that talk to a business only through a partner or by contract, such as Snapchat's AI
Sponsored Snaps. docs/relay.md is the contract: signed as Standard Webhooks 1.0 says, both ways.
`secret` is `whsec_` and base64, `deliver` the partner's address for answers, `account` a name for
the platform. An answer is the same message however often it comes: the partner takes it once.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import aiohttp
from rasa.shared.exceptions import RasaException
from standardwebhooks import Webhook, WebhookVerificationError

from channels.base import Adapter, Address, Event, Incoming, each, json_object
from channels.calls import Answer, Call, Request, Sent, by_status, encoded
from channels.guard import Refused
from channels.limits import Bubble, Can, Carousel, Form
from channels.render import Button, Card

SECRET_BYTES = 16
GONE = 410


class Relay(Adapter):
    needs = ("secret", "deliver")
    can = Can(
        text=2000,
        buttons=Form(count=10, title=40, text=2000, links=True),
        carousel=Carousel(10, title=80, text=200, buttons=Form(3, 40, 0, links=True)),
        picture=Form(count=10, title=40, text=1000, links=True),
    )

    @classmethod
    def name(cls) -> str:
        return "relay"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        try:
            key = b64decode(self["secret"].removeprefix("whsec_") + "==")
        except ValueError:
            key = b""
        if not self["secret"].startswith("whsec_") or len(key) < SECRET_BYTES:
            raise RasaException(
                "credentials: channels.relay.Relay: secret: whsec_ and 16 bytes in base64"
            )
        self._webhook = Webhook(key)

    @property
    def account(self) -> str:
        return self["account"] or "main"

    def verify(self, request: Incoming) -> None:
        try:
            self._webhook.verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError) as error:
            raise Refused(401, "signature") from error

    def items(self, body: bytes) -> Iterable[Any]:
        return each(json_object(body), "messages")

    def event(self, item: Any) -> Event | None:
        text, choice, media = (str(item.get(name) or "") for name in ("text", "choice", "media"))
        kind: Any = "choice" if choice else "text" if text else "media"
        if item.get("event") in ("start", "left"):
            kind = item["event"]
        elif kind == "media" and not media:
            return None
        return Event(
            kind,
            item["id"],
            item["from"],
            text=text,
            choice=choice,
            media=media,
            at=float(item["at"]) if "at" in item else None,
            locale=item.get("locale"),
            to={"id": item["from"]},
            about={"ref": str(item["ref"])} if item.get("ref") else {},
        )

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        message = {
            "text": bubble.text,
            "lang": bubble.lang,
            "image": bubble.image,
            "buttons": [_button(button) for button in bubble.buttons],
            "cards": [_card(card) for card in bubble.cards],
        }
        body = {"account": self.account, "to": to["id"], "message": _filled(message)}
        return [Call("", body, key=True)]

    def request(self, call: Call, key: str) -> Request:
        body, now = dict(call.body), datetime.now(timezone.utc)
        signature = self._webhook.sign(key, now, encoded(body).decode())
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        return Request(self["deliver"], headers, body)

    def judge(self, answer: Answer) -> Sent:
        return Sent("left", "HTTP 410") if answer.status == GONE else by_status(answer)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        return [f"give {url} and the secret to the partner"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """An answer to nobody, which the partner only says it would take."""
        sent = await self.send(http, Call("", {"account": self.account, "test": True}), "test")
        return [f"{self['deliver']}: {sent.error}"] if sent.error else []


def _button(button: Button) -> dict[str, str]:
    if button.payload:
        return {"title": button.title, "choice": button.payload}
    return {"title": button.title, "url": str(button.url)}


def _card(card: Card) -> dict[str, Any]:
    return _filled(
        {
            "title": card.title,
            "subtitle": card.subtitle,
            "url": card.url,
            "image": card.image and card.image.src,
            "buttons": [_button(button) for button in card.buttons],
        }
    )


def _filled(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}
