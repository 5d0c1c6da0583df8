"""PrestaShop's webservice: reads in JSON, writes in XML.

https://devdocs.prestashop-project.org/9/webservice/ and .../webservice/cheat-sheet/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from xml.etree import ElementTree

from shop.exchange import Answer
from shop.http import BackEnd, basic
from shop.model import Unavailable

PAGE = 100  # things of one answer; ids of one question
XML = {"Content-Type": "application/xml"}
UNREADABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
SYNTAX = re.compile(r"[\[\]|,%\\]")  # of filters
SINGULAR = {"addresses": "address", "order_histories": "order_history", "order_slip": "order_slip"}
Row = dict[str, Any]


class Api:
    def __init__(self, server: str, key: str, shop: str = "") -> None:
        self._back_end = BackEnd("prestashop", f"{server.rstrip('/')}/api", basic(key, ""))
        self._always = {"output_format": "JSON", **({"id_shop": shop} if shop else {})}

    async def find(
        self,
        resource: str,
        fields: Collection[str] = (),
        *,
        newest: int = 0,
        extra: Mapping[str, str] | None = None,
        **filters: Collection[str] | str,
    ) -> list[Row]:
        """All that pass the filters, a field's value or one of several (none: nothing does), by
        id; of `newest` so many, the latest first. Values are strings: text in one language as well
        as all numbers."""
        query = {"display": f"[{','.join(fields)}]" if fields else "full", **(extra or {})}
        asked: list[dict[str, str]] = [{}]
        for name, wanted in filters.items():
            values = [wanted] if isinstance(wanted, str) else sorted(set(wanted))
            chunks = [values[n : n + PAGE] for n in range(0, len(values), PAGE)]
            asked = [one | {f"filter[{name}]": choice(c)} for one in asked for c in chunks]
        found: list[Row] = []
        for one in asked:
            found += await self._pages(resource, {**query, **one}, newest)
        return found

    async def containing(self, resource: str, field: str, word: str, newest: int) -> list[Row]:
        """The ids of the latest whose field has the word in it."""
        plain = SYNTAX.sub("", word)
        query = {"display": "[id]", f"filter[{field}]": f"%[{plain}]%"}
        return await self._pages(resource, query, newest) if plain else []

    async def add(self, resource: str, row: Mapping[str, Any], **query: str) -> Row:
        """The new thing, as PrestaShop made it."""
        answer = await self._send("POST", f"/{resource}", resource, row, query)
        made = next(iter(answer.content.values())) if isinstance(answer.content, dict) else None
        made = made[0] if isinstance(made, list) and made else made
        if not isinstance(made, dict) or not made.get("id"):
            raise Unavailable(f"prestashop: nothing made of {resource}")
        return dict(plain_values(made))

    async def put(self, resource: str, row: Mapping[str, Any]) -> None:
        """All that can be written: what is left out is emptied there."""
        await self._send("PUT", f"/{resource}/{row['id']}", resource, row, {})

    async def drop(self, resource: str, id_: str) -> None:
        answer = await self._back_end.call(
            "DELETE", f"/{resource}/{id_}", query=self._always, repeatable=True, decode=any_json
        )
        if answer.status != 404:
            accepted(answer, resource)

    async def _send(
        self,
        method: str,
        path: str,
        resource: str,
        row: Mapping[str, Any],
        query: Mapping[str, str],
    ) -> Answer:
        body = to_xml(SINGULAR.get(resource, resource[:-1]), row)
        query = {**self._always, **query}
        again = method == "PUT"
        return accepted(
            await self._back_end.call(
                method, path, form=body, query=query, headers=XML, repeatable=again
            ),
            resource,
        )

    async def _pages(self, resource: str, query: dict[str, str], newest: int) -> list[Row]:
        found: list[Row] = []
        sort = "[id_DESC]" if newest else "[id_ASC]"
        while True:
            size = newest or PAGE
            limit = {"sort": sort, "limit": f"{len(found)},{size}"}
            asked = {**self._always, **query, **limit}
            answer = accepted(await self._back_end.call("GET", f"/{resource}", query=asked), "")
            page = rows(answer.content)
            found += page
            if newest or len(page) < size:
                return found


def accepted(answer: Answer, resource: str) -> Answer:
    """Its messages may name shoppers, so only the codes are told."""
    if answer.ok:
        return answer
    content = answer.content if isinstance(answer.content, dict) else {}
    codes = [str(e.get("code", "")) for e in content.get("errors") or () if isinstance(e, dict)]
    raise Unavailable(f"prestashop: {answer.status} {' '.join(codes)} {resource}".rstrip())


def rows(content: Any) -> list[Row]:
    """Of a list: where nothing is found, PrestaShop answers with an empty array."""
    if isinstance(content, dict) and len(content) == 1:
        content = next(iter(content.values()))
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise Unavailable("prestashop: nonsense")
    return [plain_values(one) for one in content]


def plain_values(value: Any) -> Any:
    """Versions differ in what is a number, a string or nothing at all."""
    if isinstance(value, dict):
        return {name: plain_values(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain_values(one) for one in value]
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def any_json(body: bytes) -> None:
    """What DELETE answers with does not matter."""


def choice(values: Collection[str]) -> str:
    return f"[{'|'.join(SYNTAX.sub('', value) for value in values)}]"


def to_xml(name: str, row: Mapping[str, Any]) -> bytes:
    """`associations` holds {cart_rows: [row, ...]}; text in several languages is, as it is read,
    [{id: language, value: text}, ...]."""
    root = ElementTree.Element("prestashop")
    add_fields(ElementTree.SubElement(root, name), row)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def add_fields(parent: ElementTree.Element, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        node = ElementTree.SubElement(parent, name)
        if name == "associations":
            for group, members in value.items():
                several = ElementTree.SubElement(node, group)
                for member in members:
                    add_fields(ElementTree.SubElement(several, group[:-1]), member)
        elif isinstance(value, list):
            for said in value:
                language = ElementTree.SubElement(node, "language", {"id": said["id"]})
                language.text = UNREADABLE.sub("", said["value"])
        else:
            node.text = UNREADABLE.sub("", str(value))
