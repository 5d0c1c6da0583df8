"""TikTok: webhooks in, requests out, tokens that end, pictures that are uploaded."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from channels.base import Event, Incoming
from channels.guard import Refused
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.tiktok import TikTok
from tests.channels.fake_platform import (
    SITE,
    cards,
    choices,
    sent,
    shows_all,
)
from tests.channels.forgery import changed, changed_text, refuses
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"app": "app-key", "secret": "test-tiktok-secret", "business": "biz-123", "refresh": "r-1"}
TIKTOK = TikTok({**GIVEN, "site": SITE})
URL = "https://business-api.tiktok.com/open_api/v1.3/business/message/send/"
HELD = "tt-conv-1"
TO = {"id": HELD}
AT = 1_700_000_000.0


def happened(kind: str, ident: str = "tt-msg-1", **more: Any) -> Event:
    return Event(kind, ident, HELD, at=AT, to=TO, **more)  # type: ignore[arg-type]


PEOPLE = {
    "from_user": {"id": "user-1", "role": "personal_account"},
    "to_user": {"id": "biz-123", "role": "business_account"},
}
KNOWN = {"conversation_id": HELD, "timestamp": 1_700_000_000_000, "message_id": "tt-msg-1"}


def message(kind: str, event: str = "im_receive_msg", **content: Any) -> dict[str, Any]:
    inner = {**KNOWN, **PEOPLE, "type": kind, **content}
    head = {"client_key": "app-key", "create_time": 1_700_000_000, "user_openid": "biz-123"}
    return {**head, "event": event, "content": json.dumps(inner)}


TEXT = {"text": {"body": "Shoes"}}
TAPPED = {"reply_source_msg_id": "m-0", "reply_source_unique_id": "AbCdEf_-12345678"}
LINK = {"source": "short_link", "short_link": {"ref": "spring", "prefilled_message": "Hi"}}
AD = {"source": "ad", "ad": {"ad_id": "77", "ad_name": "Boots"}}
WEBHOOKS: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message("text", **TEXT), happened("text", text="Shoes")),
    "answer on a card": (
        message("text", **TEXT, reply_source_payload=TAPPED),
        happened("choice", text="Shoes", choice="AbCdEf_-12345678"),
    ),
    "picture": (message("image", image={"media_id": "1"}), happened("media", media="image")),
    "video": (message("video", video={"media_id": "1"}), happened("media", media="video")),
    "of a later kind": (message("hologram"), happened("media", media="hologram")),
    "reaction": (message("reaction", reaction=[{"emoji": "👍"}]), None),
    "by a link": (
        message("", "im_referral_msg", referral=LINK),
        happened("start", f"{HELD}.1700000000000", about={"ref": "spring"}),
    ),
    "by an advertisement": (
        message("", "im_referral_msg", referral=AD),
        happened("start", f"{HELD}.1700000000000", about={"ref": "77"}),
    ),
    "echo": (message("text", "im_send_msg", **TEXT), None),
    "our own message": (
        message("text", **TEXT, from_user={"id": "biz-123", "role": "BUSINESS_ACCOUNT"}),
        None,
    ),
    "of another business": ({**message("text", **TEXT), "user_openid": "biz-9"}, None),
    "a comment": (message("", "im_receive_high_intent_comment"), None),
    "from the EEA": (
        {
            **message("", "im_receive_msg_eu"),
            "content": json.dumps({"to": "biz", "timestamp": 1_700_000_000_000}),
        },
        None,
    ),
    "content that is no JSON": ({**message("text"), "content": "{"}, None),
    "content that is an object": ({**message("text"), "content": {}}, None),
    "without its text": (message("text"), None),
}


@pytest.mark.parametrize("case", WEBHOOKS)
def test_webhooks_are_read(case: str) -> None:
    webhook, expected = WEBHOOKS[case]
    assert events(TIKTOK, json.dumps(webhook).encode()) == ([expected] if expected else [])


PUBLISHED: dict[str, Event | None] = {
    "im_receive_msg_text": happened("text", text="Hello from TikTok"),
    "im_receive_msg_image": happened("media", "tt-msg-4", media="image"),
    "im_receive_msg_share_post": happened("media", "tt-msg-3", media="share_post"),
    "im_receive_msg_sticker": happened("media", "tt-msg-2", media="sticker"),
    "im_send_msg_echo": None,
    "im_mark_read_msg": None,
}


def test_fixtures_are_read(specs: Path | None) -> None:
    fixtures = json.loads((specs / "tiktok/fixtures.json").read_text()) if specs else {}
    incoming = {name for name in fixtures if name.startswith("im_")}
    assert incoming == (set(PUBLISHED) if specs else set())
    for name in incoming:
        expected = PUBLISHED[name]
        found = events(TIKTOK, json.dumps(fixtures[name]).encode())
        assert found == ([expected] if expected else []), name


BODY = json.dumps(message("text", **TEXT)).encode()


def signature(body: bytes, stamp: str, secret: str = "test-tiktok-secret") -> str:
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},s={digest}"


def signed(header: str, body: bytes = BODY) -> Incoming:
    return Incoming(body, {"tiktok-signature": header})


def test_the_vector_is_accepted_in_its_time(
    specs: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = {"raw_body": BODY.decode(), "t": int(AT), "header": signature(BODY, str(int(AT)))}
    if specs:
        vector = json.loads((specs / "tiktok/fixtures.json").read_text())["signature_vector_own"]
    request = signed(vector["header"], vector["raw_body"].encode())
    for age, accepted in ((0, True), (290, True), (-290, True), (310, False), (-310, False)):
        monkeypatch.setattr("channels.tiktok.time.time", lambda age=age: vector["t"] + age)
        if accepted:
            TIKTOK.verify(request)
        else:
            with pytest.raises(Refused, match="age"):
                TIKTOK.verify(request)


def test_nothing_else_is_accepted() -> None:
    stamp = str(int(time.time()))
    good = signature(BODY, stamp)
    TIKTOK.verify(signed(good))
    bad = [
        Incoming(BODY, {}), signed(""), signed("ł"), signed(good.upper()), signed(good + "0"),
        signed(good.partition(",")[2]), signed(good.partition(",")[0]), signed(good[:-1]),
        signed(good.replace("s=", "v1=")), signed(f"t={int(stamp) - 1},{good.partition(',')[2]}"),
        signed(f"{good},t={int(stamp) + 1}"), signed(signature(BODY, stamp, "other")),
        signed(signature(BODY, "")), signed(signature(BODY, "now")),
        signed(signature(BODY, "9" * 9)),
        signed("t=,s=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()),
        *(signed(good, other) for other in changed(BODY)),
        *(signed(other) for other in changed_text(good)),
    ]  # fmt: skip
    refuses(TIKTOK, bad)


HEAD = {"business_id": "biz-123", "recipient_type": "CONVERSATION", "recipient": HELD}


def text(words: str) -> dict[str, Any]:
    return {**HEAD, "message_type": "TEXT", "text": {"body": words}}


def card(question: str, *answers: str, kind: str = "QA_BUTTON_CARD") -> dict[str, Any]:
    buttons = [{"type": "REPLY", "title": t, "id": f"id-{n}"} for n, t in enumerate(answers, 1)]
    template = {"type": kind, "title": question, "buttons": buttons}
    return {**HEAD, "message_type": "TEMPLATE", "template": template}


LONG = "Gift-wrap it in paper with stars, please"
TURNS: dict[str, tuple[list[Reply], list[dict[str, Any]]]] = {
    "texts are one": ([Reply("Hello"), Reply("there")], [text("Hello\n\nthere")]),
    "question": ([Reply("Sure?", buttons=choices("Yes", "No"))], [card("Sure?", "Yes", "No")]),
    "question after a text": (
        [Reply("In your cart: 2 jackets, 259.80 zł. Shall I go on?", buttons=choices("Yes"))],
        [text("In your cart: 2 jackets, 259.80 zł."), card("Shall I go on?", "Yes")],
    ),
    "text that asks nothing": (
        [Reply("Both of them are warm, and one is lighter.", "pl", choices("Tak"))],
        [text("Both of them are warm, and one is lighter."), card("Wybierz", "Tak")],
    ),
    "link": (
        [Reply("Pay?", buttons=(*choices("Later"), Button("Pay", url="/pay")))],
        [text(f"Pay?\nPay: {SITE}pay"), card("Choose", "Later")],
    ),
    "long answers": (
        [Reply("Well?", buttons=choices(LONG, "No"))],
        [card("Well?", LONG, "No", kind="QA_LINK_CARD")],
    ),
    "many answers": (
        [Reply("Size?", buttons=choices("S", "M", "L", "XL"))],
        [
            text("Size?\n1. S\n2. M\n3. L\n4. XL"),
            card("Choose", "1. S", "2. M", "3. L"),
        ],
    ),
    "cards": (
        [Reply("Found:", cards=cards(2))],
        [
            text(
                f"Found:\n\nJacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1\n\nJacket 2\n"
                f"129.90 zł · 4.5 (23)\n{SITE}j2\n1. Jacket 1: Details\n2. Jacket 1: Add to cart\n"
                "3. Jacket 2: Details\n4. Jacket 2: Add to cart"
            ),
            {
                **HEAD,
                "message_type": "TEMPLATE",
                "template": {
                    "type": "QA_BUTTON_CARD",
                    "title": "Choose",
                    "buttons": [
                        {"type": "REPLY", "title": "1. Details: Jacket 1", "id": "id-1a"},
                        {"type": "REPLY", "title": "2. Add to cart: Jac…", "id": "id-1b"},
                        {"type": "REPLY", "title": "3. Details: Jacket 2", "id": "id-2a"},
                    ],
                },
            },
        ],
    ),
    "picture": (
        [Reply("Sizes", image=Image("/sizes.png", ""))],
        [{**HEAD, "message_type": "IMAGE", "image": {"url": SITE + "sizes.png"}}, text("Sizes")],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    turn, expected = TURNS[case]
    assert sent(TIKTOK, TO, *turn) == [(URL, body) for body in expected]


def test_requests_have_the_published_form(specs: Path | None) -> None:
    if specs:
        fixtures = json.loads((specs / "tiktok/fixtures.json").read_text())
        assert sent(TIKTOK, TO, Reply("Hello")) == [(URL, fixtures["send_text_request"])]
        asked = Reply("What are you looking for?", buttons=(Button("Shoes", "p:1"),))
        assert sent(TIKTOK, TO, asked) == [(URL, fixtures["send_template_request"])]
        assert [dict(hint.body) for hint in TIKTOK.hints(TO)][1] == fixtures["send_typing_request"]
    assert [hint.body["sender_action"] for hint in TIKTOK.hints(TO)] == ["MARK_READ", "TYPING"]


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(TIKTOK, TO, turn)
    for _, body in sent(TIKTOK, TO, *turn):
        limits(body)


def limits(body: dict[str, Any]) -> None:
    own = {"TEXT": "text", "IMAGE": "image", "TEMPLATE": "template"}[body["message_type"]]
    assert set(body) == {*HEAD, "message_type", own}
    if own == "text":
        assert 1 <= len(body["text"]["body"]) <= 6000
    elif own == "image":
        assert body["image"]["url"].startswith("https://")
    else:
        asked = body["template"]
        assert 1 <= len(asked["title"]) <= 40
        assert 1 <= len(asked["buttons"]) <= 3
        for button in asked["buttons"]:
            assert 1 <= len(button["title"]) <= (20 if asked["type"] == "QA_BUTTON_CARD" else 40)
            assert 1 <= len(button["id"]) <= 40
