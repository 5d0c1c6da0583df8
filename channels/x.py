"""X: `channels.x.X: {user, consumer_secret or client_secret, ...}` in credentials.yml.

https://docs.x.com/x-api/activity/introduction. Direct messages come unencrypted (dm.received, as
with the Account Activity API before) and, with `chat_keys` and `chat_version`, encrypted (X Chat,
chat.received). `user` is the bot's id; x_api.py says which secrets it speaks with.

Unencrypted: text of 10,000 characters (the old API's limit; the new one names none) with one
picture, no buttons; 15 messages in 15 minutes and 1,440 a day to all people together, so a turn is
one message if it can be (`per_quarter` names another limit). Encrypted: quick replies, 20 with
labels of 36 (again the old API's), pictures as links; its pace is not published, so with
`chat_keys` X's `x-rate-limit-reset` sets the pace of both. X makes people write first, and
charges for answers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from rasa.shared.exceptions import RasaException
from sanic.response import HTTPResponse, json

from channels import x_event
from channels.base import Adapter, Address, Event, Incoming, each, json_object, part, same
from channels.calls import Answer, Call, Pace, Request, Sent, Trouble, by_status
from channels.guard import Refused
from channels.limits import Bubble, Can, Form
from channels.pictures import Uploads
from channels.x_api import APP, SUBSCRIPTIONS, Api
from channels.x_chat import FIELDS, Vault, people

PER_QUARTER = 15
PICTURE_BYTES, PICTURE_SECONDS = 5_000_000, 12 * 3600.0
DIRECT, CHAT = "dm.received", "chat.received"
FETCH_SECONDS = (4.0, 4.0)
"""For the keys of a new person, at each try; X waits 10 s for our answer."""
MINUTE = "%Y%m%d%H%M"
"""How X writes a time, in UTC."""
TOKEN_SIGNS = re.compile(r"[\w.~+/=:-]{1,512}", re.ASCII)
"""X signs its messages as we sign its challenges: a challenge that could be a message, and so
would give away a message's signature, is refused."""
GONE = re.compile(r"cannot send|not allow|not permitted|following|block|349|150", re.IGNORECASE)

logger = logging.getLogger(__name__)


