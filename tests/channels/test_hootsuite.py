"""Hootsuite's Virtual Agent API in both directions; bodies as its documents show them."""

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.calls import Answer, Trouble
from channels.hootsuite import Hootsuite, moment
from channels.receive import events
from channels.render import Button, Image, Reply, replies
from tests.channels.fake_platform import SITE, Office, Platform, Reaction, choices, sent, shows_all
from tests.channels.forgery import changed, changed_text, refuses
from tests.channels.turns import ANY_SIZE, turns

SECRET = "6f0c1b2a9d8e7f605142332415061728"
GIVEN = {"organization": "900002", "client": "c-1", "secret": "s-1", "webhook_secret": SECRET}
HOOTSUITE = Hootsuite({**GIVEN, "site": SITE})
HELD = "0-01e67a8c216-000-8c9ea98e"
TO = {"id": HELD}
PATH = f"/inbox/v1/virtual-agent/conversations/{HELD}"
URL = f"https://platform.hootsuite.com{PATH}"
STAMP = "2022-04-28T09:43:26.635984618Z"
AT = 1651139006.635984618
PROFILE = {"id": "693ed54b-a426", "primaryIdentifier": "John Smith"}
CONTACT = {"contactProfile": PROFILE, "medium": {"id": "whatsapp"}, "channel": {"id": "0-0253"}}
TOKEN = {"access_token": "a-1", "token_type": "bearer", "expires_in": 3599}


def told(kind: str, at: str = STAMP, **data: Any) -> dict[str, Any]:
    known = {"timestamp": at, "idempotencyKey": "6ebc6a78-d9e9", "version": 1, "type": kind}
    return {**known, "data": {"conversationId": HELD, **CONTACT, **data}}


def happened(kind: str, **more: Any) -> Event:
    known = {"at": AT, "to": TO, "about": {"medium": "whatsapp"}}
    return Event(kind, "6ebc6a78-d9e9", "693ed54b-a426", **known, **more)  # type: ignore[arg-type]


MESSAGE = told("INBOUND_MESSAGE_RECEIVED", message={"messageId": "cc75", "text": "Hello"})
BODIES: dict[str, tuple[dict[str, Any], Event | None]] = {
    "message": (MESSAGE, happened("text", text="Hello")),
    "picture": (
        told("INBOUND_MESSAGE_RECEIVED", message={"messageId": "cc75"}),
        happened("media"),
    ),
    "delegated": (told("CONVERSATION_DELEGATED", language="es"), happened("start", locale="es")),
    "started": (told("CONVERSATION_STARTED", language="es"), None),
    "of another kind": (told("CONVERSATION_SNOOZED"), None),
    "without a conversation": ({**MESSAGE, "data": {"message": {"text": "Hello"}}}, None),
}


@pytest.mark.parametrize("case", BODIES)
def test_calls_are_read(case: str) -> None:
    body, expected = BODIES[case]
    assert events(HOOTSUITE, json.dumps(body).encode()) == ([expected] if expected else [])


def test_an_older_message_has_no_contact_but_a_conversation() -> None:
    body = told("INBOUND_MESSAGE_RECEIVED", message={"text": "Hello"})
    for name in CONTACT:
        del body["data"][name]
    (event,) = events(HOOTSUITE, json.dumps(body).encode())
    assert isinstance(event, Event)
    assert (event.user, event.to, event.about) == (HELD, TO, {})


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        (STAMP, AT), ("2019-02-20T10:28:57.229144Z", 1550658537.229144),
        ("2018-06-28T00:17:09+00:00", 1530145029.0), ("2018-06-28T02:17:09+02:00", 1530145029.0),
    ],
)  # fmt: skip
def test_times_are_read(stamp: str, seconds: float) -> None:
    assert moment(stamp) == pytest.approx(seconds)


def signed(body: bytes) -> Incoming:
    digest = hmac.new(bytes.fromhex(SECRET), body, hashlib.sha256).hexdigest()
    return Incoming(body, {"x-hootsuite-signature": digest})


def now(minutes: float = 0) -> str:
    at = datetime.now(timezone.utc) + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f123Z")


def test_the_signature_is_with_the_secrets_bytes() -> None:
    """The digest is openssl's (-mac HMAC -macopt hexkey:...)."""
    body = b'{"type": "CONVERSATION_STARTED"}'
    digest = "fa805932acfa979b3ef3cea1d0e4aad9bba2ccbb5a6ad2272a4bcc46faa71aa2"
    assert signed(body).headers["x-hootsuite-signature"] == digest
    refuses(HOOTSUITE, [Incoming(body, {"x-hootsuite-signature": digest})])  # it has no time


def test_what_hootsuite_signs_is_accepted_and_nothing_else() -> None:
    body = json.dumps(told("CONVERSATION_STARTED", at=now())).encode()
    good = signed(body)
    HOOTSUITE.verify(good)
    digest = good.headers["x-hootsuite-signature"]
    wrong_key = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    refuses(HOOTSUITE, [
        Incoming(body, {}), Incoming(body, {"x-hootsuite-signature": wrong_key}),
        *(Incoming(other, good.headers) for other in changed(body)),
        *(Incoming(body, {"x-hootsuite-signature": other}) for other in changed_text(digest)),
    ])  # fmt: skip


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_call_of_another_time_is_refused(minutes: int) -> None:
    refuses(HOOTSUITE, [signed(json.dumps({**MESSAGE, "timestamp": now(minutes)}).encode())])


