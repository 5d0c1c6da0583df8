"""Freshdesk: a message becomes a ticket with a private note, its answers come back.

helpdesk:
  type: shop.helpdesk.freshdesk.FreshdeskHelpdesk
  domain: halny.freshdesk.com
  api_key: ${FRESHDESK_API_KEY}
  webhook_secret: ${FRESHDESK_WEBHOOK_SECRET}   # any random words of yours

Growth plan or higher for the automations; the key is an agent's (profile settings), who may write
tickets and contacts. https://developers.freshdesk.com/api/
In Admin, Workflows, Automations, "Ticket updates" a rule for "reply is sent" and "status is changed
to resolved or closed" with the action "trigger webhook": POST to PUBLIC_URL/webhooks/helpdesk in
JSON, advanced content {"ticket_id": "{{ticket.id}}"}, custom header "X-Shopkeeper-Secret:" with the
webhook_secret. Freshdesk does not sign its calls, so this header proves them; a call only makes us
look at the ticket, and without one we look from time to time.

The description is what the shopper wrote; summary and transcript are a private note. Freshdesk has
no idempotency keys: a tag says which message a ticket is of, and the shopper's tickets of the last
30 days are searched for it before one is made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from html import escape
from typing import Any

from shop.helpdesk.kept import KeptHelpdesk, News, decoded, header, require, standing
from shop.helpdesk.summary import note, subject
from shop.http import BackEnd, basic
from shop.model import Ticket, Unavailable

OPEN, LOW, CHAT = 2, 1, 7
SOLVED = (4, 5)  # resolved, closed
PAGE = 100


class FreshdeskHelpdesk(KeptHelpdesk):
    name = "freshdesk"

    def __init__(
        self,
        domain: str,
        api_key: str,
        webhook_secret: str,
        api: str | None = None,
        store: str | None = None,
    ) -> None:
        super().__init__(store)
        self._secret = webhook_secret
        api = (api or f"https://{domain}").rstrip("/")
        self._api = BackEnd("freshdesk", f"{api}/api/v2", basic(api_key, "X"))

    async def open(self, ticket: Ticket, reference: str) -> str:
        person = await self._person(ticket, reference)
        number = await self._find(person, reference) or await self._make(ticket, person, reference)
        with contextlib.suppress(Unavailable):  # the next look makes up for it
            await self._note(number, ticket, await self._all(f"/tickets/{number}/conversations"))
        return str(number)

    async def _person(self, ticket: Ticket, reference: str) -> int:
        """The contact's id; made if there is none."""
        who = ticket.contact
        kind = "email" if "@" in who else "phone" if who else "unique_external_id"
        value = who or f"shopkeeper-{reference}"
        known = await self._get("/contacts", {kind: value})
        if known:
            return int(known[0]["id"])
        made = {"name": who.partition("@")[0] or subject(ticket), kind: value}
        answer = await self._api.call("POST", "/contacts", json=made)
        if answer.status == 409:  # somebody else made it just now
            return int((await self._get("/contacts", {kind: value}))[0]["id"])
        return int(self.content(answer)["id"])

    async def _find(self, person: int, reference: str) -> int | None:
        query = {"requester_id": str(person), "per_page": str(PAGE)}
        tickets = await self._get("/tickets", query)
        return next((int(t["id"]) for t in tickets if reference in t["tags"]), None)

    async def _make(self, ticket: Ticket, person: int, reference: str) -> int:
        made = {
            "requester_id": person,
            "subject": subject(ticket),
            "description": html(ticket.question),
            "status": OPEN,
            "priority": LOW,
            "source": CHAT,
            "tags": ["shopkeeper", reference],
        }
        return int(self.content(await self._api.call("POST", "/tickets", json=made))["id"])

    async def _note(self, number: int, ticket: Ticket, there: list[Any]) -> None:
        """Once, though an earlier attempt may have broken off before or after it."""
        if not any(one["private"] for one in there):
            body = {"body": html(note(ticket)), "private": True}
            self.content(await self._api.call("POST", f"/tickets/{number}/notes", json=body))

    async def look(self, kept: Ticket) -> News:
        path = f"/tickets/{kept.number}"
        found = self.content(await self._api.call("GET", path))
        said = await self._all(f"{path}/conversations")
        await self._note(int(kept.number), kept, said)
        theirs = [one for one in said if not one["private"] and not one["incoming"]]
        words = str(theirs[-1]["body_text"]).strip() if theirs else ""
        return standing(found["status"] in SOLVED, words)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        require(header(headers, "X-Shopkeeper-Secret"), self._secret)
        number = decoded(body).get("ticket_id")
        return str(number) if number else None

    async def _all(self, path: str) -> list[Any]:
        """Every page, oldest first."""
        found: list[Any] = []
        for page in range(1, 11):
            part = await self._get(path, {"per_page": str(PAGE), "page": str(page)})
            found += part
            if len(part) < PAGE:
                break
        return found

    async def _get(self, path: str, query: dict[str, str]) -> list[Any]:
        return list(self.content(await self._api.call("GET", path, query=query)))


def html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
