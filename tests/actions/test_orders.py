"""Where an order is: only for the shopper it belongs to."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def order(executor: Any, var: Path) -> dict[str, str]:
    query = """select o.number, o.email, s.name, json_extract(s.address, '$.postcode') from orders o
               join shoppers s on s.id = o.shopper_id where o.state = 'shipped' order by o.number"""
    with sqlite3.connect(var / "shop.db") as db:
        number, email, name, postcode = db.execute(query).fetchone()
    return {"number": number, "email": email, "name": name, "postcode": postcode}


async def test_email_and_number_identify(shopper: Any, order: dict[str, str]) -> None:
    await shopper.answers("identify_form", "track_order", "gdzie paczka")
    assert shopper.slots["requested_slot"] == "identify_who"
    await shopper.answers("identify_form", text=order["email"], email=order["email"])
    assert shopper.heard == ["utter_question_order_number"]
    await shopper.answers("identify_form", text=order["number"], order_number=order["number"])
    (said,) = await shopper.does("action_track_order")
    assert said["response"] == "utter_order_shipped"
    assert said["number"] == order["number"]
    assert said["choices"][0]["url"].startswith("http")


async def test_name_and_postcode_identify(shopper: Any, order: dict[str, str]) -> None:
    await shopper.answers("identify_form", "track_order", "gdzie paczka")
    await shopper.answers("identify_form", text=order["name"])
    assert shopper.heard == ["utter_question_postcode"]
    await shopper.answers("identify_form", text=order["postcode"], postcode=order["postcode"])
    await shopper.does("action_track_order")
    assert shopper.heard[0].startswith(("utter_order_", "utter_which_order"))


async def test_another_persons_order_is_like_an_unknown_one(
    shopper: Any, order: dict[str, str]
) -> None:
    await shopper.answers("identify_form", "track_order", "paczka", email="ktos@example.com")
    await shopper.answers("identify_form", text=order["number"], order_number=order["number"])
    await shopper.does("action_track_order")
    assert shopper.heard == ["utter_not_found"]
    assert shopper.slots["identify_who"] is None


async def test_a_known_shopper_is_not_asked_again(shopper: Any, order: dict[str, str]) -> None:
    await test_email_and_number_identify(shopper, order)
    shopper.slots["requested_slot"] = None
    await shopper.answers("identify_form", "track_order", "a teraz?", order_number=order["number"])
    assert shopper.slots["requested_slot"] is None
    await shopper.does("action_track_order", "track_order", order_number=order["number"])
    assert shopper.heard == ["utter_order_shipped"]


async def test_guessing_is_stopped(shopper: Any) -> None:
    for number in range(6):
        await shopper.answers("identify_form", "track_order", "paczka", email="ktos@example.com")
        await shopper.answers("identify_form", text=str(number), order_number=str(number))
        await shopper.does("action_track_order")
        shopper.slots["requested_slot"] = None
    assert shopper.heard == ["utter_refused_too_many_tries"]
