"""The catalogue of a WooCommerce shop with WPML, made of products of the demo shop."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.demo import catalogue
from shop.model import Money
from tests.shop.commerce.doubles import WORDS, demo_products

TRANSLATED = {"pl": 1_000_000, "es": 2_000_000}  # a translation is a thing with an id of its own
GLOBAL = {"colour": "Colour", "material": "Material", "size": "Size", "feature": "Feature"}
GLOBAL |= {"purpose": "Purpose", "audience": "Audience", "length": "Length", "volume": "Volume"}
AT = "2026-01-02T10:00:00"


class Goods:
    """Rows as the API tells them; `words` are the texts of products, terms and categories by id
    and language."""

    def __init__(self) -> None:
        self._ids = count(11)
        self.products: dict[int, dict[str, Any]] = {}
        self.variations: dict[int, dict[int, dict[str, Any]]] = {}
        self.words: dict[int, dict[str, str]] = {}
        self.categories: dict[str, dict[str, Any]] = {}
        self.attributes = {name: number for number, name in enumerate(GLOBAL, 1)}
        self.terms: dict[tuple[str, str], dict[str, Any]] = {}
        known = list(catalogue.terms())
        for term in known:
            if term.facet == "category":
                self._category(term)
            elif term.facet in GLOBAL:
                self.terms[term.facet, term.id] = self._named(term)
        for product in demo_products():
            self.add(product)

    def add(self, product: NewProduct) -> dict[str, str]:
        """Puts it on sale; returns our ids of its variants by the ids that they had."""
        id_ = next(self._ids)
        self.words[id_] = {language: product.texts[language][0] for language in WORDS}
        axes = list(product.variants[0].options)
        chosen = {axis: [v.options[axis] for v in product.variants] for axis in axes}
        facets = {**{f: ids for f, ids in product.facets.items() if f in GLOBAL}, **chosen}
        attributes = [self._attribute(f, list(ids), f in axes) for f, ids in facets.items() if ids]
        self.variations[id_] = {}
        made = {}
        for variant in product.variants:
            number = next(self._ids)
            self.variations[id_][number] = self._variation(number, variant)
            made[variant.id] = f"{id_}-{number}"
        self.products[id_] = {
            **self._variation(id_, product.variants[0]),
            "type": "variable",
            "manage_stock": False,
            "stock_quantity": None,
            "stock_status": "instock",
            "permalink": f"https://shop.test/product/{product.id}/",
            "description": f"<p>{product.texts['en'][1]}</p>",
            "categories": [{"id": self.categories[product.category]["id"]}],
            "brands": [{"id": 1, "name": product.brand, "slug": product.brand.lower()}],
            "images": [{"id": 1, "src": f"https://shop.test/{product.picture or 'thing'}.jpg"}],
            "attributes": attributes,
        }
        return made

    def listed(self, rows: Iterable[dict[str, Any]], language: str) -> list[dict[str, Any]]:
        """As WPML lists them: in the first language, or the translations there are."""
        shift = TRANSLATED.get(language, 0)
        found = []
        for row in rows:
            id_, said = row["id"], self.words[row["id"]]
            others = {other: id_ + more for other, more in TRANSLATED.items() if other in said}
            translations = {"en": id_, **others}
            if language in translations:
                named = {"id": id_ + shift, "name": said[language], "translations": translations}
                found.append({**row, **named, "lang": language})
        return found

    def variation(self, id_: int) -> dict[str, Any]:
        rows = (of[id_] for of in self.variations.values() if id_ in of)
        return next(rows)

    def moved(self, id_: int, quantity: int) -> None:
        """So many more of a variation; its state follows."""
        row = self.variation(id_)
        row["stock_quantity"] += quantity
        row["stock_status"] = "instock" if row["stock_quantity"] > 0 else "outofstock"

    def _named(self, term: Term) -> dict[str, Any]:
        id_ = next(self._ids)
        self.words[id_] = {language: term.names[language][0] for language in WORDS}
        return {"id": id_, "slug": term.id, "name": self.words[id_]["en"]}

    def _category(self, term: Term) -> None:
        above = self.categories[term.parent]["id"] if term.parent else 0
        self.categories[term.id] = {**self._named(term), "parent": above}

    def _attribute(self, axis: str, ids: list[str], variation: bool) -> dict[str, Any]:
        names = [self._option(axis, id_) for id_ in dict.fromkeys(ids)]
        known = {"id": self.attributes[axis], "name": GLOBAL[axis], "variation": variation}
        return {**known, "visible": True, "options": names}

    def _option(self, axis: str, id_: str) -> str:
        known = self.terms.get((axis, id_))
        return str(known["name"]) if known else id_

    def _variation(self, id_: int, variant: NewVariant) -> dict[str, Any]:
        zloty, euro = variant.prices["PLN"], variant.prices["EUR"]
        lowest = [{"id": 1, "key": "_lowest", "value": told(zloty.lowest_30d or 0)}]
        options = [
            {"id": self.attributes[a], "name": GLOBAL[a], "option": self._option(a, o)}
            for a, o in variant.options.items()
        ]
        return {
            "id": id_,
            "date_created_gmt": AT,
            "status": "publish",
            "description": "",
            **priced(zloty),
            "on_sale": bool(zloty.sale),
            "purchasable": True,
            "tax_status": "taxable",
            "tax_class": "",
            "manage_stock": True,
            "stock_quantity": variant.stock,
            "stock_status": "instock" if variant.stock else "outofstock",
            "backorders": "no",
            "backorders_allowed": False,
            "image": None,
            "attributes": options,
            "meta_data": lowest if zloty.lowest_30d else [],
            "multi-currency-prices": {"EUR": priced(euro)},
        }


def priced(price: NewPrice) -> dict[str, str]:
    sale = told(price.sale) if price.sale else ""
    regular = told(price.regular)
    return {"price": sale or regular, "regular_price": regular, "sale_price": sale}


def told(minor: int) -> str:
    return Money(minor, "PLN").decimal