@pytest.mark.parametrize("at", ["", "soon", None, 7])
def test_a_call_without_a_time_is_refused(at: Any) -> None:
    refuses(HOOTSUITE, [signed(json.dumps({**MESSAGE, "timestamp": at}).encode())])
    refuses(HOOTSUITE, [signed(b"[]"), signed(b"{}"), signed(b"\xff")])


def test_the_answer_to_a_call_is_an_empty_object() -> None:
    taken = HOOTSUITE.taken()
    assert (taken.status, taken.body, taken.content_type) == (200, b"{}", "application/json")


@pytest.mark.parametrize("secret", ["no digits", "abc"])
def test_it_does_not_start_with_a_secret_of_another_form(secret: str) -> None:
    with pytest.raises(RasaException, match="hexadecimal"):
        Hootsuite.from_credentials({**GIVEN, "webhook_secret": secret})


def says(*texts: str, **more: Any) -> list[tuple[str, Any]]:
    bodies: list[dict[str, Any]] = [{"sendMessage": {"text": text}} for text in texts]
    bodies[-1] |= more
    return [(URL, body) for body in bodies]


def test_turns_are_shown() -> None:
    assert sent(HOOTSUITE, TO, Reply("Hello")) == says("Hello")
    asked = Reply("Sure?", "en", (*choices("Yes"), Button("Pay", url="/pay")))
    ((url, body),) = sent(HOOTSUITE, TO, asked)
    assert url == URL
    assert all(part in body["sendMessage"]["text"] for part in ("Sure?", "1. Yes", SITE + "pay"))
    picture = Reply("Sizes", image=Image("/sizes.png", "A table"))
    assert sent(HOOTSUITE, TO, picture) == says(f"Sizes\nA table\n{SITE}sizes.png")
    assert sent(HOOTSUITE, TO, Reply("One"), Reply("Two")) == says("One\n\nTwo")


def test_the_conversation_goes_to_a_person_who_is_wanted() -> None:
    (reply,) = replies([{"text": "A colleague is coming.", "person": True}])
    assert reply.person
    shown = sent(HOOTSUITE, TO, reply, Reply("What is it about?"))
    assert shown == says("A colleague is coming.\n\nWhat is it about?", complete="HANDOVER")
    long = sent(HOOTSUITE, TO, reply, Reply("x " * 1400))
    assert len(long) > 1
    assert [body.get("complete") for _, body in long] == [None] * (len(long) - 1) + ["HANDOVER"]
    assert "complete" not in sent(HOOTSUITE, TO, *replies([{"text": "Hello"}]))[0][1]


FIELDS = {"sendMessage", "indicateTyping", "complete"}


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(HOOTSUITE, TO, turn)
    for url, body in sent(HOOTSUITE, TO, *turn):
        assert url == URL
        assert {*body} <= FIELDS
        assert 0 < len(body["sendMessage"]["text"].encode()) <= 1000
        assert body.get("complete") != "RESOLVED"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "sent"), (404, "closed"), (400, "refused"), (401, "later"), (429, "later"),
        (502, "later"),
    ],
)  # fmt: skip
def test_answers_are_understood(status: int, state: str) -> None:
    assert HOOTSUITE.judge(Answer(status, {}, None)).state == state


def on(platform: Platform, folder: Path) -> Hootsuite:
    return Hootsuite({**GIVEN, "api": platform.url, "database": str(folder / "inbox.db")})


def test_it_answers_with_the_apps_token(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        platform.script = [Reaction(body=TOKEN), Reaction(), Reaction(404)]
        office = Office(on(platform, tmp_path), tmp_path)
        await office.say("p-1", Reply("Hello"), to=TO)
        await office.say("p-1", Reply("Are you there?"), to=TO)
        assert [state for state, _ in await office.send(8)] == ["sent", "closed"]
        token, first, second = platform.heard
        form = {"grant_type": "organization_app", "organization_id": "900002"}
        assert (token.path, dict(token.body)) == ("/oauth2/token", form)
        assert token.headers["authorization"] == "Basic Yy0xOnMtMQ=="
        assert (first.method, first.path) == ("POST", PATH)
        assert first.headers["authorization"] == "Bearer a-1"
        assert first.body == {"sendMessage": {"text": "Hello"}}
        assert second.body == {"sendMessage": {"text": "Are you there?"}}

    with Platform() as platform:
        asyncio.run(scenario(platform))


def test_it_shows_that_it_is_typing() -> None:
    (hint,) = HOOTSUITE.hints(TO)
    assert HOOTSUITE.request(hint, "").url == URL
    assert hint.body == {"indicateTyping": "START"}


def test_the_doctor_asks_whether_the_app_is_let_in(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        ours = on(platform, tmp_path)
        platform.script = [Reaction(body=TOKEN), Reaction(body={"agents": []}), Reaction(403)]
        async with aiohttp.ClientSession() as http:
            assert await ours.check(http, "https://bot.example") == []
            with pytest.raises(Trouble, match="403"):
                await ours.check(http, "https://bot.example")
            (task,) = await ours.register(http, "https://bot.example/webhooks/hootsuite/webhook")
        assert "https://bot.example/webhooks/hootsuite/webhook" in task
        assert [heard.method for heard in platform.heard] == ["POST", "GET", "GET"]
        assert platform.heard[1].path == "/inbox/v1/user-presence/online-agents"

    with Platform() as platform:
        asyncio.run(scenario(platform))
