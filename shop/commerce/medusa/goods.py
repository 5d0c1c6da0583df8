"""Medusa's products as our catalogue: pure functions of what its Store API answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.remote import amounts
from shop.commerce.remote.vendor import Goods, variant_id
from shop.commerce.remote.words import OTHER, UNTRACKED, in_all_languages, plain
from shop.commerce.remote.words import axis as axis_of
from shop.policy import policy
from shop.text import words

TAGGED = ("brand", "material", "audience", "feature", "purpose")
NO_OPTION = "Default option"  # which Medusa's dashboard gives to what has none
LOWEST = "lowest_30d"  # of the variant's metadata: lowest_30d_pln
TEXTS = (
    "id,title,description,handle,thumbnail,created_at,material,*categories,tags.id,tags.value,"
    "options.id,options.title,options.values.id,options.values.value,variants.id"
)
FIELDS = (
    f"{TEXTS},*variants,variants.thumbnail,variants.inventory_quantity,variants.calculated_price,"
    "variants.options.id,variants.options.value,*variants.options.option"
)
Data = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """The products as Medusa told them once, in one language and, where there is one, in one
    currency."""

    language: str
    currency: str
    products: Sequence[Data]


@dataclass(frozen=True)
class Told:
    """One thing (a product, an option, a tag) as it was told in each language."""

    by_language: dict[str, Data]

    @property
    def original(self) -> Data:
        return self.by_language[policy().default_language]

    def names(self, field: str) -> dict[str, list[str]]:
        return in_all_languages({w: str(data[field]) for w, data in self.by_language.items()})

    def parts(self, field: str) -> Iterator[Told]:
        """Of a list, told apart by their ids."""
        for one in self.original.get(field) or ():
            yield Told({w: same(data.get(field), one) for w, data in self.by_language.items()})


def same(others: Iterable[Data] | None, one: Data) -> Data:
    return next((other for other in others or () if other["id"] == one["id"]), one)


def goods(looks: Sequence[Look], storefront: str) -> Goods:
    """`looks` are one a language and one a currency at least."""
    told: dict[str, dict[str, Data]] = {}
    costs: dict[str, dict[str, Data]] = {}
    for look in looks:
        for data in look.products:
            told.setdefault(data["id"], {}).setdefault(look.language, data)
            for variant in data["variants"] or () if look.currency else ():
                costs.setdefault(variant["id"], {})[look.currency] = variant
    products, terms = [], dict[tuple[str, str], Term]()
    for by_language in told.values():
        # One that came or went between two looks is left to the next pull.
        if len(by_language) == len({look.language for look in looks}):
            one = Told(by_language)
            if one.original["variants"]:
                products.append(product(one, costs, storefront))
                for term in terms_of(one):
                    terms.setdefault((term.facet, term.id), term)
    return Goods(tuple(products), tuple(terms.values()))


def product(told: Told, costs: dict[str, dict[str, Data]], storefront: str) -> NewProduct:
    data = told.original
    facets = facets_of(data)
    brands = facets.pop("brand", ())
    return NewProduct(
        id=data["id"],
        category=next(iter(categories(data)), OTHER),
        brand=next(iter(brands), ""),
        picture=data["thumbnail"] or "",
        added=int(datetime.fromisoformat(data["created_at"].replace("Z", "+00:00")).timestamp()),
        texts={
            language: (one["title"], plain(one["description"] or ""), "")
            for language, one in told.by_language.items()
        },
        variants=tuple(variant(data, v, costs[v["id"]]) for v in data["variants"]),
        facets=facets,
        axes=tuple(dict.fromkeys(axis(o["title"]) for o in data["options"] or () if real(o))),
        url=storefront.format(slug=data["handle"]) or None,
    )


def variant(data: Data, one: Data, costs: dict[str, Data]) -> NewVariant:
    prices = {currency: price(there, currency) for currency, there in costs.items()}
    return NewVariant(
        variant_id(data["id"], one["id"]),
        {axis(o["option"]["title"]): value(o) for o in one["options"] or () if real(o["option"])},
        stock(one),
        {currency: cost for currency, cost in prices.items() if cost},
        one.get("thumbnail"),
    )


def price(data: Data, currency: str) -> NewPrice | None:
    """Reduced is what a price list of the kind "sale" makes cheaper, where the shop owner has
    noted the lowest price of the thirty days before."""
    told = data.get("calculated_price") or {}
    if told.get("calculated_amount") is None:
        return None
    now, before = (
        minor(told.get(f"{kind}_amount_with_tax") or told[f"{kind}_amount"], currency)
        for kind in ("calculated", "original")
    )
    lowest = (data.get("metadata") or {}).get(f"{LOWEST}_{currency.lower()}")
    sale = (told.get("calculated_price") or {}).get("price_list_type") == "sale"
    if sale and lowest and before > now:
        return NewPrice(before, now, minor(lowest, currency))
    return NewPrice(now)


def minor(amount: Any, currency: str) -> int:
    """Medusa's amounts are in the major unit: 129.9."""
    return amounts.minor(Decimal(str(amount)), currency.upper())


def stock(data: Data) -> int:
    """What Medusa would sell: stocked in the sales channel's places, less what is reserved."""
    if not data["manage_inventory"] or data["allow_backorder"]:
        return UNTRACKED
    return int(data.get("inventory_quantity") or 0)


def categories(data: Data) -> list[str]:
    return [one["handle"].replace("-", "_") for one in data.get("categories") or ()]


def facets_of(data: Data) -> dict[str, tuple[str, ...]]:
    """From tags such as "feature:waterproof", and the product's material."""
    found: dict[str, dict[str, None]] = {}
    for tag in data.get("tags") or ():
        facet, _, name = tag["value"].partition(":")
        if facet in TAGGED and name:
            found.setdefault(facet, {})[slug(name)] = None
    if data.get("material"):
        found.setdefault("material", {})[slug(data["material"])] = None
    return {facet: tuple(ids) for facet, ids in found.items()}


def terms_of(told: Told) -> Iterator[Term]:
    for category in told.parts("categories"):
        yield Term(
            "category", category.original["handle"].replace("-", "_"), category.names("name")
        )
    for tag in told.parts("tags"):
        facet, _, name = tag.original["value"].partition(":")
        if facet in TAGGED and name:
            said = tag.names("value").items()
            yield Term(facet, slug(name), {w: [n[0].partition(":")[2] or n[0]] for w, n in said})
    if told.original.get("material"):
        yield Term("material", slug(told.original["material"]), told.names("material"))
    for option in filter(lambda told: real(told.original), told.parts("options")):
        facet = axis(option.original["title"])
        yield Term("axis", facet, option.names("title"))
        if facet not in SIZE_AXES:
            for one in option.parts("values"):
                yield Term(facet, slug(one.original["value"]), one.names("value"))


def real(option: Data) -> bool:
    return bool(option["title"] != NO_OPTION)


def value(option: Data) -> str:
    """A size is its own name; all else has an id and names."""
    said = str(option["value"])
    return said if axis(option["option"]["title"]) in SIZE_AXES else slug(said)


def axis(title: str) -> str:
    """ "Shoe size" and "Size" are both sizes."""
    return axis_of(slug(title))


def slug(name: str) -> str:
    return "_".join(words(name))
