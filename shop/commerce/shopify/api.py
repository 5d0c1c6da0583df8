"""Shopify's GraphQL Admin API, as the app of the shop's owner.

https://shopify.dev/docs/api/admin-graphql/2026-10 and, for the token of 24 hours,
https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from shop.http import BUDGET, BackEnd
from shop.model import Unavailable
from shop.tokens import Token

VERSION = "2026-10"
PAUSE = 1.0  # seconds, where Shopify does not say how long it wants to be left alone


class Objection(Unavailable):
    """Shopify understood and says no: `codes` are its words for why, where it has some."""

    def __init__(self, call: str, errors: list[dict[str, Any]]) -> None:
        self.codes = tuple(str(one["code"]) for one in errors if one.get("code"))
        fields = (".".join(map(str, one.get("field") or ())) for one in errors)
        super().__init__(f"shopify: {call} {' '.join((*self.codes, *fields))}".strip())


class Api:
    def __init__(self, shop: str, client_id: str, client_secret: str) -> None:
        """`shop` is https://NAME.myshopify.com."""
        server = shop.rstrip("/")
        form = {"client_id": client_id, "client_secret": client_secret}
        address = f"{server}/admin/oauth/access_token"
        token = Token("shopify", address, form, header="X-Shopify-Access-Token", prefix="")
        self._back_end = BackEnd("shopify", f"{server}/admin/api/{VERSION}", token)

    async def ask(self, document: str, repeatable: bool | None = None, **variables: Any) -> Any:
        """The answer's one field. `repeatable`: done twice it has the same end (default: queries
        do). Raises Unavailable, and Objection where it comes with errors of the one who asks."""
        safe = document.startswith("query") if repeatable is None else repeatable
        until = time.monotonic() + BUDGET
        content = await self._post(document, variables, safe)
        while (wait := pause_of(content)) and time.monotonic() + wait < until:
            await asyncio.sleep(wait)  # throttled, so nothing of it was done
            content = await self._post(document, variables, safe)
        if content.get("errors") or not content.get("data"):
            raise Unavailable(f"shopify: {code_of(content)}")
        name, answer = next(iter(content["data"].items()))
        if isinstance(answer, dict):
            objections = answer.get("userErrors") or answer.get("orderCancelUserErrors")
            if objections:
                raise Objection(name, objections)
        return answer

    async def _post(self, document: str, variables: dict[str, Any], safe: bool) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = await self._back_end.call("POST", "/graphql.json", json=body, repeatable=safe)
        if not answer.ok:  # 402 frozen, 403 not allowed, 404 no such shop, 423 locked
            raise Unavailable(f"shopify: {answer.status}")
        return answer.content if isinstance(answer.content, dict) else {}


def code_of(content: dict[str, Any]) -> str:
    """Codes only: the messages may name shoppers."""
    errors = content.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str((first.get("extensions") or {}).get("code", "nonsense"))


def pause_of(content: dict[str, Any]) -> float:
    """Seconds until what was throttled may be asked again; 0 if it was not.
    https://shopify.dev/docs/api/usage/limits"""
    if code_of(content) != "THROTTLED":
        return 0.0
    cost = (content.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or 0) - float(
        status.get("currentlyAvailable") or 0
    )
    rate = float(status.get("restoreRate") or 0)
    return max(missing / rate, 0.1) if rate and missing > 0 else PAUSE


def gid(kind: str, id_: str) -> str:
    return f"gid://shopify/{kind}/{id_}"


def plain_id(global_id: str) -> str:
    return global_id.rpartition("/")[2].partition("?")[0]
