"""HubSpot's tickets and contacts; every request against the specification that was derived from
HubSpot's own SDK, with its v3 paths in place of the dated ones."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from shop.helpdesk.hubspot import HubSpotHelpdesk
from tests.shop.helpdesk.doubles.base import NOBODY, Call, DeskDouble, Filed
from tests.shop.payments import spec
from tests.shop.vendor import Asked, Said

PATH = re.compile(r"/crm/objects/2026-09/(tickets|contacts)((?:/[^/]+){0,2})")
PROPERTIES = {
    "tickets": {"subject", "content", "hs_pipeline", "hs_pipeline_stage", "shopkeeper_key"},
    "contacts": {"email", "phone", "shopkeeper_key"},
}
TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 16}
AT = "2026-11-23T10:00:00.000Z"


class HubSpotDouble(DeskDouble):
    webhooks = tells = False

    def __init__(self) -> None:
        super().__init__()
        if not spec.MISSING:
            spec.spec("hubspot")

    def adapter(self, api: str, store: str) -> HubSpotHelpdesk:
        return HubSpotHelpdesk("key-1", api=api, store=store)

    def serve(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != "Bearer key-1":
            return Said(401, {"category": "INVALID_AUTHENTICATION"})
        found = PATH.fullmatch(asked.path)
        if found is None:
            return self.lost(asked)
        kind, rest = found[1], found[2].strip("/")
        if asked.method == "GET":
            return self._ticket(unquote(rest), asked.query.get("idProperty", ""))
        if refused := self._check(asked, kind, f"/{rest}" if rest else ""):
            return refused
        return self._make(asked) if kind == "tickets" else self._contact(asked)

    def _check(self, asked: Asked, kind: str, rest: str) -> Said | None:
        body = asked.json
        path = f"/crm/v3/objects/{kind}{rest}"
        found = spec.request_faults("hubspot", asked.method, path, body)
        for told in (body, *body.get("inputs", ())):
            names = {*told.get("properties", {})} - PROPERTIES[kind]
            found += [f"{name}: no such property" for name in names]
        self.problems += [f"{path} {fault}" for fault in found]
        return Said(400, {"category": "VALIDATION_ERROR", "message": found[0]}) if found else None

    def _ticket(self, id_: str, by: str) -> Said:
        mine = (t for t in self.tickets.values() if id_ == (t.reference if by else str(t.number)))
        filed = next(mine, None)
        return Said(200, shown(filed)) if filed else Said(404, {"category": "OBJECT_NOT_FOUND"})

    def _make(self, asked: Asked) -> Said:
        told = asked.json["properties"]
        if any(t.reference == told["shopkeeper_key"] for t in self.tickets.values()):
            message = "shopkeeper_key: another ticket already has that value."
            return Said(400, {"category": "VALIDATION_ERROR", "message": message})
        links = asked.json.get("associations", [])
        if any(link["types"] != [TO_CONTACT] for link in links):
            self.problems.append("not an association with a contact")
        person = int(links[0]["to"]["id"]) if links else 0
        filed = self.file(told["shopkeeper_key"], person, told["subject"], told)
        filed.private.append(told["content"])
        return Said(201, shown(filed))

    def _contact(self, asked: Asked) -> Said:
        entry = asked.json["inputs"][0]
        if entry["id"] == NOBODY:
            return Said(400, {"category": "VALIDATION_ERROR", "message": "INVALID_EMAIL"})
        person = self.person(entry["idProperty"], entry["id"], "")
        result = {"id": str(person.id), "properties": {}, "createdAt": AT, "updatedAt": AT}
        return Said(200, {"status": "COMPLETE", "results": [{**result, "new": False}]})

    def call(self, number: str, event: str = "answered") -> Call:
        raise NotImplementedError("service keys have no webhooks")


def shown(filed: Filed) -> dict[str, Any]:
    replied = AT if filed.said else None
    stage = "4" if filed.solved else "1"
    told = {"hs_pipeline_stage": stage, "first_agent_reply_date": replied}
    return {"id": str(filed.number), "properties": told, "createdAt": AT, "updatedAt": AT}
