"""A person's telephone with X Chat: seals what it writes, opens what the bot answers."""

from __future__ import annotations

import base64
from typing import Any

from chat_xdk import Chat

BOT, PERSON = "1111111111111111111", "2222222222222222222"
HELD = f"{BOT}:{PERSON}"
VERSION = "7"


class Phone:
    """`user` with keys of their own. Thrift's binary form is written by hand: X's servers wrap
    what the library makes in an event, and the library only reads such events."""

    def __init__(self, user: str, at: int = 1_700_000) -> None:
        """`at`: when it writes, in milliseconds since 1970."""
        self.user, self.at, self.count = user, at, 0
        made = Chat()
        registered = made.generate_keypairs().public_key
        self.keys = bytes(made.export_keys() or b"")
        self.published = {
            "public_key": registered.public_key,
            "public_key_version": VERSION,
            "signing_public_key": registered.signing_public_key,
            "identity_public_key_signature": registered.identity_public_key_signature,
        }
        self.chat = Chat()
        self.chat.import_keys(self.keys, version=VERSION)
        self.chat.set_identity(user, VERSION)
        self.key: dict[str, Any] = {}

    @property
    def signing(self) -> dict[str, str]:
        return {
            "user_id": self.user,
            "public_key_version": VERSION,
            "public_key": self.published["signing_public_key"],
            "identity_public_key": self.published["public_key"],
            "identity_public_key_signature": self.published["identity_public_key_signature"],
        }

    def begin(self, other: Phone) -> str:
        """A new key for a conversation with `other`; gives the event that brings it."""
        keys = [
            {"user_id": p.user, "public_key": p.published["public_key"], "key_version": VERSION}
            for p in (self, other)
        ]
        made = self.chat.prepare_conversation_key_change(
            keys, conversation_id=HELD, sender_id=self.user, signing_key_version=VERSION
        )
        self.key = {"conversation_key": made["conversation_key"]}
        self.key |= {"conversation_key_version": made["conversation_key_version"]}
        (action,) = made["action_signatures"]
        names = ("signature", "public_key_version", "signature_version")
        signed = b"".join(text(n, action[name]) for n, name in enumerate(names, 1)) + b"\0"
        detail = base64.b64decode(action["encoded_message_event_detail"])
        return self.wrap(action["message_id"], detail, signed)

    def write(self, words: str, **more: Any) -> tuple[str, str]:
        """The event of a message, and the message's id."""
        made = self.chat.encrypt_message(HELD, words, **self.key, **more)
        detail = b"\x0c\0\x01" + base64.b64decode(made.encrypted_content) + b"\0"
        signed = base64.b64decode(made.encoded_event_signature)
        return self.wrap(made.message_id, detail, signed), made.message_id

    def wrap(self, ident: str, detail: bytes, signed: bytes) -> str:
        self.count += 1
        head = text(1, str(self.count)) + text(2, ident) + text(3, self.user) + text(4, HELD)
        head += text(6, str(self.at))
        whole = head + b"\x0c\0\x07" + detail + b"\x0c\0\x09" + signed + b"\0"
        return base64.b64encode(whole).decode()

    def read(self, body: dict[str, Any], bot: Phone) -> dict[str, Any]:
        """What a request of the bot's says, when its signature is the bot's."""
        detail = b"\x0c\0\x01" + base64.b64decode(body["encoded_message_create_event"]) + b"\0"
        signed = base64.b64decode(body["encoded_message_event_signature"])
        event = bot.wrap(body["message_id"], detail, signed)
        keys = {self.key["conversation_key_version"]: self.key["conversation_key"]}
        opened = self.chat.decrypt_event(event, keys, [bot.signing])
        assert opened["verified"]
        assert opened["id"] == body["message_id"]
        return dict(opened["content"])


def text(field: int, value: str) -> bytes:
    raw = value.encode()
    return b"\x0b" + field.to_bytes(2, "big") + len(raw).to_bytes(4, "big") + raw


def received(payload: dict[str, Any], kind: str = "chat.received") -> dict[str, Any]:
    data = {"event_uuid": "-9", "filter": {"user_id": BOT}, "event_type": kind, "tag": "t"}
    return {"data": {**data, "payload": payload}}


def chatted(event: str, change: str | None, **more: Any) -> dict[str, Any]:
    """The payload of a webhook with a sealed event."""
    known = {"conversation_id": HELD, "sender_id": PERSON, "conversation_token": "token-1"}
    changed = {"conversation_key_change_event": change} if change else {}
    return {**known, **changed, "encoded_event": event, "created_at_msec": "1700000", **more}
