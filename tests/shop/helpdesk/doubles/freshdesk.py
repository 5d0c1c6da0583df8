"""Freshdesk's API v2. https://developers.freshdesk.com/api/"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

from shop.helpdesk.freshdesk import FreshdeskHelpdesk
from tests.shop.helpdesk.doubles.base import SECRET, Call, DeskDouble, Filed
from tests.shop.vendor import Asked, Said

BASIC = f"Basic {base64.b64encode(b'fresh-key:X').decode()}"
KINDS = ("email", "phone", "unique_external_id")
CONTACT = {"name": str, "email?": str, "phone?": str, "unique_external_id?": str}
TICKET = {
    "requester_id": int,
    "subject": str,
    "description": str,
    "status": {2, 3, 4, 5},
    "priority": {1, 2, 3, 4},
    "source": {1, 2, 3, 5, 6, 7, 9, 10},
    "tags": [str],
}
NOTE = {"body": str, "private": bool}


class FreshdeskDouble(DeskDouble):
    def adapter(self, api: str, store: str) -> FreshdeskHelpdesk:
        return FreshdeskHelpdesk("halny.freshdesk.com", "fresh-key", SECRET, api, store)

    def serve(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != BASIC:
            return Said(401, {"code": "invalid_credentials"})
        path = asked.path.removeprefix("/api/v2")
        if path == "/contacts":
            return self._contact(asked) if asked.method == "POST" else self._contacts(asked)
        if path == "/tickets":
            return self._ticket(asked) if asked.method == "POST" else self._tickets(asked)
        found = re.fullmatch(r"/tickets/(\d+)(/conversations|/notes)?", path)
        if found is None:
            return self.lost(asked)
        filed = self.tickets.get(int(found[1]))
        if filed is None:
            return Said(404, b"")
        if found[2] == "/notes":
            return self._note(asked, filed)
        return self._page(asked, said(filed)) if found[2] else Said(200, shown(filed))

    def _contacts(self, asked: Asked) -> Said:
        ((kind, value),) = asked.query.items()
        mine = [
            p for p in self.people.values() if (p.kind, p.contact.lower()) == (kind, value.lower())
        ]
        return Said(200, [{"id": p.id, "name": p.name} for p in mine])

    def _contact(self, asked: Asked) -> Said:
        if refused := self.check(asked, CONTACT):
            return refused
        told = asked.json
        kind = next(kind for kind in KINDS if kind in told)
        if any(p.contact == told[kind] for p in self.people.values()):
            return Said(409, {"errors": [{"field": kind, "code": "duplicate_value"}]})
        return Said(201, {"id": self.person(kind, told[kind], told["name"]).id})

    def _tickets(self, asked: Asked) -> Said:
        mine = [
            shown(t) for t in self.tickets.values() if str(t.person) == asked.query["requester_id"]
        ]
        return self._page(asked, mine)

    def _ticket(self, asked: Asked) -> Said:
        if refused := self.check(asked, TICKET):
            return refused
        told = asked.json
        filed = self.file(told["tags"][1], told["requester_id"], told["description"], told)
        return Said(201, shown(filed))

    def _note(self, asked: Asked, filed: Filed) -> Said:
        if refused := self.check(asked, NOTE):
            return refused
        filed.private.append(html.unescape(asked.json["body"].replace("<br>", "\n")))
        return Said(201, {"id": 1, **asked.json})

    def _page(self, asked: Asked, rows: list[Any]) -> Said:
        """At most 100 at a time, and 30 where nothing else is asked for."""
        size, page = int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
        if size > 100:
            self.problems.append(f"{asked.path}: per_page {size}")
        return Said(200, rows[(page - 1) * size : page * size])

    def call(self, number: str, event: str = "answered") -> Call:
        told = {} if event == "other" else {"ticket_id": number}
        return {"X-Shopkeeper-Secret": SECRET}, json.dumps(told).encode()


def shown(filed: Filed) -> dict[str, Any]:
    known = {"id": filed.number, "status": 4 if filed.solved else 2, "tags": filed.made["tags"]}
    return {**known, "requester_id": filed.person}


def said(filed: Filed) -> list[dict[str, Any]]:
    """Oldest first: private notes, the shopper's own mails, and what an agent wrote."""
    notes = [{"private": True, "incoming": False, "body_text": text} for text in filed.private]
    mail = {"private": False, "incoming": True, "body_text": "dziękuję"}
    answers = [{"private": False, "incoming": False, "body_text": f"{w} "} for w in filed.said]
    return [*notes, *([mail] * 120 if answers else []), *answers, mail]
