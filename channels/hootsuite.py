"""Hootsuite: `channels.hootsuite.Hootsuite: {organization, client, secret, webhook_secret}`.

https://apidocs.hootsuite.com/docs/api/inbox/index.html (Inbox 2.0, Virtual Agent API): the bot is a
colleague in Hootsuite's inbox, whatever network a person writes on. Hootsuite calls within the
conversations that are the bot's: started (a message follows), delegated by a person, a message.
It wants `{}` within 10 s and an answer within 5 minutes ("Timeout virtual agent"), else a person
gets the conversation. Texts only, as short as on Instagram, which is the shortest of the networks;
choices are numbers, links and pictures are addresses.

Where a person is wanted, the conversation is handed over with the same message (HANDOVER). The bot
never marks one as resolved: that is Hootsuite's own "Timeout contact". After that it cannot write
any more, until the conversation is its own again.

Enterprise plan with Advanced Inbox. In Admin settings, Virtual agents a custom one with our
address, whose shared secret (hexadecimal) is `webhook_secret`, and the channels switched on. For
`client` and `secret` an app of hootsuite.com/developers/my-apps, which dev.support@hootsuite.com
links to the `organization` (its number) on request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from rasa.shared.exceptions import RasaException
from sanic.response import HTTPResponse, json

from channels.base import Address, Event, Incoming, Rendered, json_object, part, same
from channels.calls import Answer, Call, Request, Sent, by_status
from channels.guard import Refused
from channels.limits import Bubble, Can
from channels.render import Reply
from channels.text import utf8
from channels.tokens import Token, TokenAdapter

AGE_SECONDS = 300.0
"""How old a call may be."""
STARTED, DELEGATED = "CONVERSATION_STARTED", "CONVERSATION_DELEGATED"
MESSAGE = "INBOUND_MESSAGE_RECEIVED"
CONVERSATIONS = "inbox/v1/virtual-agent/conversations/"
PEOPLE = "inbox/v1/user-presence/online-agents"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Hootsuite(TokenAdapter):
    needs = ("organization", "client", "secret", "webhook_secret")
    api = "https://platform.hootsuite.com"
    can = Can(text=1000, unit=utf8, joined=True)

    @classmethod
    def name(cls) -> str:
        return "hootsuite"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        try:
            self._key = bytes.fromhex(self["webhook_secret"])
        except ValueError as error:
            where = "credentials: channels.hootsuite.Hootsuite: webhook_secret"
            raise RasaException(f"{where}: hexadecimal digits, as Hootsuite shows them") from error

    @property
    def account(self) -> str:
        return self["organization"]

    def verify(self, request: Incoming) -> None:
        digest = hmac.new(self._key, request.body, hashlib.sha256).hexdigest()
        same(request.headers.get("x-hootsuite-signature"), digest)
        try:
            at = moment(json_object(request.body)["timestamp"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(401, "age") from error
        if abs(time.time() - at) > AGE_SECONDS:
            raise Refused(401, "age")

    def items(self, body: bytes) -> Iterable[Any]:
        return [json_object(body)]

    def event(self, item: Any) -> Event | None:
        if item["type"] not in (DELEGATED, MESSAGE):
            return None
        data = item["data"]
        held = data["conversationId"]
        user = part(data, "contactProfile").get("id") or held
        known: dict[str, Any] = {"at": moment(item["timestamp"]), "to": {"id": held}}
        medium = part(data, "medium").get("id")
        known["about"] = {"medium": str(medium)} if medium else {}
        if item["type"] == DELEGATED:
            locale = data.get("language")
            return Event("start", item["idempotencyKey"], user, locale=locale, **known)
        text = part(data, "message").get("text")
        kind: Any = "text" if text else "media"
        return Event(kind, item["idempotencyKey"], user, text=text or "", **known)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        return [_call(to, {"sendMessage": {"text": bubble.text}})]

    def render(self, turn: Sequence[Reply], to: Address) -> Rendered:
        """With the last message the conversation goes to a person, where one is wanted."""
        rendered = super().render(turn, to)
        if not any(reply.person for reply in turn):
            return rendered
        *others, last = rendered.calls or (_call(to, {}),)
        last = Call(last.path, {**last.body, "complete": "HANDOVER"})
        return Rendered((*others, last), rendered.numbers)

    def hints(self, to: Address) -> Iterable[Call]:
        yield _call(to, {"indicateTyping": "START"})

    def request(self, call: Call, key: str) -> Request:
        headers = {"Authorization": f"Bearer {self._tokens.access}"}
        return Request(f"{self.host}/{call.path}", headers, dict(call.body))

    def judge(self, answer: Answer) -> Sent:
        sent = by_status(answer)
        if answer.status == 401:
            self._tokens.refused()
        if answer.status == 404:  # it is a person's by now, or resolved
            return Sent("closed", "not the virtual agent's conversation")
        return sent

    def taken(self, body: bytes = b"") -> HTTPResponse:
        return json({})

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """There is no call for it."""
        return [f"in Hootsuite's admin settings give the virtual agent the webhook URL {url}"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """Whether the app is let in; where Hootsuite calls us, it does not tell."""
        await self.ask(http, PEOPLE)
        return []

    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        known = base64.b64encode(f"{self['client']}:{self['secret']}".encode()).decode()
        form = [("grant_type", "organization_app"), ("organization_id", self.account)]
        request = Request(
            f"{self.host}/oauth2/token", {"Authorization": f"Basic {known}"}, form=form
        )
        given = await self._given(http, request, "access_token", "expires_in")
        return Token(str(given["access_token"]), time.time() + float(given["expires_in"]))


def _call(to: Address, body: Mapping[str, Any]) -> Call:
    return Call(CONVERSATIONS + quote(to["id"], safe=""), body)


def moment(stamp: str) -> float:
    """Seconds since 1970 of an ISO 8601 time, which may have more digits than Python reads."""
    found = _TIME.fullmatch(stamp)
    if not found:
        raise ValueError("not a time")
    whole, fraction, zone = found.groups()
    offset = "+00:00" if zone == "Z" else zone
    return datetime.fromisoformat(whole + offset).timestamp() + float(fraction or 0)
