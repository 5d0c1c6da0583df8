"""Zendesk Support: a message becomes a ticket, its answers come back.

helpdesk:
  type: shop.helpdesk.zendesk.ZendeskHelpdesk
  subdomain: halny
  client_id: shopkeeper
  client_secret: ${ZENDESK_CLIENT_SECRET}
  webhook_secret: ${ZENDESK_WEBHOOK_SECRET}
  order_field: "360012345678"     # a ticket field for the order's number; may be left out

Any plan with the Ticketing API. In Admin Center, Apps and integrations, APIs, OAuth clients: a
confidential client of an admin's, whose scopes allow tickets:read, tickets:write and users:write
(client credentials grant; API tokens, which end on 30 April 2027, are not used).
https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
Then Webhooks: one to PUBLIC_URL/webhooks/helpdesk, POST, JSON, connected to a trigger "ticket is
updated, and comment is public or status changed to solved" with the body
{"ticket_id": "{{ticket.id}}"}, or subscribed to ticket events; its signing secret is
webhook_secret. https://developer.zendesk.com/documentation/webhooks/verifying/

A ticket begins with a private comment (summary and transcript), so that Zendesk writes to nobody
of it. People without an e-mail are users under an external_id, with their phone where they gave it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
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
from shop.http import Answer, BackEnd
from shop.model import Refused, Ticket
from shop.tokens import Token

SCOPE = "tickets:read tickets:write users:write"
SOLVED = ("solved", "closed")
TAG = "shopkeeper"
PAGE = {"sort": "-created_at", "page[size]": "100"}


class ZendeskHelpdesk(KeptHelpdesk):
    name = "zendesk"

    def __init__(
        self,
        subdomain: str,
        client_id: str,
        client_secret: str,
        webhook_secret: str,
        order_field: str | None = None,
        api: str | None = None,
        store: str | None = None,
    ) -> None:
        super().__init__(store)
        self._secret, self._order_field = webhook_secret, order_field
        api = (api or f"https://{subdomain}.zendesk.com").rstrip("/")
        form = {"client_id": client_id, "client_secret": client_secret, "scope": SCOPE}
        token = Token("zendesk", f"{api}/oauth/tokens", form, as_json=True)
        self._api = BackEnd("zendesk", f"{api}/api/v2", token)

    async def open(self, ticket: Ticket, reference: str) -> str:
        query = {"external_id": reference}
        known = self.content(await self._api.call("GET", "/tickets", query=query))["tickets"]
        if known:
            return str(known[0]["id"])
        asked: dict[str, Any] = {
            "subject": subject(ticket),
            "comment": {"body": note(ticket), "public": False},
            "external_id": reference,
            "tags": [TAG, ticket.language, *([ticket.channel] if ticket.channel else [])],
            **await self._requester(ticket, reference),
        }
        if self._order_field and ticket.order_number:
            field = {"id": int(self._order_field), "value": ticket.order_number}
            asked["custom_fields"] = [field]
        answer = await self._post("/tickets", {"ticket": asked}, reference)
        return str(self.content(answer)["ticket"]["id"])

    async def _requester(self, ticket: Ticket, reference: str) -> dict[str, Any]:
        who = ticket.contact
        if "@" in who:
            return {"requester": {"name": who.partition("@")[0], "email": who}}
        name = who or subject(ticket)
        user = {"name": name, "external_id": f"{TAG}-{person(ticket, reference)}"}
        user |= {"phone": who} if who else {}
        answer = await self._post("/users/create_or_update", {"user": user}, f"u-{reference}")
        return {"requester_id": self.content(answer)["user"]["id"]}

    async def look(self, kept: Ticket) -> News:
        path = f"/tickets/{kept.number}"
        found = self.content(await self._api.call("GET", path))["ticket"]
        answer = await self._api.call("GET", f"{path}/comments", query=PAGE)
        comments = self.content(answer)["comments"]
        theirs = [c for c in comments if c["public"] and c["author_id"] != found["requester_id"]]
        words = str(theirs[0].get("plain_body") or theirs[0]["body"]) if theirs else ""
        return standing(found["status"] in SOLVED, words.strip())

    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        stamp = header(headers, "X-Zendesk-Webhook-Signature-Timestamp")
        require(header(headers, "X-Zendesk-Webhook-Signature"), sign(self._secret, stamp, body))
        require_fresh(moment(stamp))
        told = decoded(body)
        detail = told.get("detail")
        number = detail.get("id") if isinstance(detail, dict) else told.get("ticket_id")
        return str(number) if number else None

    async def _post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        """Zendesk takes a key once within two hours; later the external_id is found."""
        headers = {"Idempotency-Key": key}
        return await self._api.call("POST", path, json=body, headers=headers, repeatable=True)


def person(ticket: Ticket, reference: str) -> str:
    """The same for the same phone or conversation, and tells nobody which."""
    known = ticket.contact or ticket.conversation or reference
    return hashlib.sha256(known.encode()).hexdigest()[:32]


def sign(secret: str, stamp: str, body: bytes) -> str:
    if not secret:
        return ""
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def moment(stamp: str) -> float:
    """ "2021-03-25T05:09:27Z" in UTC seconds."""
    try:
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
    except ValueError:
        pass
    raise Refused("signature")
