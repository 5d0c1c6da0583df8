"""WooCommerce's products as our catalogue: pure functions of what its REST API answers.

https://developer.woocommerce.com/docs/apis/rest-api/v3/products/ and .../product-variations/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import variant_id
from shop.commerce.remote.words import KNOWN, OTHER, UNTRACKED, axis, in_all_languages, plain
from shop.commerce.woocommerce.taxes import Settings
from shop.feed.terms import key, slug

TYPES = ("simple", "variable")  # bundles, subscriptions and links to other shops are left out


@dataclass(frozen=True)
class Words:
    """What the shop's own terms are called. `categories`: by WooCommerce's id; `values`: by axis
    and name in the shop's first language."""

    categories: Mapping[int, Term] = field(default_factory=dict)
    values: Mapping[tuple[str, str], Term] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelves:
    """`lowest` is the key of the metadata that holds the lowest price of thirty days before a
    reduction, `language` that of the texts."""

    settings: Settings
    language: str
    words: Words = Words()
    lowest: str = ""

    def product(self, data: dict[str, Any], variations: list[dict[str, Any]]) -> NewProduct | None:
        """None where there is nothing of it to buy."""
        axes = [axis(a["name"]) for a in data["attributes"] if a["variation"]]
        sold = variations if data["type"] == "variable" else [data]
        made = [self.variant(data, one, axes) for one in sold if on_sale(one)]
        variants = tuple(one for one in made if one and set(axes) <= set(one.options))
        if not variants or not on_sale(data) or data["type"] not in TYPES:
            return None
        facets = {f: ids for f, ids in self.facets(data).items() if f not in axes}
        brand = facets.pop("brand", ())
        colour = facets.pop("colour", ())
        if colour:
            variants = tuple(coloured(one, colour[0]) for one in variants)
        return NewProduct(
            id=str(data["id"]),
            category=self.category(data),
            brand=brand[0] if brand else "",
            picture=picture(data),
            added=seconds(data["date_created_gmt"]),
            texts={self.language: text(data)},
            variants=variants,
            facets=facets,
            axes=tuple(axes) if data["type"] == "variable" else (),
            url=data["permalink"] or None,
        )

    def variant(
        self, product: dict[str, Any], data: dict[str, Any], axes: list[str]
    ) -> NewVariant | None:
        prices = self.prices(data)
        if not prices:
            return None
        chosen = data["attributes"] if data is not product else ()
        options = {axis(a["name"]): self.value(axis(a["name"]), a["option"]) for a in chosen}
        return NewVariant(
            variant_id(str(product["id"]), str(data["id"])),
            {name: options[name] for name in axes if name in options},
            stock(data),
            prices,
            picture(data) or None,
        )

    def prices(self, data: dict[str, Any]) -> dict[str, NewPrice]:
        """In the shop's currency, and in those that a plugin keeps beside it."""
        own = self.settings.currency
        found = {own: self.price(data, data, own)} if data["regular_price"] else {}
        for currency, other in (data.get("multi-currency-prices") or {}).items():
            if other.get("regular_price"):
                found[currency] = self.price(data, other, currency)
        return found

    def price(self, data: dict[str, Any], amounts: dict[str, Any], currency: str) -> NewPrice:
        taxed = data["tax_class"], data["tax_status"] == "taxable"
        regular = self.settings.gross(amounts["regular_price"], currency, *taxed)
        if not (data["on_sale"] and amounts.get("sale_price")):
            return NewPrice(regular)
        now = self.settings.gross(amounts["sale_price"], currency, *taxed)
        noted = meta(data, self.lowest) if currency == self.settings.currency else ""
        return NewPrice(regular, now, minor(noted, currency)) if noted else NewPrice(now)

    def facets(self, data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for attribute in data["attributes"]:
            facet = axis(attribute["name"])
            if facet in KNOWN:
                found[facet] = tuple(self.value(facet, name) for name in attribute["options"])
        if data.get("brands"):
            found["brand"] = tuple(brand["name"] for brand in data["brands"])
        return found

    def category(self, data: dict[str, Any]) -> str:
        """The deepest of the product's categories."""
        known = [self.words.categories.get(c["id"]) for c in data["categories"]]
        above = {term.parent for term in known if term}
        deepest = [term.id for term in known if term and term.id not in above]
        return deepest[0] if deepest else OTHER

    def value(self, facet: str, name: str) -> str:
        """A size is its own name; all else has an id and names."""
        if facet in SIZE_AXES or facet == "brand":
            return name
        known = self.words.values.get((facet, key(name)))
        return known.id if known else slug(name)

    def terms(self, found: Iterable[dict[str, Any]]) -> Iterator[Term]:
        yield from self.words.categories.values()
        yield from self.words.values.values()
        for data in found:
            for attribute in data["attributes"]:
                facet = axis(attribute["name"])
                yield Term("axis", facet, in_all_languages({self.language: attribute["name"]}))
                for name in attribute["options"]:
                    if facet in KNOWN or (attribute["variation"] and facet not in SIZE_AXES):
                        names = in_all_languages({self.language: name})
                        yield Term(facet, self.value(facet, name), names)
            for name in self.facets(data).get("brand", ()):
                yield Term("brand", name, in_all_languages({self.language: name}))


def coloured(variant: NewVariant, colour: str) -> NewVariant:
    return replace(variant, options={**variant.options, "colour": colour})


def stock(data: dict[str, Any]) -> int:
    """What WooCommerce would sell; below zero where more was sold than there is. `manage_stock` of
    a variation may be "parent"."""
    counted = int(data["stock_quantity"] or 0) if data["manage_stock"] else UNTRACKED
    if data["stock_status"] == "outofstock":
        return min(counted, 0)
    return UNTRACKED if data["backorders_allowed"] else counted


def on_sale(data: dict[str, Any]) -> bool:
    return data["status"] == "publish" and bool(data["purchasable"])


def text(data: dict[str, Any]) -> tuple[str, str, str]:
    words = data["description"] or data.get("short_description", "")
    return plain(data["name"]), plain(words), ""


def meta(data: dict[str, Any], name: str) -> str:
    found = (m["value"] for m in data.get("meta_data", ()) if name and m["key"] == name)
    return str(next(found, "") or "")


def picture(data: dict[str, Any]) -> str:
    images = data.get("images") or ([data["image"]] if data.get("image") else [])
    return str(images[0]["src"]) if images else ""


def seconds(moment: str) -> int:
    """Times of the API are GMT without saying so."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=timezone.utc).timestamp())


def category_terms(
    found: list[dict[str, Any]], names: dict[int, dict[str, str]]
) -> dict[int, Term]:
    slugs = {one["id"]: one["slug"] for one in found}
    return {
        one["id"]: Term(
            "category", one["slug"], in_all_languages(names[one["id"]]), slugs.get(one["parent"])
        )
        for one in found
    }
