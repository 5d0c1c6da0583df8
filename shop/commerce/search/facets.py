"""The catalogue as columns: which products and variants have which facet, price and stock."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from shop.commerce.names import SIZE_AXES, Names
from shop.commerce.search.relax import AKIN
from shop.model import Money, Wishes

WEARABLE_BY_ALL = "unisex"  # also found by those who look for women's or men's goods
FITS_ALL = ("women", "men")
NO_PRICE = np.iinfo(np.int64).max

Mask = np.ndarray
Facet = tuple[str, str]  # facet, id


@dataclass(frozen=True)
class Columns:
    """Rows are variants, those of a product side by side; `owner` is the row of their product."""

    owner: np.ndarray
    of_products: dict[Facet, np.ndarray]  # rows of products
    of_variants: dict[Facet, np.ndarray]  # rows of variants
    akin: dict[Facet, tuple[str, ...]]  # ids that are kinds of another: merino is a wool
    prices: dict[str, np.ndarray]  # currency -> minor units
    reduced: dict[str, np.ndarray]  # currency -> mask
    sold: dict[str, np.ndarray]  # currency -> mask
    stock: np.ndarray
    keys: np.ndarray  # hashes of the variants' ids in order, and the row of each
    rows: np.ndarray

    def restock(self, left: dict[str, int]) -> None:
        """What is left of variants now."""
        for id_, pieces in left.items():
            at = int(np.searchsorted(self.keys, hash(id_)))
            if at < len(self.keys) and self.keys[at] == hash(id_):
                self.stock[self.rows[at]] = pieces

    @property
    def size(self) -> int:
        return len(self.owner)

    def everything(self, currency: str) -> Mask:
        """All that is sold in this currency."""
        return self.sold.get(currency, np.zeros(self.size, bool))

    def wishes(self, wishes: Wishes, currency: str) -> list[tuple[str, Mask]]:
        found = [
            (f, self.any_of(f, self._kinds(f, ids))) for f, ids in wishes.facets.items() if ids
        ]
        for facet, ids in wishes.without.items():
            if ids:
                found.append((facet, ~self.any_of(facet, ids)))
                found.append((AKIN, ~self.any_of(facet, self._kinds(facet, ids))))
        found += [("price_min", m) for m in self._bound(wishes.price_min, currency, least=True)]
        found += [("price_max", m) for m in self._bound(wishes.price_max, currency, least=False)]
        if wishes.in_stock:
            found.append(("in_stock", self.stock > 0))
        if wishes.on_sale:
            found.append(("on_sale", self.reduced.get(currency, np.zeros(self.size, bool))))
        return found

    def any_of(self, facet: str, ids: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, bool)
        owners: Mask | None = None
        for id_ in ids:
            if (rows := self.of_variants.get((facet, id_))) is not None:
                mask[rows] = True
            if (rows := self.of_products.get((facet, id_))) is not None:
                owners = np.zeros(self.size, bool) if owners is None else owners
                owners[rows] = True
        return mask if owners is None else mask | owners[self.owner]

    def products(self, mask: Mask, count: int) -> Mask:
        """The mask of products that have a variant in `mask`."""
        found = np.zeros(count, bool)
        found[self.owner[mask]] = True
        return found

    def cheapest(self, mask: Mask, currency: str, count: int) -> np.ndarray:
        """Each product's lowest price among the variants in `mask`."""
        lowest = np.full(count, NO_PRICE)
        rows = np.flatnonzero(mask)
        if currency in self.prices and len(rows):
            owners = self.owner[rows]
            first = np.flatnonzero(np.diff(owners, prepend=-1))
            lowest[owners[first]] = np.minimum.reduceat(self.prices[currency][rows], first)
        return lowest

    def _kinds(self, facet: str, ids: Iterable[str]) -> list[str]:
        return [kind for id_ in ids for kind in (id_, *self.akin.get((facet, id_), ()))]

    def _bound(self, money: Money | None, currency: str, least: bool) -> list[Mask]:
        if money is None:
            return []
        currency = money.currency if money.currency in self.prices else currency
        price = self.prices.get(currency, np.full(self.size, NO_PRICE))
        return [(price >= money.minor) if least else (price <= money.minor)]


