"""X Chat's end-to-end encryption, by X's own library (`chatxdk`, MIT).

https://docs.x.com/xchat/xchat-xdk. A conversation has a key, which comes with a message in a
"key change" sealed for each participant; who signed an event is known by the public keys that X
publishes. What is not signed by the person is not opened. The bot's private keys are those of
`Chat.export_keys()`, once it was unlocked with its PIN; the key of a conversation is kept sealed.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from chat_xdk import Chat
from rasa.shared.exceptions import RasaException

from channels.render import Button

YOUNG_SECONDS = 60.0
"""A person's public keys that were got just now are not asked for again."""
KNOWN = 10_000
"""People and conversations that are remembered; beyond it all are asked for again."""
KEPT = 100
FIELDS = "public_key,public_key_version,signing_public_key,identity_public_key_signature"

logger = logging.getLogger(__name__)


class Vault:
    """The bot's keys, and what is known of other people's. Raises `ValueError` throughout."""

    def __init__(self, user: str, keys: str, version: str) -> None:
        self._chat = Chat()
        try:
            self._chat.import_keys(base64.b64decode(keys, validate=True), version=version)
        except ValueError as error:
            raise RasaException("credentials: channels.x.X: chat_keys are not keys") from error
        self._chat.set_identity(user, version)
        self._signing: dict[str, tuple[list[dict[str, str]], float]] = {}
        self._changes: dict[str, str] = {}
        self._read: dict[tuple[str, str], dict[str, Any]] = {}

    def stale(self, user: str) -> bool:
        """Whether it is worth asking X for the person's public keys."""
        return self._signing.get(user, ((), 0.0))[1] < time.time() - YOUNG_SECONDS

    def learn(self, user: str, published: Sequence[Mapping[str, Any]]) -> None:
        if len(self._signing) >= KNOWN:
            self._signing.clear()
        keys = [
            {
                "user_id": user,
                "public_key_version": str(key["public_key_version"]),
                "public_key": str(key["signing_public_key"]),
                "identity_public_key": str(key["public_key"]),
                "identity_public_key_signature": str(key["identity_public_key_signature"]),
            }
            for key in published
            if all(key.get(name) for name in FIELDS.split(","))
        ]
        self._signing[user] = keys, time.time()

    def change(self, payload: Mapping[str, Any]) -> str:
        """The sealed key of the conversation, "" if it is to be asked for."""
        held = str(payload["conversation_id"])
        return str(payload.get("conversation_key_change_event") or self._changes.get(held, ""))

    def keep(self, conversation: str, change: str) -> None:
        if len(self._changes) >= KNOWN:
            self._changes.clear()
        self._changes[conversation] = change

    def ready(self, payload: Mapping[str, Any]) -> bool:
        """Whether it can be opened; if so it is kept open for the next who asks."""
        try:
            event = self.opened(payload)
        except (ValueError, KeyError):
            return False
        if len(self._read) >= KEPT:
            self._read.clear()
        self._read[str(payload["encoded_event"]), self.change(payload)] = event
        return True

    def opened(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The event that the payload of a webhook holds, signed by who is said to have sent it."""
        whole, held = str(payload["encoded_event"]), str(payload["conversation_id"])
        change = self.change(payload)
        if (whole, change) in self._read:
            return self._read.pop((whole, change))
        signing = [key for user in people(held) for key in self._signing.get(user, ((), 0))[0]]
        read = self._chat.decrypt_events([change, whole] if change else [whole], signing)
        if read["errors"]:
            raise ValueError("a message of X Chat cannot be opened")
        event = dict(read["messages"][-1]["event"])
        if event["type"] == "Message" and not event.get("verified"):
            raise ValueError("a message of X Chat is not signed")
        if change:
            self.keep(held, change)
        return event

    def sealed(
        self, conversation: str, change: str, text: str, choices: Sequence[Button] = ()
    ) -> dict[str, str]:
        """The body of the request that sends a text with quick replies, once however often."""
        keys = self._chat.extract_conversation_keys([change])
        version = keys["latest_version"]
        if version is None:
            raise ValueError("no key for this conversation")
        options = [{"id": c.payload, "label": c.title, "metadata": c.payload} for c in choices]
        asked = {"id": options[0]["id"], "options": options} if options else None
        made = self._chat.encrypt_message(
            conversation,
            text,
            conversation_key=keys["keys"][version],
            conversation_key_version=version,
            quick_reply={"request": {"options": asked}} if asked else None,
        )
        return {
            "message_id": made.message_id,
            "encoded_message_create_event": made.encrypted_content,
            "encoded_message_event_signature": made.encoded_event_signature,
        }

    def failure(self, encoded: str) -> str:
        """Why X did not take a message, as its answer to a request says; "" if it took it."""
        try:
            event = self._chat.decrypt_event(encoded, {}, [])
        except ValueError:  # what we sent, which is not for us to open here
            return ""
        return str(event.get("failure") or "failure") if event["type"] == "Failure" else ""


def people(conversation: str) -> list[str]:
    """The two participants of a conversation `A:B` or `A-B`; none of a group."""
    parts = conversation.replace("-", ":").split(":")
    return parts if len(parts) == 2 and all(part.isdigit() for part in parts) else []
