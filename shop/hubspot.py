"""HubSpot's CRM objects, for the CRM and the help desk: one client, paths of one dated version.

https://developers.hubspot.com/docs/api-reference/latest/overview (a version lives for 18 months)
https://developers.hubspot.com/docs/api-reference/latest/crm/using-object-apis
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from shop.http import Answer, BackEnd, Header
from shop.model import Refused, ShopError, Unavailable

API = "https://api.hubapi.com"
VERSION = "2026-09"
PAGE, MOST = 100, 1000  # objects of one answer, and of one search
TO_CONTACT = {"notes": 202, "deals": 3, "tickets": 16}  # HubSpot's own association types
Properties = dict[str, str]


class HubSpot:
    """`token` is a service key's; `version` the date in the paths. Raises Unavailable, and Refused
    for what HubSpot does not accept."""

    def __init__(self, token: str, version: str = VERSION, api: str = API) -> None:
        self._api = BackEnd("hubspot", api, Header("Authorization", f"Bearer {token}"))
        self._version = version

    async def get(
        self, kind: str, id_: str, properties: tuple[str, ...], by: str = ""
    ) -> dict[str, Any] | None:
        """The object with this id or, with `by`, this value of a unique property."""
        query = {"properties": ",".join(properties), **({"idProperty": by} if by else {})}
        answer = await self._api.call("GET", self._path(kind, quoted(id_)), query=query)
        return None if answer.status == 404 else self._content(answer)

    async def search(
        self, kind: str, where: Properties, properties: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        """Objects with all these values; {"associations.contact": id} are those of a contact. What
        was written within the last seconds may be missing."""
        filters = [{"propertyName": k, "operator": "EQ", "value": v} for k, v in where.items()]
        asked: dict[str, Any] = {
            "filterGroups": [{"filters": filters}],
            "properties": list(properties),
            "limit": PAGE,
        }
        found: list[dict[str, Any]] = []
        while len(found) < MOST:
            page = await self._post(self._path(kind, "search"), asked, repeatable=True)
            found += page["results"]
            after = ((page.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                break
            asked["after"] = after
        return found

    async def create(self, kind: str, properties: Properties, contact: str = "") -> str:
        """The new object's id; a value that has to be unique and is not is Refused(taken)."""
        body: dict[str, Any] = {"properties": properties}
        if contact:
            type_ = {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": TO_CONTACT[kind],
            }
            body["associations"] = [{"to": {"id": contact}, "types": [type_]}]
        return str((await self._post(self._path(kind), body))["id"])

    async def update(self, kind: str, id_: str, properties: Properties) -> None:
        body, path = {"properties": properties}, self._path(kind, quoted(id_))
        self._content(await self._api.call("PATCH", path, json=body, repeatable=True))

    async def upsert(self, kind: str, by: str, value: str, properties: Properties) -> str:
        """The id of the object with this value of a unique property, which is made if need be."""
        inputs = [{"id": value, "idProperty": by, "properties": properties}]
        path = self._path(kind, "batch/upsert")
        done = await self._post(path, {"inputs": inputs}, repeatable=True)
        return str(done["results"][0]["id"])

    async def archive(self, kind: str, ids: list[str]) -> None:
        for start in range(0, len(ids), PAGE):
            inputs = [{"id": id_} for id_ in ids[start : start + PAGE]]
            path = self._path(kind, "batch/archive")
            await self._post(path, {"inputs": inputs}, repeatable=True)

    async def forget(self, contact: str) -> None:
        """Deletes a contact for good, as the GDPR asks."""
        await self._post(self._path("contacts", "gdpr-delete"), {"objectId": contact}, True)

    async def _post(self, path: str, body: dict[str, Any], repeatable: bool = False) -> Any:
        answer = await self._api.call("POST", path, json=body, repeatable=repeatable)
        return self._content(answer)

    def _path(self, kind: str, rest: str = "") -> str:
        return f"/crm/objects/{self._version}/{kind}" + (f"/{rest}" if rest else "")

    def _content(self, answer: Answer) -> Any:
        if not answer.ok:
            raise refusal(answer)
        return answer.content


def refusal(answer: Answer) -> ShopError:
    """400 and 409 are the object's fault; the rest (no right to, no such path) is the account's."""
    content = answer.content if isinstance(answer.content, dict) else {}
    if answer.status == 409 or "already has that value" in str(content.get("message")):
        return Refused("taken")
    if answer.status == 400:
        return Refused("crm", status=400, category=str(content.get("category"))[:60])
    return Unavailable(f"hubspot: {answer.status}")


def quoted(id_: str) -> str:
    """For a path: an e-mail keeps its @, as HubSpot's documents write it."""
    return quote(id_, safe="@")
