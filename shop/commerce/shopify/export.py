"""A whole catalogue at once, by a bulk operation: Shopify runs it for as long as it takes, five of
them at a time and for no points. https://shopify.dev/docs/api/usage/bulk-operations/queries

What comes of it is a file of JSON lines. What belongs to something else names that in `__parentId`,
and stands somewhere below it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from shop.commerce.shopify import documents
from shop.commerce.shopify.api import Api
from shop.feed.source import Source
from shop.model import Unavailable

LONGEST = 1800.0  # seconds after which it is given up; Shopify would go on for ten days
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds between two looks at it
WAITING = ("CREATED", "RUNNING")
PLACES = {  # of what belongs to something, by the kind that ids name: all else is media
    "Metafield": "metafields",
    "ProductVariant": "variants",
}


async def exported(api: Api, query: str) -> list[dict[str, Any]]:
    """What the one connection of `query` holds. Raises Unavailable, also where a part of it came
    (`partialDataUrl`): what is missing there would be taken for sold no more."""
    begun = await api.ask(documents.EXPORT, query=query)
    done = await finished(api, begun["bulkOperation"]["id"])
    expected, address = int(done["rootObjectCount"]), done["url"] or ""
    found = await asyncio.to_thread(fetched, address) if address.startswith("http") else []
    if len(found) < expected:
        raise Unavailable("shopify: an export that is not whole")
    return found


async def finished(api: Api, id_: str) -> dict[str, Any]:
    until, pause = time.monotonic() + LONGEST, SHORTEST_PAUSE
    while time.monotonic() < until:
        found: dict[str, Any] | None = await api.ask(documents.EXPORTED, id=id_)
        status = (found or {}).get("status", "gone")
        if found and status == "COMPLETED":
            return found
        if status not in WAITING:
            raise Unavailable(f"shopify: an export ended {status} {(found or {}).get('errorCode')}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    with suppress(Unavailable):
        await api.ask(documents.ENOUGH, repeatable=True, id=id_)
    raise Unavailable("shopify: an export took too long")


def fetched(address: str) -> list[dict[str, Any]]:
    """The address lets anybody in who knows it: our token stays here."""
    with NamedTemporaryFile(suffix=".jsonl") as file:
        Source(address, "shopify export").fetch(Path(file.name))
        with open(file.name, encoding="utf-8") as lines:
            try:
                return gathered(lines)
            except (ValueError, KeyError, TypeError):
                pass
    raise Unavailable("shopify: an export that makes no sense")


def gathered(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Things with all that belongs to them, as a page of them has it."""
    roots: list[dict[str, Any]] = []
    known: dict[str, dict[str, Any]] = {}
    for line in lines:
        node = json.loads(line)
        parent, kind = node.pop("__parentId", None), node["id"].split("/")[-2]
        known[node["id"]] = node
        for place in documents.HELD.get(kind, ()):
            node[place] = {"nodes": []}
        if parent is None:
            roots.append(node)
        else:
            known[parent][PLACES.get(kind, "media")]["nodes"].append(node)
    return roots
