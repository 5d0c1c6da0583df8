"""X Chat: sealed messages in, sealed answers out, checked by a telephone with keys of its own."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from chat_xdk import Chat
from hypothesis import given

from channels import sender
from channels.base import Event
from channels.calls import Answer
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.x import X
from channels.x_chat import Vault
from tests.channels.fake_platform import SITE, Office, Platform, Reaction, cards, choices
from tests.channels.test_x_sending import schema
from tests.channels.turns import ANY_SIZE, turns
from tests.channels.x_phone import BOT, HELD, PERSON, VERSION, Phone, chatted, received

US, PHONE, STRANGER = Phone(BOT), Phone(PERSON), Phone("3333333333333333333")
CHANGE = PHONE.begin(US)
GIVEN = {
    "user": BOT,
    "consumer_secret": "secret",
    "token": "xcbot_1",
    "chat_keys": base64.b64encode(US.keys).decode(),
    "chat_version": VERSION,
    "site": SITE,
}
TO = {"user": PERSON, "chat": HELD, "keys": CHANGE, "token": "token-1"}
PLACE = f"/2/chat/conversations/{BOT}-{PERSON}/"


def ours(*known: Phone, **more: str) -> X:
    made = X({**GIVEN, **more})
    assert made._vault
    for phone in known:
        made._vault.learn(phone.user, [phone.published])
    return made


OURS = ours(US, PHONE)


def webhook(event: str, change: str | None = CHANGE, **more: Any) -> bytes:
    return json.dumps(received(chatted(event, change, **more))).encode()


def happened(kind: str, ident: str, **more: Any) -> Event:
    to = {**TO, "seen": str(PHONE.count)}
    return Event(kind, ident, PERSON, at=1700.0, to=to, **more)  # type: ignore[arg-type]


CHOSEN = {"request_id": "q", "selected_option_id": "id-1", "metadata": "id-1"}
SIZE = {"media_hash_key": "k", "width": 1, "height": 1, "filesize_bytes": 5, "filename": "a.jpg"}


def attached(kind: int) -> dict[str, Any]:
    return {"attachments": [{"attachment_type": "media", "media_type": kind, **SIZE}]}


@pytest.mark.parametrize(
    ("words", "more", "kind", "expected"),
    [
        ("żółw 👍🏽", {}, "text", {"text": "żółw 👍🏽"}),
        ("Yes", {"quick_reply": {"response": {"options": CHOSEN}}}, "choice",
         {"text": "Yes", "choice": "id-1"}),
        ("", attached(1), "media", {"media": "picture"}), ("", attached(3), "media",
         {"media": "video"}), ("", attached(4), "media", {"media": "voice"}),
        ("", attached(5), "media", {}), ("this", attached(1), "text", {"text": "this"}),
    ],
)  # fmt: skip
def test_sealed_messages_are_read(
    words: str, more: dict[str, Any], kind: str, expected: dict[str, str]
) -> None:
    event, ident = PHONE.write(words, **more)
    assert events(OURS, webhook(event)) == [happened(kind, ident, **expected)]
    assert events(OURS, webhook(event, None)) == [happened(kind, ident, **expected)]
    dashed = webhook(event, conversation_id=HELD.replace(":", "-"))
    assert [found.id for found in events(OURS, dashed)] == [ident]


def test_what_is_not_for_us_is_left_out() -> None:
    event, _ = PHONE.write("hi")
    group = chatted(event, CHANGE, conversation_id="g123")
    mine = chatted(event, CHANGE, sender_id=BOT)
    other = chatted(event, CHANGE, conversation_id=f"{PERSON}:5")
    for payload in (group, mine, other):
        assert events(OURS, json.dumps(received(payload)).encode()) == []
    sent_by_us = received(chatted(event, CHANGE), "chat.sent")
    assert events(OURS, json.dumps(sent_by_us).encode()) == []
    assert events(OURS, webhook(CHANGE)) == []
    assert events(X({**GIVEN, "chat_keys": "", "chat_version": ""}), webhook(event)) == []


def test_each_changed_byte_is_noticed() -> None:
    event, ident = PHONE.write("hi")
    raw = base64.b64decode(event)
    for at in range(len(raw)):
        other = base64.b64encode(bytes([*raw[:at], raw[at] ^ 1, *raw[at + 1 :]])).decode()
        for found in events(OURS, webhook(other)):  # X's own number and time are not signed
            assert (found.id, found.text, found.user) == (ident, "hi", PERSON)
    for bad in ("", "?", event[: len(event) // 2], base64.b64encode(b"x" * 99).decode()):
        assert events(OURS, webhook(bad)) == []


def test_nobody_writes_in_the_name_of_another() -> None:
    event, _ = PHONE.write("hi")
    assert events(ours(US), webhook(event)) == []
    thief = Phone(PERSON)
    forged = thief.begin(US)
    event, _ = thief.write("hi")
    assert events(OURS, webhook(event, forged)) == []
    assert events(OURS, webhook(event, CHANGE)) == []


def test_the_published_vectors_are_opened(specs: Path | None) -> None:
    if not specs:
        return
    known = json.loads((specs / "x/chat_xdk_sdk_vectors.json").read_text())
    keys, version = known["private_keys_concat_b64"], known["event_recipient_key_version"]
    vault = Vault("2222", keys, version)
    published = {
        "public_key_version": known["event_signing_key_version"],
        "signing_public_key": known["signing_public_b64"],
        "public_key": known["identity_public_b64"],
        "identity_public_key_signature": known["identity_public_key_signature_b64"],
    }
    payload = {
        "conversation_id": known["event_conversation_id"],
        "encoded_event": known["event_message_b64"],
        "conversation_key_change_event": known["event_key_change_b64"],
    }
    with pytest.raises(ValueError, match="cannot be opened"):
        vault.opened(payload)
    vault.learn(known["event_sender_id"], [published])
    opened = vault.opened(payload)
    assert opened["content"]["text"] == known["event_message_text"]
    assert opened["sender_id"] == known["event_sender_id"]
    with pytest.raises(ValueError, match="cannot be opened"):
        vault.opened({**payload, "encoded_event": known["event_garbage_b64"]})
    assert vault.failure(known["event_failure_b64"]) == "RateLimitUpsell"
    assert vault.failure(known["event_message_b64"]) == ""
    assert vault.failure(known["event_garbage_b64"]) == ""
    mine = Chat()
    mine.import_keys(base64.b64decode(keys), version=version)
    assert mine.get_public_keys().signing == known["signing_public_b64"]
    assert mine.verify(
        known["signing_public_b64"],
        base64.b64decode(known["signature_b64"]),
        known["message_utf8"].encode(),
    )


def option(title: str, ident: str) -> dict[str, Any]:
    return {"id": ident, "label": title, "metadata": ident, "description": None}


def shown(*turn: Reply) -> list[dict[str, Any]]:
    """What the telephone shows of the turn's requests."""
    rendered = OURS.render(turn, TO)
    assert all(call.key for call in rendered.calls)
    return [PHONE.read(dict(call.body), US) for call in rendered.calls]


