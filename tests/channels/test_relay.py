"""A partner's platform: docs/relay.md in both directions."""

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from rasa.shared.exceptions import RasaException
from standardwebhooks import Webhook

from channels.base import Event, Incoming
from channels.receive import events
from channels.relay import Relay
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
from tests.channels.forgery import changed, refuses
from tests.channels.turns import ANY_SIZE, turns

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DELIVER = "https://partner.example/answers"
GIVEN = {"secret": SECRET, "deliver": DELIVER, "account": "snapchat"}
RELAY = Relay({**GIVEN, "site": SITE})
TO = {"id": "p-1"}


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "m-1", "p-1", to=TO, **more)  # type: ignore[arg-type]


MESSAGES: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (
        {"text": "hi", "at": 1700.5, "locale": "es"},
        happened("text", text="hi", at=1700.5, locale="es"),
    ),
    "choice": (
        {"text": "Yes", "choice": "AbC"},
        happened("choice", text="Yes", choice="AbC"),
    ),
    "picture": ({"media": "picture"}, happened("media", media="picture")),
    "start": (
        {"event": "start", "ref": "lens"},
        happened("start", about={"ref": "lens"}),
    ),
    "left": ({"event": "left"}, happened("left")),
    "nothing": ({}, None),
    "without a person": ({"text": "hi", "from": None}, None),
    "a time that is none": ({"text": "hi", "at": "soon"}, None),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    more, expected = MESSAGES[case]
    body = {"messages": [{"id": "m-1", "from": "p-1", **more}, 7, {"id": "m-2"}]}
    assert events(RELAY, json.dumps(body).encode()) == ([expected] if expected else [])


BODY = b'{"messages": []}'


def signed(when: datetime | None = None, body: bytes = BODY, **more: str) -> Incoming:
    when = when or datetime.now(timezone.utc)
    signature = Webhook(SECRET).sign("w-1", when, BODY.decode())
    stamp = str(int(when.timestamp()))
    known = {"webhook-id": "w-1", "webhook-timestamp": stamp, "webhook-signature": signature}
    return Incoming(body, {**known, **more})


def test_what_the_partner_signs_is_accepted_and_nothing_else() -> None:
    RELAY.verify(signed())
    good, now = signed(), datetime.now(timezone.utc)
    signature = good.headers["webhook-signature"]
    bad = [
        Incoming(BODY, {}), signed(now - timedelta(minutes=6)), signed(now + timedelta(minutes=6)),
        *(Incoming(BODY, {k: v for k, v in good.headers.items() if k != name})
          for name in good.headers),
        signed(**{"webhook-id": "w-2"}), signed(**{"webhook-timestamp": "x"}),
        signed(**{"webhook-signature": signature.replace("v1,", "v2,")}),
        signed(**{"webhook-signature": "ł"}),
        *(signed(body=other) for other in changed(BODY)),
    ]  # fmt: skip
    refuses(RELAY, bad)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"deliver": ""}, "deliver is missing"), ({"secret": ""}, "secret is missing"),
        ({"secret": "whsec_c2hvcnQ="}, "16 bytes"), ({"secret": "x" * 40}, "whsec_"),
    ],
)  # fmt: skip
def test_it_does_not_start_without_proper_settings(settings: dict[str, str], words: str) -> None:
    with pytest.raises(RasaException, match=words):
        Relay.from_credentials({**GIVEN, **settings})


HEAD = {"account": "snapchat", "to": "p-1"}
TURNS: dict[str, tuple[Reply, list[dict[str, Any]]]] = {
    "text": (Reply("Hello", "en"), [{"text": "Hello", "lang": "en"}]),
    "choices": (
        Reply("Sure?", buttons=(*choices("Yes"), Button("Pay", url="/pay"))),
        [
            {
                "text": "Sure?",
                "buttons": [
                    {"title": "Yes", "choice": "id-1"},
                    {"title": "Pay", "url": SITE + "pay"},
                ],
            }
        ],
    ),
    "card": (
        Reply(cards=cards(1)),
        [
            {
                "cards": [
                    {
                        "title": "Jacket 1",
                        "subtitle": "129.90 zł · 4.5 (23)",
                        "url": SITE + "j1",
                        "image": SITE + "storm.png",
                        "buttons": [
                            {"title": "Details", "choice": "id-1a"},
                            {"title": "Add to cart", "choice": "id-1b"},
                        ],
                    }
                ]
            }
        ],
    ),
    "picture": (
        Reply("Sizes", image=Image("/sizes.png", "")),
        [{"text": "Sizes", "image": SITE + "sizes.png"}],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    reply, expected = TURNS[case]
    assert sent(RELAY, TO, reply) == [(DELIVER, {**HEAD, "message": one}) for one in expected]


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(RELAY, TO, turn)
    for _, body in sent(RELAY, TO, *turn):
        message = body["message"]
        assert len(message.get("text", "")) <= 2000
        assert len(message.get("buttons", ())) <= 10
        assert len(message.get("cards", ())) <= 10
        assert message.get("text") or message.get("image") or message.get("cards")
        for card in message.get("cards", ()):
            assert len(card.get("buttons", ())) <= 3


def test_an_answer_is_signed_and_sent_again_when_the_connection_is_lost(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Relay({**GIVEN, "deliver": platform.url + "/a"}), tmp_path)
        platform.script = [Reaction(drop=True), Reaction(503)]
        await office.say("p-1", Reply("Zażółć"), to=TO)
        assert await office.send(10) == [("sent", None)]
        assert len(platform.heard) == 3
        assert len({heard.headers["webhook-id"] for heard in platform.heard}) == 1
        for heard in platform.heard:
            body = json.dumps(heard.body, ensure_ascii=False)
            assert Webhook(SECRET).verify(body, heard.headers)["message"] == {"text": "Zażółć"}

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_the_doctor_asks_the_partner() -> None:
    async def scenario(platform: Platform) -> None:
        ours = Relay({**GIVEN, "deliver": platform.url})
        async with aiohttp.ClientSession() as http:
            assert await ours.check(http, "https://bot.example") == []
            platform.script = [Reaction(404)]
            assert await ours.check(http, "https://bot.example") == [f"{platform.url}: HTTP 404"]
            (task,) = await ours.register(http, "https://bot.example")
        assert "https://bot.example" in task
        assert platform.heard[0].body == {"account": "snapchat", "test": True}

    with Platform() as platform:
        asyncio.run(scenario(platform))
