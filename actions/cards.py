"""Products as cards: raw values here, their words in `utter_card` and `utter_name_*` responses."""

from __future__ import annotations

from typing import Any

from actions.turn import choice, said
from shop.model import Product, Variant


def card(product: Product, reasons: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A card for `Turn.say(cards=...)`; nlg/messages.py fills `utter_card` with it."""
    price = product.price
    return {
        "id": product.id,
        "title": product.title,
        "url": product.url,
        "image_url": product.image,
        "price": price.amount,
        "regular": price.regular,
        "lowest_30d": price.lowest_30d,
        "rating": product.rating.average if product.rating else None,
        "reviews": product.rating.count if product.rating else 0,
        "note": reasons or options(product),
        "in_stock": product.in_stock,
        "choices": [
            choice(said("utter_name_details"), "view_product", product=product.id),
            *([add(product)] if product.in_stock else []),
        ],
    }


def add(product: Product, variant: Variant | None = None) -> dict[str, Any]:
    entities = {"product": product.id} | ({"variant": variant.id} if variant else {})
    return choice(said("utter_name_add"), "add_to_cart", **entities)


def options(product: Product) -> list[str]:
    """The values of the last axis that are in stock ("S", "M", "L"), in the shopper's language."""
    if not product.axes:
        return []
    axis = list(product.axes)[-1]
    left = {v.labels[axis] for v in product.variants if v.stock > 0}
    return [
        label for label in dict.fromkeys(v.labels[axis] for v in product.variants) if label in left
    ]
