"""The catalogue as columns: which variants have which facet, price and stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from shop.commerce.names import SIZE_AXES, Names
from shop.model import Money, Wishes

WEARABLE_BY_ALL = "unisex"  # also found by those who look for women's or men's goods
FITS_ALL = ("women", "men")
NO_PRICE = np.iinfo(np.int64).max

Mask = np.ndarray


@dataclass(frozen=True)
class Columns:
    """Rows are variants; `owner` is the row of each variant's product."""

    owner: np.ndarray
    facets: dict[tuple[str, str], np.ndarray]  # (facet, id) -> rows
    prices: dict[str, np.ndarray]  # currency -> minor units
    reduced: dict[str, np.ndarray]  # currency -> mask
    stock: np.ndarray
    row_of: dict[str, int]  # variant id -> row

    def restock(self, left: dict[str, int]) -> None:
        """What is left of variants now."""
        for id_, pieces in left.items():
            if id_ in self.row_of:
                self.stock[self.row_of[id_]] = pieces

    @property
    def size(self) -> int:
        return len(self.owner)

    def everything(self, currency: str) -> Mask:
        """All that is sold in this currency."""
        return self._price(currency) != NO_PRICE

    def wishes(self, wishes: Wishes, currency: str) -> list[tuple[str, Mask]]:
        found = [(facet, self.any_of(facet, ids)) for facet, ids in wishes.facets.items() if ids]
        found += [(facet, ~self.any_of(facet, ids)) for facet, ids in wishes.without.items() if ids]
        found += [("price_min", m) for m in self._bound(wishes.price_min, currency, least=True)]
        found += [("price_max", m) for m in self._bound(wishes.price_max, currency, least=False)]
        if wishes.in_stock:
            found.append(("in_stock", self.stock > 0))
        if wishes.on_sale:
            found.append(("on_sale", self.reduced.get(currency, np.zeros(self.size, bool))))
        return found

    def any_of(self, facet: str, ids: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, bool)
        for id_ in ids:
            rows = self.facets.get((facet, id_))
            if rows is not None:
                mask[rows] = True
        return mask

    def products(self, mask: Mask, count: int) -> Mask:
        """The mask of products that have a variant in `mask`."""
        found = np.zeros(count, bool)
        found[self.owner[mask]] = True
        return found

    def cheapest(self, mask: Mask, currency: str, count: int) -> np.ndarray:
        """Each product's lowest price among the variants in `mask`."""
        lowest = np.full(count, NO_PRICE)
        np.minimum.at(lowest, self.owner[mask], self._price(currency)[mask])
        return lowest

    def _price(self, currency: str) -> np.ndarray:
        return self.prices.get(currency, np.full(self.size, NO_PRICE))

    def _bound(self, money: Money | None, currency: str, least: bool) -> list[Mask]:
        if money is None:
            return []
        price = self._price(money.currency if money.currency in self.prices else currency)
        return [(price >= money.minor) if least else (price <= money.minor)]


class Builder:
    """Collects variants row by row."""

    def __init__(self, names: Names, currencies: tuple[str, ...]) -> None:
        self.names, self.currencies = names, currencies
        self._rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._owner: list[int] = []
        self._row_of: dict[str, int] = {}
        self._stock: list[int] = []
        self._prices: dict[str, list[int]] = {currency: [] for currency in currencies}
        self._reduced: dict[str, list[bool]] = {currency: [] for currency in currencies}

    def add(self, owner: int, product: Any, variant: Any, prices: dict[str, Any]) -> None:
        row = len(self._owner)
        self._owner.append(owner)
        self._row_of[variant.id] = row
        self._stock.append(variant.stock)
        for facet in self._facets(product, variant):
            self._rows[facet].append(row)
        for currency in self.currencies:
            price = prices.get(currency)
            reduced = price is not None and price.sale is not None and price.sale < price.regular
            amount = NO_PRICE if price is None else price.sale if reduced else price.regular
            self._prices[currency].append(amount)
            self._reduced[currency].append(reduced)

    def _facets(self, product: Any, variant: Any) -> set[tuple[str, str]]:
        found = {("category", id_) for id_ in self.names.lineage(product.category)}
        found.add(("brand", product.brand))
        found |= {(facet, id_) for facet, ids in product.facets.items() for id_ in ids}
        if ("audience", WEARABLE_BY_ALL) in found:
            found |= {("audience", id_) for id_ in FITS_ALL}
        for axis, id_ in variant.options.items():
            found.add(("size" if axis in SIZE_AXES else axis, id_))
        return found

    def columns(self) -> Columns:
        return Columns(
            owner=np.array(self._owner, np.int32),
            facets={facet: np.array(rows, np.int32) for facet, rows in self._rows.items()},
            prices={c: np.array(amounts, np.int64) for c, amounts in self._prices.items()},
            reduced={c: np.array(marks, bool) for c, marks in self._reduced.items()},
            stock=np.array(self._stock, np.int32),
            row_of=self._row_of,
        )
