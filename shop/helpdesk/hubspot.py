"""HubSpot: a message becomes a ticket of a contact; that it was answered or solved comes back.

helpdesk:
  type: shop.helpdesk.hubspot.HubSpotHelpdesk
  token: ${HUBSPOT_TOKEN}
  version: 2026-09        # of the API, as in the CRM's stanza
  pipeline: "0"           # of the tickets, and the ids of its stages
  new: "1"
  closed: ["4"]

Any plan, the free one too. Settings > Integrations > Service Keys: a key with the scopes tickets,
crm.objects.contacts.read and .write. Settings > Properties: make for tickets and for contacts
`shopkeeper_key` (single-line text, "require unique values").
https://developers.hubspot.com/docs/api-reference/latest/crm/objects/tickets/guide
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/account-service-keys

Service keys have no webhooks, so we look at open tickets: after 5 minutes, then ever more seldom.
What a person wrote is in their e-mail to the shopper; here we see that they did.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from shop.helpdesk.kept import KeptHelpdesk, News
from shop.helpdesk.summary import note, subject
from shop.hubspot import API, VERSION, HubSpot
from shop.model import NotFound, Refused, Ticket, TicketState

KEY = "shopkeeper_key"
REPLIED, STAGE = "first_agent_reply_date", "hs_pipeline_stage"


class HubSpotHelpdesk(KeptHelpdesk):
    name = "hubspot"

    def __init__(
        self,
        token: str,
        version: str = VERSION,
        pipeline: str = "0",
        new: str = "1",
        closed: Sequence[str] = ("4",),
        api: str = API,
        store: str | None = None,
    ) -> None:
        super().__init__(store)
        self._hubspot = HubSpot(token, str(version), api)
        self._pipeline, self._new = str(pipeline), str(new)
        self._closed = {str(stage) for stage in closed}

    async def open(self, ticket: Ticket, reference: str) -> str:
        known = await self._number(reference)
        if known:
            return known
        made = {
            "subject": subject(ticket),
            "content": note(ticket),
            "hs_pipeline": self._pipeline,
            STAGE: self._new,
            KEY: reference,
        }
        person = await self._person(ticket)
        with contextlib.suppress(Refused):
            return await self._hubspot.create("tickets", made, person)
        if known := await self._number(reference):  # made by another attempt just now
            return known
        raise Refused("ticket")

    async def _number(self, reference: str) -> str | None:
        found = await self._hubspot.get("tickets", reference, (KEY,), by=KEY)
        return str(found["id"]) if found else None

    async def _person(self, ticket: Ticket) -> str:
        """The contact's id, as the CRM adapter knows people; nobody has none."""
        who = ticket.contact
        if "@" in who:
            return await self._hubspot.upsert("contacts", "email", who, {"email": who})
        if who:
            return await self._hubspot.upsert("contacts", KEY, who, {"phone": who, KEY: who})
        return ""

    async def look(self, kept: Ticket) -> News:
        found = await self._hubspot.get("tickets", kept.number, (STAGE, REPLIED))
        if found is None:
            raise NotFound(f"ticket {kept.number}")
        has = found["properties"]
        if has[STAGE] in self._closed:
            return News(TicketState.SOLVED)
        return News(TicketState.ANSWERED if has.get(REPLIED) else TicketState.OPEN)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Nobody calls."""
        raise Refused("signature")
