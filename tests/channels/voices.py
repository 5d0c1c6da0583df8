"""People on six platforms: how each says something, and what the platform then shows them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from channels.twilio import Twilio
from tests.channels.fake_platform import Heard

SECRET = "a-secret-of-ours"
META = {"token": "t", "app_secret": SECRET, "verify_token": "v"}
SMS = {"sid": "AC1", "token": SECRET, "number": "+48600", "url": "https://bot.shop.example"}
ANSWER = {"ok": True, "status": 0, "message_id": "m", "sid": "SM", "messages": [{"id": "m"}]}
"""What every platform is content with."""
Posted = tuple[dict[str, str], bytes]
Said = tuple[str, str]
"""Who was shown what."""


@dataclass(frozen=True)
class Voice:
    """One platform. `said` gives the texts of a request that shows something."""

    name: str
    stanza: str
    settings: dict[str, Any]
    say: Callable[[str, str, str], Posted]
    """Person, id of the message and text to headers and body."""
    said: Callable[[Heard], list[Said]]

    def person(self, number: int) -> str:
        return f"+4860{number:07}" if self.name == "sms" else f"p{number}"


def stanzas(voices: Sequence[Voice], api: str) -> dict[str, dict[str, Any]]:
    """For credentials.yml, with the platforms at `api`."""
    return {voice.stanza: {**voice.settings, "api": f"{api}/{voice.name}"} for voice in voices}


def shown(voices: Sequence[Voice], heard: Sequence[Heard]) -> dict[tuple[str, str], list[str]]:
    """The texts that each person sees, by platform and person, in order.

    A push of LINE's that comes again under its key is shown once.
    """
    found: dict[tuple[str, str], list[str]] = {}
    keys: set[str] = set()
    for one in heard:
        key = one.headers.get("x-line-retry-key")
        if key in keys:
            continue
        keys |= {key} if key else set()
        for voice in voices:
            if one.path.startswith(f"/{voice.name}/"):
                for person, text in voice.said(one):
                    found.setdefault((voice.name, person), []).append(text)
    return found


def _meta(body: Any) -> Posted:
    raw = json.dumps(body).encode()
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}, raw


def _telegram(person: str, ident: str, text: str) -> Posted:
    chat = int(person[1:])
    known = {"message_id": 1, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
    message = {**known, "from": {"id": chat, "is_bot": False, "first_name": "A"}, "text": text}
    update = {"update_id": int(ident), "message": message}
    return {"X-Telegram-Bot-Api-Secret-Token": SECRET}, json.dumps(update).encode()


def _messenger(person: str, ident: str, text: str) -> Posted:
    message = {"mid": ident, "text": text}
    people = {"sender": {"id": person}, "recipient": {"id": "7"}}
    item = {**people, "timestamp": int(time.time() * 1000), "message": message}
    return _meta({"object": "page", "entry": [{"id": "7", "time": 1, "messaging": [item]}]})


def _whatsapp(person: str, ident: str, text: str) -> Posted:
    known = {"from": person, "id": ident, "timestamp": str(int(time.time()))}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "1", "phone_number_id": "8"},
        "contacts": [{"profile": {"name": "A"}, "wa_id": person}],
        "messages": [{**known, "type": "text", "text": {"body": text}}],
    }
    entry = {"id": "b", "changes": [{"field": "messages", "value": value}]}
    return _meta({"object": "whatsapp_business_account", "entry": [entry]})


def _viber(person: str, ident: str, text: str) -> Posted:
    happened = {"event": "message", "timestamp": int(time.time() * 1000), "message_token": ident}
    message = {"type": "text", "text": text}
    raw = json.dumps({**happened, "sender": {"id": person, "name": "A"}, "message": message})
    digest = hmac.new(SECRET.encode(), raw.encode(), hashlib.sha256).hexdigest()
    return {"X-Viber-Content-Signature": digest}, raw.encode()


def _line(person: str, ident: str, text: str) -> Posted:
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": person},
        "webhookEventId": ident,
        "replyToken": f"{person} {ident}",
        "message": {"id": ident, "type": "text", "text": text},
    }
    raw = json.dumps({"destination": "U", "events": [event]}).encode()
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(digest).decode()}, raw


def _sms(person: str, ident: str, text: str) -> Posted:
    form = [("MessageSid", ident), ("From", person), ("To", "+48600"), ("Body", text)]
    twilio = Twilio(SMS)
    signature = twilio._signature(twilio._addresses()[0], form)
    kind = "application/x-www-form-urlencoded"
    return {"X-Twilio-Signature": signature, "Content-Type": kind}, urlencode(form).encode()


def _line_said(heard: Heard) -> list[Said]:
    if "/message/" not in heard.path:
        return []
    person = heard.body.get("to") or heard.body["replyToken"].partition(" ")[0]
    return [(person, message["text"]) for message in heard.body["messages"]]


def _telegram_said(heard: Heard) -> list[Said]:
    shows = heard.path.endswith("/sendMessage")
    return [(f"p{heard.body['chat_id']}", heard.body["text"])] if shows else []


def _meta_said(heard: Heard) -> list[Said]:
    body = heard.body
    if "recipient" in body:
        return [(body["recipient"]["id"], body["message"]["text"])] if "message" in body else []
    return [(body["to"], body["text"]["body"])] if body.get("type") == "text" else []


VOICES = (
    Voice(
        "telegram",
        "channels.telegram.Telegram",
        {"token": "12:abc", "secret": SECRET},
        _telegram,
        _telegram_said,
    ),
    Voice(
        "messenger", "channels.messenger.Messenger", {**META, "page": "7"}, _messenger, _meta_said
    ),
    Voice("whatsapp", "channels.whatsapp.WhatsApp", {**META, "number": "8"}, _whatsapp, _meta_said),
    Voice(
        "viber",
        "channels.viber.Viber",
        {"token": SECRET, "sender": "Halny"},
        _viber,
        lambda heard: [(heard.body["receiver"], heard.body["text"])],
    ),
    Voice("line", "channels.line.Line", {"token": "t", "secret": SECRET}, _line, _line_said),
    Voice(
        "sms",
        "channels.twilio.Twilio",
        SMS,
        _sms,
        lambda heard: [(dict(heard.body)["To"], dict(heard.body)["Body"])],
    ),
)
