"""Bulk operations of the small shop: a query run over all it has, and the file that comes of it.

https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLList,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    visit,
)

from tests.shop.commerce.shopify.schema import schema

Node = dict[str, Any]
BULK = "bulk"  # the context in which connections are not paged
CONNECTIONS, DEEP = 5, 2


@dataclass
class Exports:
    """`end` is how the next ones end, `lost` how many lines of theirs go missing, `looks` how often
    one is looked at before it ends."""

    end: str = "COMPLETED"
    lost: int = 0
    looks: int = 2
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    all: dict[str, Node] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def begin(self, data: Node | None) -> Node:
        (connection,) = (data or {"nothing": {"edges": []}}).values()
        lines = flat(connection)
        number = next(self.numbers)
        path, id_ = f"/export/{number}.jsonl", f"gid://shopify/BulkOperation/{number}"
        self.files[path] = b"\n".join(json.dumps(one).encode() for one in lines)
        made = {
            "id": id_,
            "status": "CREATED",
            "looks": self.looks,
            "end": self.end,
            "errorCode": None,
            "rootObjectCount": str(sum("__parentId" not in one for one in lines) + self.lost),
            "objectCount": str(len(lines)),
            "path": path if lines else None,
        }
        self.all[id_] = made
        return made

    def look(self, id_: str) -> Node | None:
        found = self.all.get(id_)
        if found is None:
            return None
        found["looks"] -= 1
        found["status"] = "RUNNING" if found["looks"] > 0 else found["end"]
        ended = found["status"] == "COMPLETED" and found["path"]
        code = "TIMEOUT" if found["status"] == "FAILED" else None
        return {**found, "errorCode": code, "url": self.url + found["path"] if ended else None}


def flat(connection: Node) -> list[Node]:
    """Lines, all of one depth together: what belongs to something stands well below it."""
    lines: list[Node] = []
    level = [(edge["node"], None) for edge in connection["edges"]]
    while level:
        below = []
        for node, parent in level:
            held = {k: v for k, v in node.items() if isinstance(v, dict) and "edges" in v}
            line = {k: v for k, v in node.items() if k not in held}
            lines.append({**line, "__parentId": parent} if parent else line)
            below += [(e["node"], node["id"]) for one in held.values() for e in one["edges"]]
        level = below
    return lines


def wrong(document: DocumentNode) -> list[str]:
    """What Shopify refuses to export."""
    rules = Rules(TypeInfo(schema()))
    visit(document, TypeInfoVisitor(rules.info, rules))
    if not 0 < rules.count <= CONNECTIONS:
        rules.found.append(f"{rules.count} connections")
    return rules.found


class Rules(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info, self.found, self.count = info, list[str](), 0
        self._inside: list[str] = []  # of each field that we are in: connection, list or neither

    def enter_field(self, node: Any, *_: Any) -> None:
        name = str(get_named_type(self.info.get_type()))
        kind = ""
        if name.endswith("Connection"):
            kind, self.count = "connection", self.count + 1
            if "list" in self._inside:
                self.found.append(f"{node.name.value}: a connection in a list")
            if self._inside.count("connection") > DEEP:
                self.found.append(f"{node.name.value}: too deep")
        elif node.name.value == "node":
            self._node(node.selection_set)
        elif isinstance(get_nullable_type(self.info.get_type()), GraphQLList):
            kind = "" if node.name.value == "edges" else "list"
        self._inside.append(kind)

    def leave_field(self, *_: Any) -> None:
        self._inside.pop()

    def _node(self, selections: SelectionSetNode) -> None:
        of: Any = get_named_type(self.info.get_type())
        names = {getattr(getattr(one, "name", None), "value", "") for one in selections.selections}
        if "id" not in names:
            self.found.append(f"{of}: without its id")
        known = {of, *of.interfaces}
        kinds = schema().get_possible_types(of) if is_interface_type(of) else ()
        known |= {one for kind in kinds for one in kind.interfaces}
        if "Node" not in {str(one) for one in known}:
            self.found.append(f"{of}: not a node")
