"""Words against the few things they can mean: an order's goods, a product's options."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from actions.aftersale.items import mentions, owners, pointed_at
from actions.aftersale.matching import alike, named
from actions.aftersale.model import Heard
from actions.aftersale.options import wanted
from actions.aftersale.places import typed
from shop.model import (
    Address,
    DeliveryMethod,
    Money,
    Order,
    OrderLine,
    OrderState,
    Price,
    Product,
    Variant,
)

HOME = Address("Ola Kot", "ul. Lipowa 7", "30-702", "Kraków", "PL")
OPTIONS = {
    "Tablet": [("screen size", ["7-inch", "8-inch"]), ("color", ["gold", "black"])],
    "Water Bottle": [("capacity", ["500ml", "1000ml"]), ("material", ["glass", "stainless steel"])],
    "Electric Kettle": [("capacity", ["1L", "2L"]), ("color", ["black", "white"])],
    "Tea Kettle": [("material", ["ceramic", "glass"]), ("capacity", ["1 liter", "2 liters"])],
    "Sunglasses": [("frame color", ["black", "brown"]), ("lens color", ["black", "brown"])],
    "Backpack": [("compartment", ["laptop", "camera"]), ("color", ["red", "navy"])],
    "Speaker": [("water resistance", ["yes", "no"])],
    "Laptop": [("ram", ["8GB", "16GB"]), ("color", ["silver", "black"])],
}


def product(title: str) -> Product:
    axes = OPTIONS[title]
    combined: list[dict[str, str]] = [{}]
    for axis, values in axes:
        combined = [{**options, axis: value} for options in combined for value in values]
    price = Price(Money(1000, "USD"))
    variants = tuple(
        Variant(f"{title}-{n}", options, options, price, 5, "")
        for n, options in enumerate(combined)
    )
    names = {axis: axis for axis, _ in axes}
    return Product(title, title, "", "", "", "", "", "", "", price, names, variants)


def order(*titles: str, variants: dict[int, int] | None = None) -> Order:
    lines = []
    for place, title in enumerate(titles):
        variant = product(title).variants[(variants or {}).get(place, 0)]
        price = Money(1000 + 500 * place, "USD")
        line = OrderLine(variant.id, title, title, variant.labels, 1, price, "", str(place), "")
        lines.append(line)
    method = DeliveryMethod("x", "x", Money(0, "USD"), (1, 2))
    placed = datetime(2026, 11, 1, tzinfo=timezone.utc)
    none = Money(0, "USD")
    return Order(
        "10001", OrderState.PAID, placed, "s", "a@b.example", tuple(lines), method, HOME, none, none
    )


def meant(text: str, placed: Order, *references: tuple[str, str]) -> list[str]:
    entities = tuple(
        {"entity": "reference", "value": value, "start": text.index(word), "end": text.index(word)}
        for word, value in references
    )
    products = {line.product_id: product(line.product_id) for line in placed.lines}
    return [line.title for line in pointed_at(Heard(text, entities), placed, products).lines]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("return the tablet", ["Tablet"]),
        ("send back the tablett and the bottle pls", ["Tablet", "Water Bottle"]),
        ("the water botle", ["Water Bottle"]),
        ("electric kettle, tablets", ["Tablet", "Electric Kettle"]),
        ("the tea kettle", ["Tea Kettle"]),
        ("settle the difference with my paypal", []),
        ("more water resistance please", []),
        ("tablet w kolorze czarnym", ["Tablet"]),
    ],
)
def test_goods_are_found_by_their_names(text: str, titles: list[str]) -> None:
    placed = order("Tablet", "Water Bottle", "Electric Kettle", "Tea Kettle", "Speaker")
    assert meant(text, placed) == titles


def test_a_name_that_fits_two_is_not_guessed() -> None:
    placed = order("Electric Kettle", "Tea Kettle")
    products = {line.product_id: product(line.product_id) for line in placed.lines}
    pointed = pointed_at(Heard("the kettle"), placed, products)
    assert pointed.lines == ()
    assert len(pointed.unsure) == 2


def test_two_of_a_kind_are_told_apart_by_what_they_are() -> None:
    placed = order("Water Bottle", "Water Bottle", variants={0: 0, 1: 3})
    products = {"Water Bottle": product("Water Bottle")}
    text = "the water bottle that is 500ml and glass for stainless steel"
    assert [li.id for li in pointed_at(Heard(text), placed, products).lines] == ["0"]


def test_all_but_the_cheaper_one_and_the_second() -> None:
    placed = order("Tablet", "Water Bottle", "Sunglasses")
    assert meant("all but the tablet", placed, ("all but", "all_but")) == placed_titles(placed)[1:]
    assert meant("the cheaper one", placed, ("cheaper", "cheaper_one")) == ["Tablet"]
    assert meant("all of them", placed, ("all", "all")) == placed_titles(placed)


def placed_titles(placed: Order) -> list[str]:
    return [line.title for line in placed.lines]


def test_a_laptop_can_be_a_compartment() -> None:
    placed = order("Backpack", "Laptop")
    assert meant("the backpack with laptop compartment", placed) == ["Backpack"]
    assert meant("the backpack and the laptop", placed) == ["Backpack", "Laptop"]


@pytest.mark.parametrize(
    ("title", "text", "new"),
    [
        (
            "Tablet",
            "7-inch gold to the 8 inch black one",
            {"screen size": "8-inch", "color": "black"},
        ),
        ("Tablet", "i want it in black", {"color": "black"}),
        ("Tablet", "8inch", {"screen size": "8-inch"}),
        ("Water Bottle", "stainles steel please", {"material": "stainless steel"}),
        ("Sunglasses", "brown frame color", {"frame color": "brown"}),
        ("Sunglasses", "lens brown", {"lens color": "brown"}),
        ("Sunglasses", "brown", {}),
        ("Speaker", "no water resistance", {"water resistance": "no"}),
        ("Tablet", "the same gold one", {}),
    ],
)
def test_new_options_are_read(title: str, text: str, new: dict[str, str]) -> None:
    assert wanted(Heard(text), product(title), product(title).variants[0].options) == new


@pytest.mark.parametrize(
    ("said", "name", "same"),
    [
        ("kettle", "kettle", True),
        ("ketle", "kettle", True),
        ("settle", "kettle", False),
        ("lampe", "lampa", True),
        ("zapatillas", "zapatilla", True),
        ("42", "43", False),
        ("hat", "cat", False),
    ],
)
def test_words_are_alike(said: str, name: str, same: bool) -> None:
    assert (alike(said, name) > 0) is same


def test_no_name_runs_over_a_comma() -> None:
    names = {"a": ["Smart Thermostat"], "b": ["Smart Watch"]}
    found = {m.key for m in named("the thermostat, smart watch", names)}
    assert found == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "street", "postcode", "city", "region"),
    [
        ("ul. Długa 5/12, 00-238 Warszawa", "ul. Długa 5/12", "00-238", "Warszawa", ""),
        ("Calle Mayor 5 2ºB, 28013 Madrid", "Calle Mayor 5 2ºB", "28013", "Madrid", ""),
        ("please send it to 12 Elm Street, Suite 4, Denver, CO 80279",
         "12 Elm Street, Suite 4", "80279", "Denver", "CO"),
        ("12 Elm Street, Suite 4, Denver, CO, 80279, USA",
         "12 Elm Street, Suite 4", "80279", "Denver", "CO"),
        ("Jo Day, zip: 28212. Ship it to 12 Elm Street, Suite 4, 80279 Denver, CO instead",
         "12 Elm Street, Suite 4", "80279", "Denver", "CO"),
        ("wyślijcie na Lipowa 7 m. 3, 30-702 Kraków", "Lipowa 7 m. 3", "30-702", "Kraków", ""),
    ],
)  # fmt: skip
def test_an_address_is_read_from_one_line(
    text: str, street: str, postcode: str, city: str, region: str
) -> None:
    home = replace(HOME, country="US") if region else HOME
    found = typed(text, home)
    assert found == replace(home, street=street, postcode=postcode, city=city, region=region)


@pytest.mark.parametrize("text", ["my zip is 19031", "Omar Anderson, 19031", "yes", "send it home"])
def test_half_an_address_is_none(text: str) -> None:
    assert typed(text, HOME) is None


def test_the_yes_to_a_question_is_no_option() -> None:
    speaker = product("Speaker")
    now = {"water resistance": "no"}
    assert wanted(Heard("yes please", intent="affirm"), speaker, now) == {}
    assert wanted(Heard("with water resistance yes", intent="inform"), speaker, now) != {}


def test_of_two_of_a_kind_each_has_its_own_words() -> None:
    placed = order("Water Bottle", "Water Bottle", variants={0: 0, 1: 3})
    products = {"Water Bottle": product("Water Bottle")}
    text = "the water bottle (500ml, glass) to 1000ml and the water bottle (1000ml) to glass"
    found = mentions(Heard(text), placed.lines, products)
    whose = owners(Heard(text), found, placed.lines, products)
    assert [[line.id for line in lines] for _, lines in sorted(whose.items())] == [["0"], ["1"]]
