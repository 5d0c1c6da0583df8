"""HubSpot's contacts, notes and deals; every request against the specification that was derived
from HubSpot's own SDK, with its v3 paths in place of the dated ones."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from shop.crm.hubspot import HubSpotCRM
from shop.crm.words import from_html
from tests.shop.crm.doubles.base import CRMDouble, Record
from tests.shop.payments import spec
from tests.shop.vendor import Asked, Said

KEY = "Bearer key-1"
PATH = re.compile(r"/crm/objects/2026-09/(contacts|notes|deals)((?:/[^/]+){0,2})")
PROPERTIES = {
    "contacts": "email firstname lastname phone lifecyclestage hs_lead_status"
    " shopkeeper shopkeeper_key",
    "notes": "hs_timestamp hs_note_body",
    "deals": "dealname pipeline dealstage amount deal_currency_code closedate description"
    " shopkeeper_order",
}
UNIQUE = {"contacts": ("email", "shopkeeper_key"), "notes": (), "deals": ("shopkeeper_order",)}
TYPES = {"notes": 202, "deals": 3}
MISSING = Said(404, {"category": "OBJECT_NOT_FOUND", "message": "resource not found"})


class HubSpotDouble(CRMDouble):
    def __init__(self) -> None:
        super().__init__()
        if not spec.MISSING:
            spec.spec("hubspot")

    def adapter(self, api: str) -> HubSpotCRM:
        return HubSpotCRM("key-1", api=api)

    def serve(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != KEY:
            return Said(401, {"category": "INVALID_AUTHENTICATION"})
        found = PATH.fullmatch(asked.path)
        if found is None:
            self.wrong(asked, "no such path")
            return Said(404)
        kind, rest = found[1], found[2].strip("/")
        if asked.method == "POST":
            return self._post(asked, kind, rest)
        record = self._find(kind, asked.query.get("idProperty", ""), unquote(rest))
        if record is None:
            return MISSING
        if asked.method == "GET":
            return Said(200, self._shown(kind, record))
        if refused := self._check(asked, kind, f"/{{{kind[:-1]}Id}}", asked.json["properties"]):
            return refused
        return self._written(kind, record, asked.json["properties"], 200)

    def _post(self, asked: Asked, kind: str, rest: str) -> Said:
        body = asked.json
        told = body.get("properties") if isinstance(body.get("properties"), dict) else {}
        for entry in body.get("inputs", ()):
            told |= entry.get("properties", {})
        if refused := self._check(asked, kind, f"/{rest}" if rest else "", told):
            return refused
        if not rest:
            return self._create(asked, kind, body)
        if rest == "search":
            return self._search(kind, body)
        if rest == "batch/upsert":
            return self._upsert(kind, body["inputs"][0])
        if rest == "batch/archive":
            for entry in body["inputs"]:
                self.of(kind).pop(entry["id"], None)
            return Said(204, b"")
        return self._forget(body["objectId"])

    def _check(self, asked: Asked, kind: str, rest: str, told: dict[str, Any]) -> Said | None:
        path = f"/crm/v3/objects/{kind}{rest}"
        found = spec.request_faults("hubspot", asked.method, path, asked.json)
        found += [f"{name}: no such property" for name in {*told} - {*PROPERTIES[kind].split()}]
        self.problems += [f"{path} {fault}" for fault in found]
        return Said(400, {"category": "VALIDATION_ERROR", "message": found[0]}) if found else None

    def _find(self, kind: str, by: str, value: str) -> str | None:
        if not by:
            return value if value in self.of(kind) else None
        records = self.of(kind).items()
        return next((i for i, record in records if record.get(by, "").lower() == value), None)

    def _shown(self, kind: str, id_: str) -> Record:
        at = "2026-11-23T10:00:00.000Z"
        properties = {k: v for k, v in self.of(kind)[id_].items() if k != "contact"}
        return {"id": id_, "properties": properties, "createdAt": at, "updatedAt": at}

    def _written(self, kind: str, id_: str, told: Record, status: int) -> Said:
        for name in UNIQUE[kind]:
            if told.get(name) and self._find(kind, name, told[name]) not in (None, id_):
                why = f"{name}: another object already has that value."
                return Said(400, {"category": "VALIDATION_ERROR", "message": why})
        self.of(kind).setdefault(id_, {}).update(told)
        return Said(status, self._shown(kind, id_))

    def _create(self, asked: Asked, kind: str, body: Record) -> Said:
        id_, told = self.add(kind, {}), dict(body["properties"])
        for link in body.get("associations", ()):
            if link["types"][0]["associationTypeId"] != TYPES[kind]:
                self.wrong(asked, "not an association with a contact")
            told["contact"] = link["to"]["id"]
        said = self._written(kind, id_, told, 201)
        if said.status != 201:
            del self.of(kind)[id_]
        return said

    def _upsert(self, kind: str, entry: Record) -> Said:
        known = self._find(kind, entry["idProperty"], entry["id"])
        id_ = known or self.add(kind, {entry["idProperty"]: entry["id"]})
        said = self._written(kind, id_, entry["properties"], 200)
        return Said(200, {"status": "COMPLETE", "results": [{**said.body, "new": not known}]})

    def _search(self, kind: str, body: Record) -> Said:
        """Two objects a page, so that there is a second one."""
        filters = body["filterGroups"][0]["filters"]
        names = [(f["propertyName"].replace("associations.", ""), f["value"]) for f in filters]
        fitting = [
            id_
            for id_, record in self.of(kind).items()
            if all(record.get(name) == value for name, value in names)
        ]
        start = int(body.get("after", 0))
        page = [self._shown(kind, id_) for id_ in fitting[start : start + 2]]
        more = {"next": {"after": str(start + 2)}} if start + 2 < len(fitting) else None
        answer = {"total": len(fitting), "results": page}
        return Said(200, {**answer, "paging": more} if more else answer)

    def _forget(self, id_: str) -> Said:
        if self.of("contacts").pop(id_, None) is None:
            return MISSING
        notes = self.of("notes")
        for note in [note for note, record in notes.items() if record["contact"] == id_]:
            del notes[note]
        return Said(204, b"")

    def notes(self, who: str) -> list[str]:
        mine = {self._find("contacts", name, who) for name in UNIQUE["contacts"]}
        bodies = [r["hs_note_body"] for r in self.of("notes").values() if r["contact"] in mine]
        return [from_html(body) for body in bodies]

    def leads(self, who: str) -> list[str]:
        return self.notes(who)
