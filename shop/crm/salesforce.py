"""Salesforce: Contact, Task (the log), Lead and Opportunity over REST.

crm:
  type: shop.crm.salesforce.SalesforceCRM
  domain: https://halny.my.salesforce.com    # My Domain, not login.salesforce.com
  client_id: ${SALESFORCE_CLIENT_ID}
  client_secret: ${SALESFORCE_CLIENT_SECRET}
  currency: PLN          # the organisation's; amounts in others stand in the description alone
  multi_currency: false  # true: every opportunity gets its own currency
  version: v66.0
  stages: {open: Prospecting, won: Closed Won, lost: Closed Lost}

Enterprise edition or one with API access. Setup > External Client App Manager: an app with OAuth,
scope "Manage user data via APIs (api)" and "Client Credentials Flow", run as a user who may read,
create, edit and delete these four objects (connected apps are closed to new ones, the SOAP login
ends in 2027). Setup > Object Manager: a custom field `Shopkeeper_Key__c` (text of 80, External ID,
Unique, case-insensitive) on Contact, Lead and Opportunity, editable by that user.
https://help.salesforce.com/s/articleView?id=xcloud.configure_client_credentials_flow_external_client_apps.htm
https://developer.salesforce.com/docs/platform/api-rest/guide/intro_what_is_rest_api.html

What is deleted lies in Salesforce's recycle bin for 15 days more. Phone numbers are found as we
write them: +48500100200.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, urlencode

from shop.crm import words
from shop.crm.remote import Known, RemoteCRM
from shop.http import Answer, BackEnd
from shop.model import Contact, Deal, DealStage, Lead, Refused, ShopError
from shop.tokens import Token

KEY = "Shopkeeper_Key__c"
NAMELESS = "-"  # Salesforce insists on a last name, and on a lead's company
STAGES = {"open": "Prospecting", "won": "Closed Won", "lost": "Closed Lost"}
CONTACT = "Id, Email, FirstName, LastName, Phone, Description"
MOST = 200  # records of one call
ESCAPED = str.maketrans({"\\": r"\\", "'": r"\'", '"': r"\""})
# Our look-up comes first; a rule against look-alikes is meant for people at a keyboard.
HEADERS = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


class SalesforceCRM(RemoteCRM):
    name = "salesforce"

    def __init__(
        self,
        domain: str,
        client_id: str,
        client_secret: str,
        currency: str = "EUR",
        multi_currency: bool = False,
        version: str = "v66.0",
        stages: dict[str, str] | None = None,
    ) -> None:
        form = {"client_id": client_id, "client_secret": client_secret}
        token = Token("salesforce", f"{domain.rstrip('/')}/services/oauth2/token", form)
        self._api = BackEnd("salesforce", domain, token)
        self._base = f"/services/data/{version}"
        self._currency, self._multi = currency, multi_currency
        self._stages = {DealStage(name): id_ for name, id_ in {**STAGES, **(stages or {})}.items()}

    async def find(self, who: str) -> Known | None:
        key = soql(words.mark(who))
        other = f"Email = {soql(who)}" if "@" in who else f"Phone = {soql(who)}"
        where = f"{KEY} = {key} OR {other} ORDER BY CreatedDate LIMIT 1"
        found = await self._query(CONTACT, "Contact", where)
        return known(found[0]) if found else None

    async def put(self, known: Known | None, contact: Contact, text: str) -> str:
        first, last = words.split(contact.name)
        told = {"Email": contact.email, "Phone": contact.phone, "Description": text}
        fields: dict[str, Any] = {name: value for name, value in told.items() if value}
        if contact.name:
            fields |= {"FirstName": first or None, "LastName": last}
        if known:
            await self._write("PATCH", f"Contact/{known.id}", fields)
            return known.id
        key = words.mark(contact.email or contact.phone or "")
        return await self._upsert("Contact", key, {"LastName": NAMELESS, **fields})

    async def noted(self, contact: str, mark: str) -> bool:
        where = f"WhoId = {soql(contact)} AND Subject LIKE {soql(f'%{mark}%')}"
        return bool(await self._query("Id", "Task", f"{where} LIMIT 1"))

    async def add_note(self, contact: str, subject: str, body: str, at: int) -> None:
        task = {
            "WhoId": contact,
            "Subject": f"{subject} [{body.rpartition(chr(10))[2]}]",
            "Description": body,
            "Status": "Completed",
            "ActivityDate": day(at),
        }
        await self._write("POST", "Task", task)

    async def add_lead(self, known: Known, lead: Lead) -> None:
        first, last = words.split(known.contact.name)
        fields = {
            "FirstName": first or None,
            "LastName": last or NAMELESS,
            "Company": NAMELESS,
            "Email": known.contact.email or None,
            "Phone": known.contact.phone,
            "LeadSource": "Web",
            "Description": words.question(lead),
        }
        await self._upsert("Lead", words.mark(lead.reference), fields)

    async def find_deal(self, number: str) -> tuple[str, DealStage] | None:
        where = f"{KEY} = {soql(number)} LIMIT 1"
        found = await self._query("Id, StageName", "Opportunity", where)
        stages = {name: stage for stage, name in self._stages.items()}
        return next(((r["Id"], stages.get(r["StageName"], DealStage.OPEN)) for r in found), None)

    async def put_deal(self, id_: str | None, contact: str, deal: Deal) -> None:
        fields = {
            "Name": deal.number,
            "StageName": self._stages[deal.stage],
            "CloseDate": day(deal.placed),
            "Description": words.deal_written(deal),
        }
        if self._multi or deal.amount.currency == self._currency:
            fields["Amount"] = deal.amount.decimal
        if self._multi:
            fields["CurrencyIsoCode"] = deal.amount.currency
        if id_:
            await self._write("PATCH", f"Opportunity/{id_}", fields)
        else:
            new = {**fields, KEY: deal.number, "ContactId": contact}
            await self._write("POST", "Opportunity", new)

    async def won(self, known: Known) -> list[Deal]:
        stage = soql(self._stages[DealStage.WON])
        where = f"ContactId = {soql(known.id)} AND StageName = {stage} AND {KEY} != null"
        newest = f"{where} ORDER BY CloseDate DESC LIMIT {MOST}"
        found = await self._query(f"{KEY}, Description", "Opportunity", newest)
        who = known.contact.email or known.contact.phone or ""
        read = (words.deal_read(record[KEY], who, record["Description"] or "") for record in found)
        return [deal for deal in read if deal]

    async def remove(self, known: Known) -> None:
        """Deletes what hangs on the contact first, an answer of 2000 records at a time: an attempt
        that broke off finds it again."""
        who, contact = known.contact, soql(known.id)
        lead = f"Email = {soql(who.email)}" if who.email else f"Phone = {soql(who.phone or '')}"
        queries = (
            select("Id", "Task", f"WhoId = {contact}"),
            select("Id", "Opportunity", f"ContactId = {contact} AND {KEY} != null"),
            select("Id", "Lead", f"{KEY} != null AND {lead}"),
        )
        while found := await self._queries(*queries):
            await self._delete(found)
        await self._delete([known.id])

    async def _delete(self, ids: list[str]) -> None:
        for start in range(0, len(ids), MOST):
            query = {"ids": ",".join(ids[start : start + MOST]), "allOrNone": "true"}
            path = f"{self._base}/composite/sobjects"
            answer = await self._api.call("DELETE", path, query=query)
            for result in self._content(answer):
                if not result["success"]:
                    raise Refused("crm", status=result["errors"][0]["statusCode"])

    async def _query(self, fields: str, kind: str, where: str) -> list[dict[str, Any]]:
        query = {"q": select(fields, kind, where)}
        answer = await self._api.call("GET", f"{self._base}/query", query=query)
        return list(self._content(answer)["records"])

    async def _queries(self, *queries: str) -> list[str]:
        """The ids that several queries find, in one call."""
        asked = [
            {
                "method": "GET",
                "url": f"{self._base}/query?{urlencode({'q': query})}",
                "referenceId": f"query{place}",
            }
            for place, query in enumerate(queries)
        ]
        body = {"allOrNone": True, "compositeRequest": asked}
        path = f"{self._base}/composite"
        answer = await self._api.call("POST", path, json=body, repeatable=True)
        parts = self._content(answer)["compositeResponse"]
        return [record["Id"] for part in parts for record in part["body"]["records"]]

    async def _upsert(self, kind: str, key: str, fields: dict[str, Any]) -> str:
        """Two at once may both try to create: the second one is told so, and then updates."""
        path = f"{kind}/{KEY}/{quote(key, safe='')}"
        try:
            return str((await self._write("PATCH", path, fields))["id"])
        except Refused as refusal:
            if refusal.reason != "taken":
                raise
        return str((await self._write("PATCH", path, fields))["id"])

    async def _write(self, method: str, path: str, fields: dict[str, Any]) -> Any:
        whole = f"{self._base}/sobjects/{path}"
        again = method == "PATCH"
        answer = await self._api.call(method, whole, json=fields, headers=HEADERS, repeatable=again)
        return self._content(answer)

    def _content(self, answer: Answer) -> Any:
        if not answer.ok:
            raise self._refusal(answer)
        return answer.content

    def _refusal(self, answer: Answer) -> ShopError:
        errors: Sequence[Any] = answer.content if isinstance(answer.content, list) else ()
        codes = {str(error.get("errorCode")) for error in errors if isinstance(error, dict)}
        taken = "DUPLICATE_VALUE" in codes
        return Refused("taken") if taken else self.refusal(answer.status)


def select(fields: str, kind: str, where: str) -> str:
    """Every value in `where` has gone through soql()."""
    return " ".join(("SELECT", fields, "FROM", kind, "WHERE", where))


def soql(text: str) -> str:
    """A literal: nothing in it can end it."""
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{printed.translate(ESCAPED)}'"


def known(record: dict[str, Any]) -> Known:
    last = record["LastName"] if record["LastName"] != NAMELESS else None
    name = words.joined(record["FirstName"], last)
    contact = Contact(record["Email"] or "", name, record["Phone"])
    return Known(record["Id"], contact, record["Description"] or "")


def day(at: int) -> str:
    return datetime.fromtimestamp(at, timezone.utc).date().isoformat()
