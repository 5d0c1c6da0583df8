"""Filling and changing the cart."""

from typing import Any

import pytest

from shop import connect
from shop.model import Locale, Product

PL = Locale("pl", "PLN")


async def product_with(axes: set[str]) -> Product:
    """A product in stock with exactly these axes, each still open."""
    commerce = connect("commerce")
    for product_id in (await commerce.vocabulary())["products"]:
        product = await commerce.product(product_id, PL)
        left = [v for v in product.variants if v.stock > 3]
        if set(product.axes) == axes and all(len({v.options[a] for v in left}) > 1 for a in axes):
            return product
    raise AssertionError(f"no product with {axes}")


async def test_only_what_is_missing_is_asked(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    size = variant.options["size"]
    await shopper.answers("add_form", "add_to_cart", product=product.id, size=size)
    assert shopper.heard in (["utter_question_add_variant"], [])
    if shopper.heard:
        await shopper.answers("add_form", text="?", colour=variant.options["colour"])
    assert shopper.slots["add_variant"] == variant.id
    await shopper.does("action_add_to_cart")
    cart = await connect("commerce").cart(shopper.conversation, PL)
    assert [(line.variant_id, line.quantity) for line in cart.lines] == [(variant.id, 1)]
    assert shopper.heard == ["utter_added"]


async def test_a_quantity_said_with_the_wish_is_taken(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    known = {"variant": variant.id, "product": product.id}
    await shopper.answers("add_form", "add_to_cart", **known, quantity=3)
    await shopper.does("action_add_to_cart")
    cart = await connect("commerce").cart(shopper.conversation, PL)
    assert cart.lines[0].quantity == 3


async def test_never_more_than_the_stock(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    known = {"variant": variant.id, "product": product.id}
    await shopper.answers("add_form", "add_to_cart", **known, quantity=99)
    (said,) = await shopper.does("action_add_to_cart")
    assert said["response"] == "utter_too_few"
    assert said["available"] == variant.stock
    assert not (await connect("commerce").cart(shopper.conversation, PL)).lines


async def test_the_last_thing_put_in_is_what_it_means(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    await shopper.answers("add_form", "add_to_cart", variant=variant.id, product=product.id)
    await shopper.does("action_add_to_cart")
    await shopper.does("action_change_cart", "change_cart", "dwie sztuki", quantity=2)
    assert shopper.heard == ["utter_changed"]
    other = next(
        v for v in product.variants
        if v.stock > 3 and v.options["colour"] == variant.options["colour"] and v != variant
    )  # fmt: skip
    await shopper.does("action_change_cart", "change_cart", "nie, inny", size=other.options["size"])
    cart = await connect("commerce").cart(shopper.conversation, PL)
    assert [(line.variant_id, line.quantity) for line in cart.lines] == [(other.id, 2)]
    await shopper.does("action_remove_from_cart", "remove_from_cart", "usuń to")
    assert shopper.heard == ["utter_removed"]
    await shopper.does("action_view_cart", "view_cart")
    assert shopper.heard == ["utter_cart_empty"]


@pytest.mark.parametrize("code", ["NIEMA123"])
async def test_an_unknown_code_is_refused_in_its_own_words(shopper: Any, code: str) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    await shopper.answers("add_form", "add_to_cart", variant=variant.id, product=product.id)
    await shopper.does("action_add_to_cart")
    await shopper.answers("code_form", "apply_code", code=code)
    await shopper.does("action_apply_code")
    assert shopper.heard == ["utter_refused_code_unknown"]
    assert shopper.slots["promo_code"] is None
