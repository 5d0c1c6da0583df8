"""Messenger: webhooks in, requests out."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given

from channels.base import Event
from channels.messenger import Messenger
from channels.receive import events
from channels.render import Button, Image, Reply
from tests.channels.fake_platform import (
    SITE,
    Office,
    Platform,
    Reaction,
    cards,
    choices,
    sent,
    shows_all,
)
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"page": "7", "token": "t", "app_secret": "s", "verify_token": "v", "site": SITE}
MESSENGER = Messenger(GIVEN)
URL = "https://graph.facebook.com/v25.0/7/messages"
TO = {"id": "u1"}
PEOPLE = {"sender": {"id": "u1"}, "recipient": {"id": "7"}, "timestamp": 1_700_000}
PICTURE = {"type": "image", "payload": {"url": "https://scontent.example/i.jpg"}}


def happened(kind: str, ident: str, **more: Any) -> Event:
    return Event(kind, ident, "u1", at=1700.0, to=TO, **more)  # type: ignore[arg-type]


def message(**more: Any) -> dict[str, Any]:
    return {"message": {"mid": "m1", **more}}


ITEMS: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message(text="hi"), happened("text", "m1", text="hi")),
    "quick reply": (
        message(text="Red", quick_reply={"payload": "id-1"}),
        happened("choice", "m1", text="Red", choice="id-1"),
    ),
    "postback": (
        {"postback": {"mid": "m2", "title": "Red", "payload": "id-1"}},
        happened("choice", "m2", text="Red", choice="id-1"),
    ),
    "postback without an id": (
        {"postback": {"title": "Red", "payload": "id-1"}},
        happened("choice", "u1.1700000", text="Red", choice="id-1"),
    ),
    "first button": (
        {"postback": {"mid": "m2", "title": "Start", "payload": "start", "referral": {"ref": "x"}}},
        happened("start", "m2", text="Start", about={"ref": "x"}),
    ),
    "referral": (
        {"referral": {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
        happened("start", "u1.1700000", about={"ref": "spring"}),
    ),
    "image": (
        message(attachments=[PICTURE]),
        happened("media", "m1", media="image", photo=PICTURE["payload"]["url"]),
    ),
    "link": (
        message(text="https://a.b", attachments=[{"type": "fallback", "payload": {}}]),
        happened("text", "m1", text="https://a.b"),
    ),
    "location": (
        message(attachments=[{"type": "location", "payload": {"coordinates": {"lat": 1}}}]),
        happened("media", "m1", media="location"),
    ),
    "sticker": (
        message(sticker_id=369, attachments=[PICTURE]),
        happened("media", "m1", media="sticker"),
    ),
    "no attachments": (message(attachments=[]), None),
    "echo": (message(text="hi", is_echo=True, app_id=1), None),
    "echo of an image": (message(attachments=[PICTURE], is_echo=True), None),
    "own": ({"sender": {"id": "7"}, **message(text="hi")}, None),
    "delivery": ({"delivery": {"watermark": 1}}, None),
    "read": ({"read": {"watermark": 1}}, None),
    "reaction": ({"reaction": {"reaction": "love", "mid": "m0"}}, None),
    "edit": ({"message_edit": {"mid": "m1", "text": "hello", "num_edit": 1}}, None),
    "optin without a sender": ({"sender": None, "optin": {"user_ref": "r"}}, None),
    "thread control": ({"pass_thread_control": {"new_owner_app_id": "1"}}, None),
    "message that is none": ({"message": "hi"}, None),
}


def webhook(*items: Any, **entry: Any) -> bytes:
    whole = {"object": "page", "entry": [{"id": "7", "time": 1, "messaging": items, **entry}]}
    return json.dumps(whole).encode()


@pytest.mark.parametrize("case", ITEMS)
def test_items_are_read(case: str) -> None:
    item, expected = ITEMS[case]
    assert events(MESSENGER, webhook({**PEOPLE, **item})) == ([expected] if expected else [])


def test_a_batch_is_read_whole_and_in_order() -> None:
    items = [{**PEOPLE, **item} for item, _ in ITEMS.values()]
    expected = [event for _, event in ITEMS.values() if event]
    assert events(MESSENGER, webhook("?", None, *items, 7)) == expected


def test_other_pages_other_objects_and_threads_of_other_apps_are_not_ours() -> None:
    item = {**PEOPLE, **message(text="hi")}
    assert events(MESSENGER, webhook(item, id="8")) == []
    assert events(MESSENGER, webhook(standby=[item])) == []
    assert events(MESSENGER, webhook(changes=[{"field": "feed", "value": {}}])) == []
    assert events(MESSENGER, webhook(item).replace(b'"page"', b'"instagram"')) == []


def test_published_examples_are_read(specs: Path | None) -> None:
    expected = {
        "ms_text_plus_standby": 1, "ms_postback": 1, "ms_referral": 1, "cw_text": 1,
        "doc_quick_reply": 1, "doc_three_messages_in_one_entry": 3, "doc_location": 1,
        "doc_image": 1, "doc_sticker_2026": 1, "doc_fallback_link": 1,
    }  # fmt: skip
    if specs:
        examples = json.loads((specs / "messenger/webhooks.json").read_text())
        for name, example in examples.items():
            if not name.startswith("_"):
                page = Messenger({**GIVEN, "page": example["entry"][0]["id"]})
                mine = events(page, json.dumps(example).encode())
                same = name.startswith("ms_") and page.account == "0"  # person and page are alike
                assert len(mine) == (0 if same else expected.get(name, 0)), name


def out(message: Any) -> dict[str, Any]:
    return {"recipient": {"id": "u1"}, "messaging_type": "RESPONSE", "message": message}


def template(**payload: Any) -> dict[str, Any]:
    return out({"attachment": {"type": "template", "payload": payload}})


def postback(title: str, ident: str) -> dict[str, str]:
    return {"type": "postback", "title": title, "payload": ident}


def quick(title: str, ident: str) -> dict[str, str]:
    return {"content_type": "text", "title": title, "payload": ident}


TURNS: dict[str, tuple[Reply, list[dict[str, Any]]]] = {
    "text": (Reply("Hello"), [out({"text": "Hello"})]),
    "buttons": (
        Reply("Sure?", buttons=(*choices("Yes"), Button("Pay", url="/pay"))),
        [
            template(
                template_type="button",
                text="Sure?",
                buttons=[
                    postback("Yes", "id-1"),
                    {"type": "web_url", "title": "Pay", "url": SITE + "pay"},
                ],
            )
        ],
    ),
    "quick replies": (
        Reply("Size?", buttons=choices(*"SMLX")),
        [
            out(
                {
                    "text": "Size?",
                    "quick_replies": [quick(t, f"id-{n}") for n, t in enumerate("SMLX", 1)],
                }
            )
        ],
    ),
    "long title": (
        Reply("Which?", buttons=choices("A title of over twenty", "No")),
        [
            template(
                template_type="button",
                text="Which?\n1. A title of over twenty\n2. No",
                buttons=[postback("1. A title of over…", "id-1"), postback("2. No", "id-2")],
            )
        ],
    ),
    "cards": (
        Reply("Found:", cards=cards(1)),
        [
            out({"text": "Found:"}),
            template(
                template_type="generic",
                elements=[
                    {
                        "title": "Jacket 1",
                        "subtitle": "129.90 zł · 4.5 (23)",
                        "image_url": "https://shop.example/storm.png",
                        "default_action": {"type": "web_url", "url": "https://shop.example/j1"},
                        "buttons": [postback("Details", "id-1a"), postback("Add to cart", "id-1b")],
                    }
                ],
            ),
        ],
    ),
    "image": (
        Reply("Sizes", image=Image("/sizes.png", "Table")),
        [
            out({"attachment": {"type": "image", "payload": {"url": SITE + "sizes.png"}}}),
            out({"text": "Sizes"}),
        ],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    reply, expected = TURNS[case]
    assert sent(MESSENGER, TO, reply) == [(URL, body) for body in expected]


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(MESSENGER, TO, turn)
    for _, body in sent(MESSENGER, TO, *turn):
        limits(body["message"], len, 2000)


def limits(message: dict[str, Any], unit: Any, text: int) -> None:
    """The table of Meta's limits for messages of Messenger and Instagram."""
    assert set(message) in ({"text"}, {"text", "quick_replies"}, {"attachment"})
    assert 0 < unit(message.get("text", "x")) <= text
    assert len(message.get("quick_replies", ())) <= 13
    for reply in message.get("quick_replies", ()):
        assert 0 < len(reply["title"]) <= 20
        assert 0 < len(reply["payload"]) <= 1000
    payload = message.get("attachment", {}).get("payload", {})
    assert payload.get("url", "https://").startswith("https://")
    if payload.get("template_type") == "button":
        assert 0 < unit(payload["text"]) <= 640
        assert 1 <= len(payload["buttons"]) <= 3
    elements = payload.get("elements", [])
    assert len(elements) <= 10
    for element in elements:
        assert 0 < len(element["title"]) <= 80
        assert 0 < len(element.get("subtitle", "x")) <= 80
        assert len(element) > 1
        assert 1 <= len(element.get("buttons", "x")) <= 3
    owners = [payload, *elements]
    for button in [button for owner in owners for button in owner.get("buttons", ())]:
        assert 0 < len(button["title"]) <= 20
        assert 0 < len(button.get("payload", "x")) <= 1000