class X(Adapter):
    needs = ("user",)
    api = "https://api.x.com"
    replays = True
    can = Can(text=10_000, picture=Form(count=0, title=0, text=10_000), joined=True)
    chat = Can(text=10_000, quick=Form(count=20, title=36, text=10_000), joined=True)
    """What encrypted conversations show."""

    @classmethod
    def name(cls) -> str:
        return "x"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        if not (self["consumer_secret"] or self["client_secret"]):
            raise RasaException(
                "credentials: channels.x.X: consumer_secret or client_secret is missing"
            )
        self._api = Api(self)
        keys, version = self["chat_keys"], self["chat_version"]
        if bool(keys) != bool(version):
            raise RasaException("credentials: channels.x.X: chat_keys and chat_version go together")
        self._vault = Vault(self.account, keys, version) if keys else None
        quarter = int(self["per_quarter"] or PER_QUARTER)
        self.account_pace = Pace(5, 20) if self._vault else Pace(quarter / 900, quarter)  # type: ignore[misc]
        self._uploads = Uploads(self._api.uploaded, PICTURE_BYTES, PICTURE_SECONDS)

    @property
    def account(self) -> str:
        return self["user"]

    def verify(self, request: Incoming) -> None:
        """By the OAuth 2.0 client secret where X signs with it, else by the consumer secret."""
        newer = request.headers.get("x-twitter-webhooks-signature-oauth2")
        if newer is not None and self["client_secret"]:
            same(newer, _signature(self["client_secret"], request.body))
        elif self["consumer_secret"]:
            older = request.headers.get("x-twitter-webhooks-signature")
            same(older, _signature(self["consumer_secret"], request.body))
        else:
            raise Refused(401, "signature")

    def challenge(self, request: Incoming) -> HTTPResponse | None:
        token = request.query.get("crc_token", "")
        if not TOKEN_SIGNS.fullmatch(token):
            raise Refused(400, "crc_token")
        secret = self["client_secret"] or self["consumer_secret"]
        return json({"response_token": _signature(secret, token.encode())})

    def items(self, body: bytes) -> Iterable[Any]:
        whole = json_object(body)
        data = whole.get("data")
        for one in each({"data": data if isinstance(data, list) else [data]}, "data"):
            payload, wanted = part(one, "payload"), part(one, "filter")
            if not payload or str(wanted.get("user_id", self.account)) != self.account:
                continue
            if one.get("event_type") == DIRECT:
                for message in each(payload, "direct_message_events") or [payload]:
                    yield DIRECT, message
            if one.get("event_type") == CHAT:
                yield CHAT, {"event_uuid": one.get("event_uuid"), **payload}
        if str(whole.get("for_user_id")) == self.account:  # the Account Activity API
            for message in each(whole, "direct_message_events"):
                yield DIRECT, message

    def event(self, item: Any) -> Event | None:
        kind, message = item
        if kind == DIRECT:
            return x_event.direct(message, self.account)
        if not self._readable(message) or not self._vault:
            return None
        opened = self._vault.opened(message)
        return x_event.encrypted(opened, message, self._vault.change(message), self.account)

    async def prepare(self, body: bytes) -> None:
        """Asks X for the keys of people whose encrypted messages cannot be opened without."""
        try:
            chats = [message for kind, message in self.items(body) if kind == CHAT]
        except (ValueError, AttributeError, TypeError):
            return
        for message in filter(self._readable, chats):
            await self._patiently(message)

    async def catch_up(self, http: aiohttp.ClientSession, since: float) -> None:
        if not self["bearer"]:
            logger.warning("x: what was missed is lost: `bearer` is not set")
            return
        hook = await self._api.hook(http, f"{self['url'].rstrip('/')}/webhooks/x/webhook")
        if not hook:
            raise Trouble("the webhook is not set")
        first, last = (time.strftime(MINUTE, time.gmtime(at)) for at in (since, time.time()))
        when = {"webhook_id": str(hook["id"]), "from_date": first, "to_date": last}
        await self._api.ask(http, "POST", f"{APP}/replay", when)

    def room(self, to: Address) -> Can:
        return self.chat if "chat" in to else self.can

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if "chat" not in to or not self._vault:
            text = {"text": bubble.text} if bubble.text else {}
            image = {"image": bubble.image} if bubble.image else {}
            return [Call(f"2/dm_conversations/with/{to['user']}/messages", {**text, **image})]
        body = self._vault.sealed(to["chat"], to["keys"], bubble.text, bubble.buttons)
        token = {"conversation_token": to["token"]} if to.get("token") else {}
        return [Call(f"{_place(to)}/messages", {**body, **token}, key=True)]

    def packed(self, calls: Sequence[Call], to: Address) -> Iterable[Call]:
        """A picture and the text after it are one message."""
        made: list[Call] = []
        for call in calls:
            if made and set(made[-1].body) == {"image"} and set(call.body) == {"text"}:
                made[-1] = Call(call.path, {**made[-1].body, **call.body})
            else:
                made.append(call)
        return made

    def instead(self, call: Call) -> Call | None:
        if "image" not in call.body:
            return None
        words = [call.body.get("text"), call.body["image"]]
        return Call(call.path, {"text": "\n".join(word for word in words if word)})

    def hints(self, to: Address) -> Iterable[Call]:
        if "chat" in to:
            if to.get("seen"):
                yield Call(f"{_place(to)}/read", {"seen_until_sequence_id": to["seen"]})
            yield Call(f"{_place(to)}/typing", {})

    async def ready(self, http: aiohttp.ClientSession, call: Call) -> Call:
        await self._api.ready(http)
        if "image" not in call.body:
            return call
        try:
            media = await self._uploads.id(http, call.body["image"])
        except (Trouble, aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.warning("x: a picture goes as its address: %s", type(error).__name__)
            return self.instead(call) or call
        text = {"text": call.body["text"]} if "text" in call.body else {}
        return Call(call.path, {**text, "attachments": [{"media_id": media}]}, call.key)

    def request(self, call: Call, key: str) -> Request:
        return self._api.request("POST", call.path, call.body)

    def judge(self, answer: Answer) -> Sent:
        said, sent = answer.body if isinstance(answer.body, dict) else {}, by_status(answer)
        words = f"HTTP {answer.status} {_words(said)}".strip()
        made = part(said, "data").get("encoded_message_event")
        failed = self._vault.failure(str(made)) if self._vault and made else ""
        if failed:
            return Sent("later" if "RateLimit" in failed else "refused", failed, 60.0)
        if not sent.error:
            return Sent("refused", words) if "data" not in said and said.get("errors") else sent
        if answer.status == 429:
            return Sent("later", words, _reset(answer), everyone=not self._vault)
        if answer.status == 401:
            return Sent("later", words, 0.0 if self._api.refused() else 60.0)
        if answer.status == 402:  # the account with X is empty
            return Sent("later", words, 600.0, everyone=True)
        if answer.status == 403:
            return Sent("left" if GONE.search(words) else "refused", words)
        return Sent(sent.state, words, sent.wait)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        if len(url) > 200 or urlsplit(url).port:
            raise Trouble("X takes addresses of at most 200 characters, without a port")
        hook = await self._api.hook(http, url)
        if not hook:
            hook = part(await self._api.ask(http, "POST", APP, {"url": url}), "data")
        elif not hook.get("valid"):
            await self._api.ask(http, "PUT", f"{APP}/{hook['id']}")
        for kind in await self._api.unsubscribed(http, str(hook["id"]), self._kinds):
            wanted = {"event_type": kind, "filter": {"user_id": self.account}}
            wanted |= {"webhook_id": str(hook["id"])}
            await self._api.ask(http, "POST", SUBSCRIPTIONS, wanted)
        return ["give the account X's label of automated accounts"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        user = part(await self._api.ask(http, "GET", "2/users/me"), "data").get("id")
        problems = [] if user == self.account else [f"the token is of {user}, not of `user`"]
        hook = await self._api.hook(http, url)
        if not hook:
            return [*problems, f"the webhook {url} is not set"]
        if not hook.get("valid"):
            problems.append("X does not take the webhook any more: register again")
        missing = await self._api.unsubscribed(http, str(hook["id"]), self._kinds)
        return [*problems, *(f"{kind} is not delivered: register again" for kind in missing)]

    @property
    def _kinds(self) -> tuple[str, ...]:
        return (DIRECT, CHAT) if self._vault else (DIRECT,)

    def _readable(self, message: Mapping[str, Any]) -> bool:
        """Whether an encrypted message is for us: not our own, not in a group."""
        held = people(str(message.get("conversation_id")))
        mine = str(message.get("sender_id")) == self.account
        return bool(self._vault) and self.account in held and not mine

    async def _patiently(self, message: Mapping[str, Any]) -> None:
        for seconds in FETCH_SECONDS:
            try:
                return await asyncio.wait_for(self._fetched(message), seconds)
            except (Trouble, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                logger.error("x: the keys of a message: %s", type(error).__name__)
        raise Refused(503, "keys", 30)

    async def _fetched(self, message: Mapping[str, Any]) -> None:
        vault, held = self._vault, str(message["conversation_id"])
        if not vault or vault.ready(message):
            return
        async with aiohttp.ClientSession() as http:
            for user in filter(vault.stale, people(held)):
                path = f"2/users/{user}/public_keys?public_key.fields={FIELDS}"
                vault.learn(user, each(await self._api.ask(http, "GET", path), "data"))
            if not vault.change(message):
                path = f"2/chat/conversations/{held.replace(':', '-')}/events?max_results=1"
                events = part(await self._api.ask(http, "GET", path), "meta")
                for change in events.get("conversation_key_events") or ():
                    vault.keep(held, str(change))


def _signature(secret: str, signed: bytes) -> str:
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def _place(to: Address) -> str:
    return f"2/chat/conversations/{to['chat'].replace(':', '-')}"


def _words(said: dict[str, Any]) -> str:
    error = (each(said, "errors") or [said])[0]
    told = error.get("detail") or error.get("message") or error.get("title") or ""
    return f"{error.get('code', '')} {str(told)[:100]}".strip()


def _reset(answer: Answer) -> float:
    """Seconds until X takes messages again."""
    value = answer.headers.get("x-rate-limit-reset", "")
    return min(max(1.0, float(value) - time.time()), 900.0) if value.isdigit() else 60.0
