"""Odoo: partners, leads and opportunities, and the chatter of a partner as the log.

crm:
  type: shop.crm.odoo.OdooCRM
  url: https://halny.odoo.com
  database: halny              # where one server has several
  api_key: ${ODOO_API_KEY}
  protocol: json2              # Odoo 19 and later; jsonrpc: 17 and 18, which also needs
  user: bot@halny.example      # the login that the key belongs to

Odoo with the CRM app; Odoo Online only with a Custom plan (others have no external API). Make a
user for this with the roles Contact Creation and Sales: Administrator (who may delete), and for
them Preferences > Account Security > New API Key. A key lives for three months at most: put the
next one into ODOO_API_KEY before.
https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
https://www.odoo.com/documentation/18.0/developer/reference/external_api.html (the older protocol,
deprecated in 19 and gone in 22)

Odoo has no unique e-mails: of two partners made at the same moment the older one stays. Partners
with invoices or a user account cannot be deleted in Odoo; a person hears of it (docs/crm.md). Phone
numbers are found as we write them: +48500100200.
"""

from __future__ import annotations

from typing import Any

from shop.crm import words
from shop.crm.remote import Known, RemoteCRM
from shop.http import BackEnd, Header
from shop.model import Contact, Deal, DealStage, Lead, Unavailable

PARTNER, LEAD, MESSAGE = "res.partner", "crm.lead", "mail.message"
FIELDS = ["name", "email", "phone", "comment"]
READS = ("search", "search_read", "authenticate")
MOST = 200
# A deal that is lost is archived, which hides it from searches that do not ask for it.
ARCHIVED = {"active_test": False}
Domain = list[Any]


