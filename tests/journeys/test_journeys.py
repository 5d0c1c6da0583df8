"""Whole conversations, typed through the web channel into the whole system: <language>.yml.

Their steps are those of steps.py. At the end the shop's own database is looked at: `order` (state,
and pieces), `cart` (pieces), `ticket`.

`about: {state, lines}` picks an order of the demo shop, another one for each journey, whose facts
stand for {number}, {email}, {name}, {postcode} and {title}, {title2} .... `shop: {state}` is what
the order's state is at the end, `lines` its variants' options, `back` the kinds of returns that it
has.
"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.chat import Chat
from tests.journeys.steps import play
from tests.journeys.system import System

CURRENCY = {"pl": "PLN", "es": "EUR", "en": "EUR"}
JOURNEYS = {
    f"{file.stem}: {journey['journey']}": (file.stem, journey)
    for file in sorted(Path(__file__).parent.glob("*.yml"))
    for journey in yaml.safe_load(file.read_text(encoding="utf-8"))
}


USED: set[str] = set()


@pytest.mark.parametrize("name", JOURNEYS)
def test_journey(name: str, system: System) -> None:
    language, journey = JOURNEYS[name]
    chat = Chat(system.assistant, system.shop, language, CURRENCY[language])
    about = journey.get("about")
    facts = known(system, language, **about) if about else {}
    for step in journey["steps"]:
        play(step, chat, system, facts)
    check_shop(journey.get("shop") or {}, chat.conversation, system, facts)


def rows(system: System, query: str, *values: Any) -> list[Any]:
    with sqlite3.connect(system.var / "shop.db") as db:
        return db.execute(query, values).fetchall()


def known(system: System, language: str, state: str, lines: int = 0) -> dict[str, str]:
    """An order of the demo shop, placed in the language, that no journey has used yet."""
    query = """select o.number, o.email, s.name, json_extract(s.address, '$.postcode'),
               (select json_group_array(title) from order_lines where order_number = o.number)
               from orders o join shoppers s on s.id = o.shopper_id
               where o.state = ? and o.language = ? order by o.placed desc"""
    for number, email, name, postcode, titles in rows(system, query, state, language):
        found = json.loads(titles)
        if number not in USED and lines in (0, len(found)):
            USED.add(number)
            goods = {f"title{n if n > 1 else ''}": title for n, title in enumerate(found, 1)}
            return {"number": number, "email": email, "name": name, "postcode": postcode, **goods}
    raise AssertionError(f"no {state} order with {lines} lines is left")


def check_shop(
    expected: dict[str, Any], conversation: str, system: System, facts: dict[str, str]
) -> None:
    if "order" in expected:
        query = """select o.state, sum(l.quantity) from orders o join order_lines l
                   on l.order_number = o.number where o.conversation = ? group by o.number"""
        assert rows(system, query, conversation) == [tuple(expected["order"])]
    if "cart" in expected:
        query = "select coalesce(sum(quantity), 0) from cart_lines where conversation = ?"
        assert rows(system, query, conversation) == [(expected["cart"],)]
    if "ticket" in expected:
        (found,) = rows(system, "select question from tickets where conversation = ?", conversation)
        assert re.search(expected["ticket"], found[0], re.IGNORECASE)
    if "state" in expected:
        query = "select state from orders where number = ?"
        assert rows(system, query, facts["number"]) == [(expected["state"],)]
    if "back" in expected:
        query = "select kind, state from returns where order_number = ? order by requested"
        assert rows(system, query, facts["number"]) == [tuple(e) for e in expected["back"]]
