"""Telegram: updates in, requests out, checked with the published Bot API."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.guard import Refused
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.telegram import Telegram
from channels.text import utf16
from tests.channels import oracles
from tests.channels.fake_platform import Office, Platform, Reaction, cards, choices, sent, shows_all
from tests.channels.turns import ANY_SIZE, turns

TELEGRAM = Telegram(
    {"token": "12:abc", "secret": "a-secret-of-ours", "site": "https://shop.example/"}
)
API = "https://api.telegram.org/bot12:abc/"
ME = {"id": 5, "is_bot": False, "first_name": "A", "language_code": "pl"}
CHAT = {"id": 5, "type": "private"}
TO = {"chat": 5}
PLAIN = {"link_preview_options": {"is_disabled": True}}


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 3, "from": ME, "chat": CHAT, "date": 1700, **more}


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "9", "5", at=1700, locale="pl", to=TO, **more)  # type: ignore[arg-type]


QUERY = {"id": "q1", "from": ME, "message": message(), "chat_instance": "1", "data": "id-1"}
GROUP = {"id": -7, "type": "group", "title": "G"}
KICKED = {"chat": CHAT, "from": ME, "date": 1700, "old_chat_member": {"status": "member"}}
UPDATES = {
    "text": ({"message": message(text="jackets")}, happened("text", text="jackets")),
    "start": ({"message": message(text="/start")}, happened("start")),
    "deep link": (
        {"message": message(text="/start spring")},
        happened("start", about={"ref": "spring"}),
    ),
    "caption": (
        {"message": message(photo=[{"file_id": "x"}], caption="like this")},
        happened("text", text="like this", photo="x"),
    ),
    "photo": (
        {"message": message(photo=[{"file_id": "s"}, {"file_id": "x"}])},
        happened("media", media="photo", photo="x"),
    ),
    "location": (
        {"message": message(location={"latitude": 52.2, "longitude": 21.0})},
        happened("media", media="location"),
    ),
    "contact": (
        {"message": message(contact={"phone_number": "+48601", "first_name": "A", "user_id": 5})},
        happened("text", text="+48601"),
    ),
    "tap": (
        {"callback_query": QUERY},
        Event("choice", "9", "5", choice="id-1", locale="pl", to={"chat": 5, "query": "q1"}),
    ),
    "tap on an old message": ({"callback_query": {**QUERY, "message": None}}, None),
    "edited": ({"edited_message": message(text="jacket")}, None),
    "group": ({"message": message(text="hi", chat=GROUP)}, None),
    "another bot": ({"message": message(text="hi", **{"from": {**ME, "is_bot": True}})}, None),
    "service": ({"message": message(pinned_message=message(text="x"))}, None),
    "blocked": (
        {"my_chat_member": {**KICKED, "new_chat_member": {"status": "kicked"}}},
        happened("left"),
    ),
    "unblocked": ({"my_chat_member": {**KICKED, "new_chat_member": {"status": "member"}}}, None),
    "of a later version": ({"something_new": {"id": 1}}, None),
    "without a chat": ({"message": {"text": "hi"}}, None),
    "without an id": ({"message": "hi"}, None),
}


@pytest.mark.parametrize("case", UPDATES)
def test_updates_are_read(case: str) -> None:
    update, expected = UPDATES[case]
    body = json.dumps({"update_id": 9, **update}).encode()
    assert events(TELEGRAM, body) == ([expected] if expected else [])


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        events(TELEGRAM, body)
    assert refused.value.status == 400


def test_only_telegram_may_speak() -> None:
    header = "x-telegram-bot-api-secret-token"
    TELEGRAM.verify(Incoming(b"{}", {header: "a-secret-of-ours"}))
    for headers in ({}, {header: ""}, {header: "a-secret-of-our"}, {header: "a-secret-of-ourś"}):
        with pytest.raises(Refused) as refused:
            TELEGRAM.verify(Incoming(b"{}", headers))
        assert refused.value.status == 401


@pytest.mark.parametrize(
    "given_",
    [{}, {"token": "1:a"}, {"token": "1:a", "secret": ""}, {"token": "1:a", "secret": "short"},
     {"token": "${TELEGRAM_TOKEN}", "secret": "a-secret-of-ours"}],
)  # fmt: skip
def test_it_does_not_start_without_token_and_secret(given_: dict[str, str]) -> None:
    with pytest.raises(RasaException, match=r"channels.telegram.Telegram"):
        Telegram.from_credentials(given_)


def keyboard(*rows: dict[str, str]) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [[row] for row in rows]}}


YES, NO = ({"text": "Yes", "callback_data": "id-1"}, {"text": "No", "callback_data": "id-2"})
TURNS: dict[str, tuple[Reply, list[tuple[str, dict[str, Any]]]]] = {
    "text": (Reply("Hello"), [("sendMessage", {"chat_id": 5, "text": "Hello", **PLAIN})]),
    "choices": (
        Reply("Sure?", buttons=choices("Yes", "No")),
        [("sendMessage", {"chat_id": 5, "text": "Sure?", **keyboard(YES, NO), **PLAIN})],
    ),
    "choices without a text": (
        Reply(lang="pl", buttons=choices("Yes")),
        [("sendMessage", {"chat_id": 5, "text": "Wybierz", **keyboard(YES), **PLAIN})],
    ),
    "links": (
        Reply("Pay", buttons=(Button("Pay", url="/pay/1"), Button("Mail", url="mailto:a@b.pl"))),
        [
            (
                "sendMessage",
                {
                    "chat_id": 5,
                    "text": "Pay\nMail: mailto:a@b.pl",
                    **keyboard({"text": "Pay", "url": "https://shop.example/pay/1"}),
                    **PLAIN,
                },
            )
        ],
    ),
    "long title": (
        Reply("Which?", buttons=choices("X" * 70, "Y")),
        [
            (
                "sendMessage",
                {
                    "chat_id": 5,
                    "text": f"Which?\n1. {'X' * 70}\n2. Y",
                    **keyboard(
                        {"text": f"1. {'X' * 60}…", "callback_data": "id-1"},
                        {"text": "2. Y", "callback_data": "id-2"},
                    ),
                    **PLAIN,
                },
            )
        ],
    ),
    "card": (
        Reply("Found:", cards=cards(1)),
        [
            ("sendMessage", {"chat_id": 5, "text": "Found:", **PLAIN}),
            (
                "sendPhoto",
                {
                    "chat_id": 5,
                    "photo": "https://shop.example/storm.png",
                    "caption": "Jacket 1\n129.90 zł · 4.5 (23)\nhttps://shop.example/j1",
                    **keyboard(
                        {"text": "Details", "callback_data": "id-1a"},
                        {"text": "Add to cart", "callback_data": "id-1b"},
                    ),
                },
            ),
        ],
    ),
    "image": (
        Reply("Sizes", image=Image("/sizes.png", "Table")),
        [
            (
                "sendPhoto",
                {"chat_id": 5, "photo": "https://shop.example/sizes.png", "caption": "Sizes"},
            )
        ],
    ),
    "image that Telegram cannot show": (
        Reply("Sizes", image=Image("/sizes.svg", "Table")),
        [
            (
                "sendMessage",
                {"chat_id": 5, "text": "Sizes\nTable\nhttps://shop.example/sizes.svg", **PLAIN},
            )
        ],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    reply, expected = TURNS[case]
    assert sent(TELEGRAM, TO, reply) == [(API + method, body) for method, body in expected]


def test_hints_are_allowed_calls(bot_api: dict[str, Any] | None) -> None:
    for call in TELEGRAM.hints({"chat": 5, "query": "q1"}):
        oracles.telegram(bot_api, call.path, dict(call.body))


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    bot_api: dict[str, Any] | None, turn: list[Reply]
) -> None:
    shows_all(TELEGRAM, TO, turn)
    for url, body in sent(TELEGRAM, TO, *turn):
        oracles.telegram(bot_api, url.removeprefix(API), body)
        assert 0 < utf16(body.get("text", "x")) <= 4096
        assert utf16(body.get("caption", "")) <= 1024
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        assert len(rows) <= 100
        for (button,) in rows:
            assert 0 < utf16(button["text"]) <= 64
            assert 0 < len(button.get("callback_data", "x").encode()) <= 64


def test_an_image_that_is_refused_goes_as_text(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Telegram({**TELEGRAM.settings, "api": platform.url}), tmp_path)
        platform.script = [Reaction(400, {"ok": False, "description": "wrong file"})]
        await office.say("5", Reply(cards=cards(1)), to=TO)
        assert await office.send() == [("sent", None)]
        assert [heard.path for heard in platform.heard] == [
            "/bot12:abc/sendPhoto",
            "/bot12:abc/sendMessage",
        ]
        photo, text = (heard.body for heard in platform.heard)
        assert text["text"] == photo["caption"]
        assert text["reply_markup"] == photo["reply_markup"]

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_it_registers_and_checks_its_webhook() -> None:
    url = "https://bot.shop.example/webhooks/telegram/webhook"

    async def scenario(platform: Platform) -> None:
        telegram = Telegram({**TELEGRAM.settings, "api": platform.url})
        platform.usual = Reaction(body={"ok": True, "result": {"url": "https://other.example/"}})
        async with aiohttp.ClientSession() as http:
            assert await telegram.register(http, url) == []
            (problem,) = await telegram.check(http, url)
        assert problem == f"the webhook is https://other.example/, not {url}"
        assert platform.heard[0].path == "/bot12:abc/setWebhook"
        assert platform.heard[0].body == {
            "url": url,
            "secret_token": "a-secret-of-ours",
            "allowed_updates": ["message", "callback_query", "my_chat_member"],
        }

    with Platform() as platform:
        asyncio.run(scenario(platform))


@pytest.fixture(scope="module")
def bot_api(specs: Path | None) -> dict[str, Any] | None:
    return json.loads((specs / "telegram/api.json").read_text()) if specs else None
