"""PrestaShop's webservice as it is documented: XML in, JSON out, filters, pages and error codes.

https://devdocs.prestashop-project.org/9/webservice/cheat-sheet/
It is stricter than PrestaShop in one thing: a field that it does not know is an error.
"""

from __future__ import annotations

import base64
import re
import threading
import traceback
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.shop.commerce.prestashop.fields import PLURAL, RESOURCES, ROWS, Field, Resource
from tests.shop.vendor import Asked, Said

KEY = "ZR92FNY5UFRERNI3O9Z5QDHWKTP3YIIT"
LANGUAGES = {"1": "en", "2": "pl", "3": "es"}
DOCS = Path(__file__).parents[4] / "docs" / "shops.md"
ALLOWED = re.compile(r"^\| \w+ \((GET|POST|PUT|DELETE)\) \| (.+) \|$", re.M)
# The key may do what the documentation asks for, and no more.
ASKED = DOCS.read_text("utf-8").partition("## PrestaShop\n")[2].partition("\n## ")[0]
PERMISSIONS = {method: set(named.split(", ")) for method, named in ALLOWED.findall(ASKED)}
Row = dict[str, Any]


class Wrong(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.said = Said(status, {"errors": [{"code": code, "message": message}]})


class Webservice:
    """`tables` hold rows by id; text in several languages is {language id: text}."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Row]] = {name: {} for name in RESOURCES}
        self.lock = threading.RLock()
        self.first_id = 1001  # numbers of one or two digits would not be taken for orders
        self.last_id = 0

    def answer(self, asked: Asked) -> Said:
        with self.lock:
            try:
                return self.handle(asked)
            except Wrong as wrong:
                return wrong.said
            except Exception:
                traceback.print_exc()  # a mistake here, which the test's report shall show
                return Said(500, b"<html>Fatal error</html>")

    def handle(self, asked: Asked) -> Said:
        wanted = base64.b64encode(f"{KEY}:".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}":
            raise Wrong(401, 18, "Invalid authentication key format")
        if asked.query.get("output_format") != "JSON":
            return Said(200, b'<?xml version="1.0"?><prestashop/>')
        _, api, name, *rest = asked.path.split("/")
        if api != "api" or name not in RESOURCES:
            raise Wrong(400, 23, f'Resource of type "{name}" does not exists')
        if name not in PERMISSIONS.get(asked.method, ()):
            raise Wrong(405, 26, f'Method {asked.method} is not allowed for the resource "{name}"')
        resource, id_ = RESOURCES[name], int(rest[0]) if rest else None
        if asked.method == "GET" and id_ is None:
            return Said(200, self.list(resource, asked.query))
        if asked.method == "POST" and id_ is None:
            made = self.post(resource, self.read(resource, asked.body), asked.query)
            return Said(201, {resource.singular: self.shown(resource, made, asked.query)})
        if id_ not in self.tables[name]:
            raise Wrong(404, 92, "Invalid ID")
        if asked.method == "PUT":
            self.put(resource, id_, self.read(resource, asked.body))
            return Said(200, {resource.singular: {"id": id_}})
        if asked.method == "DELETE":
            self.delete(resource, id_)
            return Said(200, b"")
        raise Wrong(405, 25, f"Method {asked.method} is not valid")

    def insert(self, name: str, row: Row) -> Row:
        self.last_id = max(self.last_id + 1, self.first_id)
        made = {"id": self.last_id, **row}
        self.tables[name][self.last_id] = made
        return made

    def where(self, table: str, /, **values: Any) -> list[Row]:
        rows = self.tables[table].values()
        return [r for r in rows if all(str(r.get(n, "")) == str(v) for n, v in values.items())]

    def post(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        return self.insert(resource.name, row)

    def put(self, resource: Resource, id_: int, row: Row) -> None:
        """What is left out is emptied, except what cannot be written."""
        old = self.tables[resource.name][id_]
        fixed = {n: old[n] for n, f in resource.fields.items() if not f.writable and n in old}
        if "associations" in old and "associations" not in row:
            fixed["associations"] = old["associations"]
        self.tables[resource.name][id_] = {"id": id_, **row, **fixed}

    def delete(self, resource: Resource, id_: int) -> None:
        del self.tables[resource.name][id_]

    def list(self, resource: Resource, query: dict[str, str]) -> Any:
        wanted = self.filters(resource, query)
        rows = self.tables[resource.name].values()
        found = [r for r in rows if all(matches(r.get(n, ""), v) for n, v in wanted.items())]
        found.sort(key=lambda row: int(row["id"]), reverse="DESC" in query.get("sort", ""))
        if limit := query.get("limit"):
            *start, count = (int(n) for n in limit.split(","))
            begin = start[0] if start else 0
            found = found[begin : begin + count]
        shown = [self.shown(resource, row, query) for row in found]
        return {PLURAL.get(resource.name, resource.name): shown} if shown else []

    def filters(self, resource: Resource, query: dict[str, str]) -> dict[str, str]:
        found = {}
        for name, value in query.items():
            if shape := re.fullmatch(r"filter\[(\w+)\]", name):
                field = resource.fields.get(shape[1])
                if shape[1] != "id" and (field is None or not field.filterable):
                    raise Wrong(400, 32, f'This filter does not exist: "{shape[1]}"')
                found[shape[1]] = folded(value)
        return found

    def shown(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        whole = {"id": row["id"]} | {
            n: render(row.get(n, ""), f) for n, f in resource.fields.items()
        }
        display = query.get("display", "full")
        if display != "full":
            wanted = display.strip("[]").split(",")
            if unknown := set(wanted) - set(whole):
                raise Wrong(400, 35, f"Unable to display {unknown}")
            return {name: whole[name] for name in wanted}
        whole |= self.priced(resource, row, query)
        groups = self.associations(resource, row)
        return {**whole, "associations": groups} if groups else whole

    def priced(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        return {}

    def associations(self, resource: Resource, row: Row) -> Row:
        return dict(row.get("associations", {}))

    def read(self, resource: Resource, body: bytes) -> Row:
        root = ElementTree.fromstring(body)
        if root.tag != "prestashop" or [one.tag for one in root] != [resource.singular]:
            raise Wrong(400, 127, "XML error")
        row: Row = {}
        for node in root[0]:
            if node.tag == "associations":
                row["associations"] = self.read_rows(resource, node)
            elif node.tag != "id":
                row[node.tag] = self.read_field(resource, node)
        for name, field in resource.fields.items():
            if field.required and not row.get(name):
                raise Wrong(400, 41, f'parameter "{name}" required')
            row.setdefault(name, {} if field.translated else "")
        return row

    def read_field(self, resource: Resource, node: ElementTree.Element) -> Any:
        field = resource.fields.get(node.tag)
        if field is None:
            raise Wrong(400, 0, f'there is no "{node.tag}"')
        if not field.writable:
            raise Wrong(400, 93, f'parameter "{node.tag}" not writable')
        if field.translated:
            return {one.attrib["id"]: one.text or "" for one in node if one.tag == "language"}
        return valid(node.tag, node.text or "", field)

    def read_rows(self, resource: Resource, node: ElementTree.Element) -> Row:
        name, text = ROWS[resource.name]
        if [group.tag for group in node] != [name] or not len(node[0]):
            raise Wrong(500, 2, "SQLSTATE[42000]: Syntax error")
        wanted = {one.rstrip("!"): one.endswith("!") for one in text.split()}
        rows = []
        for member in node[0]:
            row = {one.tag: one.text or "" for one in member}
            missing = [one for one, needed in wanted.items() if needed and not row.get(one)]
            if member.tag != name[:-1] or missing or set(row) - set(wanted):
                raise Wrong(400, 41, f"rows of {name}: {missing}")
            rows.append(row)
        return {name: rows}


def valid(name: str, value: str, field: Field) -> str:
    if value and not re.fullmatch(field.format, value):
        raise Wrong(400, 85, f"Validation error: Property {name} is not valid")
    if field.longest and len(value) > field.longest:
        raise Wrong(400, 85, f"Validation error: Property {name} is too long")
    return value


def render(value: Any, field: Field) -> Any:
    if not field.translated:
        return value
    return [{"id": id_, "value": text} for id_, text in value.items()] if value else ""


def folded(text: str) -> str:
    """As MySQL compares: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def matches(here: Any, wanted: str) -> bool:
    value = str(here)
    value = value if value.isdigit() else folded(value)
    if wanted.startswith("%["):
        return wanted[2:-2] in value
    return value in wanted.strip("[]").split("|")
