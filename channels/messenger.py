"""Facebook Messenger: `channels.messenger.Messenger: {page, token, app_secret, verify_token}`.

https://developers.facebook.com/docs/messenger-platform. Text 2,000 characters; 13 quick replies
and buttons with titles of 20; a button template has a text of 640 and 3 buttons; a carousel 10
elements of 80 and 80 characters with 3 buttons each. Answers within 24 h of the person's message;
later only people may write (HUMAN_AGENT), so a notice is then recorded as not sent.
"""

from __future__ import annotations

from dataclasses import replace

import aiohttp

from channels.base import DAY
from channels.calls import Call, Pace, Request
from channels.limits import Can, Carousel, Form
from channels.page import START, PageAdapter
from channels.receipts import reference

FIELDS = ("messages", "messaging_postbacks", "messaging_referrals", "message_echoes")


class Messenger(PageAdapter):
    needs = ("page", "token", "app_secret", "verify_token")
    of = "page"
    window = DAY
    account_pace, person_pace = Pace(100, 100), Pace(5, 10)
    can = Can(
        text=2000,
        buttons=Form(count=3, title=20, text=640, links=True),
        quick=Form(count=13, title=20, text=2000),
        carousel=Carousel(10, title=80, text=80, buttons=Form(3, 20, 0, links=True)),
        picture=Form(count=0, title=0, text=0),
        each=True,
    )

    @classmethod
    def name(cls) -> str:
        return "messenger"

    @property
    def account(self) -> str:
        return self["page"]

    def request(self, call: Call, key: str) -> Request:
        if key and "message" in call.body:
            message = {**call.body["message"], "metadata": reference(key)}
            call = replace(call, body={**call.body, "message": message})
        return super().request(call, key)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        fields = ",".join(FIELDS)
        await self.ask(http, f"{self.account}/subscribed_apps", {"subscribed_fields": fields})
        start = {"get_started": {"payload": START}}
        await self.ask(http, f"{self.account}/messenger_profile", start)
        return await self.subscribe(http, url, FIELDS)

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        apps = (await self.ask(http, f"{self.account}/subscribed_apps")).get("data") or []
        fields = {field for app in apps for field in app.get("subscribed_fields") or ()}
        missing = [field for field in FIELDS if field not in fields]
        return [f"the page does not deliver {', '.join(missing)}"] if missing else []
