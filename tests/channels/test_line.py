"""LINE: webhooks in, requests out, checked with the official OpenAPI."""

import asyncio
import base64
import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
import yaml
from hypothesis import given
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.calls import Answer
from channels.guard import Refused
from channels.line import Line
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.text import utf16
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

GIVEN = {"token": "t", "secret": "s", "site": SITE}
LINE = Line(GIVEN)
API = "https://api.line.me/v2/bot/"
USER = "U4af4980629"
TO = {"user": USER}
ANSWERED = {**TO, "reply": "r1"}
BODY = b'{"destination":"U1","events":[]}'


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "01H", USER, at=1700.0, **{"to": ANSWERED, **more})  # type: ignore[arg-type]


def message(**content: Any) -> dict[str, Any]:
    return {"type": "message", "message": {"id": "1", **content}}


GROUP = {"type": "group", "groupId": "C1", "userId": USER}
EVENTS: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message(type="text", text="hi"), happened("text", text="hi")),
    "text to be marked as read": (
        message(type="text", text="hi", markAsReadToken="m1"),
        happened("text", text="hi", to={**ANSWERED, "read": "m1"}),
    ),
    "choice": (
        {"type": "postback", "postback": {"data": "id-1"}},
        happened("choice", choice="id-1"),
    ),
    "image": (message(type="image"), happened("media")),
    "sticker": (message(type="sticker", stickerId="1"), happened("media")),
    "location": (message(type="location", latitude=1.5), happened("media")),
    "of a later kind": (message(type="hologram"), happened("media")),
    "follow": ({"type": "follow"}, happened("start")),
    "unfollow": ({"type": "unfollow", "replyToken": None}, happened("left", to=TO)),
    "unsend": ({"type": "unsend", "unsend": {"messageId": "1"}}, None),
    "another has the chat": ({**message(type="text", text="hi"), "mode": "standby"}, None),
    "group": ({**message(type="text", text="hi"), "source": GROUP}, None),
    "join": ({"type": "join", "source": GROUP}, None),
    "a later event": ({"type": "sunrise"}, None),
    "without a source": ({"type": "message", "source": None}, None),
    "without an id": ({**message(type="text", text="hi"), "webhookEventId": None}, None),
    "without a text": (message(type="text"), None),
}


def webhook(*items: Any) -> bytes:
    known = {
        "mode": "active",
        "timestamp": 1_700_000,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01H",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "r1",
    }
    whole = [{**known, **item} if isinstance(item, dict) else item for item in items]
    return json.dumps({"destination": "U1", "events": whole}).encode()


@pytest.mark.parametrize("case", EVENTS)
def test_events_are_read(case: str) -> None:
    item, expected = EVENTS[case]
    assert events(LINE, webhook(item)) == ([expected] if expected else [])


def test_a_batch_is_read_whole_and_in_order() -> None:
    expected = [event for _, event in EVENTS.values() if event]
    assert events(LINE, webhook("?", None, *(item for item, _ in EVENTS.values()))) == expected
    assert events(LINE, BODY) == []


def signed(body: bytes, kind: str = "sha256") -> str:
    return base64.b64encode(hmac.new(b"s", body, kind).digest()).decode()


def test_only_line_may_speak() -> None:
    header = "x-line-signature"
    LINE.verify(Incoming(BODY, {header: signed(BODY)}))
    hexed = hmac.new(b"s", BODY, hashlib.sha256).hexdigest()
    for bad in ("", hexed, signed(BODY, "sha1"), signed(BODY + b" "), signed(BODY)[:-1], "ł"):
        with pytest.raises(Refused):
            LINE.verify(Incoming(BODY, {header: bad}))
    with pytest.raises(Refused):
        LINE.verify(Incoming(BODY, {}))
    for at in range(len(BODY)):
        changed = bytes([*BODY[:at], BODY[at] ^ 1, *BODY[at + 1 :]])
        with pytest.raises(Refused):
            LINE.verify(Incoming(changed, {header: signed(BODY)}))


@pytest.mark.parametrize("missing", ["token", "secret"])
def test_it_does_not_start_without(missing: str) -> None:
    with pytest.raises(RasaException, match=f"{missing} is missing"):
        Line.from_credentials({**GIVEN, missing: None})


def action(title: str, ident: str) -> dict[str, str]:
    return {"type": "postback", "label": title, "data": ident, "displayText": title}


def text(words: str, **style: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, "wrap": True, **style}