def test_choices_are_quick_replies() -> None:
    (told,) = shown(Reply("Hello"), Reply("Sure?", buttons=choices("Yes", "No")))
    assert told["text"] == "Hello\n\nSure?"
    options = told["quick_reply"]["request"]["options"]
    assert options == {"id": "id-1", "options": [option("Yes", "id-1"), option("No", "id-2")]}
    pay = Button("Pay", url="/pay")
    (told,) = shown(Reply("So?", buttons=(pay, *choices("Yes"))))
    assert told["text"] == f"So?\nPay: {SITE}pay"
    (told,) = shown(Reply("Look", image=Image("/a.png", "A table")), Reply("Bye"))
    assert told == {"content_type": "Text", "text": f"Look\nA table\n{SITE}a.png\n\nBye"}
    (told,) = shown(Reply("Found:", cards=cards(2)))
    labels = [o["label"] for o in told["quick_reply"]["request"]["options"]["options"]]
    assert labels == [
        "Details: Jacket 1", "Add to cart: Jacket 1", "Details: Jacket 2", "Add to cart: Jacket 2",
    ]  # fmt: skip


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    specs: Path | None, turn: list[Reply]
) -> None:
    rendered = OURS.render(turn, TO)
    told = [PHONE.read(dict(call.body), US) for call in rendered.calls]
    for call, message in zip(rendered.calls, told, strict=True):
        assert 0 < len(message["text"]) <= 10_000
        if specs:
            schema(specs, "SendChatMessageRequest").validate(dict(call.body))
        for one in options(message):
            assert 0 < len(one["label"]) <= 36
        assert len(options(message)) <= 20
    offered = {one["id"] for message in told for one in options(message)}
    text = "\n".join(message["text"] for message in told)
    for button in (button for reply in turn for button in reply.choices()):
        number = rendered.numbers.get(button.payload or "")
        assert button.payload in offered or (number and f"{number}. " in text)


