"""Odoo's models as the documents of both protocols have them: partners, leads and their chatter;
no unique e-mails, False for what is empty, archived records only for those who ask."""

from __future__ import annotations

import re
from typing import Any

from shop.crm.odoo import OdooCRM
from shop.crm.words import from_html
from tests.shop.crm.doubles.base import CRMDouble, Record
from tests.shop.vendor import Asked, Said

PARTNER, LEAD, MESSAGE = "res.partner", "crm.lead", "mail.message"
FIELDS: dict[str, dict[str, Any]] = {
    PARTNER: {"name": str, "email": str, "phone": str, "comment": str},
    LEAD: {
        "type": str, "name": str, "partner_id": int, "contact_name": (str, bool),
        "email_from": (str, bool), "phone": (str, bool), "description": str,
        "expected_revenue": float, "probability": float, "active": bool,
    },
    MESSAGE: {"model": str, "res_id": int, "body": str},
}  # fmt: skip
ARGUMENTS = {
    "search": {"domain", "context"},
    "search_read": {"domain", "fields", "order", "limit", "context"},
    "create": {"vals_list"},
    "write": {"vals"},
    "unlink": set[str](),
    "message_post": {"body", "subject", "body_is_html", "message_type", "subtype_xmlid"},
    "action_set_won": set[str](),
    "action_set_lost": set[str](),
}


class Bad(Exception):
    pass


class OdooDouble(CRMDouble):
    """By the JSON-2 protocol of Odoo 19."""

    def adapter(self, api: str) -> OdooCRM:
        return OdooCRM(api, "key-1", database="halny")

    def serve(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != "bearer key-1":
            return Said(401, {"name": "werkzeug.exceptions.Unauthorized"})
        found = re.fullmatch(r"/json/2/([a-z.]+)/(\w+)", asked.path)
        if not found or asked.method != "POST" or asked.headers["x-odoo-database"] != "halny":
            self.wrong(asked, "no such call")
            return Said(404, {"name": "werkzeug.exceptions.NotFound"})
        given = asked.json
        try:
            return Said(200, self.run(found[1], found[2], given.pop("ids", []), given))
        except Bad as bad:
            self.wrong(asked, str(bad))
            return Said(422, {"name": "odoo.exceptions.ValidationError", "message": str(bad)})

    def run(self, model: str, method: str, ids: list[int], given: Record) -> Any:
        strange = {*given} - ARGUMENTS.get(method, set())
        if model not in FIELDS or method not in ARGUMENTS or strange:
            raise Bad(f"{model}.{method} does not take {strange}")
        if missing := [id_ for id_ in ids if str(id_) not in self.of(model)]:
            raise Bad(f"{model} has no {missing}")
        return getattr(self, method.removeprefix("action_"))(model, ids, **given)

    def search(self, model: str, ids: list[int], domain: Any, context: Record) -> list[int]:
        shown = self.of(model).items()
        everything = context.get("active_test") is False
        return [
            int(id_)
            for id_, record in shown
            if (record.get("active", True) or everything) and all(fits(t, record) for t in domain)
        ]

    def search_read(
        self, model: str, ids: list[int], domain: Any, fields: list[str], order: str, limit: int,
        context: Record,
    ) -> list[Record]:  # fmt: skip
        if {*fields, *(term[0] for term in domain)} - {*FIELDS[model], "id"}:
            raise Bad(f"{model}: no such field")
        found = sorted(self.search(model, [], domain, context), reverse=order == "id desc")
        records = [self.of(model)[str(id_)] for id_ in found[:limit]]
        return [
            {"id": id_, **{name: record.get(name, False) for name in fields if name != "id"}}
            for id_, record in zip(found, records, strict=False)
        ]

    def create(self, model: str, ids: list[int], vals_list: list[Record]) -> list[int]:
        standing = {"active": True, "probability": 10.0} if model == LEAD else {}
        return [int(self.add(model, standing | self._values(model, vals))) for vals in vals_list]

    def write(self, model: str, ids: list[int], vals: Record) -> bool:
        for id_ in ids:
            self.of(model)[str(id_)].update(self._values(model, vals))
        return True

    def _values(self, model: str, vals: Record) -> Record:
        for name, value in vals.items():
            if name not in FIELDS[model] or not isinstance(value, FIELDS[model][name]):
                raise Bad(f"{model}.{name}: unknown or of another type")
        return vals

    def unlink(self, model: str, ids: list[int]) -> bool:
        for id_ in ids:
            del self.of(model)[str(id_)]
            for message in [*self.of(MESSAGE)]:
                place = self.of(MESSAGE)[message]
                if (place["model"], place["res_id"]) == (model, id_):
                    del self.of(MESSAGE)[message]
        return True

    def message_post(self, model: str, ids: list[int], **given: Any) -> int:
        if given["subtype_xmlid"] != "mail.mt_note" or not given["body_is_html"]:
            raise Bad("this would be an e-mail")
        return int(self.add(MESSAGE, {"model": model, "res_id": ids[0], "body": given["body"]}))

    def set_won(self, model: str, ids: list[int]) -> bool:
        return self.write(model, ids, {"active": True, "probability": 100.0})

    def set_lost(self, model: str, ids: list[int]) -> bool:
        return self.write(model, ids, {"active": False, "probability": 0.0})

    def notes(self, who: str) -> list[str]:
        partners = [
            int(i) for i, r in self.of(PARTNER).items() if who in (r.get("email"), r.get("phone"))
        ]
        messages = self.of(MESSAGE).values()
        return [from_html(m["body"]) for m in messages if m["res_id"] in partners]

    def leads(self, who: str) -> list[str]:
        mine = [r for r in self.of(LEAD).values() if who in (r.get("email_from"), r.get("phone"))]
        return [from_html(r["description"]) for r in mine]


class OldOdooDouble(OdooDouble):
    """By the JSON-RPC protocol of 17 and 18."""

    def adapter(self, api: str) -> OdooCRM:
        return OdooCRM(api, "key-1", database="halny", protocol="jsonrpc", user="bot@x.example")

    def serve(self, asked: Asked) -> Said:
        if asked.path != "/jsonrpc" or asked.json["method"] != "call":
            self.wrong(asked, "no such call")
            return Said(404, b"")
        called = asked.json["params"]
        args = called["args"]
        if (called["service"], called["method"]) == ("common", "authenticate"):
            right = args == ["halny", "bot@x.example", "key-1", {}]
            return Said(200, {"jsonrpc": "2.0", "id": 1, "result": 7 if right else False})
        if args[:3] != ["halny", 7, "key-1"]:
            return failed("odoo.exceptions.AccessDenied")
        model, method, positional, given = args[3:]
        try:
            result = self.run(model, method, positional[0] if positional else [], given)
        except Bad as bad:
            self.wrong(asked, str(bad))
            return failed("odoo.exceptions.ValidationError")
        return Said(200, {"jsonrpc": "2.0", "id": 1, "result": result})


def failed(name: str) -> Said:
    error = {"code": 200, "message": "Odoo Server Error", "data": {"name": name}}
    return Said(200, {"jsonrpc": "2.0", "id": 1, "error": error})


def fits(term: list[Any], record: Record) -> bool:
    field, operator, wanted = term
    value = record.get(field, False)
    if operator == "=":
        return bool(value == wanted)
    if operator == "ilike":
        return wanted.lower() in str(value or "").lower()
    if operator == "=ilike":
        plain = re.sub(r"\\(.)", r"\1", wanted)
        return str(value or "").lower() == plain.lower()
    raise Bad(f"no such operator: {operator}")
