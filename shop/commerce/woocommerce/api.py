"""WooCommerce's REST API v3. https://developer.woocommerce.com/docs/apis/rest-api/v3/"""

from __future__ import annotations

import asyncio
from typing import Any

from shop.exchange import Answer
from shop.http import BackEnd, basic
from shop.model import NotFound, Unavailable

PAGE = 100  # the most that WooCommerce gives at once
AT_ONCE = 4  # a shop on a shared host has few workers


class Objection(Unavailable):
    """WooCommerce understood and says no; `code` is its word for why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"woocommerce: {status} {code}")
        self.code = code


class Api:
    def __init__(self, server: str, key: str, secret: str) -> None:
        root = f"{server.rstrip('/')}/wp-json/wc/v3"
        self._back_end = BackEnd("woocommerce", root, basic(key, secret))

    async def get(self, path: str, **query: Any) -> Any:
        return content(await self._back_end.call("GET", path, query=query))

    async def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every page of a collection."""
        query = {"per_page": PAGE, **query}
        first = await self._back_end.call("GET", path, query=query)
        found = list(content(first))
        limit = asyncio.Semaphore(AT_ONCE)

        async def page(number: int) -> list[dict[str, Any]]:
            async with limit:
                return list(await self.get(path, page=number, **query))

        pages = range(2, int(first.headers.get("X-WP-TotalPages", 1)) + 1)
        for more in await asyncio.gather(*map(page, pages)):
            found += more
        return found

    async def create(self, path: str, body: dict[str, Any]) -> Any:
        return content(await self._back_end.call("POST", path, json=body))

    async def update(self, path: str, body: dict[str, Any]) -> Any:
        """What is done twice here has the same end."""
        return content(await self._back_end.call("PUT", path, json=body, repeatable=True))

    async def remove(self, path: str) -> None:
        content(await self._back_end.call("DELETE", path, query={"force": "true"}, repeatable=True))


def content(answer: Answer) -> Any:
    """Raises NotFound or Objection. Only codes are told: the messages may name shoppers."""
    said = answer.content
    if answer.status < 300 and isinstance(said, list | dict):
        return said
    code = str(said.get("code", "nonsense")) if isinstance(said, dict) else "nonsense"
    if answer.status == 404 and code != "rest_no_route":
        raise NotFound(f"woocommerce: {code}")
    raise Objection(answer.status, code)