def options(message: dict[str, Any]) -> list[dict[str, Any]]:
    asked = (message.get("quick_reply") or {}).get("request") or {"options": {}}
    return list(asked["options"].get("options") or [])


def play(folder: Path, story: Callable[[Office, Platform], Awaitable[None]]) -> list[str]:
    with Platform({"data": {"encoded_message_event": "CwAB"}}) as platform:

        async def scenario() -> None:
            await story(Office(ours(US, PHONE, api=platform.url), folder), platform)

        asyncio.run(scenario())
        return [heard.path for heard in platform.heard]


def test_an_answer_that_may_have_arrived_goes_again_as_the_same_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def story(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(drop=True), Reaction(503), Reaction(200, seconds=0.2)]
        await office.say(PERSON, Reply("Hello"), to=TO)
        assert await office.send() == [("sent", None)]
        first, *again = [heard.body for heard in platform.heard]
        assert again == [first, first]
        assert PHONE.read(first, US)["text"] == "Hello"
        assert first["conversation_token"] == "token-1"

    assert play(tmp_path, story) == [PLACE + "messages"] * 3


def test_no_word_stands_in_the_outbox(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        await office.say(PERSON, Reply("xylophone"), to=TO)
        query = "SELECT body FROM outbox"
        ((body,),) = await office.write(lambda db: db.execute(query).fetchall())
        assert "xylophone" not in body
        assert PHONE.read(json.loads(body), US)["text"] == "xylophone"

    assert play(tmp_path, story) == []


def test_a_failure_inside_of_200_is_a_failure(specs: Path | None) -> None:
    if specs:
        known = json.loads((specs / "x/chat_xdk_sdk_vectors.json").read_text())
        body = {"data": {"encoded_message_event": known["event_failure_b64"]}}
        judged = OURS.judge(Answer(200, {}, body))
        assert (judged.state, judged.error, judged.wait) == ("later", "RateLimitUpsell", 60.0)
    assert OURS.judge(Answer(200, {}, {"data": {"encoded_message_event": "x"}})).state == "sent"
    assert not OURS.judge(Answer(429, {}, {})).everyone


def test_it_shows_that_it_read_and_writes(tmp_path: Path) -> None:
    read, typing = OURS.hints({**TO, "seen": "12"})
    assert ("/" + read.path, read.body) == (PLACE + "read", {"seen_until_sequence_id": "12"})
    request = OURS.request(typing, "")
    assert (request.url, request.json) == (f"https://api.x.com{PLACE}typing", None)
    assert list(OURS.hints({"user": PERSON})) == []
