"""What a person did on X, out of its events. Pure functions."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.base import Event, each, part
from channels.x_chat import people

MEDIA = {"photo": "picture", "image": "picture", "video": "video", "animated_gif": "video"}
MEDIA |= {"gif": "video", "audio": "voice", "location": "place"}


def direct(message: Mapping[str, Any], account: str) -> Event | None:
    """An unencrypted message, in the shape of the first API (message_create) or the second."""
    made = part(message, "message_create")
    if not made:
        return _flat(message, account)
    sender, data = _id(made["sender_id"]), part(made, "message_data")
    if message["type"] != "message_create" or sender == account:
        return None
    if str(part(made, "target").get("recipient_id", account)) != account:
        return None
    known: dict[str, Any] = {"to": {"user": sender}, "about": _about(message)}
    known |= {"at": _milliseconds(message.get("created_timestamp"))}
    text, attached = _text(data), part(data, "attachment")
    if chosen := part(data, "quick_reply_response").get("metadata"):
        return Event("choice", str(message["id"]), sender, text=text, choice=str(chosen), **known)
    if text:
        return Event("text", str(message["id"]), sender, text=text, **known)
    if not attached:
        return None
    kind = part(attached, "media").get("type") or attached.get("type")
    return Event("media", str(message["id"]), sender, media=MEDIA.get(str(kind), ""), **known)


def encrypted(
    opened: Mapping[str, Any], payload: Mapping[str, Any], change: str, account: str
) -> Event | None:
    """An opened message of X Chat; None for reactions, edits, changes of keys and the like."""
    sender, held = _id(opened["sender_id"]), str(payload["conversation_id"])
    if opened["type"] != "Message" or sender == account or sender not in people(held):
        return None
    content = part(opened, "content")
    to = {"user": sender, "chat": held, "keys": change, "token": payload.get("conversation_token")}
    to |= {"seen": opened.get("sequence_id")}
    known: dict[str, Any] = {"at": _milliseconds(opened.get("created_at_msec"))}
    known |= {"to": {name: value for name, value in to.items() if value}}
    answer = part(part(part(content, "quick_reply"), "response"), "options")
    chosen = answer.get("selected_option_id") or answer.get("metadata")
    text, ident = str(content.get("text") or ""), str(opened["id"])
    if chosen:
        return Event("choice", ident, sender, text=text, choice=str(chosen), **known)
    if text.strip():
        return Event("text", ident, sender, text=text, **known)
    first = part((each(content, "attachments") or [{}])[0], "media")
    kind = str(first.get("type", "")).lower()
    return Event("media", ident, sender, media=MEDIA.get(kind, ""), **known)


def _flat(message: Mapping[str, Any], account: str) -> Event | None:
    sender, held = _id(message["sender_id"]), message.get("dm_conversation_id")
    if sender == account or message.get("event_type", "MessageCreate") != "MessageCreate":
        return None
    if held is not None and not people(str(held)):  # a group
        return None
    stamp = message.get("created_at")
    at = datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() if stamp else None
    known: dict[str, Any] = {"at": at, "to": {"user": sender}}
    text = html.unescape(str(message.get("text") or ""))
    if text.strip():
        return Event("text", str(message["id"]), sender, text=text, **known)
    return Event("media", str(message["id"]), sender, **known) if "attachments" in message else None


def _text(data: Mapping[str, Any]) -> str:
    """Links as they were written; without the one that X puts for what is attached."""
    text = html.unescape(str(data.get("text") or ""))
    media = part(part(data, "attachment"), "media")
    shown = {str(media[name]) for name in ("url", "expanded_url") if media.get(name)}
    for link in each(part(data, "entities"), "urls"):
        short, whole = link.get("url"), link.get("expanded_url")
        if short and whole:
            text = text.replace(short, "" if {short, whole} & shown else whole)
    for url in shown:
        text = text.replace(url, "")
    return text.strip()


def _about(message: Mapping[str, Any]) -> dict[str, Any]:
    """The post or the welcome message from which the person began."""
    begun = part(message, "initiated_via")
    ref = begun.get("tweet_id") or begun.get("welcome_message_id")
    return {"ref": str(ref)} if ref else {}


def _id(value: Any) -> str:
    if not str(value).isdigit():
        raise ValueError("not an account of X")
    return str(value)


def _milliseconds(value: Any) -> float | None:
    return int(value) / 1000 if value else None
