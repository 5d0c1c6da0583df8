"""X's API, called as the bot, in one of three ways, or as the app for webhooks.

`token`: a bot's own (`xcbot_...`), which does not end by itself. `consumer_key, consumer_secret,
access_token, access_secret`: OAuth 1.0a, which does not end either. `client_id, client_secret,
refresh`: OAuth 2.0, 2 hours, and with each token comes the next refresh token (scopes dm.read,
dm.write, tweet.read, users.read, media.write, offline.access). `bearer`: the app's.
https://docs.x.com/fundamentals/authentication/overview
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
from oauthlib.oauth1 import Client
from rasa.shared.exceptions import RasaException

from channels.base import Adapter, each, part
from channels.calls import File, Request, Trouble, by_status, exchange
from channels.desk import DEFAULT_DATABASE
from channels.pictures import Picture
from channels.tokens import Token, Tokens, file_for

OAUTH1 = ("consumer_key", "consumer_secret", "access_token", "access_secret")
OAUTH2 = ("client_id", "client_secret", "refresh")
APP = "2/webhooks"
"""What only the app itself may ask for."""
SUBSCRIPTIONS = "2/activity/subscriptions"


class Api:
    def __init__(self, adapter: Adapter) -> None:
        """Raises if the settings name no way."""
        self._given = adapter
        self.tokens: Tokens | None = None
        whole = [all(adapter[name] for name in names) for names in (("token",), OAUTH1, OAUTH2)]
        if not any(whole):
            wanted = " or ".join((", ".join(OAUTH1), ", ".join(OAUTH2)))
            raise RasaException(f"credentials: channels.x.X: token or {wanted} is missing")
        if whole[2] and not any(whole[:2]):
            file = file_for(adapter["database"] or DEFAULT_DATABASE, "x", adapter.account)
            secret = adapter["client_secret"]
            self.tokens = Tokens(file, secret, self._renewed, adapter["refresh"])

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Raises `Trouble` and `aiohttp.ClientError`."""
        if self.tokens:
            await self.tokens.fresh(http)

    def refused(self) -> bool:
        """Whether there will be another token than the one that X did not take."""
        return self.tokens is not None and self.tokens.refused()

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Request:
        url = f"{self._given.host}/{path}"
        headers = {"Authorization": self._header(method, path, url)}
        return Request(url, headers, dict(body) if body else None, method=method)

    async def ask(
        self,
        http: aiohttp.ClientSession,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What X answers. Raises `Trouble` and `aiohttp.ClientError`."""
        await self.ready(http)
        return await self._answer(http, self.request(method, path, body))

    async def uploaded(self, http: aiohttp.ClientSession, picture: Picture) -> str:
        file = File("media", picture.name, picture.type, picture.content)
        request = replace(self.request("POST", "2/media/upload"), file=file)
        request = replace(request, form=[("media_category", "dm_image")])
        media = part(await self._answer(http, request), "data").get("id")
        if not media:
            raise Trouble("media/upload: not given")
        return str(media)

    async def hook(self, http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
        """The app's webhook at `url`, if there is one."""
        hooks = each(await self.ask(http, "GET", APP), "data")
        return next((hook for hook in hooks if hook.get("url") == url), {})

    async def unsubscribed(
        self, http: aiohttp.ClientSession, hook: str, kinds: Iterable[str]
    ) -> list[str]:
        """The kinds of events of our account that are not delivered there."""
        have = {
            one.get("event_type")
            for one in each(await self.ask(http, "GET", SUBSCRIPTIONS), "data")
            if str(one.get("webhook_id")) == hook
            and str(part(one, "filter").get("user_id")) == self._given.account
        }
        return [kind for kind in kinds if kind not in have]

    async def _answer(self, http: aiohttp.ClientSession, request: Request) -> dict[str, Any]:
        answer = await exchange(http, request)
        sent = self._given.judge(answer)
        if sent.error or not isinstance(answer.body, dict):
            path = request.url.removeprefix(self._given.host).partition("?")[0]
            raise Trouble(f"{path}: {sent.error or 'no JSON'}")
        return answer.body

    def _header(self, method: str, path: str, url: str) -> str:
        """OAuth 1.0a signs the method and the address too."""
        given = self._given
        if path.startswith(APP):
            if not given["bearer"]:
                raise Trouble("`bearer`, the app's own token, is not set")
            return f"Bearer {given['bearer']}"
        if given["token"] or self.tokens:
            return f"Bearer {given['token'] or (self.tokens and self.tokens.access)}"
        key, secret, token, token_secret = (given[name] for name in OAUTH1)
        client = Client(key, secret, token, token_secret)
        return str(client.sign(url, http_method=method)[1]["Authorization"])

    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        given = self._given
        known = base64.b64encode(f"{given['client_id']}:{given['client_secret']}".encode())
        form = [("grant_type", "refresh_token"), ("refresh_token", refresh)]
        form += [("client_id", given["client_id"])]
        headers = {"Authorization": f"Basic {known.decode()}"}
        answer = await exchange(http, Request(f"{given.host}/2/oauth2/token", headers, form=form))
        said = answer.body if isinstance(answer.body, dict) else {}
        if not said.get("access_token"):
            raise Trouble(f"oauth2/token: {by_status(answer).error or 'not given'}")
        until = time.time() + float(said.get("expires_in") or 7200)
        return Token(said["access_token"], until, str(said.get("refresh_token") or refresh))
