"""SMS: webhooks in, requests out, checked with Twilio's own library and specification."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from twilio.request_validator import RequestValidator

from channels.base import Event, Incoming
from channels.receive import events
from channels.render import Button, Reply
from channels.text import segments
from channels.twilio import Twilio
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
from tests.channels.forgery import refuses
from tests.channels.turns import ANY_SIZE, turns

BASE = "https://bot.shop.example"
HOOK = BASE + "/webhooks/sms/webhook"
GIVEN = {"sid": "AC1", "token": "12345", "number": "+48600", "url": BASE, "site": SITE}
TWILIO = Twilio(GIVEN)
URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
TO = {"to": "+48601"}
FORM = {"MessageSid": "SM1", "From": "+48601", "To": "+48600", "Body": "żółw & ñ", "NumMedia": "0"}


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "SM1", "+48601", to=TO, **more)  # type: ignore[arg-type]


MESSAGES: dict[str, tuple[dict[str, str], Event | None]] = {
    "text": ({}, happened("text", text="żółw & ñ")),
    "picture": (
        {"Body": "", "NumMedia": "1", "MediaContentType0": "image/jpeg"},
        happened("media", media="image"),
    ),
    "picture with a text": ({"Body": "x", "NumMedia": "1"}, happened("text", text="x")),
    "stop": ({"Body": "STOP", "OptOutType": "STOP"}, happened("left")),
    "start": ({"Body": "START", "OptOutType": "START"}, None),
    "help": ({"Body": "HELP", "OptOutType": "HELP"}, None),
    "nothing": ({"Body": " "}, None),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    more, expected = MESSAGES[case]
    body = urlencode({**FORM, **more}).encode()
    assert events(TWILIO, body) == ([expected] if expected else [])


@pytest.mark.parametrize("body", [b"", b"a", b"Body=x", b"MessageSid=&From=&Body=x"])
def test_what_is_no_message_is_left_out(body: bytes) -> None:
    assert events(TWILIO, body) == []


def signed(body: dict[str, str], address: str = HOOK) -> str:
    return str(RequestValidator("12345").compute_signature(address, body))


def incoming(body: dict[str, str], signature: str) -> Incoming:
    return Incoming(urlencode(body).encode(), {"x-twilio-signature": signature})


def test_what_twilio_signs_is_accepted() -> None:
    for body in (FORM, {**FORM, "FromCity": "", "Body": ""}):
        for address in (HOOK, HOOK.replace(".example/", ".example:443/")):
            TWILIO.verify(incoming(body, signed(body, address)))


def test_everything_else_is_refused() -> None:
    good = signed(FORM)
    other = {**FORM, "From": "+48602"}
    bad = [
        incoming(FORM, ""), incoming(FORM, good[:-1]), incoming(FORM, good + "="),
        incoming(FORM, "ł"), incoming(other, good), incoming({**FORM, "X": ""}, good),
        incoming(FORM, signed(FORM, HOOK + "/")), Incoming(urlencode(FORM).encode(), {}),
        incoming(FORM, signed(FORM, HOOK.replace("https", "http"))),
    ]  # fmt: skip
    refuses(TWILIO, bad)


def form(text: str) -> list[tuple[str, str]]:
    return [("From", "+48600"), ("To", "+48601"), ("Body", text)]


TURNS: dict[str, tuple[list[Reply], list[str]]] = {
    "texts are one": ([Reply("Hello"), Reply("there")], ["Hello\n\nthere"]),
    "choices": (
        [Reply("Sure?", buttons=(*choices("Yes", "No"), Button("Pay", url="/pay")))],
        [f"Sure?\n1. Yes\n2. No\nPay: {SITE}pay"],
    ),
    "card": (
        [Reply("Found:", cards=cards(1))],
        [
            f"Found:\n\nJacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1\n"
            "1. Jacket 1: Details\n2. Jacket 1: Add to cart"
        ],
    ),
    "long": ([Reply("ą" * 700)], ["ą" * 670, "ą" * 30]),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    turn, expected = TURNS[case]
    assert sent(TWILIO, TO, *turn) == [(URL, form(text)) for text in expected]


def test_a_messaging_service_sends() -> None:
    service = Twilio({**GIVEN, "number": "MG1"})
    ((_, body),) = sent(service, TO, Reply("Hi"))
    assert body[0] == ("MessagingServiceSid", "MG1")


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    fields: set[str] | None, turn: list[Reply]
) -> None:
    shows_all(TWILIO, TO, turn)
    for _, body in sent(TWILIO, TO, *turn, key="held/"):
        text = dict(body)["Body"]
        assert 0 < len(text) <= 1600
        assert segments(text) <= 10
        assert fields is None or {name for name, _ in body} <= fields


def test_a_message_goes_as_a_form_with_our_name_and_token(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Twilio({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [Reaction(201, {"sid": "SM2"}), Reaction(400, {"code": 21610})]
        await office.say("+48601", Reply("Zażółć & co"), to=TO)
        await office.say("+48601", Reply("Two"), to=TO)
        assert [state for state, _ in await office.send()] == ["sent", "left"]
        first = platform.heard[0]
        assert first.body == [*form("Zażółć & co"), ("StatusCallback", HOOK)]
        assert first.headers["authorization"] == "Basic QUMxOjEyMzQ1"

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_twilio_is_answered_with_an_empty_reply() -> None:
    answer = TWILIO.taken()
    assert (answer.body, answer.content_type) == (b"<Response/>", "text/xml")


def test_it_registers_and_checks_its_webhook() -> None:
    async def scenario(platform: Platform) -> None:
        ours = Twilio({**GIVEN, "api": platform.url})
        number = {"sid": "PN1", "sms_url": ""}
        platform.usual = Reaction(body={"incoming_phone_numbers": [number]})
        async with aiohttp.ClientSession() as http:
            assert await ours.register(http, HOOK) == []
            assert await ours.check(http, HOOK) == [f"the webhook is not set, not {HOOK}"]
        found, changed, _ = platform.heard
        account = "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers"
        assert found.path == f"{account}.json?PhoneNumber=%2B48600"
        assert (changed.method, changed.path) == ("POST", f"{account}/PN1.json")
        assert dict(changed.body) == {"SmsUrl": HOOK, "SmsMethod": "POST"}

    with Platform() as platform:
        asyncio.run(scenario(platform))


@pytest.fixture(scope="module")
def fields(specs: Path | None) -> set[str] | None:
    """The fields that Twilio's specification knows for a message."""
    if not specs:
        return None
    published = json.loads((specs / "twilio/twilio_api_v2010_messages_extract.json").read_text())
    call = published["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    content = call["requestBody"]["content"]["application/x-www-form-urlencoded"]
    return set(content["schema"]["properties"])
