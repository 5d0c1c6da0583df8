"""Notices of our own processes (paid, shipped ...).

`channels.notice.NoticeInput: {secret, notices, database}` in credentials.yml;
`POST /webhooks/notice/webhook`, signed as Standard Webhooks 1.0 says (id, timestamp, body;
five minutes of tolerance), body `{"conversation", "notice", "data": {JSON scalars}}`. A notice
waits behind the shopper's own messages and runs as the intent of its name, which no shopper
can send. The same `webhook-id` again is accepted and does nothing.
"""

from __future__ import annotations

import json as jsonlib
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json
from standardwebhooks import Webhook, WebhookVerificationError

from channels import http
from channels.clean import clean_data
from channels.desk import DEFAULT_DATABASE, attach, desk_of
from channels.guard import Refused, json_body
from channels.inbox.model import Erased, Inbound

MAX_BODY = 16_384
MIN_SECRET_BYTES = 16
_CONVERSATION = re.compile(r"[a-z]+:[\w:.@+=/-]{1,200}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_ID = re.compile(r"[\x21-\x7e]{1,200}")


class NoticeInput(InputChannel):
    """Takes notices from whoever knows the secret, for any conversation."""

    @classmethod
    def name(cls) -> str:
        return "notice"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> NoticeInput:
        """`notices` lists the intents that may be sent. Raises without a proper secret."""
        given = credentials or {}
        secret = str(given.get("secret") or "")
        try:
            key = b64decode(secret.removeprefix("whsec_") + "==")
        except ValueError:
            key = b""
        if not secret.startswith("whsec_") or len(key) < MIN_SECRET_BYTES:
            raise RasaException(
                "credentials: channels.notice.NoticeInput: secret: whsec_ and 16 bytes in base64"
            )
        notices = frozenset(given.get("notices") or [])
        return cls(Webhook(key), notices, given.get("database") or DEFAULT_DATABASE)

    def __init__(self, webhook: Webhook, notices: frozenset[str], database: str) -> None:
        self._webhook = webhook
        self._notices = notices
        self._database = database

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`on_new_message` is not used: notices go through the inbox."""
        blueprint = Blueprint("notice_channel")
        attach(blueprint, self._database)
        answer = http.guarded(self._receive, frozenset())
        blueprint.add_route(answer, "/webhook", methods=["POST"], name="webhook")
        return blueprint

    async def _receive(self, request: Request) -> HTTPResponse:
        self._verify(request)
        body = json_body(request.body, MAX_BODY)
        message = self._inbound(request.headers["webhook-id"], body)
        try:
            await desk_of(request.app).accept(message)
        except Erased:  # nobody is there to be told, and sending it again would not help
            return json({"accepted": False}, status=202)
        return json({"accepted": True}, status=202)

    def _verify(self, request: Request) -> None:
        """Raises `Refused` (401) unless the very bytes of the body were signed just now."""
        if len(request.body) > MAX_BODY:
            raise Refused(413, "size")
        try:
            self._webhook.verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError) as error:
            raise Refused(401, "signature") from error

    def _inbound(self, webhook_id: str, body: Mapping[str, Any]) -> Inbound:
        conversation, notice = body.get("conversation"), body.get("notice")
        data = body.get("data") or {}
        if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
            raise Refused(400, "conversation")
        if not isinstance(notice, str) or notice not in self._notices:
            raise Refused(400, "notice")
        if not _ID.fullmatch(webhook_id) or not _is_flat(data):
            raise Refused(400, "data")
        return Inbound(
            channel=self.name(),
            message_id=webhook_id,
            conversation=conversation,
            text=f"/{notice}{jsonlib.dumps(clean_data(data)) if data else ''}",
            metadata={"notice": notice},
        )


def _is_flat(data: Any) -> bool:
    return isinstance(data, dict) and all(
        _NAME.fullmatch(name) and (value is None or isinstance(value, (str, int, float)))
        for name, value in data.items()
    )
