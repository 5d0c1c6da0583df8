"""WhatsApp: pictures that are refused, windows and templates, hints, registration."""

import asyncio
import time
from pathlib import Path

import aiohttp

from channels.base import DAY
from channels.render import Image, Reply
from channels.whatsapp import WhatsApp
from tests.channels import oracles
from tests.channels.fake_platform import (
    SITE,
    Office,
    Platform,
    Reaction,
    cards,
    choices,
)

GIVEN = {"number": "27", "token": "t", "app_secret": "s", "verify_token": "v", "site": SITE}
WHATSAPP = WhatsApp(GIVEN)
URL = "https://graph.facebook.com/v25.0/27/messages"
PHONE, HIDDEN = "48601234567", "PL.1234567890"
TO = {"to": PHONE, "message": "wamid.1"}
HEAD = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE}
IMAGE = {"link": SITE + "storm.png"}


def test_an_image_that_is_refused_goes_as_text(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(WhatsApp({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [Reaction(400, {"error": {"code": 131053}})] * 2
        platform.script.insert(1, Reaction())
        await office.say("1", Reply(cards=cards(1)), to=TO)
        await office.say("1", Reply("Sizes", image=Image("/storm.png", "")), to=TO)
        assert await office.send() == [("sent", None)] * 2
        card, bare, picture, text = (heard.body for heard in platform.heard)
        assert card["interactive"].pop("header")
        assert card == bare
        assert text["text"]["body"] == picture["image"]["caption"]

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_after_the_window_only_the_template_goes(tmp_path: Path, specs: Path | None) -> None:
    async def scenario(platform: Platform) -> None:
        template = {"name": "news", "language": "pl"}
        late = time.time() - DAY - 1
        office = Office(WhatsApp({**GIVEN, "api": platform.url, "template": template}), tmp_path)
        await office.say("1", Reply("Paid:\n 129.90 zł", buttons=choices("Yes")), to=TO, heard=late)
        assert await office.send() == [("sent", None)]
        (heard,) = platform.heard
        oracles.whatsapp(specs, heard.body)
        assert heard.body == {
            **HEAD,
            "type": "template",
            "template": {
                "name": "news",
                "language": {"policy": "deterministic", "code": "pl"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "Paid: 129.90 zł"}]}
                ],
            },
        }

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_the_window_of_the_platform_is_an_outcome(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(WhatsApp({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [Reaction(400, {"error": {"code": 131047, "message": "re-engage"}})]
        await office.say("1", Reply("One"), to=TO)
        assert await office.send() == [("closed", "131047/ re-engage")]

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_reading_and_typing_are_one_call() -> None:
    (call,) = WHATSAPP.hints(TO)
    assert call.body == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }
    assert not list(WHATSAPP.hints({"to": PHONE}))


def test_it_registers_and_checks_its_webhook() -> None:
    url = "https://bot.shop.example/webhooks/whatsapp/webhook"

    async def scenario(platform: Platform) -> None:
        ours = WhatsApp({**GIVEN, "api": platform.url, "business": "9", "app_id": "11"})
        platform.usual = Reaction(body={"data": []})
        async with aiohttp.ClientSession() as http:
            assert await ours.register(http, url) == []
            (problem,) = await ours.check(http, url)
        assert problem == "the account does not deliver messages: register it"
        paths = [heard.path.removeprefix("/v25.0/") for heard in platform.heard]
        assert paths == ["9/subscribed_apps", "11/subscriptions", "27", "9/subscribed_apps"]
        assert dict(platform.heard[1].body)["object"] == "whatsapp_business_account"

    with Platform() as platform:
        asyncio.run(scenario(platform))
