"""The scripted shopper recognises what is asked, and agrees to nothing but what was wished."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import yaml

from bench.retail import data, ear
from bench.retail.check import ReadBack
from bench.retail.wishes import Item, Wish
from nlg.icu import fill

ROOT = data.ROOT
missing = not (data.folder() / "tasks.json").exists() and not os.environ.get("CI")
LANGUAGES = ("en", "pl", "es")


def show(value: Any, style: str = "") -> str:
    return str(value)


class Anything(dict[str, Any]):
    """Every argument that a text has: a select takes its `other`, a plural many."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counted = set(re.findall(r"\{(\w+), plural", text))

    def __missing__(self, key: str) -> Any:
        return 5 if key in self.counted else f"<{key}>"

    def __contains__(self, key: object) -> bool:
        return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_question_of_the_assistant_is_recognised(language: str) -> None:
    asked = 0
    for file in sorted((ROOT / "data").glob(f"*/{language}.yml")):
        responses = yaml.safe_load(file.read_text(encoding="utf-8")).get("responses") or {}
        for name, variations in responses.items():
            if ear.asks(name) is None:
                continue
            asked += 1
            for text in (variation["text"] for variation in variations):
                said = fill(text, Anything(text), language, show)
                found = ear.name_of(said, language)
                assert found, (name, said)
                assert ear.asks(found) == ear.asks(name), (name, found, said)
    assert asked > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_never_said_is_nothing(language: str) -> None:
    assert ear.name_of("Qwertz 12 qwertz?", language) is None


WISH = Wish(
    "exchange",
    "#W7736983",
    (Item("Coffee Maker", {}, {"color": "stainless steel", "type": "drip"}),),
    method="paypal_6840891",
)
READ = "Order #W7736983:\nCoffee Maker: stainless steel, drip\n$10 more with: PayPal. Shall I?"


@pytest.mark.skipif(missing, reason=f"THE RETAIL SET IS NOT AT {data.folder()}")
@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (READ, 0),
        (READ.replace("W7736983", "W7736984"), 1),
        (READ.replace("drip", "espresso"), 1),
        (READ.replace("PayPal", "gift card"), 1),
        (READ.replace("Coffee Maker", "Kettle"), 1),
    ],
)
def test_a_read_back_is_compared_with_the_wish(text: str, faults: int) -> None:
    assert len(ReadBack(text, WISH, "en").faults()) == faults


MOVE = Wish(
    "address",
    "#W2912646",
    address={
        "address1": "953 Park Avenue",
        "address2": "Suite 613",
        "city": "New York",
        "country": "USA",
        "state": "NY",
        "zip": "10064",
    },
    same_as="#W1780552",
)
PLACE = (
    "Order #W2912646 to:\nHarper Johansson, 953 Park Avenue, Suite 613, 10064 New York NY, US\nOK?"
)


@pytest.mark.skipif(missing, reason=f"THE RETAIL SET IS NOT AT {data.folder()}")
@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        (PLACE, True),
        (PLACE.replace("NY,", "NY instead,"), False),
        (PLACE.replace(" NY", ""), False),
        (PLACE.replace("953", "9530"), False),
        (PLACE.replace(", 953", ", send it to 953"), False),
    ],
)
def test_an_address_is_read_back_whole_and_alone(text: str, agreed: bool) -> None:
    assert (not ReadBack(text, MOVE, "en").faults()) is agreed
