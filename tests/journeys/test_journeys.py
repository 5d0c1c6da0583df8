"""Whole conversations, typed through the web channel into the whole system: <language>.yml.

Steps: `say` types, `tap` presses the button whose title matches, `told` waits for a message that
comes by itself, `pay` chooses on the payment page. After each, `hear` is a pattern that the answer
matches, `cards` the least number of cards, `under` what no card may cost more than. At the end the
shop's own database is looked at: `order` (state, and pieces), `cart` (pieces), `ticket`.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.journeys.chat import Chat, Reply
from tests.journeys.system import System

CURRENCY = {"pl": "PLN", "es": "EUR", "en": "EUR"}
JOURNEYS = {
    f"{file.stem}: {journey['journey']}": (file.stem, journey)
    for file in sorted(Path(__file__).parent.glob("*.yml"))
    for journey in yaml.safe_load(file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_journey(name: str, system: System) -> None:
    language, journey = JOURNEYS[name]
    chat = Chat(system.assistant, system.shop, language, CURRENCY[language])
    for step in journey["steps"]:
        check(step, take(step, chat, system), system)
    check_shop(journey.get("shop") or {}, chat.conversation, system)


def take(step: dict[str, Any], chat: Chat, system: System) -> Reply:
    if "say" in step:
        return chat.say(filled(step["say"], system))
    if "tap" in step:
        return chat.tap(step["tap"])
    if "pay" in step:
        answer = httpx.post(chat.link("/pay/"), data={"choice": step["pay"]})
        assert answer.status_code == 303, answer.text
        return Reply()
    return chat.told(step["told"])


def check(step: dict[str, Any], reply: Reply, system: System) -> None:
    where = f"{step}: {reply.text!r}"
    if "hear" in step:
        assert re.search(filled(step["hear"], system), reply.text, re.IGNORECASE | re.DOTALL), where
    if "cards" in step:
        assert len(reply.cards) >= step["cards"], where
    if "under" in step:
        dear = [c["title"] for c in reply.cards if float(c["price"]) > step["under"]]
        assert not dear, f"{where} {dear}"


def filled(text: str, system: System) -> str:
    """`{number}`, `{email}`, `{name}` and `{postcode}` stand for an order of the demo shop."""
    for name, value in known(system).items() if "{" in text else ():
        text = text.replace(f"{{{name}}}", value)
    return text


def rows(system: System, query: str, *values: Any) -> list[Any]:
    with sqlite3.connect(system.var / "shop.db") as db:
        return db.execute(query, values).fetchall()


def known(system: System) -> dict[str, str]:
    """A parcel on its way in the demo shop, for journeys that ask for one."""
    query = """select o.number, o.email, s.name, json_extract(s.address, '$.postcode')
               from orders o join shoppers s on s.id = o.shopper_id
               where o.state = 'shipped' order by o.number limit 1"""
    number, email, name, postcode = rows(system, query)[0]
    return {"number": number, "email": email, "name": name, "postcode": postcode}


def check_shop(expected: dict[str, Any], conversation: str, system: System) -> None:
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
