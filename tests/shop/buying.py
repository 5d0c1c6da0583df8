"""A purchase in a few words, over any shop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shop.commerce.base import Commerce
from shop.model import (
    Address,
    Checkout,
    Locale,
    Order,
    Payment,
    PaymentState,
    Product,
    Variant,
    Wishes,
)

HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL")


async def buyable(commerce: Commerce, locale: Locale, least: int = 3) -> tuple[Product, Variant]:
    """A product and a variant of it with enough pieces in stock."""
    found = await commerce.search(Wishes(in_stock=True), locale, limit=40)
    pairs = [(product, v) for product in found.products for v in product.variants]
    return next((product, v) for product, v in pairs if v.stock >= least)


async def checkout(commerce: Commerce, conversation: str, locale: Locale, **other: Any) -> Checkout:
    methods = await commerce.delivery_methods(conversation, "PL", locale)
    door = next(method for method in methods if not method.to_point)
    return replace(Checkout("ewa@example.org", None, HOME, door.id, language="pl"), **other)


async def ordered(
    commerce: Commerce, conversation: str, locale: Locale, pieces: int = 1, **other: Any
) -> Order:
    _, variant = await buyable(commerce, locale)
    await commerce.set_quantity(conversation, variant.id, pieces, locale)
    details = await checkout(commerce, conversation, locale, **other)
    return await commerce.place_order(conversation, details, locale, f"{conversation}/place")


def paying(order: Order, state: PaymentState = PaymentState.SUCCEEDED, id_: str = "") -> Payment:
    return Payment(id_ or f"pay-{order.number}", order.number, order.total, state, "")
