"""A shop that is known by its feed alone: the way to its own pages, and no word of its orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import shop
from tests.shop.feed.feeds import feed, row


@pytest.fixture
def fed(shopper: Any, tmp_path: Path) -> Iterator[Any]:
    """The shopper of such a shop."""
    file = feed(tmp_path, row("1"), row("2", size="L"))
    stanza = {
        "type": "shop.commerce.feed.FeedCommerce",
        "feed": str(file),
        "checkout": "https://shop.example/cart/{items}",
        "url": f"sqlite:///{tmp_path / 'fed.db'}",
    }
    (tmp_path / "endpoints.yml").write_text(yaml.safe_dump({"commerce": stanza}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_ENDPOINTS", str(tmp_path / "endpoints.yml"))
        patch.setenv("SHOPKEEPER_VOCABULARY", str(tmp_path / "vocabulary.json"))
        shop.connect.cache_clear()
        yield shopper
    shop.connect.cache_clear()


async def test_the_cart_is_bought_on_the_shops_own_page(fed: Any) -> None:
    await fed.answers("add_form", "add_to_cart", variant="1", product="burza")
    await fed.does("action_add_to_cart")
    fed.slots["requested_slot"] = None
    (said,) = await fed.answers("checkout_form", "checkout", "kupuję")
    assert said["response"] == "utter_checkout_elsewhere"
    assert [button["url"] for button in said["choices"]] == ["https://shop.example/cart/1:1"]
    assert said["total"] == {"minor": 39990, "currency": "PLN"}
    assert await fed.does("action_place_order", "checkout") == []
    assert fed.slots["checkout_email"] is None


async def test_an_empty_cart_is_told_as_ever(fed: Any) -> None:
    await fed.answers("checkout_form", "checkout", "kupuję")
    assert fed.heard == []
    await fed.does("action_place_order", "checkout")
    assert fed.heard == ["utter_cart_empty"]


@pytest.mark.parametrize("intent", ["track_order", "cancel_order", "return_item"])
async def test_no_question_is_asked_about_orders_that_nobody_sees(fed: Any, intent: str) -> None:
    await fed.wishes(intent, "zamówienie 10234, anna@example.com")
    assert fed.heard == ["utter_refused_orders_elsewhere"]
    assert fed.slots["requested_slot"] is None


@pytest.mark.parametrize("action", ["action_pay_again", "action_tell_payment"])
async def test_no_payment_is_known_either(fed: Any, action: str) -> None:
    await fed.does(action, "payment_status")
    assert fed.heard == ["utter_refused_orders_elsewhere"]


async def test_codes_are_entered_there(fed: Any) -> None:
    fed.slots["promo_code"] = "LATO10"
    await fed.does("action_apply_code", "apply_code")
    assert fed.heard == ["utter_refused_code_elsewhere"]
