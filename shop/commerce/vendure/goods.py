"""Vendure's products as our catalogue: pure functions of what its Admin API answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.remote.vendor import Goods, variant_id
from shop.commerce.remote.words import KNOWN, OTHER, UNTRACKED, axis, in_all_languages, plain
from shop.policy import policy

NAMES = "translations { languageCode name }"
DOCUMENT = """query Products($options: ProductListOptions) {
  answer: products(options: $options) { totalItems items {
    id createdAt enabled
    translations { languageCode name slug description }
    featuredAsset { preview }
    facetValues { code NAMES facet { code } }
    optionGroups { code NAMES }
    variants {
      id enabled trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
      featuredAsset { preview } facetValues { code NAMES facet { code } }
      stockLevels { stockOnHand stockAllocated } prices { currencyCode price }
      taxRateApplied { value } options { code NAMES group { code } } CUSTOM
    }
  } }
}"""


@dataclass(frozen=True)
class Settings:
    """What Vendure says of the whole shop."""

    track: bool
    threshold: int
    with_tax: bool
    currency: str


@dataclass(frozen=True)
class Shelves:
    """`storefront` is a page's address with {slug}; `reduced` names the custom fields of the price
    before a reduction and of the lowest of thirty days."""

    storefront: str = ""
    reduced: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        custom = f"customFields {{ {' '.join(self.reduced)} }}" if self.reduced else ""
        return DOCUMENT.replace("NAMES", NAMES).replace("CUSTOM", custom)

    def goods(self, found: Iterable[dict[str, Any]], settings: Settings) -> Goods:
        products, terms = [], dict[tuple[str, str], Term]()
        for data in found:
            on_sale = [variant for variant in data["variants"] if variant["enabled"]]
            if data["enabled"] and on_sale:
                products.append(self.product(data, on_sale, settings))
                for term in terms_of(data):
                    terms.setdefault((term.facet, term.id), term)
        return Goods(tuple(products), tuple(terms.values()))

    def product(
        self, data: dict[str, Any], on_sale: list[dict[str, Any]], settings: Settings
    ) -> NewProduct:
        facets = facets_of([*data["facetValues"], *(f for v in on_sale for f in v["facetValues"])])
        texts = {t["languageCode"]: t for t in data["translations"]}
        slug = (texts.get(policy().default_language) or data["translations"][0])["slug"]
        return NewProduct(
            id=data["id"],
            category=first(facets, "category") or OTHER,
            brand=first(facets, "brand"),
            picture=picture(data),
            added=int(datetime.fromisoformat(data["createdAt"].replace("Z", "+00:00")).timestamp()),
            texts={
                language: (text["name"], plain(text["description"]), "")
                for language, text in texts.items()
            },
            variants=tuple(self.variant(data, v, settings) for v in on_sale),
            facets={
                f: ids for f, ids in facets.items() if f not in ("category", "brand", "colour")
            },
            axes=tuple(dict.fromkeys(axis(group["code"]) for group in data["optionGroups"])),
            url=self.storefront.format(slug=slug) or None,
        )

    def variant(
        self, product: dict[str, Any], data: dict[str, Any], settings: Settings
    ) -> NewVariant:
        options = {axis(o["group"]["code"]): value(o) for o in data["options"]}
        colours = facets_of([*product["facetValues"], *data["facetValues"]]).get("colour", ())
        if colours:
            options.setdefault("colour", colours[-1])
        return NewVariant(
            variant_id(product["id"], data["id"]),
            options,
            stock(data, settings),
            {p["currencyCode"]: self.price(data, p, settings) for p in data["prices"]},
            picture(data) or None,
        )

    def price(self, data: dict[str, Any], price: dict[str, Any], settings: Settings) -> NewPrice:
        now = gross(price["price"], data["taxRateApplied"]["value"], settings.with_tax)
        custom = data.get("customFields") or {}
        regular, lowest = (custom.get(name) for name in self.reduced or ("", ""))
        if price["currencyCode"] == settings.currency and regular and lowest and regular > now:
            return NewPrice(regular, now, lowest)
        return NewPrice(now)


def stock(data: dict[str, Any], settings: Settings) -> int:
    """What Vendure would sell: on hand, less what orders have, less what it keeps back."""
    tracked = data["trackInventory"]
    if tracked == "FALSE" or (tracked == "INHERIT" and not settings.track):
        return UNTRACKED
    own = not data["useGlobalOutOfStockThreshold"]
    back = data["outOfStockThreshold"] if own else settings.threshold
    levels = data["stockLevels"]
    return sum(level["stockOnHand"] - level["stockAllocated"] for level in levels) - back


def gross(price: int, rate: float, with_tax: bool) -> int:
    return price if with_tax else int(price * (100 + rate) / 100 + 0.5)


def facets_of(values: Iterable[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Facet -> the ids of its values; facets that we do not know are left out."""
    found: dict[str, dict[str, None]] = {}
    for one in values:
        facet = axis(one["facet"]["code"])
        if facet in KNOWN:
            found.setdefault(facet, {})[one["code"]] = None
    return {facet: tuple(ids) for facet, ids in found.items()}


def terms_of(data: dict[str, Any]) -> Iterator[Term]:
    for one in [*data["facetValues"], *(f for v in data["variants"] for f in v["facetValues"])]:
        if (facet := axis(one["facet"]["code"])) in KNOWN:
            yield Term(facet, one["code"], names(one))
    for group in data["optionGroups"]:
        yield Term("axis", axis(group["code"]), names(group))
    for variant in data["variants"]:
        for option in variant["options"]:
            if (facet := axis(option["group"]["code"])) not in SIZE_AXES:
                yield Term(facet, value(option), names(option))


def value(option: dict[str, Any]) -> str:
    """A size is its own name; all else has an id and names."""
    if axis(option["group"]["code"]) not in SIZE_AXES:
        return str(option["code"])
    said = names(option)
    return (said.get(policy().default_language) or next(iter(said.values())))[0]


def names(data: dict[str, Any]) -> dict[str, list[str]]:
    return in_all_languages({one["languageCode"]: one["name"] for one in data["translations"]})


def first(facets: dict[str, tuple[str, ...]], facet: str) -> str:
    return next(iter(facets.get(facet, ())), "")


def picture(data: dict[str, Any]) -> str:
    return str((data["featuredAsset"] or {}).get("preview", ""))
