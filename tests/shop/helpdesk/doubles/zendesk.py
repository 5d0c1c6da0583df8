"""Zendesk's Ticketing API and its webhooks.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
https://developer.zendesk.com/api-reference/ticketing/users/users/
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timezone
from typing import Any

from shop.helpdesk.zendesk import ZendeskHelpdesk
from tests.shop.helpdesk.doubles.base import SECRET, Call, DeskDouble, Filed
from tests.shop.vendor import Asked, Said

AGENT = 7
TOKEN = {
    "grant_type": {"client_credentials"},
    "client_id": {"shopkeeper"},
    "client_secret": {"client-secret"},
    "scope": str,
}
TICKET = {
    "ticket": {
        "subject": str,
        "comment": {"body": str, "public": bool},
        "external_id": str,
        "tags": [str],
        "custom_fields?": [{"id": int, "value": str}],
        "requester?": {"name": str, "email": str},
        "requester_id?": int,
    }
}
USER = {"user": {"name": str, "external_id": str, "phone?": str}}


class ZendeskDouble(DeskDouble):
    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, tuple[bytes, Said]] = {}

    def adapter(self, api: str, store: str) -> ZendeskHelpdesk:
        given = ("halny", "shopkeeper", "client-secret", SECRET, "360012345678")
        return ZendeskHelpdesk(*given, api=api, store=store)

    def serve(self, asked: Asked) -> Said:
        if asked.path == "/oauth/tokens":
            token = {"access_token": "t1", "token_type": "bearer", "expires_in": 7200}
            return self.check(asked, TOKEN) or Said(200, {**token, "scope": asked.json["scope"]})
        if asked.headers.get("authorization") != "Bearer t1":
            return Said(401, {"error": "invalid_token"})
        path = asked.path.removeprefix("/api/v2")
        if asked.method == "POST":
            return self._once(asked, path)
        if path == "/tickets":
            mine = [t for t in self.tickets.values() if t.reference == asked.query["external_id"]]
            return Said(200, {"tickets": [shown(t) for t in mine], "count": len(mine)})
        found = re.fullmatch(r"/tickets/(\d+)(/comments)?", path)
        if found is None:
            return self.lost(asked)
        filed = self.tickets.get(int(found[1]))
        if filed is None:
            return Said(404, {"error": "RecordNotFound"})
        return self._comments(asked, filed) if found[2] else Said(200, {"ticket": shown(filed)})

    def _once(self, asked: Asked, path: str) -> Said:
        """The same key and body are answered alike; with another body the key is refused."""
        key = asked.headers.get("idempotency-key", "")
        if not key:
            self.problems.append(f"{path}: no Idempotency-Key")
        if key in self.keys:
            body, said = self.keys[key]
            same = body == asked.body
            return said if same else Said(400, {"error": "IdempotentRequestError"})
        said = self._make(asked) if path == "/tickets" else self._user(asked, path)
        if said.status < 400:
            self.keys[key] = asked.body, said
        return said

    def _user(self, asked: Asked, path: str) -> Said:
        if path != "/users/create_or_update":
            return self.lost(asked)
        if refused := self.check(asked, USER):
            return refused
        told = asked.json["user"]
        person = self.person("phone" if "phone" in told else "", told["external_id"], told["name"])
        return Said(201, {"user": {"id": person.id}})

    def _make(self, asked: Asked) -> Said:
        if refused := self.check(asked, TICKET):
            return refused
        told: dict[str, Any] = asked.json["ticket"]
        who = told.get("requester")
        person = self.person("email", who["email"], who["name"]).id if who else told["requester_id"]
        filed = self.file(told["external_id"], person, told["subject"], told)
        if told["comment"]["public"]:
            self.problems.append("Zendesk would write to the shopper")
        filed.private.append(told["comment"]["body"])
        return Said(201, {"ticket": shown(filed)})

    def _comments(self, asked: Asked, filed: Filed) -> Said:
        """The newest first, as asked; the shopper's own and private ones in between."""
        if asked.query != {"sort": "-created_at", "page[size]": "100"}:
            self.problems.append(f"comments: {asked.query}")
        told = [comment(AGENT, words) for words in reversed(filed.said)]
        told.insert(0, comment(filed.person, "dziękuję"))
        told.insert(0, {**comment(AGENT, "Sprawdzę w magazynie."), "public": False})
        return Said(200, {"comments": told, "meta": {"has_more": False}})

    def call(self, number: str, event: str = "answered") -> Call:
        kind = "ticket.status_changed" if event == "solved" else "ticket.comment_added"
        told: dict[str, Any] = {"type": f"zen:event-type:{kind}", "detail": {"id": number}}
        if event == "other":
            told = {"type": "zen:event-type:user.created", "detail": {}}
        return signed(json.dumps({"account_id": 1, "id": "e-1", **told}).encode())


def shown(filed: Filed) -> dict[str, Any]:
    status = "solved" if filed.solved else "open"
    known = {"id": filed.number, "external_id": filed.reference, "status": status}
    return {**known, "requester_id": filed.person}


def comment(author: int, words: str) -> dict[str, Any]:
    known = {"author_id": author, "public": True, "type": "Comment"}
    return {**known, "body": f"{words} ", "plain_body": f"{words} "}


def signed(body: bytes, at: datetime | None = None, secret: str = SECRET) -> Call:
    stamp = (at or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }, body