class OdooCRM(RemoteCRM):
    name = "odoo"

    def __init__(
        self, url: str, api_key: str, database: str = "", protocol: str = "json2", user: str = ""
    ) -> None:
        self._rpc = protocol == "jsonrpc"
        auth = None if self._rpc else Header("Authorization", f"bearer {api_key}")
        self._odoo = BackEnd("odoo", url, auth)
        self._database, self._user, self._key = database, user, api_key
        self._uid = 0

    async def find(self, who: str) -> Known | None:
        found = await self._search(PARTNER, same(who), FIELDS, "id", 1)
        return known(found[0]) if found else None

    async def put(self, known: Known | None, contact: Contact, text: str) -> str:
        html = words.to_html(text)
        told = {"name": contact.name, "email": contact.email, "phone": contact.phone}
        values = {k: v for k, v in {**told, "comment": html}.items() if v}
        if known:
            await self._call(PARTNER, "write", [int(known.id)], vals=values)
            return known.id
        who = contact.email or contact.phone or ""
        made = (await self._call(PARTNER, "create", vals_list=[{"name": who, **values}]))[0]
        first = (await self._search(PARTNER, same(who), ["id"], "id", 1))[0]["id"]
        if first != made:
            await self._call(PARTNER, "unlink", [made])
        return str(first)

    async def noted(self, contact: str, mark: str) -> bool:
        domain = [*chatter(contact), ["body", "ilike", mark]]
        return bool(await self._search(MESSAGE, domain, ["id"], "id", 1))

    async def add_note(self, contact: str, subject: str, body: str, at: int) -> None:
        """In Odoo's own words a log note: nobody is sent an e-mail."""
        note = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        posted = {"body": words.to_html(body), "subject": subject, "body_is_html": True, **note}
        await self._call(PARTNER, "message_post", [int(contact)], **posted)

    async def add_lead(self, known: Known, lead: Lead) -> None:
        mark = words.mark(lead.reference)
        if await self._search(LEAD, [["description", "ilike", mark]], ["id"], "id", 1):
            return
        values = {
            "type": "lead",
            "name": lead.reference,
            "partner_id": int(known.id),
            "contact_name": known.contact.name or False,
            "email_from": known.contact.email or False,
            "phone": known.contact.phone or False,
            "description": words.to_html(words.question(lead)),
        }
        await self._call(LEAD, "create", vals_list=[values])

    async def find_deal(self, number: str) -> tuple[str, DealStage] | None:
        """The oldest of two that were made at the same moment."""
        domain = [["type", "=", "opportunity"], ["name", "=", title(number)]]
        found = await self._search(LEAD, domain, ["active", "probability"], "id", 1)
        return (str(found[0]["id"]), stage_of(found[0])) if found else None

    async def put_deal(self, id_: str | None, contact: str, deal: Deal) -> None:
        values = {
            "expected_revenue": float(deal.amount.decimal),
            "description": words.to_html(words.deal_written(deal)),
        }
        if id_ is None:
            new = {"type": "opportunity", "name": title(deal.number), "partner_id": int(contact)}
            made = await self._call(LEAD, "create", vals_list=[{**new, **values}])
            id_ = str(made[0])
        else:
            await self._call(LEAD, "write", [int(id_)], vals=values)
        if deal.stage is not DealStage.OPEN:
            action = "action_set_won" if deal.stage is DealStage.WON else "action_set_lost"
            await self._call(LEAD, action, [int(id_)])

    async def won(self, known: Known) -> list[Deal]:
        domain = [*opportunities(known.id), ["probability", "=", 100], ["active", "=", True]]
        found = await self._search(LEAD, domain, ["name", "description"], "id desc", MOST)
        who = known.contact.email or known.contact.phone or ""
        read = [
            words.deal_read(number(one["name"]), who, words.from_html(one["description"] or ""))
            for one in found
        ]
        return [deal for deal in read if deal]

    async def remove(self, known: Known) -> None:
        """What was logged is deleted by Odoo along with the partner."""
        domain = [["partner_id", "=", int(known.id)]]
        ids = await self._call(LEAD, "search", domain=domain, context=ARCHIVED)
        if ids:
            await self._call(LEAD, "unlink", ids)
        await self._call(PARTNER, "unlink", [int(known.id)])

    async def _search(
        self, model: str, domain: Domain, fields: list[str], order: str, limit: int
    ) -> list[dict[str, Any]]:
        asked: dict[str, Any] = {"domain": domain, "fields": fields, "order": order, "limit": limit}
        asked["context"] = ARCHIVED if model == LEAD else {}
        return list(await self._call(model, "search_read", **asked))

    async def _call(
        self, model: str, method: str, ids: list[int] | None = None, **given: Any
    ) -> Any:
        if self._rpc:
            return await self._execute(model, method, ids, given)
        body = {**({"ids": ids} if ids else {}), **given}
        headers = {"X-Odoo-Database": self._database} if self._database else {}
        path, again = f"/json/2/{model}/{method}", method in READS or method == "write"
        answer = await self._odoo.call("POST", path, json=body, headers=headers, repeatable=again)
        if not answer.ok:
            raise self.refusal(answer.status)
        return answer.content

    async def _execute(
        self, model: str, method: str, ids: list[int] | None, given: dict[str, Any]
    ) -> Any:
        """The same by the older protocol, where the record ids come first."""
        login = self._database, self._user, self._key
        if not self._uid:
            self._uid = int(await self._remote("common", "authenticate", [*login, {}]) or 0)
            if not self._uid:
                raise Unavailable("odoo: the key is not accepted")
        args = [self._database, self._uid, self._key, model, method, [ids] if ids else [], given]
        return await self._remote("object", "execute_kw", args, again=method in READS)

    async def _remote(self, service: str, method: str, args: list[Any], again: bool = True) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = await self._odoo.call("POST", "/jsonrpc", json=body, repeatable=again)
        if not answer.ok or "error" in answer.content:
            name = answer.content["error"]["data"]["name"] if answer.ok else ""
            refused = name.endswith(("UserError", "ValidationError", "ValueError"))
            raise self.refusal(422 if refused else answer.status)
        return answer.content["result"]


def same(who: str) -> Domain:
    return [["email", "=ilike", escaped(who)]] if "@" in who else [["phone", "=", who]]


def escaped(text: str) -> str:
    """For =ilike, where % and _ stand for others and a backslash takes that from them."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def chatter(partner: str) -> Domain:
    return [["model", "=", PARTNER], ["res_id", "=", int(partner)]]


def opportunities(partner: str) -> Domain:
    return [["type", "=", "opportunity"], ["partner_id", "=", int(partner)]]


def title(number: str) -> str:
    return f"Shopkeeper {number}"


def number(title: str) -> str:
    return title.removeprefix("Shopkeeper ")


def stage_of(lead: dict[str, Any]) -> DealStage:
    if not lead["active"]:
        return DealStage.LOST
    return DealStage.WON if lead["probability"] == 100 else DealStage.OPEN


def known(found: dict[str, Any]) -> Known:
    """Odoo says False for what is empty, and gives a name to everybody."""
    email, phone = found["email"] or "", found["phone"] or None
    name = found["name"] if found["name"] not in (email, phone) else None
    return Known(
        str(found["id"]), Contact(email, name, phone), words.from_html(found["comment"] or "")
    )
