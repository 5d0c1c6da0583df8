"""LINE: webhooks in, requests out, checked with the official OpenAPI."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from channels.base import Event, Incoming
from channels.line import Line
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.text import utf16
from tests.channels import oracles
from tests.channels.fake_platform import (
    SITE,
    cards,
    choices,
    sent,
    shows_all,
)
from tests.channels.forgery import changed, refuses
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
    "image": (message(type="image", id="7"), happened("media", media="image", photo="7")),
    "sticker": (message(type="sticker", stickerId="1"), happened("media", media="sticker")),
    "location": (message(type="location", latitude=1.5), happened("media", media="location")),
    "of a later kind": (message(type="hologram"), happened("media", media="hologram")),
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
    bad = ["", hexed, signed(BODY, "sha1"), signed(BODY + b" "), signed(BODY)[:-1], "ł"]
    refuses(LINE, [Incoming(BODY, {}), *(Incoming(BODY, {header: one}) for one in bad)])
    refuses(LINE, [Incoming(other, {header: signed(BODY)}) for other in changed(BODY)])


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
        oracles.line(specs, body)
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
