"""Instagram: `channels.instagram.Instagram: {account, token, app_secret, verify_token}`.

https://developers.facebook.com/docs/instagram-platform. Text 1,000 bytes of UTF-8; 13 quick
replies with titles of 20 characters, shown on telephones only; buttons and carousels as on
Messenger. Answers within 24 h of the person's message. `account` is the professional account's
id. With Instagram Login the secret is the Instagram app's and `api` stays as it is; through a
Facebook page it is the Meta app's, with `api: https://graph.facebook.com` and the page's id as
`page`.
"""

from __future__ import annotations

import aiohttp

from channels.base import DAY
from channels.calls import Pace
from channels.limits import Can, Carousel, Form
from channels.page import PageAdapter
from channels.text import utf8

FIELDS = ("messages", "messaging_postbacks", "messaging_referral")


class Instagram(PageAdapter):
    needs = ("account", "token", "app_secret", "verify_token")
    of = "instagram"
    api = "https://graph.instagram.com"
    window = DAY
    account_pace, person_pace = Pace(100, 100), Pace(5, 10)
    can = Can(
        text=1000,
        unit=utf8,
        buttons=Form(count=3, title=20, text=640, links=True),
        quick=Form(count=13, title=20, text=1000),
        carousel=Carousel(10, title=80, text=80, buttons=Form(3, 20, 0, links=True)),
        picture=Form(count=0, title=0, text=0),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "instagram"

    @property
    def account(self) -> str:
        return self["account"]

    @property
    def messages(self) -> str:
        return f"{self['page'] or self.account}/messages"

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        fields = ",".join(FIELDS[:2])
        where = f"{self['page'] or self.account}/subscribed_apps"
        await self.ask(http, where, {"subscribed_fields": fields})
        left = await self.subscribe(http, url, FIELDS)
        return [*left, 'in the app under Messages switch on "Allow access to messages"']

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        where = f"{self['page'] or self.account}/subscribed_apps"
        apps = (await self.ask(http, where)).get("data") or []
        return [] if apps else ["the account does not deliver messages: register it"]
