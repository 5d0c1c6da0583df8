"""Chatwoot: a message becomes a conversation in an API inbox, answers come back.

helpdesk:
  type: shop.helpdesk.chatwoot.ChatwootHelpdesk
  account_id: "1"
  inbox_id: "4"
  access_token: ${CHATWOOT_ACCESS_TOKEN}
  webhook_secret: ${CHATWOOT_WEBHOOK_SECRET}
  api: https://app.chatwoot.com      # or where you host it

Any plan, or self-hosted (MIT). Settings, Inboxes: an inbox of the kind API, with "lock to single
conversation" off; its number is in the address. The token is an agent's who is a collaborator of
the inbox (profile settings, access token). https://developers.chatwoot.com/api-reference/
Settings, Integrations, Webhooks: one to PUBLIC_URL/webhooks/helpdesk for "message created" and
"conversation status changed"; its secret is webhook_secret. Versions of 2026 and later sign their
calls (https://github.com/chatwoot/chatwoot/pull/13573); those of older ones are refused, and we
look at the conversation from time to time.

An API inbox sends nothing by itself: answers reach the shopper in the chat, where it is still open.
A phone number in another form than +48600100200 is told in the note only.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from shop.helpdesk.kept import (
    KeptHelpdesk,
    News,
    decoded,
    header,
    require,
    require_fresh,
    standing,
)
from shop.helpdesk.summary import note, subject
from shop.http import BackEnd, Header
from shop.model import Ticket, Unavailable

OUTGOING = (1, "outgoing")
PAGE = 20  # messages of one answer: the last ones
ABOUT_MESSAGES, ABOUT_CONVERSATIONS = "message_created", "conversation_status_changed"
E164 = re.compile(r"\+[1-9]\d{1,14}")


class ChatwootHelpdesk(KeptHelpdesk):
    name = "chatwoot"

    def __init__(
        self,
        account_id: str,
        inbox_id: str,
        access_token: str,
        webhook_secret: str,
        api: str = "https://app.chatwoot.com",
        store: str | None = None,
    ) -> None:
        super().__init__(store)
        self._secret, self._inbox = webhook_secret, int(inbox_id)
        url = f"{api.rstrip('/')}/api/v1/accounts/{account_id}"
        self._api = BackEnd("chatwoot", url, Header("api_access_token", access_token))

    async def open(self, ticket: Ticket, reference: str) -> str:
        person = await self._person(ticket, reference)
        number = await self._find(person, reference) or await self._make(ticket, person, reference)
        with contextlib.suppress(Unavailable):  # the next look makes up for it
            await self._note(number, ticket, await self._messages(number))
        return str(number)

    async def _person(self, ticket: Ticket, reference: str) -> int:
        who = ticket.contact
        digest = hashlib.sha256((who or ticket.conversation or reference).encode()).hexdigest()
        kind, value = "identifier", f"shopkeeper-{digest[:32]}"
        if "@" in who:
            kind, value = "email", who
        elif E164.fullmatch(who):
            kind, value = "phone_number", who
        known = await self._get("/contacts/search", {"q": value})
        same = [one for one in known if str(one.get(kind) or "").lower() == value]
        if same:
            return int(same[0]["id"])
        name = who.partition("@")[0] or subject(ticket)
        made = {"inbox_id": self._inbox, "name": name, kind: value}
        answer = self.content(await self._api.call("POST", "/contacts", json=made))
        return int(answer["payload"]["contact"]["id"])

    async def _find(self, person: int, reference: str) -> int | None:
        conversations = await self._get(f"/contacts/{person}/conversations")
        mine = (c for c in conversations if c["custom_attributes"].get("reference") == reference)
        return next((int(one["id"]) for one in mine), None)

    async def _make(self, ticket: Ticket, person: int, reference: str) -> int:
        about = {"reference": reference, "language": ticket.language}
        more = {"channel": ticket.channel, "order_number": ticket.order_number}
        about |= {name: value for name, value in more.items() if value}
        made = {
            "inbox_id": self._inbox,
            "contact_id": person,
            "status": "open",
            "custom_attributes": about,
            "message": {"content": ticket.question, "message_type": "incoming"},
        }
        answer = await self._api.call("POST", "/conversations", json=made)
        return int(self.content(answer)["id"])

    async def _note(self, number: int, ticket: Ticket, there: list[Any]) -> None:
        """Once, though an earlier attempt may have broken off before or after it."""
        if len(there) < PAGE and not any(one["private"] for one in there):
            body = {"content": note(ticket), "message_type": "outgoing", "private": True}
            path = f"/conversations/{number}/messages"
            self.content(await self._api.call("POST", path, json=body))

    async def look(self, kept: Ticket) -> News:
        found = self.content(await self._api.call("GET", f"/conversations/{kept.number}"))
        said = await self._messages(int(kept.number))
        await self._note(int(kept.number), kept, said)
        theirs = [one for one in said if by_person(one)]
        words = str(theirs[-1]["content"]).strip() if theirs else ""
        return standing(found["status"] == "resolved", words)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        stamp = header(headers, "X-Chatwoot-Timestamp")
        require(header(headers, "X-Chatwoot-Signature"), sign(self._secret, stamp, body))
        require_fresh(int(stamp) if stamp.isascii() and stamp.isdigit() else 0)
        told = decoded(body)
        event, conversation = told.get("event"), told.get("conversation")
        if event == ABOUT_MESSAGES and isinstance(conversation, dict):
            return str(conversation["id"]) if conversation.get("id") else None
        return str(told["id"]) if event == ABOUT_CONVERSATIONS and told.get("id") else None

    async def _messages(self, number: int) -> list[Any]:
        """The last ones, oldest first."""
        return await self._get(f"/conversations/{number}/messages")

    async def _get(self, path: str, query: dict[str, str] | None = None) -> list[Any]:
        return list(self.content(await self._api.call("GET", path, query=query))["payload"])


def by_person(message: dict[str, Any]) -> bool:
    sender = message.get("sender") or {}
    to_shopper = message["message_type"] in OUTGOING and not message["private"]
    return to_shopper and sender.get("type") == "user" and bool(message.get("content"))


def sign(secret: str, stamp: str, body: bytes) -> str:
    if not secret:
        return ""
    signed = stamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
