"""Salesforce's REST API as its guide has it: four objects with their fields, SOQL of the forms that
are used, upserts by an external id, composite calls."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from shop.crm.salesforce import SalesforceCRM
from shop.crm.words import mark
from tests.shop.crm.doubles.base import CRMDouble, Record
from tests.shop.vendor import Asked, Said

BASE = "/services/data/v66.0"
KEY = "Shopkeeper_Key__c"
FIELDS = {
    "Contact": {"Email", "FirstName", "LastName", "Phone", "Description", KEY},
    "Lead": {
        "FirstName",
        "LastName",
        "Company",
        "Email",
        "Phone",
        "LeadSource",
        "Description",
        KEY,
    },
    "Task": {"WhoId", "Subject", "Description", "Status", "ActivityDate"},
    "Opportunity": {"Name", "StageName", "CloseDate", "Amount", "Description", "ContactId", KEY},
}
NEEDED = {
    "Contact": {"LastName"},
    "Lead": {"LastName", "Company"},
    "Task": set[str](),
    "Opportunity": {"Name", "StageName", "CloseDate"},
}
LITERAL = r"'(?:[^'\\]|\\.)*'"
TERM = re.compile(rf"(\w+) (=|LIKE|!=) ({LITERAL}|null)")
QUERY = re.compile(
    rf"SELECT ([\w, ]+) FROM (\w+) WHERE ((?:{TERM.pattern})(?: (?:AND|OR) (?:{TERM.pattern}))*)"
    r"(?: ORDER BY (?:CreatedDate|CloseDate)(?: DESC)?)?(?: LIMIT \d+)?"
)


def error(code: str, status: int = 400) -> Said:
    return Said(status, [{"errorCode": code, "message": code}])


class SalesforceDouble(CRMDouble):
    page = 2000  # records that one answer holds

    def adapter(self, api: str) -> SalesforceCRM:
        return SalesforceCRM(api, "client", "secret", currency="PLN")

    def serve(self, asked: Asked) -> Said:
        if asked.path == "/services/oauth2/token":
            right = {"grant_type": "client_credentials", "client_id": "client"}
            fits = asked.form == {**right, "client_secret": "secret"}
            answer = {"access_token": "t1", "token_type": "Bearer", "instance_url": "https://x"}
            return Said(200, answer) if fits else Said(400, {"error": "invalid_client"})
        if asked.headers.get("authorization") != "Bearer t1":
            return error("INVALID_SESSION_ID", 401)
        path = asked.path.removeprefix(BASE)
        if asked.method == "GET" and path == "/query":
            return self._query(asked, asked.query["q"])
        if asked.method == "POST" and path == "/composite":
            return self._composite(asked)
        if asked.method == "DELETE" and path == "/composite/sobjects":
            return self._delete(asked.query["ids"].split(","))
        found = re.fullmatch(r"/sobjects/(\w+)(?:/([^/]+))?(?:/([^/]+))?", path)
        if found and found[1] in FIELDS and asked.method in ("POST", "PATCH"):
            return self._write(asked, found[1], found[2], found[3])
        self.wrong(asked, "no such resource")
        return error("NOT_FOUND", 404)

    def _write(self, asked: Asked, kind: str, field: str | None, key: str | None) -> Said:
        told: Record = asked.json
        strange = {*told} - FIELDS[kind]
        if strange or (asked.method == "POST") is bool(field) or (key and KEY in told):
            self.wrong(asked, f"unknown fields {strange}")
            return error("INVALID_FIELD")
        if key:
            id_ = self._by_key(kind, unquote(key))
            told = {**told, KEY: unquote(key)}
        else:
            id_ = field
        if id_ and not key and id_ not in self.of(kind):
            return error("NOT_FOUND", 404)
        if not id_:
            if self._by_key(kind, told.get(KEY, "")):
                return error("DUPLICATE_VALUE")
            if any(not told.get(name) for name in NEEDED[kind]):
                return error("REQUIRED_FIELD_MISSING")
        elif "ContactId" in told:
            self.wrong(asked, "ContactId cannot be changed")
        made = id_ or self.add(kind, {})
        self.of(kind)[made].update(told)
        if id_ and not key:
            return Said(204, b"")
        body = {"id": made, "success": True, "errors": [], "created": not id_}
        return Said(200 if id_ else 201, body)

    def _by_key(self, kind: str, key: str) -> str | None:
        records = self.of(kind).items()
        return next((i for i, r in records if key and r.get(KEY, "").lower() == key.lower()), None)

    def _query(self, asked: Asked, query: str) -> Said:
        found = QUERY.fullmatch(query)
        if not found or found[2] not in FIELDS:
            self.wrong(asked, f"malformed: {query}")
            return error("MALFORMED_QUERY")
        kind, names = found[2], found[1].split(", ")
        used = {*names, *(term[1] for term in TERM.finditer(found[3]))} - {"Id"}
        if used - FIELDS[kind]:
            self.wrong(asked, f"no such field: {used - FIELDS[kind]}")
        either = [group.split(" AND ") for group in self._groups(found[3])]
        fitting = [
            {"attributes": {"type": kind}, **{name: {**r, "Id": i}.get(name) for name in names}}
            for i, r in self.of(kind).items()
            if any(all(fits(term, r) for term in group) for group in either)
        ]
        limit = re.search(r" LIMIT (\d+)$", query)
        records = fitting[: int(limit[1]) if limit else self.page]
        done = bool(limit) or len(records) == len(fitting)
        return Said(200, {"totalSize": len(fitting), "done": done, "records": records})

    @staticmethod
    def _groups(where: str) -> list[str]:
        """The terms' texts apart, so that an OR in a literal is none."""
        terms = [match[0] for match in TERM.finditer(where)]
        plain = where
        for place, term in enumerate(terms):
            plain = plain.replace(term, f"#{place}", 1)
        split = plain.split(" OR ")
        return [re.sub(r"#(\d+)", lambda m: terms[int(m[1])], group) for group in split]

    def _composite(self, asked: Asked) -> Said:
        parts = []
        for part in asked.json["compositeRequest"]:
            url = urlsplit(part["url"])
            if {*part} != {"method", "url", "referenceId"} or url.path != f"{BASE}/query":
                self.wrong(asked, "unknown part")
            said = self._query(asked, parse_qs(url.query)["q"][0])
            reference = part["referenceId"]
            parts.append(
                {"body": said.body, "httpStatusCode": said.status, "referenceId": reference}
            )
        return Said(200, {"compositeResponse": parts})

    def _delete(self, ids: list[str]) -> Said:
        for kind in FIELDS:
            for id_ in ids:
                self.of(kind).pop(id_, None)
        return Said(200, [{"id": id_, "success": True, "errors": []} for id_ in ids])

    def notes(self, who: str) -> list[str]:
        contact = self._by_key("Contact", mark(who))
        return [r["Description"] for r in self.of("Task").values() if r["WhoId"] == contact]

    def leads(self, who: str) -> list[str]:
        leads = self.of("Lead").values()
        return [r["Description"] for r in leads if who in (r["Email"], r["Phone"])]


def fits(term: str, record: dict[str, Any]) -> bool:
    match = TERM.fullmatch(term)
    assert match, term
    field, operator, literal = match.groups()
    value = record.get(field)
    if literal == "null":
        return value is not None
    text = re.sub(r"\\(.)", r"\1", literal[1:-1])
    if operator == "LIKE":
        return text.strip("%") in (value or "")
    return value is not None and str(value).lower() == text.lower()