def test_a_carousel_whose_images_are_refused_goes_without_them(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Messenger({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [Reaction(400, {"error": {"code": 100, "message": "image"}})]
        await office.say("u1", Reply(cards=cards(2)), to=TO)
        assert await office.send() == [("sent", None)]
        first, second = (str(heard.body) for heard in platform.heard)
        assert ("image_url" in first, "image_url" in second) == (True, False)
        assert platform.heard[0].headers["authorization"] == "Bearer t"

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_it_registers_and_checks_its_webhook() -> None:
    url = "https://bot.shop.example/webhooks/messenger/webhook"

    async def scenario(platform: Platform) -> None:
        given_ = {**GIVEN, "api": platform.url, "app_id": "11"}
        platform.usual = Reaction(body={"data": [{"subscribed_fields": ["messages"]}]})
        async with aiohttp.ClientSession() as http:
            assert await Messenger(given_).register(http, url) == []
            (problem,) = await Messenger(given_).check(http, url)
        missing = "messaging_postbacks, messaging_referrals, message_echoes"
        assert problem == f"the page does not deliver {missing}"
        page, profile, app, _ = platform.heard
        assert page.path == "/v25.0/7/subscribed_apps"
        fields = "messages,messaging_postbacks,messaging_referrals,message_echoes"
        assert page.body == {"subscribed_fields": fields}
        assert profile.body == {"get_started": {"payload": "start"}}
        assert (app.path, dict(app.body)["callback_url"]) == ("/v25.0/11/subscriptions", url)

    with Platform() as platform:
        asyncio.run(scenario(platform))
