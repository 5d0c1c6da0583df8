"""How well the search answers: judged queries in three languages, by words and meaning together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop.commerce.search.engine import Engine
from shop.commerce.snapshot import Snapshots
from shop.demo import catalogue
from shop.demo.seed import open_shop
from shop.model import Wishes

QUERIES = yaml.safe_load(Path(__file__).with_name("queries.yml").read_text(encoding="utf-8"))
BEST = 10
LEAST = 0.85


@pytest.fixture(scope="module")
def engine(sqlite_url: str) -> Engine:
    store = open_shop(sqlite_url)
    store.prepare()
    with store.begin(write=False) as connection:
        return Snapshots(store).get(connection).engine


@cache
def facets() -> dict[str, dict[str, set[str]]]:
    """Product -> facet -> ids, straight from the catalogue's files."""
    parents = {t.id: t.parent for t in catalogue.terms() if t.facet == "category"}
    found: dict[str, dict[str, set[str]]] = {}
    for product in catalogue.products():
        colours = {v.options["colour"] for v in product.variants if "colour" in v.options}
        categories = {product.category, parents[product.category] or ""}
        found[product.id] = {f: set(ids) for f, ids in product.facets.items()}
        found[product.id] |= {"category": categories, "colour": colours}
    return found


def grades(judged: dict[str, Any]) -> dict[str, int]:
    if "grades" in judged:
        return judged["grades"]
    want = {f: set(ids) if isinstance(ids, list) else {ids} for f, ids in judged["want"].items()}
    return {id_: grade(has, want) for id_, has in facets().items()}


def grade(has: dict[str, set[str]], want: dict[str, set[str]]) -> int:
    """3: all that is wanted; of the right kind, 2 with half of the rest, else 1."""
    if not want.get("category", set()) <= has["category"]:
        return 0
    rest = [(f, id_) for f, ids in want.items() for id_ in ids if f != "category"]
    met = sum(id_ in has.get(f, ()) for f, id_ in rest)
    if met == len(rest):
        return 3
    if "category" not in want:
        return 1 if met else 0
    return 2 if met * 2 >= len(rest) else 1


def ndcg(ids: list[str], judged: dict[str, int]) -> float:
    def gain(values: Iterator[int]) -> float:
        return sum((2**g - 1) / log2(place + 2) for place, g in enumerate(values))

    best = sorted(judged.values(), reverse=True)[:BEST]
    return gain(judged.get(id_, 0) for id_ in ids) / gain(iter(best))


def scores(engine: Engine, language: str) -> dict[str, float]:
    found = {}
    for judged in QUERIES[language]:
        ids = engine.search(Wishes(judged["q"]), "EUR", 0, BEST).ids
        found[judged["q"]] = ndcg(ids, grades(judged))
    return found


@pytest.mark.parametrize("language", list(QUERIES))
def test_the_best_ten_are_those_that_people_want(engine: Engine, language: str) -> None:
    found = scores(engine, language)
    average = sum(found.values()) / len(found)
    print(f"\n{language}: nDCG@10 {average:.3f} over {len(found)} queries; worst:")
    for query, score in sorted(found.items(), key=lambda pair: pair[1])[:5]:
        print(f"  {score:.2f} {query}")
    assert len(found) >= 20
    assert average >= LEAST