class Builder:
    """Collects products, then their variants (all of one product after the other), then prices."""

    def __init__(self, names: Names, currencies: tuple[str, ...]) -> None:
        self.names = names
        self._of_products: dict[Facet, array[int]] = defaultdict(lambda: array("i"))
        self._of_variants: dict[Facet, array[int]] = defaultdict(lambda: array("i"))
        self._owner, self._stock = array("i"), array("i")
        self._row_of: dict[str, int] = {}
        self._prices: dict[str, np.ndarray] = dict.fromkeys(currencies, np.empty(0))
        self._reduced: dict[str, np.ndarray] = {}

    def add_product(self, row: int, product: Any) -> None:
        found = {("category", id_) for id_ in self.names.lineage(product.category)}
        found.add(("brand", product.brand))
        found |= {(facet, id_) for facet, ids in product.facets.items() for id_ in ids}
        if ("audience", WEARABLE_BY_ALL) in found:
            found |= {("audience", id_) for id_ in FITS_ALL}
        for facet in found:
            self._of_products[facet].append(row)

    def add_variant(self, owner: int, variant: Any) -> None:
        row = self._row_of[variant.id] = len(self._owner)
        self._owner.append(owner)
        self._stock.append(variant.stock)
        for axis, id_ in variant.options.items():
            facet = "size" if axis in SIZE_AXES else axis
            rows = self._of_variants[facet, id_]
            if not rows or rows[-1] != row:
                rows.append(row)

    def add_prices(self, prices: Iterable[Any]) -> None:
        """Rows with variant_id, currency, regular and sale; after the last variant."""
        for currency in self._prices:
            self._prices[currency] = np.full(len(self._owner), NO_PRICE)
            self._reduced[currency] = np.zeros(len(self._owner), bool)
        for variant_id, currency, regular, sale in prices:
            if currency in self._prices and variant_id in self._row_of:
                row = self._row_of[variant_id]
                reduced = sale is not None and sale < regular
                self._prices[currency][row] = sale if reduced else regular
                self._reduced[currency][row] = reduced

    def columns(self) -> Columns:
        keys = np.array([hash(id_) for id_ in self._row_of], np.int64)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        return Columns(
            owner=np.array(self._owner, np.int32),
            of_products={facet: np.array(r, np.int32) for facet, r in self._of_products.items()},
            of_variants={facet: np.array(r, np.int32) for facet, r in self._of_variants.items()},
            akin=akin(self.names),
            prices=self._prices,
            reduced=self._reduced,
            sold={currency: prices != NO_PRICE for currency, prices in self._prices.items()},
            stock=np.array(self._stock, np.int32),
            keys=keys[order],
            rows=order,
        )


def akin(names: Names) -> dict[Facet, tuple[str, ...]]:
    """Ids that go by the name of another and a word more, in two languages at least: navy blue is
    a blue, merino wool is a wool."""
    found: dict[Facet, tuple[str, ...]] = {}
    for facet in ("colour", "material"):
        ids = names.facets.get(facet, {})
        for id_ in ids:
            kinds = [other for other in ids if other != id_ and is_kind_of(ids[other], ids[id_])]
            found[facet, id_] = tuple(kinds)
    return found


def is_kind_of(kind: dict[str, list[str]], of: dict[str, list[str]]) -> bool:
    def in_language(language: str) -> bool:
        wholes = {name.lower() for name in of.get(language, ())}
        longer = [name.lower().split() for name in kind.get(language, ())]
        return any(len(words) > 1 and wholes & set(words) for words in longer)

    return sum(map(in_language, kind)) > 1
