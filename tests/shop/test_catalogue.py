"""The demo shop's catalogue is complete, consistent and lawful, and its pictures can be drawn."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import product as combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "shop" / "demo" / "catalogue"
PICTURES = ROOT / "web" / "pictures"
LANGUAGES = ("en", "pl", "es")
CURRENCIES = ("EUR", "PLN")
TONES = re.compile(r"\{\{(main|dark|light)\}\}")
# Generic claims need recognised proof (Directive (EU) 2024/825).
GREEN = re.compile(
    r"\beco\b|sustainab|climate|environment|planet|ekologi|przyjazn|zrównoważ|klimat"
    r"|sostenib|ecológic|medio ambiente|planeta",
    re.IGNORECASE,
)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


TERMS: dict[str, dict[str, dict[str, Any]]] = load(FOLDER / "terms.yml")
PRODUCTS: list[dict[str, Any]] = [
    entry
    for path in sorted(FOLDER.glob("*.yml"))
    if path.name != "terms.yml"
    for entry in load(path)
]
BY_ID = {entry["id"]: entry for entry in PRODUCTS}
ON_SALE = [entry for entry in PRODUCTS if "sale" in entry]
each_product = pytest.mark.parametrize("entry", PRODUCTS, ids=lambda entry: entry["id"])


def variants(entry: dict[str, Any]) -> list[str]:
    return ["/".join(values) for values in combinations(*entry["options"].values())]


def stock(entry: dict[str, Any]) -> list[int]:
    return [entry["stock"].get(key, entry["stock"]["default"]) for key in variants(entry)]


def is_reduced(entry: dict[str, Any]) -> bool:
    sale = entry["sale"]
    return all(sale[currency] < sale["lowest_30d"][currency] for currency in CURRENCIES)


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().replace("ł", "l"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def test_catalogue_is_as_large_as_a_real_shop() -> None:
    assert len(PRODUCTS) == len(BY_ID) >= 128
    assert sum(len(variants(entry)) for entry in PRODUCTS) >= 680


def test_eight_top_categories_have_kinds_and_every_kind_has_products() -> None:
    categories = TERMS["categories"]
    tops = [name for name, term in categories.items() if "parent" not in term]
    kinds = Counter(term["parent"] for term in categories.values() if "parent" in term)
    assert len(tops) == 8
    assert set(kinds) == set(tops)
    assert min(kinds.values()) >= 3
    used = Counter(entry["category"] for entry in PRODUCTS)
    assert set(used) == set(categories) - set(tops)
    assert {categories[kind]["parent"] for kind in used} == {
        path.stem for path in FOLDER.glob("*.yml") if path.name != "terms.yml"
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_means_one_thing(language: str) -> None:
    meanings: dict[str, set[str]] = {}
    for facet, terms in TERMS.items():
        for name, term in terms.items():
            assert term[language], f"{facet}.{name} has no label"
            for word in term[language]:
                meanings.setdefault(folded(word), set()).add(f"{facet}.{name}")
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}


def test_colours_have_a_hex_value() -> None:
    for name, colour in TERMS["colours"].items():
        assert re.fullmatch(r"#[0-9a-f]{6}", colour["hex"]), name


@each_product
def test_texts_are_there_in_every_language(entry: dict[str, Any]) -> None:
    for language in LANGUAGES:
        text = entry[language]
        assert set(text) == {"name", "description", "details"}
        assert all(len(part) >= 8 for part in text.values())
        assert len(text["description"]) >= 60
        assert not GREEN.search(" ".join(text.values()))
    assert len({entry[language]["description"] for language in LANGUAGES}) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_tell_products_apart(language: str) -> None:
    names = Counter(folded(entry[language]["name"]) for entry in PRODUCTS)
    assert [name for name, count in names.items() if count > 1] == []


@each_product
def test_every_id_that_is_referred_to_exists(entry: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry["id"])
    assert entry["category"] in TERMS["categories"]
    assert entry["brand"] in TERMS["brands"]
    assert entry["audience"] in TERMS["audiences"]
    for facet in ("materials", "features", "purposes"):
        assert set(entry[facet]) <= set(TERMS[facet])
    assert set(entry["options"]) <= set(TERMS["axes"])
    assert set(entry["options"].get("colour", [])) <= set(TERMS["colours"])
    assert set(entry["goes_with"]) <= set(BY_ID) - {entry["id"]}
    assert set(entry["stock"]) - {"default"} <= set(variants(entry))


@each_product
def test_option_values_can_be_told_apart(entry: dict[str, Any]) -> None:
    for values in entry["options"].values():
        assert all(isinstance(value, str) and "/" not in value for value in values)
        assert len(values) == len(set(values))
    assert all(isinstance(count, int) and count >= 0 for count in stock(entry))


@each_product
def test_prices_agree_between_currencies(entry: dict[str, Any]) -> None:
    sale = entry.get("sale", {})
    for prices in filter(None, (entry["price"], sale, sale.get("lowest_30d"))):
        assert all(isinstance(prices[currency], int) for currency in CURRENCIES)
        assert prices["EUR"] > 0
        assert 3.9 <= prices["PLN"] / prices["EUR"] <= 4.6


@each_product
def test_weight_and_rating_are_plausible(entry: dict[str, Any]) -> None:
    assert 1 <= entry["weight_g"] <= 30_000
    if "rating" in entry:
        assert 1 <= entry["rating"]["average"] <= 5
        assert entry["rating"]["count"] > 0


@pytest.mark.parametrize("entry", ON_SALE, ids=lambda entry: entry["id"])
def test_sale_price_and_reference_lie_below_the_regular_price(entry: dict[str, Any]) -> None:
    for currency in CURRENCIES:
        assert entry["sale"][currency] < entry["price"][currency]
        assert entry["sale"]["lowest_30d"][currency] <= entry["price"][currency]


def test_two_sales_are_not_below_the_lowest_price_of_30_days() -> None:
    assert len(ON_SALE) >= 20
    assert [is_reduced(entry) for entry in ON_SALE].count(False) == 2


def test_unusual_cases_are_there_to_be_shown() -> None:
    counts = [stock(entry) for entry in PRODUCTS]
    assert any(not any(each) for each in counts), "sold out in every variant"
    assert any(len(each) > 4 and sum(map(bool, each)) == 1 for each in counts), "one size left"
    assert any(2 in each for each in counts), "last two"
    assert any("rating" not in entry for entry in PRODUCTS), "no reviews"
    assert any(not entry["options"] for entry in PRODUCTS), "nothing to choose"
    assert min(entry["price"]["EUR"] for entry in PRODUCTS) == 99
    assert max(entry["price"]["PLN"] for entry in PRODUCTS) > 1_234_550
    assert all(max(len(entry[each]["name"]) for entry in PRODUCTS) > 120 for each in LANGUAGES)


def test_every_product_has_a_picture_and_every_picture_a_product() -> None:
    drawn = {path.stem for path in PICTURES.glob("*.svg")}
    assert {entry["picture"] for entry in PRODUCTS} == drawn


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.stem)
def test_picture_is_valid_harmless_and_takes_a_colour(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "{{main}}" in text
    filled = TONES.sub("#3a6fb0", text)
    assert "{{" not in filled
    root = ElementTree.fromstring(filled)
    assert root.attrib["viewBox"] == "0 0 400 500"
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    for used in re.findall(r"url\(#([^)]+)\)", filled):
        assert used in ids
    for node in root.iter():
        tag = node.tag.rpartition("}")[2]
        assert tag not in {"script", "style", "image", "foreignObject", "a", "use"}
        assert not any(name.startswith("on") or "href" in name for name in node.attrib)
