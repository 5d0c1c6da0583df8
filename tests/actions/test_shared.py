"""Leaving, not understanding, the shop's clock, and back ends that fail."""

from datetime import datetime, timezone
from typing import Any

import pytest

from actions.turn import wire
from shop import connect
from shop.model import Unavailable


async def test_leaving_forgets_the_answers_and_closes_the_form(shopper: Any) -> None:
    shopper.slots |= {"checkout_email": "a@example.com", "requested_slot": "checkout_name"}
    await shopper.does("action_leave", "stop", "zostaw to")
    assert shopper.slots["checkout_email"] is None
    assert {"event": "active_loop", "timestamp": None, "name": None} in shopper.last_events


async def test_a_second_miss_in_a_row_offers_a_person(shopper: Any) -> None:
    await shopper.does("action_did_not_understand", "nlu_fallback", "xyz")
    assert shopper.heard == ["utter_which"]
    shopper.events = [
        {"event": "user"},
        {"event": "action", "name": "action_did_not_understand"},
        {"event": "user"},
    ]
    await shopper.does("action_did_not_understand", "nlu_fallback", "xyz")
    assert shopper.heard == ["utter_offer_person"]
    assert shopper.last_events[-1]["name"] == "action_listen"


@pytest.mark.parametrize("trouble", [Unavailable("down"), ValueError("bug")])
async def test_trouble_is_told_and_changes_nothing(
    shopper: Any, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise trouble

    monkeypatch.setattr(connect("commerce"), "cart", fails)
    await shopper.does("action_view_cart", "view_cart", "koszyk")
    assert shopper.heard in (["utter_shop_unavailable"], ["utter_trouble"])
    assert shopper.last_events == []


def test_a_moment_is_told_by_the_clock_of_the_shop() -> None:
    """Half past eleven of Sunday in London is Monday in Warsaw."""
    assert wire(datetime(2026, 11, 22, 23, 30, tzinfo=timezone.utc)) == {
        "datetime": "2026-11-23T00:30:00+01:00"
    }


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("wysyłacie do Czech?", "utter_faq/delivery_time"),
        ("wysyłacie do USA?", "utter_not_delivered_to"),
    ],
)
async def test_an_answer_is_for_the_country_that_was_asked_about(
    shopper: Any, text: str, response: str
) -> None:
    (said,) = await shopper.does("action_answer", "faq", text, question="delivery_time")
    assert said["response"] == response
    assert said.get("country", {"country": "CZ"}) == {"country": "CZ"}


async def test_where_there_is_no_point_to_collect_it_is_said(shopper: Any) -> None:
    (said,) = await shopper.does("action_answer", "faq", "a w Irlandii?", question="pickup_points")
    assert said["collect"] == "no"


async def test_the_last_answer_is_said_again_and_an_open_question_by_its_form(
    shopper: Any,
) -> None:
    user = {"event": "user", "text": "x"}
    meta = {"utter_action": "utter_stock_one", "title": "Storm", "count": 2, "lang": "pl"}
    shopper.events = [user, {"event": "bot", "text": "...", "metadata": meta}, user]
    again, last = await shopper.does("action_repeat", "repeat", "co?")
    assert again["response"] == "utter_again"
    assert (last["response"], last["title"], last["count"]) == ("utter_stock_one", "Storm", 2)
    shopper.loop = "checkout_form"
    await shopper.does("action_repeat", "repeat", "co?")
    assert shopper.heard == ["utter_again"]
    shopper.loop, shopper.events = None, [user]
    await shopper.does("action_repeat", "repeat", "co?")
    assert shopper.heard == ["utter_what_next"]
