"""Judged product searches: the queries of bench/search/*.yml, graded product by product.

A file holds the queries of one language, by kind. Of each query:
  q       what a shopper types
  is      facets that a product must have, or it is no answer; a list names alternatives
  with    facets wished for besides (a mapping, or a list of them): grade 3 with all of them, 2 with
          half or more of several, else 1; without `is`, 1 with any of several
  not     facets that a product must not have (of a colour: not in this colour alone)
  min max bounds of the price of some variant, in the language's currency; sale: reduced
  grades  grades of single products, which decide before all rules
A product for children is at best a 2 where nobody asked for one. Every other product is a 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import yaml

from shop.catalogue import NewProduct
from shop.demo import catalogue
from shop.policy import policy

FOLDER = Path(__file__).with_name("search")
LANGUAGES = ("en", "pl", "es")
BEST = 10
FITS_ALL = {"women", "men"}

Facets = dict[str, set[str]]


@dataclass(frozen=True, eq=False)  # one of its kind: dictionaries are keyed by it
class Query:
    language: str
    kind: str
    text: str
    grades: Mapping[str, int]
    held_out: bool

    @property
    def currency(self) -> str:
        return policy().market(self.language).currency

    def ndcg(self, ids: list[str]) -> float:
        """Of the first ten, with gains of 2^grade - 1."""
        best = sorted(self.grades.values(), reverse=True)[:BEST]
        return gain(self.grades.get(id_, 0) for id_ in ids[:BEST]) / gain(iter(best))


def gain(grades: Iterator[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


@cache
def queries() -> tuple[Query, ...]:
    return tuple(query for language in LANGUAGES for query in read(language))


def read(language: str) -> Iterator[Query]:
    kinds = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    currency = policy().market(language).currency
    for kind, judged in kinds.items():
        for each in judged:
            grades = {p.id: grade(p, each, currency) for p in catalogue_products()}
            yield Query(language, kind, each["q"], positive(grades), is_held_out(each["q"]))


def positive(grades: dict[str, int]) -> dict[str, int]:
    return {id_: grade for id_, grade in grades.items() if grade}


def is_held_out(text: str) -> bool:
    """Half of the queries, the same for ever: nothing is tuned on them."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()[0] % 2 == 1


@cache
def catalogue_products() -> tuple[NewProduct, ...]:
    return tuple(catalogue.products())


@cache
def parents() -> dict[str, str | None]:
    return {term.id: term.parent for term in catalogue.terms() if term.facet == "category"}


@cache
def facets(product_id: str) -> Facets:
    """A product's facets, straight from the catalogue's files."""
    (product,) = (p for p in catalogue_products() if p.id == product_id)
    found: Facets = {facet: set(ids) for facet, ids in product.facets.items()}
    if "unisex" in found["audience"]:
        found["audience"] |= FITS_ALL
    found["category"] = {product.category, parents()[product.category] or product.category}
    found["brand"] = {product.brand}
    found["colour"] = {v.options["colour"] for v in product.variants if "colour" in v.options}
    return found


def grade(product: NewProduct, judged: dict[str, Any], currency: str) -> int:
    if product.id in judged.get("grades", {}):
        return judged["grades"][product.id]
    has, required = facets(product.id), judged.get("is", {})
    wanted = judged.get("with", [])
    wanted = [wanted] if isinstance(wanted, dict) else wanted
    if not required and not wanted:
        return 0
    if not all(meets(has, facet, ids) for facet, ids in required.items()):
        return 0
    if is_excluded(has, judged.get("not", {})) or not affordable(product, judged, currency):
        return 0
    found = of_traits(has, wanted, bool(required))
    asked_for_kids = any("audience" in part for part in (required, *wanted))
    return min(found, 2) if "kids" in has["audience"] and not asked_for_kids else found


def of_traits(has: Facets, wanted: list[dict[str, Any]], is_kind: bool) -> int:
    met = sum(meets(has, facet, ids) for part in wanted for facet, ids in part.items())
    count = sum(len(part) for part in wanted)
    if met == count:
        return 3
    if not is_kind:
        return 1 if met else 0
    return 2 if count > 1 and met * 2 >= count else 1


def meets(has: Facets, facet: str, ids: str | list[str]) -> bool:
    return not has.get(facet, set()).isdisjoint([ids] if isinstance(ids, str) else ids)


def is_excluded(has: Facets, unwanted: dict[str, Any]) -> bool:
    for facet, ids in unwanted.items():
        named = {ids} if isinstance(ids, str) else set(ids)
        if has[facet] <= named if facet == "colour" else has[facet] & named:
            return True
    return False


def affordable(product: NewProduct, judged: dict[str, Any], currency: str) -> bool:
    least, most = judged.get("min", 0), judged.get("max", float("inf"))
    offers = [variant.prices[currency] for variant in product.variants]
    if judged.get("sale"):
        return any(price.sale for price in offers)
    return any(least <= (price.sale or price.regular) / 100 <= most for price in offers)
