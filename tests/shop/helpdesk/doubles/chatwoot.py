"""Chatwoot's application API and its webhooks. https://developers.chatwoot.com/api-reference/"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import Any

from shop.helpdesk.chatwoot import ChatwootHelpdesk
from tests.shop.helpdesk.doubles.base import SECRET, Call, DeskDouble, Filed, Person
from tests.shop.vendor import Asked, Said

INBOX = 4
ACCOUNT = "/api/v1/accounts/1"
CONTACT = {
    "inbox_id": {INBOX},
    "name": str,
    "email?": str,
    "phone_number?": str,
    "identifier?": str,
}
CONVERSATION = {
    "inbox_id": {INBOX},
    "contact_id": int,
    "status": {"open", "resolved", "pending", "snoozed"},
    "custom_attributes": {"reference": str, "language": str, "channel?": str, "order_number?": str},
    "message": {"content": str, "message_type": {"incoming", "outgoing"}},
}
MESSAGE = {"content": str, "message_type": {"incoming", "outgoing"}, "private": bool}


class ChatwootDouble(DeskDouble):
    def adapter(self, api: str, store: str) -> ChatwootHelpdesk:
        return ChatwootHelpdesk("1", "4", "woot-token", SECRET, api, store)

    def serve(self, asked: Asked) -> Said:
        if asked.headers.get("api_access_token") != "woot-token":
            return Said(401, {"error": "Invalid Access Token"})
        path = asked.path.removeprefix(ACCOUNT)
        if path == "/contacts/search":
            fits = [p for p in self.people.values() if asked.query["q"] in p.contact]
            return Said(200, {"meta": {"count": len(fits)}, "payload": [contact(p) for p in fits]})
        if (asked.method, path) == ("POST", "/contacts"):
            return self._contact(asked)
        if (asked.method, path) == ("POST", "/conversations"):
            return self._conversation(asked)
        if found := re.fullmatch(r"/contacts/(\d+)/conversations", path):
            mine = [shown(t) for t in self.tickets.values() if t.person == int(found[1])]
            return Said(200, {"payload": mine})
        found = re.fullmatch(r"/conversations/(\d+)(/messages)?", path)
        if found is None:
            return self.lost(asked)
        filed = self.tickets.get(int(found[1]))
        if filed is None:
            return Said(404, {"error": "Resource could not be found"})
        if asked.method == "POST":
            return self._message(asked, filed)
        return Said(200, {"meta": {}, "payload": said(filed)} if found[2] else shown(filed))

    def _contact(self, asked: Asked) -> Said:
        if refused := self.check(asked, CONTACT):
            return refused
        told = asked.json
        kind = next(kind for kind in ("email", "phone_number", "identifier") if kind in told)
        if kind == "phone_number" and not re.fullmatch(r"\+[1-9]\d{1,14}", told[kind]):
            return Said(422, {"message": "Phone number should be in e164 format"})
        if any(p.contact == told[kind] for p in self.people.values()):
            return Said(422, {"message": f"{kind} has already been taken"})
        made = self.person(kind, told[kind], told["name"])
        return Said(200, {"payload": {"contact": contact(made), "contact_inbox": {}}})

    def _conversation(self, asked: Asked) -> Said:
        if refused := self.check(asked, CONVERSATION):
            return refused
        told = asked.json
        reference = told["custom_attributes"]["reference"]
        filed = self.file(reference, told["contact_id"], told["message"]["content"], told)
        return Said(200, shown(filed))

    def _message(self, asked: Asked, filed: Filed) -> Said:
        if refused := self.check(asked, MESSAGE):
            return refused
        if not asked.json["private"]:
            self.problems.append("the note would be shown to the shopper")
        filed.private.append(asked.json["content"])
        return Said(200, {"id": 1})

    def call(self, number: str, event: str = "answered") -> Call:
        message = {"event": "message_created", "message_type": "outgoing", "private": False}
        told: dict[str, Any] = {**message, "id": 1, "conversation": {"id": int(number or 0)}}
        if event == "solved":
            told = {"event": "conversation_status_changed", "id": int(number), "status": "resolved"}
        if event == "other":
            told = {"event": "contact_created", "id": 5}
        return signed(json.dumps({"account": {"id": 1}, **told}).encode())


def contact(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, person.kind: person.contact}


def shown(filed: Filed) -> dict[str, Any]:
    status = "resolved" if filed.solved else "open"
    about = filed.made["custom_attributes"]
    return {"id": filed.number, "status": status, "custom_attributes": about}


def said(filed: Filed) -> list[dict[str, Any]]:
    """Oldest first; with what the shopper wrote, private notes, activities and a bot's words."""
    shopper = {"type": "contact", "name": "Jan"}
    agent = {"type": "user", "name": "Ola"}
    known = {"message_type": 1, "private": False, "sender": agent}
    rows = [{**known, "content": filed.question, "message_type": 0, "sender": shopper}]
    rows += [{**known, "content": text, "private": True} for text in filed.private]
    rows += [{**known, "content": f"{words} "} for words in filed.said]
    rows.append({**known, "content": "Przydzielono", "message_type": 2, "sender": None})
    rows.append({**known, "content": "Dziękujemy!", "sender": {"type": "agent_bot"}})
    return rows


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> Call:
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    proof = {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": stamp}
    return {**proof, "X-Chatwoot-Delivery": "6f1c"}, body
