"""Snapchat: `channels.snapchat.Snapchat: {client, secret, refresh, profile, creators}`.

https://developers.snap.com/api/marketing-api/Public-Profile-API/Messaging. Snap has no public API
by which a business could answer shoppers. This is the one that it has, for apps on its list: a
brand's public profile (`profile`) and creators (`creators`, a list of their profiles) write to
each other, texts only. There is no webhook, so the messages are fetched: 50 at a time, with ids
but without times and senders. What was there when a conversation is first looked at is history;
our own messages are known by their ids. Shoppers come by docs/snapchat.md's links, or through
`channels.relay.Relay` where Snap grants it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from channels.base import Address, Event, each, part
from channels.calls import Answer, Call, Pace, Request, Sent, Trouble, by_status
from channels.limits import Bubble, Can
from channels.listen import Listener, Take
from channels.seen import Seen
from channels.tokens import Token, TokenAdapter

LOGIN = "https://accounts.snapchat.com/login/oauth2/access_token"
MANY = "group_conversation_messages"
PAGE, PAGES = 50, 10
POLL_SECONDS = 5.0


class Snapchat(TokenAdapter, Listener):
    needs = ("client", "secret", "refresh", "profile", "creators")
    api = "https://businessapi.snapchat.com/v1"
    account_pace, person_pace = Pace(5, 5), Pace(1, 3)
    can = Can(text=1000, joined=True)  # the length of a text is not documented

    @classmethod
    def name(cls) -> str:
        return "snapchat"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._seen = Seen(self._file.with_suffix(".json"))
        self._path = f"public_profiles/{self.account}/group_conversation"

    @property
    def account(self) -> str:
        return self["profile"]

    @property
    def creators(self) -> list[str]:
        given = self.settings["creators"]
        return [str(one) for one in (given if isinstance(given, list) else [given])]

    async def listen(self, http: aiohttp.ClientSession, take: Take) -> None:
        while True:
            for creator in self.creators:
                await self._fetch(http, await self._conversation(http, creator), take)
            await asyncio.sleep(POLL_SECONDS)

    def event(self, item: Any) -> Event | None:
        message, to = item["message"], item["to"]
        ident = message["message_id"]
        if self._is_ours(ident):
            return None
        text = str(message.get("text_message") or "")
        kind: Any = "text" if text else "media"
        media = "" if text else str(message.get("type", "")).lower()
        return Event(kind, ident, to["conversation_id"], text=text, media=media, to=to)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        message = {"type": "TEXT", "text_message": bubble.text}
        body = {"conversation_id": to["conversation_id"], "token": to["token"]}
        return [Call(f"{self._path}_messages", {**body, MANY: [message]})]

    def request(self, call: Call, key: str) -> Request:
        headers = {"Authorization": f"Bearer {self._tokens.access}"}
        body = dict(call.body)
        if messages := each(body, MANY):
            body[MANY] = [{**one, "message_id": self._id(key)} for one in messages]
        return Request(f"{self.host}/{call.path}", headers, body)

    def judge(self, answer: Answer) -> Sent:
        sent = by_status(answer)
        if answer.status == 401:
            self._tokens.refused()
        if sent.error or not isinstance(answer.body, dict):
            return sent if sent.error else Sent("unknown", "no JSON")
        said = [answer.body.get("request_status")]
        said += [one.get("sub_request_status") for one in each(answer.body, MANY)]
        if all(one in (None, "SUCCESS") for one in said):
            return sent
        return Sent("refused", str(answer.body.get("error_code", "refused"))[:100])

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        return ["nothing: the messages are fetched"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        for creator in self.creators:
            await self._conversation(http, creator)
        return []

    async def _conversation(self, http: aiohttp.ClientSession, creator: str) -> dict[str, str]:
        """How a creator is written to. Raises `Trouble`."""
        query = urlencode({"creator_profile_id": creator})
        found = part(await self.ask(http, f"{self._path}?{query}"), "conversation")
        if not found.get("conversation_id") or not found.get("token"):
            raise Trouble("a conversation has no id")
        return {name: str(found[name]) for name in ("conversation_id", "token")}

    async def _fetch(self, http: aiohttp.ClientSession, to: dict[str, str], take: Take) -> None:
        held, page = to["conversation_id"], ""
        found: dict[str, dict[str, Any]] = {}
        for _ in range(PAGES):
            query = {**to, "limit": str(PAGE), **({"page_id": page} if page else {})}
            answer = await self.ask(http, f"{self._path}_messages?{urlencode(query)}")
            items = [part(one, "group_conversation_message") or one for one in each(answer, MANY)]
            found |= {str(one["message_id"]): one for one in items if one.get("message_id")}
            page = str(part(answer, "paging").get("next_page_id") or "")
            if not page or any(self._seen.has(held, ident) for ident in found):
                break
        for ident in self._seen.new(held, list(found)):
            await take({"message": found[ident], "to": to})
            self._seen.add(held, [ident])

    def _id(self, key: str) -> str:
        """A message's id by which we know it again: its end is the signature of its beginning."""
        made = uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=4).bytes[:10]
        return str(uuid.UUID(bytes=made + self._mark(made)))

    def _is_ours(self, ident: str) -> bool:
        try:
            given = uuid.UUID(ident).bytes
        except ValueError:
            return False
        return hmac.compare_digest(given[10:], self._mark(given[:10]))

    def _mark(self, begun: bytes) -> bytes:
        return hmac.new(self["secret"].encode(), begun, hashlib.sha256).digest()[:6]

    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        app = [("client_id", self["client"]), ("client_secret", self["secret"])]
        form = [*app, ("grant_type", "refresh_token"), ("refresh_token", refresh)]
        given = await self._given(http, Request(self["login"] or LOGIN, form=form), "access_token")
        until = time.time() + float(given.get("expires_in") or 0)
        return Token(given["access_token"], until, given.get("refresh_token") or refresh)
