"""Discord: `channels.discord.Discord: {token}` in credentials.yml.

https://discord.com/developers/docs (API v10). Text 2,000 signs (the specification says 4,000,
which bots may not), 5 rows of 5 buttons with labels of 80, a select of 25 options, embeds of 6,000
signs; a link on a button has 512. About 5 messages in 5 seconds to a channel; 429 says how long to
wait. A nonce makes a message that is sent again the same message, for some minutes. Messages come
over the gateway (channels/discord_gateway.py), taps too, or those over HTTP: with `public_key` and
the interactions endpoint URL set in the developer portal. Answers only in direct messages: a server
would share one cart.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rasa.shared.exceptions import RasaException
from sanic.response import HTTPResponse
from sanic.response import json as answer_json

from channels.base import Address, Event, Incoming, json_object, part
from channels.calls import Answer, Call, Pace, Request, Sent, Trouble, by_status, exchange
from channels.desk import DEFAULT_DATABASE
from channels.discord_event import TAP, tapped, written
from channels.discord_gateway import Gateway
from channels.guard import Refused
from channels.limits import Bubble, Can, Carousel, Form
from channels.listen import Listener, Take
from channels.render import Button, Card
from channels.text import fit, utf16
from channels.tokens import file_for

PING = 1
PONG, SEEN = 1, 6
"""Answers to an interaction; the second: that nothing changes yet."""
PER_ROW = 5
SELECT = "choices"
NO_EMBEDS = 4
LEFT = {50007, 50278}
"""The person does not take messages of this bot."""


class Discord(Listener):
    needs = ("token",)
    api = "https://discord.com/api/v10"
    account_pace, person_pace = Pace(40, 40), Pace(1, 5)
    can = Can(
        text=2000,
        unit=utf16,
        titles=utf16,
        buttons=Form(count=25, title=80, text=2000, links=True, link=512),
        rows=Form(count=25, title=100, text=2000, detail=100),
        carousel=Carousel(10, 256, 4096, Form(25, 80, 0, links=True, link=512)),
        picture=Form(count=25, title=80, text=2000, links=True, link=512),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "discord"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._agent = f"DiscordBot ({self.site or 'https://rasa.com'}, 1)"
        self.called = bool(self["public_key"])
        try:
            raw = bytes.fromhex(self["public_key"])
            self._key = Ed25519PublicKey.from_public_bytes(raw) if raw else None
        except ValueError as error:
            where = "credentials: channels.discord.Discord"
            raise RasaException(f"{where}: public_key: 64 hexadecimal digits") from error
        file = file_for(self["database"] or DEFAULT_DATABASE, self.name(), self.account)
        self._gateway = Gateway(self["token"], file)

    @property
    def account(self) -> str:
        """The bot's id: a token begins with it."""
        first = self["token"].partition(".")[0]
        try:
            found = base64.urlsafe_b64decode(first + "==").decode("ascii")
        except (binascii.Error, ValueError):
            found = ""
        return self["account"] or (found if found.isdigit() else "main")

    def verify(self, request: Incoming) -> None:
        if self._key is None:
            raise Refused(404, "webhook")
        try:
            signature = bytes.fromhex(request.headers.get("x-signature-ed25519", ""))
            stamp = request.headers.get("x-signature-timestamp", "").encode("ascii")
            if not stamp:
                raise ValueError("no timestamp")
            self._key.verify(signature, stamp + request.body)
        except (InvalidSignature, ValueError) as error:
            raise Refused(401, "signature") from error

    def items(self, body: bytes) -> Iterable[Any]:
        interaction = json_object(body)
        return [] if interaction["type"] == PING else [interaction]

    def taken(self, body: bytes = b"") -> HTTPResponse:
        ping = json.loads(body)["type"] == PING
        return answer_json({"type": PONG if ping else SEEN})

    def event(self, item: Any) -> Event | None:
        """Of a message or of an interaction, as the gateway gives them."""
        if item.get("guild_id"):
            return None
        return written(item) if "author" in item else tapped(item)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if bubble.form == "carousel":
            for card in bubble.cards:
                yield _call(to, {"embeds": [_embed(card)], "components": _rows(card.buttons)})
            return
        body: dict[str, Any] = {"content": bubble.text} if bubble.text else {}
        if bubble.form == "picture":
            body["embeds"] = [{"image": {"url": bubble.image}}]
        else:
            body["flags"] = NO_EMBEDS  # no previews of the links in the text
        select = bubble.form == "rows"
        body["components"] = _select(bubble.buttons) if select else _rows(bubble.buttons)
        yield _call(to, body)

    def instead(self, call: Call) -> Call | None:
        """A picture whose address is not taken: its text."""
        body = dict(call.body)
        if not body.pop("embeds", None) or not body.get("content"):
            return None
        return Call(call.path, body, key=True)

    def hints(self, to: Address) -> Iterable[Call]:
        yield Call(f"channels/{to['channel']}/typing", {})

    def request(self, call: Call, key: str) -> Request:
        headers = {"Authorization": f"Bot {self['token']}", "User-Agent": self._agent}
        body = dict(call.body)
        if call.key:
            nonce = hashlib.sha256(key.encode()).hexdigest()[:25]
            body = {**body, "nonce": nonce, "enforce_nonce": True}
        return Request(f"{self.host}/{call.path}", headers, body)

    def judge(self, answer: Answer) -> Sent:
        said = answer.body if isinstance(answer.body, dict) else {}
        words = f"{said.get('code', '')} {str(said.get('message', ''))[:100]}".strip()
        error = f"HTTP {answer.status} {words}".strip()
        if answer.status == 429:
            wait, scope = said.get("retry_after"), answer.headers.get("x-ratelimit-scope")
            known = float(wait) if isinstance(wait, (int, float)) else 5.0
            return Sent("later", error, known, said.get("global") is True or scope == "global")
        if answer.status == 401:  # somebody is going to mend it
            return Sent("later", error, 60.0, everyone=True)
        if answer.status == 403 and said.get("code") in LEFT:
            return Sent("left", error)
        sent = by_status(answer)
        return Sent(sent.state, error, sent.wait) if sent.error else sent

    async def listen(self, http: aiohttp.ClientSession, take: Take) -> None:
        async def fetch(path: str) -> Any:
            return await self._get(http, path)

        async def took(item: dict[str, Any]) -> None:
            await take(item)
            if item.get("type") == TAP and "token" in item:
                task = asyncio.create_task(self._seen(http, item))
                task.add_done_callback(lambda done: done.cancelled() or done.exception())

        await self._gateway.hold(http, fetch, took)

    async def _seen(self, http: aiohttp.ClientSession, tap: Mapping[str, Any]) -> None:
        """Or after 3 seconds the button would say that it failed."""
        path = f"{self.host}/interactions/{tap['id']}/{tap['token']}/callback"
        await exchange(http, Request(path, {"User-Agent": self._agent}, {"type": SEEN}))

    async def _get(self, http: aiohttp.ClientSession, path: str) -> Any:
        """Raises `Trouble` and `aiohttp.ClientError`."""
        headers = self.request(Call(path, {}), "").headers
        answer = await exchange(http, Request(f"{self.host}/{path}", headers, method="GET"))
        if error := self.judge(answer).error:
            raise Trouble(f"{path}: {error}")
        return answer.body

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        if self.called:
            body = {"interactions_endpoint_url": url}
            await self.ask(http, "applications/@me", body, method="PATCH")
        return ["have people add the bot, or a server that they are in: it cannot write first"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        await self._get(http, "users/@me")
        application = await self._get(http, "applications/@me")
        endpoint = part({"of": application}, "of").get("interactions_endpoint_url")
        if endpoint and not self.called:
            return [f"taps go to {endpoint}: set `public_key`, or take that address away"]
        if self.called and endpoint != url:
            return [f"the interactions endpoint is {endpoint or 'not set'}, not {url}"]
        return []


def _call(to: Address, body: Mapping[str, Any]) -> Call:
    shown = {name: value for name, value in body.items() if value}
    path = f"channels/{to['channel']}/messages"
    return Call(path, {**shown, "allowed_mentions": {"parse": []}}, key=True)


def _rows(buttons: Iterable[Button]) -> list[dict[str, Any]]:
    keys = [_key(button) for button in buttons]
    rows = [keys[first : first + PER_ROW] for first in range(0, len(keys), PER_ROW)]
    return [{"type": 1, "components": row} for row in rows]


def _key(button: Button) -> dict[str, Any]:
    if button.payload:
        return {"type": 2, "style": 2, "label": button.title, "custom_id": button.payload}
    return {"type": 2, "style": 5, "label": button.title, "url": button.url}


def _select(buttons: Iterable[Button]) -> list[dict[str, Any]]:
    options = [
        {
            "label": button.title,
            "value": button.payload,
            **({"description": fit(button.about, 100, utf16)} if button.about else {}),
        }
        for button in buttons
    ]
    select = {"type": 3, "custom_id": SELECT, "options": options}
    return [{"type": 1, "components": [select]}]


def _embed(card: Card) -> dict[str, Any]:
    shown = {"title": card.title, "description": card.subtitle, "url": card.url}
    image = {"image": {"url": card.image.src}} if card.image else {}
    return {**{name: value for name, value in shown.items() if value}, **image}
