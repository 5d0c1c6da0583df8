"""Reading the catalogue, the prices of a cart, and what holds for the whole shop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shop.commerce.prestashop import delivery
from shop.commerce.prestashop import facts as whole
from shop.commerce.prestashop.api import Api, Row
from shop.commerce.prestashop.delivery import Tariff
from shop.commerce.prestashop.facts import Facts
from shop.commerce.prestashop.goods import (
    Shelves,
    Stock,
    Words,
    asked_prices,
    members,
    stock,
)
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.pull import FRESH
from shop.commerce.remote.vendor import Goods, TheirLine, variant_id
from shop.model import Locale
from shop.policy import policy

NO_ID = {"0", ""}


@dataclass(frozen=True)
class Setup:
    """The stanza's settings that a catalogue is read with."""

    server: str
    storefront: str
    lowest: str
    names: Mapping[str, str]
    methods: Mapping[str, str]


@dataclass(frozen=True)
class Weighed:
    """A row of a cart with what decides the price of its delivery."""

    line: TheirLine
    weight: Decimal
    extra: Decimal


class Shelf:
    def __init__(self, api: Api, setup: Setup) -> None:
        self.api, self.setup = api, setup
        self._facts: Facts | None = None
        self._words: Words | None = None
        self._tariffs: dict[str, tuple[float, Tariff]] = {}  # by country, and when they were read

    async def facts(self, anew: bool = False) -> Facts:
        if anew or self._facts is None:
            self._facts = await whole.read(self.api, self.setup.methods)
        return self._facts

    async def tariff(self, country: str, carriers: list[Row]) -> Tariff:
        """Not older than prices may be."""
        read, known = self._tariffs.get(country, (-FRESH, None))
        if known is None or time.monotonic() - read >= FRESH:
            asked = time.monotonic()
            known = await delivery.tariff(self.api, await self.facts(), carriers, country)
            self._tariffs[country] = asked, known
        return known

    async def products(self, ids: Collection[str] | None) -> Goods:
        """Of some ids, words that have come up since the last whole catalogue are read as well."""
        facts = await self.facts(anew=ids is None)
        wanted = sorted(id_ for id_ in ids or () if id_.isdigit())
        if ids is not None and not wanted:
            return Goods((), ())
        prices = asked_prices(facts, currencies(facts))
        find = self.api.find
        if ids is None:
            asked = (
                find("products", extra=prices, active="1"),
                find("combinations", extra=prices),
                find("stock_availables"),
            )
        else:
            asked = (
                find("products", extra=prices, id=wanted),
                find("combinations", extra=prices, id_product=wanted),
                find("stock_availables", id_product=wanted),
            )
        found, combinations, pieces = await asyncio.gather(*asked)
        if self._words is None or ids is None or unknown(self._words, found, combinations):
            self._words = await self._read_words()
        return self._goods(found, combinations, stock(pieces, facts), facts, self._words)

    def _goods(
        self, found: list[Row], combinations: list[Row], left: Stock, facts: Facts, words: Words
    ) -> Goods:
        setup = self.setup
        shelves = Shelves(setup.server, setup.storefront, setup.lowest, setup.names, facts, words)
        by_product: dict[str, list[Row]] = {}
        for row in combinations:
            by_product.setdefault(row["id_product"], []).append(row)
        made = [shelves.product(row, by_product.get(row["id"], []), left) for row in found]
        terms = {(term.facet, term.id): term for term in shelves.terms()}
        return Goods(tuple(product for product in made if product), tuple(terms.values()))

    async def _read_words(self) -> Words:
        resources = (
            "product_options",
            "product_option_values",
            "product_features",
            "product_feature_values",
            "categories",
            "manufacturers",
        )
        found = await asyncio.gather(*(self.api.find(resource) for resource in resources))
        return Words(*({row["id"]: row for row in rows} for rows in found))

    async def left(self, ids: Iterable[str]) -> dict[str, int]:
        """What may be sold now of variants."""
        wanted = list(ids)
        products = {parts(id_)[0] for id_ in wanted}
        found = stock(
            await self.api.find("stock_availables", id_product=products), await self.facts()
        )
        return {id_: found.left(*parts(id_)) for id_ in wanted}

    async def weighed(self, rows: list[Row], locale: Locale) -> list[Weighed]:
        """A cart's rows at the prices of now; what is not on sale any more is left out."""
        facts = await self.facts()
        if not rows:
            return []
        prices, field = asked_prices(facts, [locale.currency]), f"now_{locale.currency.lower()}"
        products = {row["id_product"] for row in rows}
        chosen = {row["id_product_attribute"] for row in rows} - NO_ID
        found, combinations = await asyncio.gather(
            self.api.find("products", extra=prices, id=products, active="1"),
            self.api.find("combinations", extra=prices, id=chosen),
        )
        by_id = {row["id"]: row for row in found}
        options = {row["id"]: row for row in combinations}
        weighed = []
        for row in rows:
            id_, other = row["id_product"], row["id_product_attribute"] or "0"
            product, option = by_id.get(id_), options.get(other)
            if product is None or (other != "0" and option is None):
                continue
            count, price = int(row["quantity"]), (option or product)[field]
            title = title_of(product, facts, locale.language)
            line = TheirLine(variant_id(id_, other), title, count, minor(price, locale.currency))
            weight = Decimal(product["weight"] or 0) + Decimal((option or {}).get("weight") or 0)
            extra = Decimal(product["additional_shipping_cost"] or 0)
            weighed.append(Weighed(line, weight * count, extra * count))
        return weighed


def currencies(facts: Facts) -> list[str]:
    """Those of the policy's markets that the shop has."""
    wanted = dict.fromkeys(market.currency for market in policy().markets)
    return [code for code in wanted if code in facts.currencies]


def parts(id_: str) -> tuple[str, str]:
    """Product and combination of a variant."""
    product, _, combination = id_.rpartition("-")
    return product, combination


def title_of(product: Row, facts: Facts, language: str) -> str:
    said = product["name"]
    if isinstance(said, str):
        return said
    texts = {facts.languages.get(one["id"]): str(one["value"]) for one in said}
    return texts.get(language) or next(iter(texts.values()), "")


def unknown(words: Words, found: list[Row], combinations: list[Row]) -> bool:
    """Whether products name something that has come up since the words were read."""
    values = {one["id"] for row in combinations for one in members(row, "product_option_values")}
    features = {
        one["id_feature_value"] for row in found for one in members(row, "product_features")
    }
    return (
        not values <= words.values.keys()
        or not features <= words.feature_values.keys()
        or not {row["id_category_default"] for row in found} <= words.categories.keys()
        or not {row["id_manufacturer"] for row in found} - NO_ID <= words.brands.keys()
    )
