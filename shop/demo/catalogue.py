"""The demo shop's catalogue: reads shop/demo/catalogue/*.yml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timezone
from itertools import product as combinations
from pathlib import Path
from typing import Any

import yaml

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term

FOLDER = Path(__file__).with_name("catalogue")
LANGUAGES = ("en", "pl", "es")
FACETS = {
    "categories": "category",
    "colours": "colour",
    "materials": "material",
    "features": "feature",
    "purposes": "purpose",
    "audiences": "audience",
    "axes": "axis",
    "brands": "brand",
}


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def terms(folder: Path = FOLDER) -> Iterator[Term]:
    sections = load(folder / "terms.yml")
    for section, facet in FACETS.items():
        for id_, entry in sections[section].items():
            names = {language: [str(n) for n in entry[language]] for language in LANGUAGES}
            yield Term(facet, str(id_), names, entry.get("parent"))


def products(folder: Path = FOLDER) -> Iterator[NewProduct]:
    for path in sorted(folder.glob("*.yml")):
        if path.name != "terms.yml":
            yield from map(new_product, load(path))


def new_product(entry: dict[str, Any]) -> NewProduct:
    options = {axis: [str(v) for v in values] for axis, values in entry.get("options", {}).items()}
    rating = entry.get("rating") or {}
    return NewProduct(
        id=entry["id"],
        category=entry["category"],
        brand=entry["brand"],
        picture=entry["picture"],
        added=seconds(entry["added"]),
        texts={language: text(entry[language]) for language in LANGUAGES},
        variants=tuple(variants(entry, options)),
        facets={
            "audience": (entry["audience"],),
            "material": tuple(entry.get("materials", ())),
            "feature": tuple(entry.get("features", ())),
            "purpose": tuple(entry.get("purposes", ())),
        },
        axes=tuple(axis for axis, values in options.items() if len(values) > 1),
        goes_with=tuple(entry.get("goes_with", ())),
        rating=rating.get("average"),
        rating_count=rating.get("count", 0),
        weight_g=entry.get("weight_g"),
    )


def text(entry: dict[str, str]) -> tuple[str, str, str]:
    return entry["name"], entry["description"], entry.get("details", "")


def variants(entry: dict[str, Any], options: dict[str, list[str]]) -> Iterator[NewVariant]:
    prices = {currency: price(entry, currency) for currency in entry["price"]}
    stock = {str(name): count for name, count in entry["stock"].items()}
    for values in combinations(*options.values()):
        yield NewVariant(
            id="-".join([entry["id"], *values]).replace(" ", ""),
            options=dict(zip(options, values, strict=True)),
            stock=stock.get("/".join(values), stock["default"]),
            prices=prices,
        )


def price(entry: dict[str, Any], currency: str) -> NewPrice:
    sale = entry.get("sale") or {}
    lowest = sale.get("lowest_30d", {})
    return NewPrice(entry["price"][currency], sale.get(currency), lowest.get(currency))


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
