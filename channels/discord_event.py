"""What a Discord message or interaction says (docs: resources/message, interactions)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.base import Event, each, part

TAP = 3
"""The type of an interaction with a button or a select."""
WRITTEN = (0, 19)
"""Types of messages that persons write: a message and a reply."""
EPOCH = 1_420_070_400.0
"""Discord's ids begin with the milliseconds since then (2015)."""


def written(item: Mapping[str, Any]) -> Event | None:
    author = item["author"]
    ours = author.get("bot") or author.get("system") or item.get("webhook_id")
    if ours or item.get("type", 0) not in WRITTEN:
        return None
    text = item.get("content") or _passed_on(item)
    files = each(item, "attachments")
    names = [str(file.get("filename") or "") for file in files]
    kind: Any = "text" if text else "media"
    return Event(
        kind,
        str(item["id"]),
        str(author["id"]),
        text=text,
        media="" if text else _media(item, files),
        at=_time(item["id"]),
        to={"channel": str(item["channel_id"])},
        about={"attachments": names} if names else {},
    )


def tapped(item: Mapping[str, Any]) -> Event | None:
    if item["type"] != TAP:
        return None
    person, data = item.get("user") or part(item, "member")["user"], item["data"]
    chosen = (data.get("values") or [data["custom_id"]])[0]
    return Event(
        "choice",
        str(item["id"]),
        str(person["id"]),
        choice=str(chosen),
        at=_time(item["id"]),
        locale=str(item.get("locale") or "").partition("-")[0] or None,
        to={"channel": str(item.get("channel_id") or part(item, "channel")["id"])},
    )


def _passed_on(item: Mapping[str, Any]) -> str:
    """The words of a message that was forwarded."""
    inner = (part(one, "message") for one in each(item, "message_snapshots"))
    return "\n".join(str(one["content"]) for one in inner if one.get("content"))


def _media(item: Mapping[str, Any], files: list[dict[str, Any]]) -> str:
    if each(item, "sticker_items"):
        return "sticker"
    return str(files[0].get("content_type") or "").partition("/")[0] if files else ""


def _time(snowflake: Any) -> float:
    return (int(snowflake) >> 22) / 1000 + EPOCH