LINK = {"type": "uri", "label": "Pay", "uri": SITE + "pay"}
CARD = {
    "type": "bubble",
    "action": {"type": "uri", "label": "Jacket 1", "uri": SITE + "j1"},
    "hero": {
        "type": "image",
        "url": SITE + "storm.png",
        "size": "full",
        "aspectRatio": "4:3",
        "aspectMode": "fit",
    },
    "body": {
        "type": "box",
        "layout": "vertical",
        "contents": [text("Jacket 1", weight="bold"), text("129.90 zł · 4.5 (23)", size="sm")],
    },
    "footer": {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {"type": "button", "height": "sm", "action": action("Details", "id-1a")},
            {"type": "button", "height": "sm", "action": action("Add to cart", "id-1b")},
        ],
    },
}
TURNS: dict[str, tuple[Reply, list[dict[str, Any]]]] = {
    "text": (Reply("Hello"), [{"type": "text", "text": "Hello"}]),
    "buttons": (
        Reply("Sure?", buttons=(*choices("Yes"), Button("Pay", url="/pay"))),
        [
            {
                "type": "template",
                "altText": "Sure?",
                "template": {
                    "type": "buttons",
                    "text": "Sure?",
                    "actions": [action("Yes", "id-1"), LINK],
                },
            }
        ],
    ),
    "quick replies": (
        Reply("Size?", buttons=choices(*"12345")),
        [
            {
                "type": "text",
                "text": "Size?",
                "quickReply": {
                    "items": [
                        {"type": "action", "action": action(n, f"id-{n}")} for n in "12345"
                    ]
                },
            }
        ],
    ),
    "cards": (
        Reply("Found:", cards=cards(1)),
        [
            {"type": "text", "text": "Found:"},
            {
                "type": "flex",
                "altText": "Jacket 1",
                "contents": {"type": "carousel", "contents": [CARD]},
            },
        ],
    ),
    "image": (
        Reply(image=Image("/s.png", "")),
        [
            {
                "type": "image",
                "originalContentUrl": SITE + "s.png",
                "previewImageUrl": SITE + "s.png",
            }
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    reply, messages = TURNS[case]
    pushed = (API + "message/push", {"to": USER, "messages": messages})
    replied = (API + "message/reply", {"replyToken": "r1", "messages": messages})
    assert sent(LINE, TO, reply) == [pushed]
    assert sent(LINE, ANSWERED, reply) == [replied]


def test_the_first_five_are_a_reply_and_the_rest_a_push() -> None:
    shown = sent(LINE, ANSWERED, *(Reply(f"{n}") for n in range(11)))
    assert [(url.removeprefix(API), len(body["messages"])) for url, body in shown] == [
        ("message/reply", 5), ("message/push", 5), ("message/push", 1),
    ]  # fmt: skip


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    specs: Path | None, turn: list[Reply]
) -> None:
    shows_all(LINE, TO, turn)
    for _, body in sent(LINE, TO, *turn):
        if specs:
            schema(specs).validate(body)
        assert 1 <= len(body["messages"]) <= 5
        for shown in body["messages"]:
            limits(shown)


def limits(shown: dict[str, Any]) -> None:
    """What LINE refuses and its specification does not say."""
    assert 0 < utf16(shown.get("text", "x")) <= 5000
    assert 0 < utf16(shown.get("altText", "x")) <= 400
    template = shown.get("template", {"text": "x", "actions": "x"})
    assert 0 < utf16(template["text"]) <= 160
    assert 1 <= len(template["actions"]) <= 4
    assert len(shown.get("contents", {}).get("contents", ())) <= 12
    assert len(json.dumps(shown.get("contents", {}), ensure_ascii=False).encode()) <= 50_000
    for one in actions(shown):
        assert 0 < utf16(one["label"]) <= 20
        assert 0 < len(one.get("data", "x")) <= 300
        assert 0 < len(one.get("displayText", "x")) <= 300
        assert 0 < len(one.get("uri", "x")) <= 1000


def actions(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in actions(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "label" in value else []
    return own + [found for item in value.values() for found in actions(item)]


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


@pytest.mark.parametrize(
    ("status", "message", "state", "wait"),
    [
        (200, "", "sent", None), (409, "", "sent", None), (429, "slow down", "later", 5.0),
        (429, "You have reached your monthly limit.", "refused", None),
        (400, "The request body has 1 error(s)", "refused", None), (401, "", "later", 60.0),
        (500, "", "later", None),
    ],
)  # fmt: skip
def test_answers_are_understood(status: int, message: str, state: str, wait: float | None) -> None:
    judged = LINE.judge(Answer(status, {}, {"message": message}))
    assert (judged.state, judged.wait) == (state, wait)


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


@cache
def schema(specs: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    published = yaml.load((specs / "line/messaging-api.yml").read_text(), loader)["components"]
    kinds = {
        f"#/components/schemas/{name}": described["discriminator"]["mapping"]
        for name, described in published["schemas"].items()
        if "mapping" in described.get("discriminator", {})
    }
    whole = {"components": discriminated(published, kinds)}
    return jsonschema.Draft202012Validator(
        {**whole, "$ref": "#/components/schemas/PushMessageRequest"}
    )


def discriminated(value: Any, kinds: dict[str, Any], within: str = "") -> Any:
    """References to a family of schemas lead to the member that `type` names."""
    if isinstance(value, list):
        return [discriminated(item, kinds, within) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: discriminated(item, kinds, name) for name, item in value.items()}
    if within != "allOf" and isinstance(value.get("$ref"), str) and value["$ref"] in kinds:
        mapping = kinds[value["$ref"]]
        members = [
            {"if": {"properties": {"type": {"const": name}}}, "then": {"$ref": where}}
            for name, where in mapping.items()
        ]
        known = {"properties": {"type": {"enum": list(mapping)}}, "required": ["type"]}
        return {"allOf": [known, *members]}
    return made
