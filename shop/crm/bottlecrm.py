"""BottleCRM (django-crm, MIT; your own server): contacts, interactions, leads and opportunities.

crm:
  type: shop.crm.bottlecrm.BottleCRM
  url: https://crm.halny.example
  token: ${BOTTLECRM_TOKEN}
  stages: {open: PROSPECTING, won: CLOSED_WON, lost: CLOSED_LOST}   # codes of the deals' pipeline

Version 1.35 or later. Profile > Access tokens of a user with the role ADMIN (only they may delete
what others have made): a token (`bcrm_pat_...`), without limits or with read and write of contacts,
leads and opportunities.
https://github.com/django-crm/Django-CRM and the server's own /swagger-ui/

E-mails of contacts and of leads are unique there. It has no kind "chat": conversations are logged
as text messages. Of currencies it knows fourteen: amounts in others (PLN) are there as bare
numbers, which it shows in the organisation's currency; the notes of the deal tell the right one.
Phone numbers are found as we write them: +48500100200.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from shop.crm import words
from shop.crm.remote import Known, RemoteCRM
from shop.http import BackEnd, Header
from shop.model import Contact, Deal, DealStage, Lead, Refused, Unavailable

NAMELESS = "-"  # both names are needed there
STAGES = {"open": "PROSPECTING", "won": "CLOSED_WON", "lost": "CLOSED_LOST"}
CURRENCIES = frozenset("USD EUR GBP INR CAD AUD JPY CNY CHF SGD AED BRL MXN ZAR".split())  # noqa: SIM905
PAGE, DEALS = 100, 20  # records of one list, and of the newest deals, which are read one by one


class BottleCRM(RemoteCRM):
    name = "bottlecrm"

    def __init__(self, url: str, token: str, stages: dict[str, str] | None = None) -> None:
        self._api = BackEnd("bottlecrm", url, Header("Authorization", f"Bearer {token}"))
        self._stages = {DealStage(name): id_ for name, id_ in {**STAGES, **(stages or {})}.items()}

    async def find(self, who: str) -> Known | None:
        """The oldest of several: their list begins with the newest."""
        field = "email" if "@" in who else "phone"
        listed = await self._get("contacts", **{field: who}, limit=PAGE)
        same = [c for c in listed["contact_obj_list"] if (c[field] or "").lower() == who]
        return known(same[-1]) if same else None

    async def put(self, known: Known | None, contact: Contact, text: str) -> str:
        first, last = words.split(contact.name)
        told = {"email": contact.email, "phone": contact.phone, "description": text}
        fields = {name: value for name, value in told.items() if value}
        names = {"first_name": first or NAMELESS, "last_name": last or NAMELESS}
        if known:
            changes = {**fields, **(names if contact.name else {})}
            await self._send("PATCH", f"contacts/{known.id}", changes)
            return known.id
        who = contact.email or contact.phone or ""
        try:
            made = str((await self._send("POST", "contacts", {**names, **fields}))["id"])
        except (Refused, Unavailable):  # 400 or, in the same moment, 500: somebody has made it
            there = await self.find(who)
            if there is None:
                raise
            return await self.put(there, contact, text)
        there = await self.find(who)
        if there and there.id != made:
            await self._send("DELETE", f"contacts/{made}")
        return there.id if there else made

    async def noted(self, contact: str, mark: str) -> bool:
        offset = 0
        while True:
            page = await self._get("interactions", contact=contact, limit=PAGE, offset=offset)
            if any(mark in entry["body"] for entry in page["interactions"]):
                return True
            offset += PAGE
            if offset >= page["count"]:
                return False

    async def add_note(self, contact: str, subject: str, body: str, at: int) -> None:
        entry = {
            "kind": "sms",
            "direction": "inbound",
            "home": "contact",
            "contact": contact,
            "occurred_at": words.moment(at),
            "subject": subject,
            "body": body,
        }
        await self._send("POST", "interactions", entry)

    async def add_lead(self, known: Known, lead: Lead) -> None:
        """One lead a person, with all their questions. Only names and e-mails can be searched, so
        a phone number stands in the name too."""
        who, text = known.contact, words.question(lead)
        listed = await self._leads(who)
        if any(words.mark(lead.reference) in (one["description"] or "") for one in listed):
            return
        if listed:
            whole = "\n".join(filter(None, [listed[0]["description"], text]))
            await self._send("PATCH", f"leads/{listed[0]['id']}", {"description": whole})
            return
        first, last = words.split(who.name)
        fields = {
            "title": lead.reference,
            "first_name": first or NAMELESS,
            "last_name": words.joined(last, None if who.email else who.phone) or NAMELESS,
            "email": who.email or None,
            "phone": who.phone,
            "description": text,
            "assigned_to": [],
            "teams": [],
            "contacts": [known.id],
        }
        await self._send("POST", "leads", {k: v for k, v in fields.items() if v is not None})

    async def _leads(self, who: Contact) -> list[dict[str, Any]]:
        if who.email:
            listed = await self._get("leads", email=who.email, limit=PAGE)
        else:
            listed = await self._get("leads", name=who.phone, limit=PAGE)
        found = [*listed["open_leads"]["open_leads"], *listed["close_leads"]["close_leads"]]
        field, value = ("email", who.email) if who.email else ("phone", who.phone)
        return [lead for lead in found if (lead[field] or "").lower() == value]

    async def find_deal(self, number: str) -> tuple[str, DealStage] | None:
        listed = await self._get("opportunities", name=number, limit=PAGE)
        same = [deal for deal in listed["opportunities"] if deal["name"] == number]
        return (str(same[-1]["id"]), DealStage(same[-1]["stage_kind"])) if same else None

    async def put_deal(self, id_: str | None, contact: str, deal: Deal) -> None:
        fields = {
            "name": deal.number,
            "stage": self._stages[deal.stage],
            **self._amount(deal),
            "closed_on": datetime.fromtimestamp(deal.placed, timezone.utc).date().isoformat(),
            "description": words.deal_written(deal),
        }
        if id_:
            await self._send("PATCH", f"opportunities/{id_}", fields)
            return
        new = {**fields, "contacts": [contact], "assigned_to": [], "teams": []}
        await self._send("POST", "opportunities", new)

    def _amount(self, deal: Deal) -> dict[str, str]:
        told = {"amount": deal.amount.decimal}  # which a won deal must have
        known = deal.amount.currency in CURRENCIES
        return {**told, "currency": deal.amount.currency} if known else told

    async def won(self, known: Known) -> list[Deal]:
        detail = await self._get(f"contacts/{known.id}")
        won = [deal for deal in detail["opportunities"] if deal["stage_kind"] == "won"]
        newest = sorted(won, key=lambda deal: deal["closed_on"] or "", reverse=True)[:DEALS]
        who, found = known.contact.email or known.contact.phone or "", []
        for deal in newest:
            whole = (await self._get(f"opportunities/{deal['id']}"))["opportunity_obj"]
            found.append(words.deal_read(whole["name"], who, whole["description"] or ""))
        return [deal for deal in found if deal]

    async def remove(self, known: Known) -> None:
        """The log goes with the contact."""
        for lead in await self._leads(known.contact):
            await self._send("DELETE", f"leads/{lead['id']}")
        detail = await self._get(f"contacts/{known.id}")
        for deal in detail["opportunities"]:
            await self._send("DELETE", f"opportunities/{deal['id']}")
        await self._send("DELETE", f"contacts/{known.id}")

    async def _get(self, path: str, **query: Any) -> Any:
        answer = await self._api.call("GET", f"/api/{path}/", query=query)
        if not answer.ok:
            raise self.refusal(answer.status)
        return answer.content

    async def _send(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Any:
        again = method == "PATCH"
        answer = await self._api.call(method, f"/api/{path}/", json=fields, repeatable=again)
        if not answer.ok and not (method == "DELETE" and answer.status == 404):
            raise self.refusal(answer.status)
        return answer.content


def known(found: dict[str, Any]) -> Known:
    names = (name for name in (found["first_name"], found["last_name"]) if name != NAMELESS)
    contact = Contact(found["email"] or "", words.joined(*names), found["phone"] or None)
    return Known(str(found["id"]), contact, found["description"] or "")
