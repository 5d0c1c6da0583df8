"""X: unencrypted messages in."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.guard import Refused
from channels.receive import events
from channels.x import X
from tests.channels.fake_platform import (
    SITE,
)
from tests.channels.x_phone import BOT, PERSON, received

GIVEN = {
    "user": BOT,
    "consumer_secret": "secret",
    "token": "xcbot_1",
    "bearer": "app",
    "site": SITE,
}
OURS = X(GIVEN)
TO = {"user": PERSON}
OAUTH1 = {"consumer_key": "ck", "access_token": "at", "access_secret": "as", "token": ""}
OAUTH2 = {"client_id": "ci", "client_secret": "cs", "refresh": "r0", "token": ""}


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "7", PERSON, at=1700.0, to=TO, **more)  # type: ignore[arg-type]


def message(**data: Any) -> dict[str, Any]:
    return {
        "type": "message_create",
        "id": "7",
        "created_timestamp": "1700000",
        "message_create": {
            "target": {"recipient_id": BOT},
            "sender_id": PERSON,
            "message_data": {"entities": {"urls": []}, **data},
        },
    }


def changed(made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**made, "message_create": {**made["message_create"], **more}}


PHOTO = {
    "type": "media",
    "media": {"type": "photo", "url": "https://t.co/p", "media_url_https": "https://a.b"},
}
LINK = {"urls": [{"url": "https://t.co/l", "expanded_url": "https://shop.example/p/1?a=1&b=2"}]}
FLAT = {
    "id": "7",
    "event_type": "MessageCreate",
    "text": "hi",
    "sender_id": PERSON,
    "dm_conversation_id": f"{BOT}-{PERSON}",
    "created_at": "1970-01-01T00:28:20.000Z",
}
MESSAGES: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message(text="a &lt; b &amp; ż 👍🏽"), happened("text", text="a < b & ż 👍🏽")),
    "text with a link": (
        message(text="this https://t.co/l ?", entities=LINK),
        happened("text", text="this https://shop.example/p/1?a=1&b=2 ?"),
    ),
    "choice": (
        message(text="Yes", quick_reply_response={"type": "options", "metadata": "id-1"}),
        happened("choice", text="Yes", choice="id-1"),
    ),
    "picture": (
        message(text=" https://t.co/p", attachment=PHOTO),
        happened("media", media="picture"),
    ),
    "picture with a text": (
        message(text="this https://t.co/p", attachment=PHOTO),
        happened("text", text="this"),
    ),
    "film": (
        message(text="", attachment={"type": "media", "media": {"type": "video"}}),
        happened("media", media="video"),
    ),
    "place": (message(text="", attachment={"type": "location"}), happened("media", media="place")),
    "from a post": (
        {**message(text="hi"), "initiated_via": {"tweet_id": "9"}},
        happened("text", text="hi", about={"ref": "9"}),
    ),
    "without a time": (
        {**message(text="hi"), "created_timestamp": None},
        Event("text", "7", PERSON, text="hi", to=TO),
    ),
    "our own": (changed(message(text="hi"), sender_id=BOT), None),
    "for somebody else": (changed(message(text="hi"), target={"recipient_id": "5"}), None),
    "nothing": (message(text=""), None),
    "another kind": ({**message(text="hi"), "type": "reaction"}, None),
    "without a sender": (changed(message(text="hi"), sender_id=None), None),
    "in the second shape": (FLAT, happened("text", text="hi")),
    "picture in the second shape": (
        {**FLAT, "text": "", "attachments": {"media_keys": ["1"]}},
        happened("media"),
    ),
    "group": ({**FLAT, "dm_conversation_id": "1746"}, None),
    "our own in the second shape": ({**FLAT, "sender_id": BOT}, None),
    "somebody joins": ({**FLAT, "event_type": "ParticipantsJoin"}, None),
}  # fmt: skip


def webhook(*messages: Any, kind: str = "dm.received") -> bytes:
    return json.dumps(received({"direct_message_events": messages, "users": {}}, kind)).encode()


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    made, expected = MESSAGES[case]
    found = [expected] if expected else []
    older = {"for_user_id": BOT, "direct_message_events": [made], "users": {}, "apps": {}}
    assert events(OURS, webhook(made)) == found
    assert events(OURS, json.dumps(older).encode()) == found
    assert events(OURS, json.dumps(received(made, "dm.received")).encode()) == found


def test_what_is_not_for_us_is_left_out() -> None:
    good = message(text="hi")
    assert events(OURS, webhook(good, kind="dm.sent")) == []
    assert events(OURS, webhook(good, kind="chat.received")) == []
    other = received({"direct_message_events": [good]}, "dm.received")
    other["data"]["filter"] = {"user_id": "5"}
    assert events(OURS, json.dumps(other).encode()) == []
    foreign = {"for_user_id": "5", "direct_message_events": [good]}
    for body in (foreign, {"for_user_id": BOT, "favorite_events": [{}]}, {"data": None}, {}):
        assert events(OURS, json.dumps(body).encode()) == []
    job = {"replay_job_status": {"job_state": "Complete"}}
    assert events(OURS, json.dumps(job).encode()) == []
    for bad in (b"", b"[]", b"{", b"\xff"):
        with pytest.raises(Refused):
            events(OURS, bad)


def test_a_batch_is_read_whole_and_in_order() -> None:
    made = [made for made, _ in MESSAGES.values()]
    expected = [event for _, event in MESSAGES.values() if event]
    assert events(OURS, webhook("?", None, *made)) == expected


BODY = webhook(message(text="hi"))
OLD, NEW = "x-twitter-webhooks-signature", "x-twitter-webhooks-signature-oauth2"


def signed(body: bytes, secret: str = "secret", kind: str = "sha256") -> str:
    digest = hmac.new(secret.encode(), body, kind).digest()
    return f"{kind}={base64.b64encode(digest).decode()}"


def test_only_x_may_speak() -> None:
    good = signed(BODY)
    OURS.verify(Incoming(BODY, {OLD: good}))
    bad = [{}, {OLD: ""}, {OLD: "ł"}, {OLD: signed(BODY, kind="sha1")}, {NEW: good}]
    bad += [{OLD: signed(BODY, "other")}, {OLD: good.removeprefix("sha256=")}, {OLD: good + "="}]
    bad += [{OLD: "sha256=" + hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()}]
    bad += [{OLD: good[:n] + chr(ord(good[n]) ^ 1) + good[n + 1 :]} for n in range(len(good))]
    for headers in bad:
        with pytest.raises(Refused):
            OURS.verify(Incoming(BODY, headers))
    for at in range(len(BODY)):
        other = bytes([*BODY[:at], BODY[at] ^ 1, *BODY[at + 1 :]])
        with pytest.raises(Refused):
            OURS.verify(Incoming(other, {OLD: good}))


def test_x_may_sign_with_the_newer_secret() -> None:
    both = X({**GIVEN, "client_secret": "cs"})
    new = {**GIVEN, "consumer_secret": "", "client_secret": "cs"}
    good = signed(BODY, "cs")
    both.verify(Incoming(BODY, {NEW: good, OLD: "x"}))
    both.verify(Incoming(BODY, {OLD: signed(BODY)}))
    X(new).verify(Incoming(BODY, {NEW: good}))
    refused = [(both, {NEW: "x", OLD: signed(BODY)}), (both, {OLD: good}), (X(new), {OLD: good})]
    for ours, headers in refused:
        with pytest.raises(Refused):
            ours.verify(Incoming(BODY, headers))
    assert crc(both, "challenge") == signed(b"challenge", "cs")


def crc(ours: X, token: str) -> str:
    answer = ours.challenge(Incoming(b"", {}, {"crc_token": token}))
    assert answer
    return str(json.loads(answer.body or b"")["response_token"])


def test_a_challenge_is_answered_unless_it_could_be_a_message(specs: Path | None) -> None:
    assert crc(OURS, "challenge") == "sha256=oeUF6Wxqoezggrue+wbIDxKRPSF6esKwizR2MHh9HaA="
    if specs:
        vector = json.loads((specs / "x/crc_and_signature_note.json").read_text())
        ours = X({**GIVEN, "consumer_secret": vector["consumer_secret"]})
        assert crc(ours, vector["crc_token"]) == vector["response_token"]
    for token in ("MDgzMDdlOTMtZjc4ZC00YzU2==", "a-b_c.d+e/f:g", "7"):
        assert crc(OURS, token) == signed(token.encode())
    for token in ("", BODY.decode(), '{"data":1}', "[1]", "a b", "a" * 513, '"a"', "ł"):
        with pytest.raises(Refused):
            crc(OURS, token)


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ({"user": ""}, "user is missing"), ({"consumer_secret": ""}, "consumer_secret or"),
        ({"token": ""}, "token or"), ({**OAUTH1, "access_secret": ""}, "access_secret"),
        ({**OAUTH2, "refresh": ""}, "refresh"), ({"chat_keys": "x"}, "go together"),
        ({"chat_version": "7"}, "go together"), ({"chat_keys": "x", "chat_version": "7"}, "keys"),
    ],
)  # fmt: skip
def test_it_does_not_start_without(without: dict[str, str], missing: str) -> None:
    with pytest.raises(RasaException, match=missing):
        X.from_credentials({**GIVEN, **without})
