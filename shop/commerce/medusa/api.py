"""Medusa's two HTTP APIs: the storefront's, opened by a publishable key, and the administrators'.

https://docs.medusajs.com/api/store and https://docs.medusajs.com/api/admin
"""

from __future__ import annotations

from typing import Any

from shop.exchange import Answer
from shop.http import BackEnd, Header, basic
from shop.model import NotFound, Unavailable

OUT_OF_STOCK = "insufficient_inventory"  # when a cart is filled
NO_STOCK = "Not enough stock available"  # when stock is reserved, which has no code of its own


class Denied(Unavailable):
    """Medusa says no for a reason of its own. Only its kind is kept: its messages may name
    shoppers."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"medusa: {kind}")
        self.kind = kind


class Api:
    def __init__(self, server: str, publishable_key: str, secret_key: str) -> None:
        server = server.rstrip("/")
        key = Header("x-publishable-api-key", publishable_key)
        self._store = BackEnd("medusa", f"{server}/store", key)
        self._admin = BackEnd("medusa admin", f"{server}/admin", basic(secret_key, ""))

    async def store(
        self, method: str, path: str, body: Any = None, again: bool = False, **query: Any
    ) -> Any:
        """`again`: sending it twice does no harm. Raises NotFound and Denied."""
        return await ask(self._store, method, path, body, again, query)

    async def admin(
        self, method: str, path: str, body: Any = None, again: bool = False, **query: Any
    ) -> Any:
        return await ask(self._admin, method, path, body, again, query)


async def ask(
    back_end: BackEnd, method: str, path: str, body: Any, again: bool, query: dict[str, Any]
) -> Any:
    safe = again or method == "GET"
    answer = await back_end.call(method, path, json=body, query=pairs(query), repeatable=safe)
    if not answer.ok:
        raise trouble(answer)
    return answer.content


def pairs(query: dict[str, Any]) -> list[tuple[str, str]]:
    """A list of values is told apart from one value by its name's end."""
    found = []
    for name, value in query.items():
        if isinstance(value, (list, tuple)):
            found += [(f"{name}[]", str(one)) for one in value]
        else:
            found.append((name, str(value)))
    return found


def trouble(answer: Answer) -> Exception:
    content = answer.content if isinstance(answer.content, dict) else {}
    if answer.status == 404:
        return NotFound("medusa: not_found")
    if str(content.get("message")).startswith(NO_STOCK):
        return Denied(OUT_OF_STOCK)
    return Denied(str(content.get("code") or content.get("type") or answer.status))
