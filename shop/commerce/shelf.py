"""Products as they stand on the shelf: rows of the store as `shop.model` products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Subquery, func, select

from shop.commerce.names import Names
from shop.model import Locale, Money, Price, Product, Rating, Variant
from shop.store import now
from shop.tables import holds, prices, product_texts, products, variants

FACTS = ("material", "feature", "purpose", "audience")


class Shelf:
    """Turns rows into products in one language and currency."""

    def __init__(self, names: Names, public_url: str, locale: Locale) -> None:
        self.names, self.public_url, self.locale = names, public_url, locale

    def fetch(self, connection: Connection, ids: Iterable[str]) -> tuple[Product, ...]:
        """The products in the order of their ids; those not sold in this currency are left out."""
        wanted = list(ids)
        rows = connection.execute(select(products).where(products.c.id.in_(wanted)))
        by_id = {row.id: row for row in rows}
        texts = self._texts(connection, wanted)
        shelves = self._variants(connection, wanted)
        return tuple(
            self._product(by_id[id_], texts[id_], shelves[id_])
            for id_ in wanted
            if id_ in by_id and shelves[id_]
        )

    def picture(self, picture: str, options: dict[str, str]) -> str:
        """The address of a photo as it is, of a drawing in the variant's colour; "" without one."""
        if not picture or "://" in picture:
            return picture
        return f"{self.public_url}/pictures/{picture}/{options.get('colour', 'grey')}.svg"

    def labels(self, options: dict[str, str]) -> dict[str, str]:
        language = self.locale.language
        return {axis: self.names.value(axis, id_, language) for axis, id_ in options.items()}

    def _product(self, row: Any, text: Any, shelf: tuple[Variant, ...]) -> Product:
        language, names = self.locale.language, self.names
        facts = {
            facet: tuple(names.label(facet, id_, language) for id_ in row.facets.get(facet, ()))
            for facet in FACTS
        }
        return Product(
            id=row.id,
            title=text.title,
            description=text.description,
            details=text.details,
            category=row.category,
            category_title=names.label("category", row.category, language),
            brand=names.label("brand", row.brand, language),
            url=row.url or f"{self.public_url}/products/{row.id}",
            image=shelf[0].image,
            price=cheapest(shelf),
            axes={axis: names.label("axis", axis, language) for axis in row.axes},
            variants=shelf,
            facts={facet: values for facet, values in facts.items() if values},
            rating=Rating(row.rating, row.rating_count) if row.rating_count else None,
            weight_g=row.weight_g,
        )

    def _texts(self, connection: Connection, ids: list[str]) -> dict[str, Any]:
        """Each product's text in the shopper's language, else the default's, else any."""
        order = {self.names.default_language: 1, self.locale.language: 2}
        found: dict[str, Any] = {}
        rows = connection.execute(select(product_texts).where(product_texts.c.product_id.in_(ids)))
        for row in sorted(rows, key=lambda row: order.get(row.language, 0)):
            found[row.product_id] = row
        return found

    def _variants(self, connection: Connection, ids: list[str]) -> dict[str, tuple[Variant, ...]]:
        query = in_stock_query(self.locale.currency).where(variants.c.product_id.in_(ids))
        shelves: dict[str, list[Variant]] = defaultdict(list)
        for row in connection.execute(query.order_by(variants.c.position)):
            shelves[row.product_id].append(self._variant(row))
        return defaultdict(tuple, {id_: tuple(shelf) for id_, shelf in shelves.items()})

    def _variant(self, row: Any) -> Variant:
        return Variant(
            id=row.id,
            options=row.options,
            labels=self.labels(row.options),
            price=price_of(row, self.locale.currency),
            stock=max(0, row.available),
            image=self.picture(row.picture or row.product_picture, row.options),
        )


def held(at: int) -> Subquery:
    """What unpaid orders hold of each variant."""
    return (
        select(holds.c.variant_id, func.sum(holds.c.quantity).label("quantity"))
        .where(holds.c.until > at)
        .group_by(holds.c.variant_id)
        .subquery()
    )


def in_stock_query(currency: str) -> Any:
    """Variants with price and what is left of them."""
    taken = held(now())
    available = variants.c.stock - func.coalesce(taken.c.quantity, 0)
    return (
        select(
            variants,
            products.c.picture.label("product_picture"),
            prices.c.regular,
            prices.c.sale,
            prices.c.lowest_30d,
            available.label("available"),
        )
        .join(products, products.c.id == variants.c.product_id)
        .join(prices, (prices.c.variant_id == variants.c.id) & (prices.c.currency == currency))
        .join(taken, taken.c.variant_id == variants.c.id, isouter=True)
    )


def price_of(row: Row, currency: str) -> Price:
    """A reduction counts only with the lowest price of the 30 days before it (98/6/EC, art. 6a)."""
    if row.sale is None or row.sale >= row.regular:
        return Price(Money(row.regular, currency))
    if row.lowest_30d is None:
        return Price(Money(row.sale, currency))
    regular, lowest = Money(row.regular, currency), Money(row.lowest_30d, currency)
    return Price(Money(row.sale, currency), regular, lowest)


def cheapest(shelf: tuple[Variant, ...]) -> Price:
    """A product costs what its cheapest variant costs, of those in stock if there are any."""
    buyable = [variant for variant in shelf if variant.stock > 0] or shelf
    return min((variant.price for variant in buyable), key=lambda price: price.amount)
