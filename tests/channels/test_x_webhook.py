"""X: the webhook is registered, checked, and asked to deliver again what was missed."""

import asyncio
import sqlite3
import time
from calendar import timegm
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests

from channels import missed
from channels.calls import Trouble
from channels.render import Reply
from channels.x import X
from tests.channels.doors import DOORS, Said
from tests.channels.fake_platform import Office, Platform, Reaction
from tests.channels.parrot import Assistant
from tests.channels.test_x import GIVEN, OURS, TO
from tests.channels.test_x_sending import play, schema
from tests.channels.x_phone import BOT, PERSON

HOOK = "https://bot.shop.example/webhooks/x/webhook"
DELIVERED = {"event_type": "dm.received", "filter": {"user_id": BOT}, "webhook_id": "5"}


def asked(script: list[Any], registers: bool) -> tuple[list[str], list[Any]]:
    """What it says, and method, path, body and token of each request."""

    async def scenario(platform: Platform) -> list[str]:
        platform.script = [Reaction(body=body) for body in script]
        ours = X({**GIVEN, "api": platform.url})
        async with aiohttp.ClientSession() as http:
            return await (ours.register if registers else ours.check)(http, HOOK)

    with Platform({"data": []}) as platform:
        said = asyncio.run(scenario(platform))
        heard = [(h.method, h.path, h.body, h.headers["authorization"]) for h in platform.heard]
        return said, heard


def test_it_registers_its_webhook_and_subscribes(specs: Path | None) -> None:
    made = {"data": {"id": "5", "url": HOOK, "valid": True}}
    said, heard = asked([{"data": []}, made], registers=True)
    assert len(said) == 1
    app, bot = "Bearer app", "Bearer xcbot_1"
    assert heard == [
        ("GET", "/2/webhooks", None, app), ("POST", "/2/webhooks", {"url": HOOK}, app),
        ("GET", "/2/activity/subscriptions", None, bot),
        ("POST", "/2/activity/subscriptions", DELIVERED, bot),
    ]  # fmt: skip
    if specs:
        schema(specs, "CreateWebhooksRequest").validate(heard[1][2])
        schema(specs, "CreateActivitySubscriptionRequest").validate(heard[3][2])
    known = {"data": [{"id": "5", "url": HOOK, "valid": False}]}
    _, heard = asked([known, {"data": {"valid": True}}, {"data": [DELIVERED]}], registers=True)
    assert [(method, path) for method, path, _, _ in heard] == [
        ("GET", "/2/webhooks"), ("PUT", "/2/webhooks/5"), ("GET", "/2/activity/subscriptions"),
    ]  # fmt: skip


def test_a_webhook_that_is_not_taken_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[float | None] = []
    monkeypatch.setattr(missed.Missed, "note", lambda self, since=None: noted.append(since))
    database = str(tmp_path / "inbox.db")
    ours = X({**DOORS["x"].settings, "database": database})
    with Assistant(ours) as assistant:
        post, hook = DOORS["x"].post(Said("hi")), f"{assistant.url}/webhooks/x/webhook"
        lock = sqlite3.connect(database, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        statuses = [requests.post(hook, post.body, headers=post.headers, timeout=20).status_code]
        lock.execute("ROLLBACK")
        now = [since for since in noted if since is None]  # others are the start's
        assert (statuses, now) == ([503], [None])


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():  # another thread's list
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_what_was_missed_is_asked_for_again(
    tmp_path: Path, specs: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a start for the time since the last message, and after a webhook answered 503."""
    monkeypatch.setattr(missed, "PAUSE_SECONDS", 0.01)
    replay = "/2/webhooks/replay"

    async def story(office: Office, platform: Platform) -> None:
        hook = {"data": [{"id": "5", "url": HOOK, "valid": True}]}
        platform.script = [Reaction(503), *(Reaction(body=hook), Reaction(body={"data": {}})) * 2]
        await office.say(PERSON, Reply("One"), to=TO)
        catching = missed.Missed(office.adapter, office.disk)
        task = asyncio.create_task(catching.run())
        await until(lambda: [one.path for one in platform.heard].count(replay) == 1)
        catching.note()
        await until(lambda: [one.path for one in platform.heard].count(replay) == 2)
        task.cancel()
        bodies = [one.body for one in platform.heard if one.path == replay]
        now = time.time()
        for body in bodies:
            assert body["webhook_id"] == "5"
            since = timegm(time.strptime(body["from_date"], "%Y%m%d%H%M"))
            assert 0 <= now - since <= 240
            assert 0 <= now - timegm(time.strptime(body["to_date"], "%Y%m%d%H%M")) <= 180
            if specs:
                schema(specs, "CreateWebhookReplayJobRequest").validate(body)

    play(tmp_path, story, url=HOOK.partition("/webhooks")[0])


def test_without_the_apps_token_it_says_so() -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as http:
            await X({**GIVEN, "bearer": ""}).register(http, HOOK)

    with pytest.raises(Trouble, match="bearer"):
        asyncio.run(scenario())


def test_an_address_that_x_does_not_take_is_not_registered() -> None:
    async def scenario(url: str) -> None:
        async with aiohttp.ClientSession() as http:
            await OURS.register(http, url)

    for url in ("https://a.b:8443/x", "https://a.b/" + "x" * 200):
        with pytest.raises(Trouble, match="without a port"):
            asyncio.run(scenario(url))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([{"data": {"id": BOT}}, {"data": [{"id": 5, "url": HOOK, "valid": True}]},
          {"data": [DELIVERED]}], []),
        ([{"data": {"id": BOT}}, {"data": []}], [f"the webhook {HOOK} is not set"]),
        ([{"data": {"id": "9"}}, {"data": [{"id": "5", "url": HOOK, "valid": False}]}],
         ["the token is of 9, not of `user`",
          "X does not take the webhook any more: register again",
          "dm.received is not delivered: register again"]),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong(script: list[Any], said: list[str]) -> None:
    assert asked(script, registers=False)[0] == said
