"""Discord: messages and interactions in, over the gateway's items and over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.discord import Discord
from channels.guard import Refused
from channels.receive import events, read
from tests.channels.fake_discord import TOKEN
from tests.channels.fake_platform import SITE
from tests.channels.forgery import changed, changed_text, refuses

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw().hex()
GIVEN = {"token": TOKEN, "site": SITE}
OURS = Discord(GIVEN)
DOOR = Discord({**GIVEN, "public_key": PUBLIC})
TO = {"channel": "97"}
URL = "https://discord.com/api/v10/channels/97/messages"
AT = 1_462_015_105.796
"""Of the id in Discord's documentation."""
IDENT = "175928847299117063"
AUTHOR = {"id": "7", "username": "anna", "global_name": "Anna"}


def message(**more: Any) -> dict[str, Any]:
    known = {"id": IDENT, "channel_id": "97", "author": AUTHOR, "type": 0, "content": "hi"}
    return {**known, "attachments": [], "embeds": [], "timestamp": "2016-04-30", **more}


def tapped(**more: Any) -> dict[str, Any]:
    data = {"component_type": 2, "custom_id": "AbCdEf_-12345678", "id": 2}
    known = {"id": IDENT, "application_id": "42", "type": 3, "token": "t", "version": 1}
    return {**known, "channel_id": "97", "user": AUTHOR, "locale": "pl", "data": data, **more}


def happened(kind: Any = "text", **more: Any) -> Event:
    return Event(kind, IDENT, "7", at=AT, to=TO, **more)


CHOSEN = happened("choice", choice="AbCdEf_-12345678", locale="pl")
PICTURE = {"id": "1", "filename": "a.png", "content_type": "image/png", "url": "https://x"}
ITEMS: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (message(), happened(text="hi")),
    "reply": (message(type=19, message_reference={"message_id": "1"}), happened(text="hi")),
    "picture": (
        message(content="", attachments=[PICTURE]),
        happened("media", media="image", about={"attachments": ["a.png"]}),
    ),
    "picture with words": (
        message(attachments=[PICTURE]), happened(text="hi", about={"attachments": ["a.png"]})
    ),
    "sticker": (
        message(content="", sticker_items=[{"id": "1", "name": "Wave"}]),
        happened("media", media="sticker"),
    ),
    "forwarded": (
        message(content="", message_snapshots=[{"message": {"content": "shipped"}}]),
        happened(text="shipped"),
    ),
    "nothing": (message(content=""), happened("media")),
    "in a server": (message(guild_id="5"), None),
    "a bot's": (message(author={**AUTHOR, "bot": True}), None),
    "a webhook's": (message(webhook_id="5"), None),
    "the system's": (message(author={**AUTHOR, "system": True}), None),
    "pinned": (message(type=6), None),
    "a call": (message(type=3), None),
    "button": (tapped(), CHOSEN),
    "select": (
        tapped(data={"component_type": 3, "custom_id": "choices", "values": ["id-1"]}),
        happened("choice", choice="id-1", locale="pl"),
    ),
    "button in another English": (
        tapped(locale="en-US"), happened("choice", choice="AbCdEf_-12345678", locale="en")
    ),
    "channel as an object": (tapped(channel_id=None, channel={"id": "97", "type": 1}), CHOSEN),
    "button in a server": (tapped(guild_id="5", member={"user": AUTHOR}), None),
    "command": (tapped(type=2, data={"id": "1", "name": "start"}), None),
    "form": (tapped(type=5, data={"custom_id": "x", "components": []}), None),
    "without an author": (message(author=None), None),
    "without data": (tapped(data=None), None),
    "odd id": (message(id="x"), None),
}  # fmt: skip


@pytest.mark.parametrize("case", ITEMS)
def test_what_comes_in_is_read(case: str) -> None:
    item, expected = ITEMS[case]
    assert read(OURS, [item]) == ([expected] if expected else [])


def signed(body: bytes, stamp: str = "1700000000", key: Ed25519PrivateKey = PRIVATE) -> Incoming:
    signature = key.sign(stamp.encode() + body).hex()
    names = {"x-signature-ed25519": signature, "x-signature-timestamp": stamp}
    return Incoming(body, names)


def test_an_interaction_over_http_is_proved_read_and_acknowledged() -> None:
    body = json.dumps(tapped()).encode()
    DOOR.verify(signed(body))
    assert events(DOOR, body) == [CHOSEN]
    assert json.loads(DOOR.taken(body).body or b"") == {"type": 6}
    ping = json.dumps({"type": 1, "id": "1", "application_id": "42"}).encode()
    DOOR.verify(signed(ping))
    assert events(DOOR, ping) == []
    assert json.loads(DOOR.taken(ping).body or b"") == {"type": 1}


def test_no_other_signature_is_taken() -> None:
    body, good = b'{"type":1}', signed(b'{"type":1}')
    given, stamp = good.headers["x-signature-ed25519"], good.headers["x-signature-timestamp"]

    def bad(signature: str = given, when: str = stamp) -> Incoming:
        names = {"x-signature-ed25519": signature, "x-signature-timestamp": when}
        return Incoming(body, names)

    refuses(DOOR, [Incoming(other, good.headers) for other in changed(body)])
    refuses(DOOR, [bad(signature=other) for other in changed_text(given)])
    refuses(DOOR, [bad(when=other) for other in changed_text(stamp)])
    refuses(DOOR, [bad(""), bad(given[:-2]), bad(given + "00"), bad("ł"), bad(when=""),
                   bad(when="ł"), bad("00" * 64), Incoming(body, {}),
                   Incoming(body, {"x-signature-ed25519": given}),
                   Incoming(body, {"x-signature-timestamp": stamp}),
                   signed(body, key=Ed25519PrivateKey.from_private_bytes(b"x" * 32))])  # fmt: skip
    with pytest.raises(Refused) as refused:
        OURS.verify(good)
    assert refused.value.status == 404


@pytest.mark.parametrize("given", [{"token": ""}, {"public_key": "x"}, {"public_key": "ab"}])
def test_it_does_not_start_without(given: dict[str, str]) -> None:
    with pytest.raises(RasaException, match=r"token is missing|public_key"):
        Discord.from_credentials({**GIVEN, **given})


def test_the_account_is_the_bot_of_the_token() -> None:
    assert (OURS.account, Discord({"token": "odd"}).account) == ("42", "main")
    assert Discord({**GIVEN, "account": "7"}).account == "7"
