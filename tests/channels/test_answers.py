"""What the platforms' answers to a message mean: one table for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from channels.base import Adapter
from channels.calls import Answer
from tests.channels.doors import DOORS
from tests.channels.fake_discord import TOKEN

SLOW = {"message": "You are being rate limited.", "retry_after": 0.3, "global": False}
DONE = {"request_id": "r", "request_status": "SUCCESS"}
HALF = {**DONE, "group_conversation_messages": [{"sub_request_status": "ERROR"}]}
NAMED = {"code": 0, "message": "OK", "data": {"message": {"message_id": "m"}}}
LISTENING: dict[str, tuple[str, dict[str, Any]]] = {
    "discord": ("channels.discord.Discord", {"token": TOKEN}),
    "snapchat": (
        "channels.snapchat.Snapchat",
        {"client": "c", "secret": "s", "refresh": "r", "profile": "p", "creators": ["u"]},
    ),
}
Row = tuple[int, Any, str, float | None]
"""HTTP status, JSON, state, seconds to wait."""
TABLE: dict[str, list[Row]] = {
    "telegram": [
        (200, {"ok": True}, "sent", None),
        (429, {"ok": False, "parameters": {"retry_after": 7}}, "later", 7.0),
        (403, {"ok": False, "description": "Forbidden: bot was blocked by the user"}, "left", None),
        (400, {"ok": False, "description": "Bad Request: chat not found"}, "refused", None),
        (401, {"ok": False}, "later", 60.0), (502, None, "later", None),
    ],
    "messenger": [
        (200, {"message_id": "m"}, "sent", None), (400, {"error": {"code": 613}}, "later", 30.0),
        (400, {"error": {"code": 131056}}, "later", 6.0),
        (401, {"error": {"code": 190, "error_subcode": 463}}, "later", 60.0),
        (400, {"error": {"code": 10, "error_subcode": 2018278}}, "closed", None),
        (400, {"error": {"code": 131047}}, "closed", None),
        (400, {"error": {"code": 551, "error_subcode": 1545041}}, "left", None),
        (500, {"error": {"code": 2}}, "later", None),
        (400, {"error": {"code": 100, "message": "no"}}, "refused", None),
        (400, {"error": {"code": 10}}, "refused", None), (503, {"message_id": "m"}, "later", None),
    ],
    "line": [
        (200, {"message": ""}, "sent", None), (409, {"message": ""}, "sent", None),
        (429, {"message": "slow down"}, "later", 5.0), (401, {"message": ""}, "later", 60.0),
        (429, {"message": "You have reached your monthly limit."}, "refused", None),
        (400, {"message": "The request body has 1 error(s)"}, "refused", None),
        (500, {"message": ""}, "later", None),
    ],
    "viber": [
        (200, {"status": 0}, "sent", None), (200, {"status": 12}, "later", 30.0),
        (200, {"status": 2}, "later", 60.0), (200, {"status": 6}, "left", None),
        (200, {"status": 3, "status_message": "badData"}, "refused", None),
        (200, {"status": 24}, "refused", None), (200, None, "later", None),
        (500, None, "later", None), (429, None, "later", 5.0),
    ],
    "sms": [
        (201, {"sid": "SM2"}, "sent", None), (400, {"code": 21610}, "left", None),
        (400, {"code": 21211, "message": "Invalid To"}, "refused", None),
        (429, {"code": 20429}, "later", 5.0), (401, {"code": 20003}, "later", 60.0),
        (503, None, "later", None),
    ],
    "wechat": [
        (200, {"errcode": 0, "errmsg": "ok"}, "sent", None), (200, {}, "sent", None),
        (200, {"errcode": -1}, "later", 5.0), (200, {"errcode": 45015}, "closed", None),
        (200, {"errcode": 45047, "errmsg": "out of response count limit"}, "closed", None),
        (200, {"errcode": 45009}, "later", 3600.0), (200, {"errcode": 48001}, "refused", None),
        (200, {"errcode": 40003}, "left", None), (200, {"errcode": 45002}, "refused", None),
        (200, {"errcode": 40164, "errmsg": "invalid ip"}, "later", 60.0),
        (200, {"errcode": "?"}, "refused", None), (200, [], "later", None),
        (200, None, "later", None), (502, None, "later", None), (429, None, "later", 5.0),
    ],
    "tiktok": [
        (200, NAMED, "sent", None), (200, {"code": 40100}, "later", 2.0),
        (200, {"code": 40105}, "later", None), (200, {"code": 40064}, "closed", None),
        (200, {"code": 40002, "message": "bad"}, "refused", None),
        (200, {"code": 40001}, "refused", None), (200, {"code": 51000}, "later", None),
        (200, None, "unknown", None), (200, {"code": "0"}, "unknown", None),
        (500, None, "later", None), (429, None, "later", 5.0),
    ],
    "relay": [
        (202, None, "sent", None), (410, None, "left", None), (400, None, "refused", None),
        (429, None, "later", 5.0), (503, None, "later", None),
    ],
    "snapchat": [
        (200, DONE, "sent", None), (200, HALF, "refused", None),
        (200, {"request_status": "ERROR", "error_code": "E1"}, "refused", None),
        (200, None, "unknown", None), (401, None, "later", None), (403, None, "refused", None),
        (500, None, "later", None),
    ],
    "discord": [
        (200, {"id": "1"}, "sent", None), (429, SLOW, "later", 0.3),
        (429, {**SLOW, "global": True}, "later", 0.3), (429, None, "later", 5.0),
        (401, {"message": "401: Unauthorized", "code": 0}, "later", 60.0),
        (403, {"message": "Cannot send messages to this user", "code": 50007}, "left", None),
        (403, {"message": "Missing Access", "code": 50001}, "refused", None),
        (400, {"message": "Invalid Form Body", "code": 50035}, "refused", None),
        (404, {"message": "Unknown Channel", "code": 10003}, "refused", None),
        (502, None, "later", None),
    ],
}  # fmt: skip
EVERYONE = [(SLOW, 429, False), ({**SLOW, "global": True}, 429, True), (None, 429, False)]
EVERYONE += [({"message": "401: Unauthorized", "code": 0}, 401, True)]
"""Discord's answers after which the whole account waits."""


def adapter(name: str) -> Adapter:
    stanza, settings = LISTENING.get(name) or (DOORS[name].stanza, DOORS[name].settings)
    module, _, made = stanza.rpartition(".")
    return getattr(import_module(module), made)(settings)


def rows() -> Iterator[tuple[str, Row]]:
    return ((name, row) for name, known in TABLE.items() for row in known)


@pytest.mark.parametrize(("name", "row"), rows())
def test_answers_are_understood(name: str, row: Row) -> None:
    status, body, state, wait = row
    judged = adapter(name).judge(Answer(status, {}, body))
    assert (judged.state, judged.wait) == (state, wait)


@pytest.mark.parametrize(("body", "status", "everyone"), EVERYONE)
def test_who_has_to_wait_on_discord(body: Any, status: int, everyone: bool) -> None:
    assert adapter("discord").judge(Answer(status, {}, body)).everyone == everyone
