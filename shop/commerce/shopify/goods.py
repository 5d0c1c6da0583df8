"""Shopify's products as our catalogue: pure functions of what its Admin API answers.

https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Product
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.remote.vendor import Goods, variant_id
from shop.commerce.remote.words import (
    KNOWN,
    OTHER,
    UNTRACKED,
    in_all_languages,
    plain,
)
from shop.commerce.remote.words import axis as known_axis
from shop.commerce.shopify.api import plain_id
from shop.commerce.shopify.sales import minor, seconds
from shop.feed.terms import slug

BARE = ("Title", "Default Title")  # option and value of a product that has no options
NAMESPACE = "shopkeeper"  # of the metafields that name a product's facets
TRANSLATED = {"title": "title", "text": "body_html", "category": "product_type", "name": "name"}


@dataclass(frozen=True)
class Settings:
    """What Shopify says of the whole shop. `language` is the one in which it was written;
    `languages` are others of ours that it is translated to; `countries` are where other
    currencies of ours are paid in, by currency. Before and after an order's number stand `prefix`
    and `suffix`."""

    currency: str
    language: str
    languages: tuple[str, ...] = ()
    countries: Mapping[str, str] = field(default_factory=dict)
    prefix: str = "#"
    suffix: str = ""


@dataclass(frozen=True)
class Shelves:
    """`lowest` is namespace.key of the variants' metafield with the lowest price of thirty days
    before a reduction."""

    settings: Settings
    lowest: str = ""

    def goods(self, found: Iterable[dict[str, Any]]) -> Goods:
        on_sale = [data for data in found if sold(data)]
        terms: dict[tuple[str, str], Term] = {}
        for data in on_sale:
            for term in self.terms(data):
                terms.setdefault((term.facet, term.id), term)
        return Goods(tuple(self.product(data) for data in on_sale), tuple(terms.values()))

    def product(self, data: dict[str, Any]) -> NewProduct:
        id_, facets = plain_id(data["id"]), facets_of(data)
        colour = next(iter(facets.pop("colour", ())), "")
        return NewProduct(
            id=id_,
            category=slug(data["productType"]) if data["productType"] else OTHER,
            brand=slug(data["vendor"]) if data["vendor"] else "",
            picture=picture(data["featuredMedia"]),
            added=seconds(data["createdAt"]),
            texts=self.texts(data),
            variants=tuple(self.variant(id_, one, colour) for one in data["variants"]["nodes"]),
            facets=facets,
            axes=tuple(dict.fromkeys(axis(option["name"]) for option in options_of(data))),
            url=data["onlineStoreUrl"] or None,
        )

    def texts(self, data: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
        titles = self.names(data, data["title"], "title")
        texts = self.names(data, data["descriptionHtml"], "text")
        return {
            language: (title, plain(texts.get(language, data["descriptionHtml"])), "")
            for language, title in titles.items()
        }

    def variant(self, product: str, data: dict[str, Any], colour: str) -> NewVariant:
        options = {
            axis(one["name"]): value(one["name"], one["value"])
            for one in data["selectedOptions"]
            if (one["name"], one["value"]) != BARE
        }
        if colour:
            options.setdefault("colour", colour)
        id_ = variant_id(product, plain_id(data["id"]))
        shown = next((picture(media) for media in data["media"]["nodes"]), "")
        return NewVariant(id_, options, stock(data), self.prices(data), shown or None)

    def prices(self, data: dict[str, Any]) -> dict[str, NewPrice]:
        own = self.settings.currency
        regular = data["compareAtPrice"]
        prices = {own: self.price(data, own, data["price"], regular)}
        for currency in self.settings.countries:
            there = data[currency]
            if there["price"]["currencyCode"] == currency:  # else it is not sold for this currency
                before = (there["compareAtPrice"] or {}).get("amount")
                prices[currency] = self.price(data, currency, there["price"]["amount"], before)
        return prices

    def price(self, data: dict[str, Any], currency: str, now: str, regular: str | None) -> NewPrice:
        """Reduced only where the lowest price is known: it must be told with the reduction."""
        amount = minor(now, currency)
        known = ((data.get("lowest") or {}).get("jsonValue")) or {}
        if regular and known.get("currency_code") == currency:
            before, lowest = minor(regular, currency), minor(known["amount"], currency)
            if before > amount:
                return NewPrice(before, amount, lowest)
        return NewPrice(amount)

    def names(self, data: Mapping[str, Any], text: str, name: str) -> dict[str, str]:
        """What something is called, by language."""
        return {self.settings.language: text, **translations(data, TRANSLATED[name])}

    def terms(self, data: dict[str, Any]) -> Iterator[Term]:
        if kind := data["productType"]:
            names = in_all_languages(self.names(data, kind, "category"))
            yield Term("category", slug(kind), names)
        if brand := data["vendor"]:
            yield Term("brand", slug(brand), in_all_languages({self.settings.language: brand}))
        for one in metafields(data):
            yield from self.facet_terms(one)
        for option in options_of(data):
            facet = axis(option["name"])
            names = in_all_languages(self.names(option, option["name"], "name"))
            yield Term("axis", facet, names)
            for one in option["optionValues"] if facet not in SIZE_AXES else ():
                names = in_all_languages(self.names(one, one["name"], "name"))
                yield Term(facet, slug(one["name"]), names)

    def facet_terms(self, metafield: dict[str, Any]) -> Iterator[Term]:
        said = {
            language: listed(text) for language, text in translations(metafield, "value").items()
        }
        for position, name in enumerate(listed(metafield["jsonValue"])):
            others = {lang: names[position] for lang, names in said.items() if names[position:]}
            names = in_all_languages({self.settings.language: name, **others})
            yield Term(metafield["key"], slug(name), names)


def sold(data: dict[str, Any]) -> bool:
    """To everybody, in the online shop."""
    return bool(data["status"] == "ACTIVE" and data["publishedAt"] and data["variants"]["nodes"])


def stock(data: dict[str, Any]) -> int:
    """What Shopify would sell; what it does not count, or sells on, is always there."""
    if data["inventoryItem"]["tracked"] and data["inventoryPolicy"] == "DENY":
        return int(data["inventoryQuantity"] or 0)
    return UNTRACKED


def options_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        option
        for option in data["options"]
        if (option["name"], *(one["name"] for one in option["optionValues"])) != BARE
    ]


def axis(option: str) -> str:
    """Our name of an option, which has a name and no code."""
    return known_axis(slug(option))


def value(option: str, name: str) -> str:
    """A size is its own name; all else has an id and names."""
    return name if axis(option) in SIZE_AXES else slug(name)


def metafields(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in data["metafields"]["nodes"] if one["key"] in KNOWN]


def facets_of(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        one["key"]: tuple(dict.fromkeys(slug(name) for name in listed(one["jsonValue"])))
        for one in metafields(data)
    }


def listed(value: Any) -> list[str]:
    """A metafield of one text or of a list of texts; a translation of a list is its JSON."""
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    found = value if isinstance(value, list) else [value]
    return [str(one).strip() for one in found if one is not None and str(one).strip()]


def translations(data: Mapping[str, Any], key: str) -> dict[str, str]:
    """By language; asked for under names that begin so, in `documents.TRANSLATIONS`."""
    return {
        name.removeprefix("in_"): one["value"]
        for name, said in data.items()
        if name.startswith("in_")
        for one in said
        if one["key"] == key and one["value"]
    }


def picture(media: dict[str, Any] | None) -> str:
    image = ((media or {}).get("preview") or {}).get("image") or {}
    return str(image.get("url", ""))
