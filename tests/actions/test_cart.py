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


def user(text: str, **entities: Any) -> dict[str, Any]:
    listed = [{"entity": kind, "value": value} for kind, value in entities.items()]
    return {"event": "user", "text": text, "parse_data": {"entities": listed}}


async def test_an_option_asked_about_before_is_not_asked_again(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    shopper.slots["product"] = product.id
    shopper.events = [user("jest taka?", **variant.options), user("ok biorę")]
    await shopper.answers("add_form", "add_to_cart", "ok biorę")
    assert shopper.slots["add_variant"] == variant.id


async def test_an_option_of_goods_looked_at_before_is_not_theirs(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    shopper.slots["product"] = product.id
    listed = {"event": "bot", "text": "...", "metadata": {"utter_action": "utter_found"}}
    shopper.events = [user("jest taka?", **variant.options), listed, user("ok biorę")]
    await shopper.answers("add_form", "add_to_cart", "ok biorę")
    assert shopper.slots.get("add_variant") is None


async def test_a_yes_to_shall_i_puts_in_what_was_offered(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    known = {"product": product.id, "variant": variant.id}
    offer = {"choices": [{"intent": "add_to_cart", "entities": known}]}
    shopper.events = [{"event": "bot", "text": "Dodać do koszyka?", "metadata": offer}]
    await shopper.does("action_agree", "affirm", "tak")
    assert [event["name"] for event in shopper.last_events] == ["add_form"]
    await shopper.answers("add_form", "affirm", "tak")
    assert shopper.slots["add_variant"] == variant.id
    shopper.events = [{"event": "bot", "text": "Gotowe.", "metadata": offer}]
    await shopper.does("action_agree", "affirm", "tak")
    assert shopper.heard == ["utter_what_next"]


@pytest.mark.parametrize(
    ("intent", "text", "entities"),
    [
        ("view_product", "pierwszy", {"ordinal": 1}),
        ("no_preference", "obojętnie", {}),
    ],
)
async def test_an_option_is_chosen_by_its_place_or_left_to_us(
    shopper: Any, intent: str, text: str, entities: dict[str, Any]
) -> None:
    product = await product_with({"colour"})
    await shopper.answers("add_form", "add_to_cart", product=product.id)
    (question,) = shopper.said
    first = question["choices"][0]["entities"]["colour"]
    await shopper.answers("add_form", intent, text, **entities)
    chosen = next(v for v in product.variants if v.id == shopper.slots["add_variant"])
    assert chosen.options["colour"] == first


async def test_a_size_is_never_left_to_us(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    colour = variant.options["colour"]
    await shopper.answers("add_form", "add_to_cart", product=product.id, colour=colour)
    await shopper.answers("add_form", "no_preference", "obojętnie")
    assert shopper.slots.get("add_variant") is None
    assert shopper.slots["requested_slot"] == "add_variant"


async def test_other_goods_named_come_first_and_these_after_them(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    other = await product_with({"colour"})
    await shopper.answers("add_form", "add_to_cart", product=product.id)
    await shopper.answers("add_form", "add_to_cart", "i jeszcze to", product=other.id)
    assert shopper.slots["add_product"] == other.id
    await shopper.answers("add_form", "no_preference", "obojętnie")
    await shopper.does("action_add_to_cart")
    assert shopper.heard == ["utter_added"]
    assert shopper.last_events[-1]["name"] == "add_form"
    assert (shopper.slots["add_product"], shopper.slots["add_waiting"]) == (product.id, None)


async def test_goods_named_by_their_kind_are_shown_to_choose_from(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    shopper.slots["product"] = product.id
    kind = "socks" if product.category != "socks" else "tents"
    await shopper.answers("add_form", "add_to_cart", "dorzuć 2", category=kind, quantity=2)
    assert shopper.heard == ["utter_found", "utter_question_add_product"]
    assert shopper.slots["shown"] == [card["id"] for card in shopper.said[0]["cards"]]
    await shopper.answers("add_form", "view_product", "pierwsze", ordinal=1)
    assert shopper.slots["add_product"] == shopper.slots["shown"][0]
    assert shopper.slots["add_quantity"] == 2


async def test_of_two_things_named_the_second_is_not_forgotten(shopper: Any) -> None:
    product, other = await product_with({"colour"}), await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    both = {"product": [product.id, other.id], **variant.options}
    await shopper.answers("add_form", "add_to_cart", "oba", **both)
    await shopper.does("action_add_to_cart")
    assert shopper.last_events[-1]["name"] == "add_form"
    assert shopper.slots["add_product"] == other.id


async def test_an_option_that_there_is_not_is_told(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    await shopper.answers("add_form", "add_to_cart", product=product.id)
    await shopper.answers("add_form", "inform", "w paski", colour="no-such-colour")
    assert shopper.heard == ["utter_invalid_add_variant", "utter_question_add_variant"]


async def test_an_empty_cart_is_told_when_the_last_thing_goes(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    await shopper.answers("add_form", "add_to_cart", variant=variant.id, product=product.id)
    await shopper.does("action_add_to_cart")
    (said,) = await shopper.does("action_remove_from_cart", "remove_from_cart", "usuń")
    assert (said["response"], said["left"]) == ("utter_removed", 0)
