"""Details, price and stock of the product that is meant."""

from typing import Any

import pytest

from shop import connect
from shop.model import Locale, Wishes

PL = Locale("pl", "PLN")


async def shown(shopper: Any) -> list[str]:
    await shopper.does("action_search", "search_product", "buty", category="footwear")
    return shopper.slots["shown"]


@pytest.mark.parametrize(("ordinal", "place"), [(1, 0), (2, 1), (-1, -1)])
async def test_the_second_one_is_the_second_shown(shopper: Any, ordinal: int, place: int) -> None:
    ids = await shown(shopper)
    (said,) = await shopper.does("action_view_product", "view_product", "drugie", ordinal=ordinal)
    assert said["cards"][0]["id"] == ids[place]
    assert shopper.slots["product"] == ids[place]


async def test_this_one_is_the_one_talked_about(shopper: Any) -> None:
    ids = await shown(shopper)
    await shopper.does("action_view_product", "view_product", "trzecie", ordinal=3)
    (said,) = await shopper.does("action_tell_price", "ask_price", "ile kosztują?")
    product = await connect("commerce").product(ids[2], PL)
    assert said["title"] == product.title


async def test_this_one_may_be_the_page_the_shopper_is_on(shopper: Any) -> None:
    page = {"page": {"product": "halny-storm-jacket"}}
    (said,) = await shopper.does(
        "action_tell_stock", "ask_stock", "jest M?", metadata=page, size="M"
    )
    assert "Storm" in said["title"]


async def test_stock_is_the_shops_own_number(shopper: Any) -> None:
    ids = await shown(shopper)
    product = await connect("commerce").product(ids[0], PL)
    variant = next(v for v in product.variants if v.stock)
    (said,) = await shopper.does(
        "action_tell_stock", "ask_stock", "jest?", product=product.id,
        size=variant.options.get("size", []), colour=variant.options.get("colour", []),
    )  # fmt: skip
    assert said["response"] == "utter_stock_one"
    assert said["count"] == variant.stock


async def test_two_are_compared_side_by_side(shopper: Any) -> None:
    await shown(shopper)
    (said,) = await shopper.does("action_compare", "compare_products", "1 i 3", ordinal=[1, 3])
    assert [row["response"] for row in said["products"]] == ["utter_name_compared"] * 2


async def test_nothing_meant_is_asked_for(shopper: Any) -> None:
    await shopper.does("action_tell_price", "ask_price", "ile kosztuje?")
    assert shopper.heard == ["utter_which_product_first"]


async def test_what_goes_with_it_comes_from_the_catalogue(shopper: Any) -> None:
    await shopper.does(
        "action_show_matching", "matching_products", "co do tego", product="halny-storm-jacket"
    )
    assert shopper.heard == ["utter_goes_with"]
    assert "halny-storm-jacket" not in shopper.slots["shown"]


async def test_one_shown_is_pointed_at_by_a_word_of_its_own_or_by_its_price(shopper: Any) -> None:
    found = await connect("commerce").search(
        Wishes(facets={"category": ("tents",)}), Locale("en", "EUR"), limit=5
    )
    shopper.slots |= {"language": "en", "shown": [p.id for p in found.products]}
    dearest = max(found.products, key=lambda product: product.price.amount)
    (said, *_) = await shopper.does(
        "action_tell_price", "ask_price", "the dearest one", reference="dearer_one"
    )
    assert said["title"] == dearest.title
    expedition = next(p for p in found.products if "expedition" in p.title)
    (said, *_) = await shopper.does("action_tell_price", "ask_price", "and the expedition one?")
    assert said["title"] == expedition.title
