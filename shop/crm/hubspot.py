"""HubSpot: contacts, notes and deals.

crm:
  type: shop.crm.hubspot.HubSpotCRM
  token: ${HUBSPOT_TOKEN}
  version: 2026-09            # of the API: https://developers.hubspot.com/docs/api-reference/latest
  pipeline: default           # of the deals, and the ids of its stages
  stages: {open: appointmentscheduled, won: closedwon, lost: closedlost}

Any plan, the free one too. Settings > Integrations > Service Keys: a key with the scopes
crm.objects.contacts.read and .write, crm.objects.deals.read and .write, and
crm.objects.contacts.sensitive.delete or what the panel asks for GDPR deletion; the account needs
"Data privacy" turned on (Settings > Privacy & Consent) for that.
Settings > Properties: make for contacts `shopkeeper` (multi-line text) and `shopkeeper_key`
(single-line text, "require unique values"), for deals `shopkeeper_order` (the same, unique).
Settings > Account Defaults > Currency: add those of policy.yml, or HubSpot refuses their deals.
Properties that your account requires of new contacts or deals make HubSpot refuse ours.
https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide

A lead is a contact in the life-cycle stage "lead" with a note of the question: objects of the kind
"lead" are of the paid sales plans. Phone numbers are found as we write them: +48500100200. What was
written is found some seconds later by HubSpot's search.
"""

from __future__ import annotations

from typing import Any

from shop.crm import words
from shop.crm.remote import Known, RemoteCRM
from shop.hubspot import API, VERSION, HubSpot
from shop.model import Contact, Deal, DealStage, Lead
from shop.store import now

CONTACT = ("email", "firstname", "lastname", "phone", "shopkeeper")
DEAL = ("dealstage", "shopkeeper_order", "description")
STAGES = {"open": "appointmentscheduled", "won": "closedwon", "lost": "closedlost"}


class HubSpotCRM(RemoteCRM):
    name = "hubspot"

    def __init__(
        self,
        token: str,
        version: str = VERSION,
        pipeline: str = "default",
        stages: dict[str, str] | None = None,
        api: str = API,
    ) -> None:
        self._hubspot = HubSpot(token, str(version), api)
        self._pipeline = pipeline
        self._stages = {DealStage(name): id_ for name, id_ in {**STAGES, **(stages or {})}.items()}

    async def find(self, who: str) -> Known | None:
        if "@" in who:
            found = await self._hubspot.get("contacts", who, CONTACT, by="email")
            return known(found) if found else None
        found = await self._hubspot.get("contacts", who, CONTACT, by="shopkeeper_key")
        others = [] if found else await self._hubspot.search("contacts", {"phone": who}, CONTACT)
        return next((known(one) for one in (found, *others) if one), None)

    async def put(self, known: Known | None, contact: Contact, text: str) -> str:
        first, last = words.split(contact.name)
        told = {
            "email": contact.email,
            "firstname": first,
            "lastname": last,
            "phone": contact.phone,
            "shopkeeper": text,
        }
        properties = {name: value for name, value in told.items() if value}
        if contact.name:
            properties["firstname"] = first
        if known:
            await self._hubspot.update("contacts", known.id, properties)
            return known.id
        if contact.email:
            return await self._hubspot.upsert("contacts", "email", contact.email, properties)
        key = contact.phone or ""
        properties["shopkeeper_key"] = key
        return await self._hubspot.upsert("contacts", "shopkeeper_key", key, properties)

    async def noted(self, contact: str, mark: str) -> bool:
        return any(mark in text for text in (await self._notes(contact)).values())

    async def _notes(self, contact: str) -> dict[str, str]:
        mine = {"associations.contact": contact}
        found = await self._hubspot.search("notes", mine, ("hs_note_body",))
        return {note["id"]: str(note["properties"].get("hs_note_body")) for note in found}

    async def add_note(self, contact: str, subject: str, body: str, at: int) -> None:
        told = {"hs_timestamp": words.moment(at), "hs_note_body": words.to_html(body)}
        await self._hubspot.create("notes", told, contact)

    async def add_lead(self, known: Known, lead: Lead) -> None:
        status = {"lifecyclestage": "lead", "hs_lead_status": "NEW"}
        await self._hubspot.update("contacts", known.id, status)
        if not await self.noted(known.id, words.mark(lead.reference)):
            await self.add_note(known.id, lead.reference, words.question(lead), now())

    async def find_deal(self, number: str) -> tuple[str, DealStage] | None:
        found = await self._hubspot.get("deals", number, DEAL, by="shopkeeper_order")
        return (found["id"], self._stage(found)) if found else None

    def _stage(self, found: dict[str, Any]) -> DealStage:
        """Stages that people have made in between are open ones."""
        ids = {id_: stage for stage, id_ in self._stages.items()}
        return ids.get(found["properties"].get("dealstage"), DealStage.OPEN)

    async def put_deal(self, id_: str | None, contact: str, deal: Deal) -> None:
        told = {
            "dealname": deal.number,
            "shopkeeper_order": deal.number,
            "pipeline": self._pipeline,
            "dealstage": self._stages[deal.stage],
            "amount": deal.amount.decimal,
            "deal_currency_code": deal.amount.currency,
            "closedate": words.moment(deal.placed),
            "description": words.deal_written(deal),
        }
        if id_:
            await self._hubspot.update("deals", id_, told)
        else:
            await self._hubspot.create("deals", told, contact)

    async def won(self, known: Known) -> list[Deal]:
        mine = {"associations.contact": known.id, "dealstage": self._stages[DealStage.WON]}
        found = await self._hubspot.search("deals", mine, DEAL)
        who = known.contact.email or known.contact.phone or ""
        ours = (one["properties"] for one in found if one["properties"].get("shopkeeper_order"))
        read = (words.deal_read(p["shopkeeper_order"], who, p["description"] or "") for p in ours)
        return [deal for deal in read if deal]

    async def remove(self, known: Known) -> None:
        """HubSpot's deletion takes what is logged along, but not the deals."""
        mine = {"associations.contact": known.id}
        deals = await self._hubspot.search("deals", mine, ("shopkeeper_order",))
        ours = [deal["id"] for deal in deals if deal["properties"].get("shopkeeper_order")]
        await self._hubspot.archive("deals", ours)
        await self._hubspot.archive("notes", list(await self._notes(known.id)))
        await self._hubspot.forget(known.id)


def known(found: dict[str, Any]) -> Known:
    has = found["properties"]
    name = words.joined(has.get("firstname"), has.get("lastname"))
    contact = Contact(has.get("email") or "", name, has.get("phone") or None)
    return Known(str(found["id"]), contact, has.get("shopkeeper") or "")
