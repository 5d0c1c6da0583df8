"""Shopify's double: a real server that executes documents on the official schema over a small shop,
and refuses what Shopify refuses. What was wrong with a request is in `problems`."""

from __future__ import annotations

import itertools
from threading import Lock
from typing import Any

from graphql import execute_sync

from shop.commerce.shopify.api import VERSION
from tests.shop.commerce.shopify.reads import Reads
from tests.shop.commerce.shopify.schema import old, old_input, read, schema
from tests.shop.commerce.shopify.shop import Shop
from tests.shop.commerce.shopify.writes import Writes
from tests.shop.vendor import Asked, Said

CLIENT = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "shpss_secret"}
TOKEN, GRAPHQL = "/admin/oauth/access_token", f"/admin/api/{VERSION}/graphql.json"
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 52,
            "actualQueryCost": None,
            "throttleStatus": {
                "maximumAvailable": 2000.0,
                "currentlyAvailable": 42,
                "restoreRate": 100.0,
            },
        }
    },
}


class Double(Shop):
    def __init__(self) -> None:
        super().__init__()
        self.fill()
        self.problems: list[str] = []
        self.documents: set[str] = set()
        self.tokens: list[str] = []  # the last one is good
        self.throttled = 0  # requests that are still to be turned away
        self._lock, self._serial = Lock(), itertools.count(1)
        reads, writes = Reads(self), Writes(self)
        self.root = {
            name: getattr(of, name)
            for of in (reads, writes)
            for name in dir(of)
            if not name.startswith("_") and callable(getattr(of, name))
        }

    def answer(self, asked: Asked) -> Said:
        if (asked.method, asked.path) == ("POST", TOKEN):
            return self.grant(asked)
        if (file := self.exports.files.get(asked.path)) is not None:
            if "x-shopify-access-token" in asked.headers:
                self.problems.append("the token was told to whoever keeps the files")
            return Said(200, file)
        if (asked.method, asked.path) != ("POST", GRAPHQL):
            return Said(404, {"errors": "Not Found"})
        if asked.headers.get("x-shopify-access-token") not in self.tokens[-1:]:
            return Said(401, {"errors": "[API] Invalid API key or access token"})
        with self._lock:
            if self.throttled:
                self.throttled -= 1
                return Said(200, THROTTLED)
            return self.execute(asked.json["query"], asked.json["variables"])

    def grant(self, asked: Asked) -> Said:
        if asked.form != CLIENT:
            return Said(400, {"error": "invalid_client"})
        self.tokens.append(f"shpat_{next(self._serial)}")
        return Said(200, {"access_token": self.tokens[-1], "scope": "", "expires_in": 86399})

    def execute(self, document: str, variables: dict[str, Any]) -> Said:
        self.documents.add(document)
        parsed, wrong = read(document)
        self.problems += [*old(document), *old_input(document, variables)]
        if wrong:
            self.problems += wrong
            return Said(200, {"errors": [{"message": one} for one in wrong]})
        result = execute_sync(schema(), parsed, self.root, variable_values=variables)
        if result.errors:
            self.problems += [error.message for error in result.errors]
            return Said(200, {"errors": [{"message": "refused"}]})
        return Said(200, {"data": result.data})
