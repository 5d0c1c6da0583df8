"""products.json as catalogue: terms of shop/retail/terms.yml, products with options as axes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term

CURRENCY = "USD"
IN_STOCK = 1000  # pieces of what the set calls available
SPELLINGS = {"gray": "grey"}  # the set has both; a shopper who says one means the other too
Options = dict[str, str]


@cache
def words() -> dict[str, Any]:
    path = Path(__file__).with_name("terms.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def cents(amount: Decimal | int) -> int:
    return int((Decimal(amount) * 100).to_integral_value())


def axis_id(name: str) -> str:
    """ "screen size" is screen-size; a colour is what every shop calls colour."""
    return (words()["axes"].get(name) or {}).get("id") or slug(name)


def slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def options(said: Options) -> Options:
    return {axis_id(axis): SPELLINGS.get(value, value) for axis, value in said.items()}


def terms(entries: dict[str, Any]) -> Iterator[Term]:
    for id_, category in words()["categories"].items():
        names = {language: category[language] for language in ("en", "pl", "es")}
        yield Term("category", id_, names)
    variants = [v["options"] for entry in entries.values() for v in entry["variants"].values()]
    for axis in dict.fromkeys(name for said in variants for name in said):
        yield Term("axis", axis_id(axis), named(axis, words()["axes"]))
    values = dict.fromkeys(pair for said in variants for pair in options(said).items())
    for axis, value in values:
        yield Term(axis, value, named(value, words()["values"]))


def named(name: str, known: dict[str, Any]) -> dict[str, list[str]]:
    """A name of the data in all languages that know one for it."""
    said = dict(known.get(name) or {})
    said.pop("id", None)
    return {"en": [name], **said}


def products(entries: dict[str, Any]) -> Iterator[NewProduct]:
    categories = {
        product: id_
        for id_, category in words()["categories"].items()
        for product in category["products"]
    }
    for entry in entries.values():
        variants = tuple(variant(v) for v in entry["variants"].values())
        yield NewProduct(
            id=entry["product_id"],
            category=categories.get(entry["name"], "other"),
            brand="",
            picture="",
            added=0,
            texts=texts(entry["name"]),
            variants=variants,
            axes=axes(variants),
        )


def variant(entry: dict[str, Any]) -> NewVariant:
    return NewVariant(
        id=entry["item_id"],
        options=options(entry["options"]),
        stock=IN_STOCK if entry["available"] else 0,
        prices={CURRENCY: NewPrice(cents(entry["price"]))},
    )


def axes(variants: tuple[NewVariant, ...]) -> tuple[str, ...]:
    """Those of which there is more than one value."""
    names = dict.fromkeys(axis for each in variants for axis in each.options)
    return tuple(axis for axis in names if len({v.options.get(axis) for v in variants}) > 1)


def texts(name: str) -> dict[str, tuple[str, str, str]]:
    said = {"en": name, **(words()["products"].get(name) or {})}
    return {language: (title, "", "") for language, title in said.items()}
