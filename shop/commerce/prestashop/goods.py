"""PrestaShop's products as our catalogue: pure functions of what its webservice answers. Prices are
asked for with tax and reductions, which PrestaShop works out itself:
https://devdocs.prestashop-project.org/9/webservice/tutorials/advanced-use/specific-price/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import get_currency_precision

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.names import SIZE_AXES
from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.facts import Facts, on
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import variant_id
from shop.commerce.remote.words import KNOWN, OTHER, UNTRACKED, axis, in_all_languages, plain
from shop.feed.terms import slug

KILOGRAM = 1000


@dataclass(frozen=True)
class Words:
    """By id: groups of attributes and features are `axes`, their values `values`."""

    axes: Mapping[str, Row]
    values: Mapping[str, Row]
    features: Mapping[str, Row]
    feature_values: Mapping[str, Row]
    categories: Mapping[str, Row]
    brands: Mapping[str, Row]


@dataclass(frozen=True)
class Stock:
    """By (product, combination): pieces, and whether it may be sold without any."""

    rows: Mapping[tuple[str, str], Row]
    facts: Facts

    def left(self, product: str, combination: str) -> int:
        row = self.rows.get((product, combination))
        if not on(self.facts.settings, "PS_STOCK_MANAGEMENT"):
            return UNTRACKED
        if row is None:
            return 0
        without = row["out_of_stock"]
        default = on(self.facts.settings, "PS_ORDER_OUT_OF_STOCK")
        if without == "1" or (without == "2" and default):
            return UNTRACKED
        return int(row["quantity"])


def stock(found: Iterable[Row], facts: Facts) -> Stock:
    return Stock({(row["id_product"], row["id_product_attribute"]): row for row in found}, facts)


def asked_prices(facts: Facts, currencies: Iterable[str]) -> dict[str, str]:
    """The parameters that make PrestaShop tell `now_pln` and `was_pln` of what it lists, as guests
    pay, which all our shoppers are."""
    asked = {}
    for code in currencies:
        currency = facts.currency(code)
        common = {
            "use_tax": "1",
            "currency": currency.id,
            "country": facts.country_of(code),
            "group": facts.settings["PS_GUEST_GROUP"],
            "decimals": str(get_currency_precision(code)),
        }
        for name, reduced in (("now", "1"), ("was", "0")):
            for key, value in {**common, "use_reduction": reduced}.items():
                asked[f"price[{name}_{code.lower()}][{key}]"] = value
    return asked


@dataclass(frozen=True)
class Shelves:
    """`storefront` is a page's address with {id} and {slug}; `lowest` the feature with the lowest
    price of thirty days; `names` what the shop calls an axis or facet, where not as we do."""

    server: str
    storefront: str
    lowest: str
    names: Mapping[str, str]
    facts: Facts
    words: Words

    def product(self, data: Row, combinations: list[Row], left: Stock) -> NewProduct | None:
        """None where it is not on sale."""
        hidden = data.get("visibility") == "none"
        if hidden or not on(data, "active") or not on(data, "available_for_order"):
            return None
        features = self.features(data)
        texts = {code: self.said(data, "name")[code] for code in self.said(data, "name")}
        about = self.said(data, "description") or self.said(data, "description_short")
        own = data["id"]
        sold = combinations or [{**data, "id": "0"}]
        axes = [name for one in combinations for name, _ in self.options(one)]
        brand = self.words.brands.get(data["id_manufacturer"])
        return NewProduct(
            id=own,
            category=self.category(data["id_category_default"]),
            brand=slug(brand["name"]) if brand else "",
            picture=self.picture(data.get("id_default_image", "")),
            added=self.facts.seconds(data["date_add"]),
            texts={code: (name, plain(about.get(code, "")), "") for code, name in texts.items()},
            variants=tuple(self.variant(own, one, sold, left, features) for one in sold),
            facets={f: ids for f, ids in features.items() if f not in ("colour", "brand")},
            axes=tuple(dict.fromkeys(axes)),
            goes_with=tuple(one["id"] for one in members(data, "accessories")),
            url=self.storefront.format(id=own, slug=self.slug(data)) or None,
            weight_g=round(float(data.get("weight") or 0) * KILOGRAM) or None,
        )

    def variant(
        self,
        product: str,
        data: Row,
        sold: list[Row],
        left: Stock,
        features: Mapping[str, tuple[str, ...]],
    ) -> NewVariant:
        options = dict(self.options(data)) if data["id"] != "0" else {}
        if colours := features.get("colour"):
            options.setdefault("colour", colours[-1])
        images = members(data, "images") if data["id"] != "0" else []
        return NewVariant(
            variant_id(product, data["id"]),
            options,
            left.left(product, data["id"]),
            {code: self.price(data, sold, code, features) for code in asked_of(data)},
            self.picture(images[0]["id"]) if images else None,
        )

    def price(
        self, data: Row, sold: list[Row], code: str, features: Mapping[str, tuple[str, ...]]
    ) -> NewPrice:
        """Reduced only where the lowest price before is known, and the same for all variants: a
        feature belongs to the whole product, and is in the default currency."""
        now, was = (minor(data[f"{name}_{code.lower()}"], code) for name in ("now", "was"))
        alike = len({one[f"now_{code.lower()}"] for one in sold}) == 1
        said = features.get("lowest", ()) if code == self.facts.default_currency.code else ()
        if now < was and alike and said:
            return NewPrice(was, now, minor(said[0], code))
        return NewPrice(now)

    def options(self, combination: Row) -> list[tuple[str, str]]:
        found = []
        for one in members(combination, "product_option_values"):
            if (value := self.words.values.get(one["id"])) is not None:
                name = self.axis(self.words.axes[value["id_attribute_group"]])
                found.append((name, self.value(name, value)))
        return found

    def features(self, data: Row) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for one in members(data, "product_features"):
            feature = self.words.features.get(one["id"])
            value = self.words.feature_values.get(one["id_feature_value"])
            if feature is None or value is None:
                continue
            said = self.said(feature, "name").values()
            if self.lowest in said:
                found["lowest"] = {self.main(value, "value").replace(",", "."): None}
            elif (facet := self.axis(feature)) in KNOWN:
                found.setdefault(facet, {})[slug(self.main(value, "value"))] = None
        return {facet: tuple(values) for facet, values in found.items()}

    def terms(self) -> Iterator[Term]:
        for row in self.words.categories.values():
            yield Term("category", self.slug(row), in_all_languages(self.said(row, "name")))
        for row in self.words.brands.values():
            yield Term("brand", slug(row["name"]), in_all_languages({"": row["name"]}))
        for row in self.words.axes.values():
            said = self.said(row, "public_name") or self.said(row, "name")
            yield Term("axis", self.axis(row), in_all_languages(said))
        for row in self.words.values.values():
            name = self.axis(self.words.axes[row["id_attribute_group"]])
            if name not in SIZE_AXES:
                names = in_all_languages(self.said(row, "name"))
                yield Term(name, self.value(name, row), names)
        for row in self.words.feature_values.values():
            feature = self.words.features.get(row["id_feature"])
            if feature is not None and (facet := self.axis(feature)) in KNOWN:
                names = in_all_languages(self.said(row, "value"))
                yield Term(facet, slug(self.main(row, "value")), names)

    def axis(self, row: Row) -> str:
        """Our name of a group of attributes or a feature, in whatever language it is named."""
        if on(row, "is_color_group"):
            return "colour"
        said = [name.casefold() for name in self.said(row, "name").values()]
        for ours, theirs in self.names.items():
            if theirs.casefold() in said:
                return ours
        return axis(slug(self.main(row, "name")))

    def value(self, name: str, row: Row) -> str:
        """A size is its own name; all else has an id and names."""
        said = self.main(row, "name")
        return said if name in SIZE_AXES else slug(said)

    def category(self, id_: str) -> str:
        row = self.words.categories.get(id_)
        return self.slug(row) if row else OTHER

    def slug(self, row: Row) -> str:
        return self.main(row, "link_rewrite")

    def said(self, row: Row, field: str) -> dict[str, str]:
        """Text by language. A shop with one language does not say which."""
        value: Any = row.get(field, "")
        if isinstance(value, str):
            return {next(iter(self.facts.languages.values())): value} if value else {}
        known = self.facts.languages
        return {known[t["id"]]: t["value"] for t in value if t["id"] in known and t["value"]}

    def main(self, row: Row, field: str) -> str:
        """Text in the shop's own language, which ids are made of."""
        said = self.said(row, field)
        own = self.facts.languages.get(self.facts.settings["PS_LANG_DEFAULT"], "")
        return said.get(own) or next(iter(said.values()), "")

    def picture(self, id_: str) -> str:
        """Where PrestaShop keeps the picture with this number: 123 is in 1/2/3."""
        return f"{self.server}/img/p/{'/'.join(id_)}/{id_}.jpg" if id_.strip("0") else ""


def members(row: Row, name: str) -> list[Row]:
    found = (row.get("associations") or {}).get(name) or []
    return found if isinstance(found, list) else []


def asked_of(row: Row) -> list[str]:
    """The currencies whose prices were asked for."""
    return [name[4:].upper() for name in row if name.startswith("now_")]
