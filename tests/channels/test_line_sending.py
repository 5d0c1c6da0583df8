"""LINE: what became of a reply or a push, hints, and the webhook's registration."""

import asyncio
from pathlib import Path

import aiohttp

from channels.line import Line
from channels.render import Reply
from tests.channels.fake_platform import (
    SITE,
    Office,
    Platform,
    Reaction,
)

GIVEN = {"token": "t", "secret": "s", "site": SITE}
LINE = Line(GIVEN)
API = "https://api.line.me/v2/bot/"
USER = "U4af4980629"
TO = {"user": USER}
ANSWERED = {**TO, "reply": "r1"}


def test_a_token_that_is_too_old_becomes_a_push_that_is_taken_once(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Line({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [
            Reaction(400, {"message": "Invalid reply token"}),
            Reaction(500, {}),
            Reaction(400, {"message": "Invalid reply token"}),
            Reaction(409, {"message": "The retry key is already accepted"}),
        ]
        await office.say(USER, Reply("Hello"), to=ANSWERED)
        assert await office.send() == [("sent", None)]
        reply, push, again, last = platform.heard
        assert reply.body == again.body == {"replyToken": "r1", "messages": push.body["messages"]}
        assert push.body["to"] == USER
        keys = [heard.headers.get("x-line-retry-key") for heard in platform.heard]
        assert keys[0] is None
        assert keys[1] == keys[3]
        assert last.headers["authorization"] == "Bearer t"

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_hints_are_for_one_person(specs: Path | None) -> None:
    read, loading = LINE.hints({**TO, "read": "m1"})
    assert (read.path, read.body) == ("chat/markAsRead", {"markAsReadToken": "m1"})
    assert loading.body == {"chatId": USER, "loadingSeconds": 20}


def test_it_registers_and_checks_its_webhook() -> None:
    url = "https://bot.shop.example/webhooks/line/webhook"

    async def scenario(platform: Platform) -> None:
        ours = Line({**GIVEN, "api": platform.url})
        platform.usual = Reaction(body={"endpoint": url, "active": False})
        async with aiohttp.ClientSession() as http:
            assert len(await ours.register(http, url)) == 1
            assert await ours.check(http, url) == [
                "the webhook is switched off in the LINE console"
            ]
        asked = [(heard.method, heard.path, heard.body) for heard in platform.heard]
        assert asked == [
            ("PUT", "/channel/webhook/endpoint", {"endpoint": url}),
            ("GET", "/info", None),
            ("GET", "/channel/webhook/endpoint", None),
        ]

    with Platform() as platform:
        asyncio.run(scenario(platform))
