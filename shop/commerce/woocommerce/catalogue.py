"""Reading WooCommerce's products, whole or some, with what they are called in every language."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from shop.catalogue import NewProduct, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.remote.vendor import Goods
from shop.commerce.remote.words import KNOWN, axis, in_all_languages
from shop.commerce.woocommerce.api import AT_ONCE, Api
from shop.commerce.woocommerce.goods import Shelves, Words, category_terms, text
from shop.commerce.woocommerce.taxes import Settings, settings
from shop.feed.terms import key

KEPT = 300.0  # seconds for which settings and the names of terms are not asked for again
MOMENT = 3.0  # seconds


class Catalogue:
    """`languages` are those of WPML, the shop's own first; none: the shop has one, which is the
    policy's default."""

    def __init__(self, api: Api, languages: Sequence[str], default: str, lowest: str) -> None:
        self.api, self.lowest = api, lowest
        self.languages, self.default = tuple(languages), default
        self._known: tuple[float, Shelves] | None = None
        self._seen: dict[str, tuple[float, NewProduct]] = {}

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        shelves = await self.shelves(anew=ids is None)
        query: dict[str, Any] = {"status": "publish", "orderby": "id", "order": "asc"}
        if ids is not None:
            wanted = sorted(id_ for id_ in ids if id_.isdigit())
            if not wanted:
                return Goods((), ())
            query["include"] = ",".join(wanted)
        found = await self.api.all("/products", **query, **self._in(self.default_language))
        limit = asyncio.Semaphore(AT_ONCE)

        async def whole(data: dict[str, Any]) -> NewProduct | None:
            async with limit:
                return shelves.product(data, await self._variations(data))

        products = [p for p in await asyncio.gather(*map(whole, found)) if p]
        if ids is None:
            products = await self._translated(products)
        self._seen |= {product.id: (time.monotonic(), product) for product in products}
        terms: dict[tuple[str, str], Term] = {}
        for term in shelves.terms(found):
            terms.setdefault((term.facet, term.id), term)
        return Goods(tuple(products), tuple(terms.values()))

    async def seen(self, ids: Collection[str]) -> dict[str, NewProduct]:
        """By id; what another step of the same call read a moment ago is not read again."""
        since = time.monotonic() - MOMENT
        found = {id_: self._seen[id_] for id_ in ids if id_ in self._seen}
        known = {id_: product for id_, (at, product) in found.items() if at > since}
        goods = await self.products(set(ids) - set(known))
        return {**known, **{product.id: product for product in goods.products}}

    async def settings(self) -> Settings:
        return (await self.shelves()).settings

    async def shelves(self, anew: bool = False) -> Shelves:
        if anew or self._known is None or time.monotonic() - self._known[0] > KEPT:
            options = await self.api.get("/settings/general")
            options += await self.api.get("/settings/tax")
            found = settings(options, await self.api.all("/taxes"))
            language = self.default_language or self.default
            shelves = Shelves(found, language, await self._words(), self.lowest)
            self._known = time.monotonic(), shelves
        return self._known[1]

    @property
    def default_language(self) -> str:
        return self.languages[0] if self.languages else ""

    def _in(self, language: str) -> dict[str, str]:
        return {"lang": language} if language else {}

    async def _variations(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if data["type"] != "variable":
            return []
        path = f"/products/{data['id']}/variations"
        return await self.api.all(path, orderby="id", order="asc")

    async def _words(self) -> Words:
        found = await self._named("/products/categories")
        values: dict[tuple[str, str], Term] = {}
        for attribute in await self.api.get("/products/attributes"):
            facet = axis(attribute["name"])
            if facet not in KNOWN or facet in (*SIZE_AXES, "brand"):
                continue
            path = f"/products/attributes/{attribute['id']}/terms"
            terms, names = await self._named(path)
            for one in terms:
                term = Term(facet, one["slug"], in_all_languages(names[one["id"]]))
                values[facet, key(one["name"])] = term
        return Words(category_terms(*found), values)

    async def _named(self, path: str) -> tuple[list[dict[str, Any]], dict[int, dict[str, str]]]:
        """All of a collection in the first language, and their names in all, by id."""
        found = await self.api.all(path, **self._in(self.default_language))
        first = self.default_language or self.default
        names = {one["id"]: {first: one["name"]} for one in found}
        for language in self.languages[1:]:
            for one in await self.api.all(path, **self._in(language)):
                if original := self._original(one):
                    names.setdefault(original, {})[language] = one["name"]
        return found, names

    async def _translated(self, products: list[NewProduct]) -> list[NewProduct]:
        texts = {product.id: dict(product.texts) for product in products}
        for language in self.languages[1:]:
            query = {"status": "publish", **self._in(language)}
            for one in await self.api.all("/products", **query):
                own = texts.get(str(self._original(one)))
                if own is not None:
                    own[language] = text(one)
        return [replace(product, texts=texts[product.id]) for product in products]

    def _original(self, data: dict[str, Any]) -> int:
        """The id in the first language of what WPML has translated; 0 where there is none."""
        return int((data.get("translations") or {}).get(self.default_language, 0))
