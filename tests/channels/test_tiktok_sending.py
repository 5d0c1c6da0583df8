"""TikTok: what answers mean, tokens that end, pictures that are uploaded, registration."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.base import DAY
from channels.calls import Call, Trouble
from channels.render import Reply
from channels.tiktok import TikTok
from tests.channels.fake_platform import (
    SITE,
    Office,
    Platform,
    Reaction,
)

GIVEN = {"app": "app-key", "secret": "test-tiktok-secret", "business": "biz-123", "refresh": "r-1"}
TIKTOK = TikTok({**GIVEN, "site": SITE})
HELD = "tt-conv-1"
TO = {"id": HELD}
OK = {"code": 0, "message": "OK", "data": {"message": {"message_id": "m"}}}
PNG = b"\x89PNG\r\n\x1a\n and a picture"
HEAD = {"business_id": "biz-123", "recipient_type": "CONVERSATION", "recipient": HELD}


def text(words: str) -> dict[str, Any]:
    return {**HEAD, "message_type": "TEXT", "text": {"body": words}}


def test_it_keeps_to_the_rates_and_windows() -> None:
    assert TIKTOK.account_pace.per_second <= 10
    assert TIKTOK.window == 2 * DAY


def tokens(access: str, refresh: str, seconds: int = 86400) -> Reaction:
    data = {"access_token": access, "refresh_token": refresh, "expires_in": seconds}
    return Reaction(body={"code": 0, "data": data})


def on(platform: Platform, folder: Path, **more: str) -> TikTok:
    database = str(folder / "inbox.db")
    return TikTok({**GIVEN, "api": platform.url, "database": database, **more})


def test_a_conversation_with_a_platform_that_misbehaves(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(on(platform, tmp_path), tmp_path)
        errors = [{"code": 40100}, {"code": 40002, "message": "no"}, {"code": 40064}]
        platform.script = [tokens("a-1", "r-2"), *(Reaction(body=body) for body in errors)]
        await office.say("c-1", Reply("One"), to=TO)
        await office.say("c-1", Reply("Two"), to=TO)
        await office.say("c-1", Reply("Three"), to=TO)
        states = await office.send(8)
        assert [state for state, _ in states] == ["refused", "closed", "sent"]
        assert platform.heard[0].body["refresh_token"] == "r-1"
        said = [heard.body["text"]["body"] for heard in platform.heard[1:]]
        assert said == ["One", "One", "Two", "Three"]
        assert {heard.headers["access-token"] for heard in platform.heard[1:]} == {"a-1"}

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def test_a_connection_that_is_dropped_is_not_tried_again(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(on(platform, tmp_path), tmp_path)
        platform.script = [tokens("a-1", "r-2"), Reaction(drop=True)]
        await office.say("c-1", Reply("One"), to=TO)
        assert [state for state, _ in await office.send()] == ["unknown"]

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def test_a_picture_is_uploaded_once(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        given = {"code": 0, "data": {"media_id": "media-123"}}
        platform.script = [tokens("a-1", "r-2"), Reaction(body=PNG), Reaction(body=given)]
        ours, call = on(platform, tmp_path), picture(platform)
        async with aiohttp.ClientSession() as http:
            for _ in range(2):
                ready = await ours.ready(http, call)
                assert ready.body["image"] == {"media_id": "media-123"}
        _, fetched, uploaded = platform.heard
        assert (fetched.method, fetched.path) == ("GET", "/a.png")
        assert uploaded.path == "/business/message/media/upload/"
        assert uploaded.body == {"business_id": "biz-123", "media_type": "IMAGE", "file": PNG}
        assert uploaded.headers["access-token"] == "a-1"

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def picture(platform: Platform) -> Call:
    body = {**HEAD, "message_type": "IMAGE", "image": {"url": platform.url + "/a.png"}}
    return Call("business/message/send/", body)


@pytest.mark.parametrize(
    "script",
    [
        [Reaction(404)], [Reaction(body=b"GIF89a")], [Reaction(body=PNG + b"x" * 3_000_000)],
        [Reaction(drop=True)], [Reaction(body=PNG), Reaction(body={"code": 40002})],
        [Reaction(body=PNG), Reaction(body=OK)],
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_uploaded_goes_as_its_address(
    script: list[Reaction], tmp_path: Path
) -> None:
    async def scenario(platform: Platform) -> None:
        platform.script = [tokens("a-1", "r-2"), *script]
        async with aiohttp.ClientSession() as http:
            ready = await on(platform, tmp_path).ready(http, picture(platform))
        assert dict(ready.body) == text(platform.url + "/a.png")

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def test_it_registers_and_checks_its_webhook(tmp_path: Path) -> None:
    url = "https://bot.shop.example/webhooks/tiktok/webhook"

    async def scenario(platform: Platform) -> None:
        ours = on(platform, tmp_path)
        platform.script = [tokens("a-1", "r-2")]
        async with aiohttp.ClientSession() as http:
            (left,) = await ours.register(http, url)
            assert "everyone" in left
            assert await ours.check(http, url) == [f"the webhook is not set, not {url}"]
        _, made, listed = platform.heard
        assert made.path == "/business/webhook/update/"
        app = {"app_id": "app-key", "secret": "test-tiktok-secret"}
        assert made.body == {**app, "event_type": "DIRECT_MESSAGE", "callback_url": url}
        assert listed.method == "GET"
        assert listed.path.startswith("/business/webhook/list/?app_id=app-key&secret=")

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def test_the_token_of_another_account_is_not_taken(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        given = tokens("a-1", "r-2")
        given.body["data"]["open_id"] = "biz-9"
        platform.script = [given]
        async with aiohttp.ClientSession() as http:
            with pytest.raises(Trouble, match="another account"):
                await on(platform, tmp_path).check(http, "")

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))
