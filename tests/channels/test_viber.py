"""Viber: callbacks in, requests out."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given

from channels.base import DAY, Event, Incoming
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.viber import Viber
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
from tests.channels.forgery import changed, refuses
from tests.channels.turns import ANY_SIZE, turns

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
SIGNED = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
SIGNATURE = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"
GIVEN = {"token": TOKEN, "sender": "Halny", "site": SITE}
VIBER = Viber(GIVEN)
URL = "https://chatapi.viber.com/pa/send_message"
USER = "01234567890A="
TO = {"id": USER}
PERSON = {"id": USER, "name": "A", "language": "pl", "country": "PL"}
CHOSEN = "AbCdEf_-12345678"


def happened(kind: str, event: str = "message", **more: Any) -> Event:
    ident = f"4912661846655238145.{event}"
    return Event(kind, ident, USER, at=1700.0, locale="pl", to=TO, **more)  # type: ignore[arg-type]


def message(**content: Any) -> dict[str, Any]:
    return {"event": "message", "sender": PERSON, "message": content}


STARTED = {"event": "conversation_started", "type": "open", "user": PERSON}
CALLBACKS: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message(type="text", text="hi"), happened("text", text="hi")),
    "choice": (
        message(type="text", text=CHOSEN),
        happened("choice", text=CHOSEN, choice=CHOSEN),
    ),
    "picture": (message(type="picture", media="https://a.b"), happened("media", media="picture")),
    "picture with a text": (
        message(type="picture", text="this", media="https://a.b"),
        happened("text", text="this"),
    ),
    "location": (
        message(type="location", location={"lat": 1.0}),
        happened("media", media="location"),
    ),
    "of a later kind": (message(type="hologram"), None),
    "opened again": (
        {**STARTED, "subscribed": True, "context": "spring"},
        happened("start", "conversation_started", about={"ref": "spring"}),
    ),
    "opened for the first time": ({**STARTED, "subscribed": False}, None),
    "subscribed": ({"event": "subscribed", "user": PERSON}, None),
    "unsubscribed": (
        {"event": "unsubscribed", "user_id": USER},
        Event("left", "4912661846655238145.unsubscribed", USER, at=1700.0, to=TO),
    ),
    "delivered": ({"event": "delivered", "user_id": USER}, None),
    "seen": ({"event": "seen", "user_id": USER}, None),
    "failed": ({"event": "failed", "user_id": USER, "desc": "x"}, None),
    "trial of the webhook": ({"event": "webhook"}, None),
    "without a sender": ({"event": "message", "message": {"type": "text", "text": "x"}}, None),
}


@pytest.mark.parametrize("case", CALLBACKS)
def test_callbacks_are_read(case: str) -> None:
    callback, expected = CALLBACKS[case]
    known = {"timestamp": 1_700_000, "message_token": 4912661846655238145}
    assert events(VIBER, json.dumps({**known, **callback}).encode()) == (
        [expected] if expected else []
    )


def test_published_examples_are_read(specs: Path | None) -> None:
    expected = {"message": "text", "message_chat_extension": "text"}
    expected |= {"conversation_started": "start", "unsubscribed": "left"}
    if specs:
        examples = json.loads((specs / "viber/events.json").read_text())
        for name, example in examples.items():
            if not name.startswith("_"):
                kinds = [event.kind for event in events(VIBER, json.dumps(example).encode())]
                assert kinds == ([expected[name]] if name in expected else []), name
        unicode = (specs / "viber/message_unicode_request.json").read_bytes()
        (event,) = events(VIBER, unicode)
        assert event.text.startswith("批封廟根縄華勢田郎")


def test_the_published_vector_is_accepted_and_no_other() -> None:
    header = "x-viber-content-signature"
    VIBER.verify(Incoming(SIGNED, {header: SIGNATURE}))
    VIBER.verify(Incoming(SIGNED, {}, {"sig": SIGNATURE}))
    bad = [
        Incoming(SIGNED, {}), Incoming(SIGNED, {header: ""}), Incoming(SIGNED, {header: "ł"}),
        Incoming(SIGNED, {header: SIGNATURE.upper()}), Incoming(SIGNED, {}, {"sig": "x"}),
        Incoming(SIGNED, {header: "x"}, {"sig": SIGNATURE}),
        *(Incoming(other, {header: SIGNATURE}) for other in changed(SIGNED)),
    ]  # fmt: skip
    refuses(VIBER, bad)


HEAD = {"receiver": USER, "min_api_version": 7, "sender": {"name": "Halny"}}


def key(title: str, **more: Any) -> dict[str, Any]:
    return {"Columns": 6, "Rows": 1, "Text": title, "TextSize": "regular", **more}


def chosen(title: str, ident: str) -> dict[str, Any]:
    return key(title, ActionType="reply", ActionBody=ident, Silent=True)


OPEN = {"ActionType": "open-url", "ActionBody": SITE + "j1"}
TURNS: dict[str, tuple[Reply, list[dict[str, Any]]]] = {
    "text": (Reply("Hello"), [{**HEAD, "type": "text", "text": "Hello"}]),
    "keyboard": (
        Reply("Sure & fine?", buttons=(*choices("Yes & no"), Button("Pay", url="/pay"))),
        [
            {
                **HEAD,
                "type": "text",
                "text": "Sure & fine?",
                "keyboard": {
                    "Type": "keyboard",
                    "InputFieldState": "regular",
                    "Buttons": [
                        chosen("Yes &amp; no", "id-1"),
                        key("Pay", ActionType="open-url", ActionBody=SITE + "pay"),
                    ],
                },
            }
        ],
    ),
    "card": (
        Reply(cards=cards(1)),
        [
            {
                **HEAD,
                "type": "rich_media",
                "alt_text": "Jacket 1",
                "rich_media": {
                    "Type": "rich_media",
                    "ButtonsGroupColumns": 6,
                    "ButtonsGroupRows": 7,
                    "Buttons": [
                        {"Columns": 6, "Rows": 3, "Image": SITE + "storm.png", **OPEN},
                        {
                            "Columns": 6,
                            "Rows": 2,
                            "Text": "<b>Jacket 1</b><br>129.90 zł · 4.5 (23)",
                            **OPEN,
                        },
                        chosen("Details", "id-1a"),
                        chosen("Add to cart", "id-1b"),
                    ],
                },
            }
        ],
    ),
    "image": (
        Reply("Sizes", image=Image("/sizes.jpg", "")),
        [{**HEAD, "type": "picture", "text": "Sizes", "media": SITE + "sizes.jpg"}],
    ),
    "image of another format": (
        Reply("Sizes", image=Image("/sizes.png", "")),
        [{**HEAD, "type": "text", "text": f"Sizes\n{SITE}sizes.png"}],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    reply, expected = TURNS[case]
    assert sent(VIBER, TO, reply) == [(URL, body) for body in expected]


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(VIBER, TO, turn)
    for _, body in sent(VIBER, TO, *turn):
        limits(body)


def limits(body: dict[str, Any]) -> None:
    assert len(json.dumps(body, ensure_ascii=False).encode()) <= 30_000
    assert len(body["sender"]["name"]) <= 28
    assert len(body.get("text", "")) <= (512 if body["type"] == "picture" else 7000)
    assert body.get("text") or body["type"] != "text"
    keys = body.get("keyboard", {}).get("Buttons", [])
    assert len(keys) <= 24
    media = body.get("rich_media", {}).get("Buttons", [])
    assert sum(part["Rows"] for part in media) <= 6 * 7
    for part in [*keys, *media]:
        assert 1 <= part["Rows"] <= 7
        assert len(part.get("Text", "")) <= 250
        assert part["ActionType"] in ("reply", "open-url", "none")
        assert part["ActionBody"] or part["ActionType"] == "none"


def test_an_error_inside_of_200_is_an_error(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Viber({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [Reaction(body={"status": 3, "status_message": "image"})]
        await office.say(USER, Reply("Sizes", image=Image("/s.jpg", "")), Reply("Two"), to=TO)
        assert await office.send() == [("sent", None)] * 2
        assert [heard.body["type"] for heard in platform.heard] == ["picture", "text", "text"]
        assert platform.heard[1].body["text"] == "Sizes"
        assert platform.heard[0].headers["x-viber-auth-token"] == TOKEN

    with Platform({"status": 0}) as platform:
        asyncio.run(scenario(platform))


def test_what_costs_money_is_sent_only_when_that_is_wished() -> None:
    assert (VIBER.window, Viber({**GIVEN, "paid": True}).window) == (DAY, None)
    assert Viber({**GIVEN, "paid": "yes"}).window == DAY


def test_it_registers_and_checks_its_webhook() -> None:
    url = "https://bot.shop.example/webhooks/viber/webhook"

    async def scenario(platform: Platform) -> None:
        ours = Viber({**GIVEN, "api": platform.url})
        async with aiohttp.ClientSession() as http:
            assert await ours.register(http, url) == []
            assert await ours.check(http, url) == [f"the webhook is not set, not {url}"]
        assert [heard.path for heard in platform.heard] == ["/set_webhook", "/get_account_info"]
        assert platform.heard[0].body["url"] == url

    with Platform({"status": 0}) as platform:
        asyncio.run(scenario(platform))
