"""The rules of the retail set, by which its gold actions are replayed, on a small world."""

from __future__ import annotations

from typing import Any

import pytest

from bench.retail import gold
from bench.retail.gold import Refused, Replay

Row = dict[str, Any]
LAMP = {"product_id": "lamp", "item_id": "small", "price": 1000, "options": {"size": "small"}}
PRODUCTS = {
    "lamp": {
        "variants": {
            "small": {**LAMP, "available": True},
            "large": {**LAMP, "item_id": "large", "price": 1500, "available": True},
            "huge": {**LAMP, "item_id": "huge", "price": 900, "available": False},
        }
    }
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gold, "products", lambda: PRODUCTS)


def world(status: str = "pending", paid_with: str = "card_1") -> Replay:
    order = {
        "status": status,
        "address": {},
        "items": [dict(LAMP)],
        "payment_history": [
            {"transaction_type": "payment", "amount": 1000, "payment_method_id": paid_with}
        ],
    }
    methods = {
        "card_1": {"id": "card_1"},
        "paypal_1": {"id": "paypal_1"},
        "gift_card_1": {"id": "gift_card_1", "balance": 600},
    }
    users = {"anna": {"payment_methods": methods}}
    return Replay({"users": users, "orders": {"#W1": order}}, "anna")


CHANGE = {"item_ids": ["small"], "new_item_ids": ["large"]}
GIVE_BACK = {"item_ids": ["small"]}
PAYPAL = {"payment_method_id": "paypal_1"}
ADDRESS = {"address1": "1 Main Street", "zip": "10000"}


@pytest.mark.parametrize(
    ("name", "status", "given"),
    [
        ("cancel_pending_order", "delivered", {"reason": "no longer needed"}),
        ("cancel_pending_order", "pending", {"reason": "too dear"}),
        ("modify_pending_order_items", "processed", {**CHANGE, "payment_method_id": "card_1"}),
        ("modify_pending_order_items", "pending", {**CHANGE, "payment_method_id": "card_9"}),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "card_1"}),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "gift_card_1"}),
        ("modify_pending_order_address", "delivered", ADDRESS),
        ("return_delivered_order_items", "pending", {**GIVE_BACK, "payment_method_id": "card_1"}),
        ("return_delivered_order_items", "delivered", {**GIVE_BACK, **PAYPAL}),
        ("exchange_delivered_order_items", "pending", {**CHANGE, "payment_method_id": "card_1"}),
    ],
)
def test_the_rules_refuse(name: str, status: str, given: Row) -> None:
    replay = world(status)
    with pytest.raises(Refused):
        replay.run(name, {"order_id": "#W1", **given})


@pytest.mark.parametrize("new", ["huge", "small", "unheard-of"])
def test_an_item_becomes_another_available_variant_only(new: str) -> None:
    changes = {"item_ids": ["small"], "new_item_ids": [new], "payment_method_id": "card_1"}
    with pytest.raises(Refused):
        world().run("modify_pending_order_items", {"order_id": "#W1", **changes})


def test_an_order_of_somebody_else_is_refused() -> None:
    with pytest.raises(Refused):
        world().run("cancel_pending_order", {"order_id": "#W2", "reason": "no longer needed"})


def test_a_cancelled_order_gives_the_gift_card_its_money() -> None:
    replay = world(paid_with="gift_card_1")
    replay.run("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    order = replay.orders["#W1"]
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "no longer needed")
    assert order["payment_history"][-1]["transaction_type"] == "refund"
    assert replay.user["payment_methods"]["gift_card_1"]["balance"] == 1600


def test_items_are_changed_once_and_nothing_after_it() -> None:
    replay = world()
    change = {"order_id": "#W1", **CHANGE, "payment_method_id": "gift_card_1"}
    replay.run("modify_pending_order_items", dict(change))
    order = replay.orders["#W1"]
    assert order["status"] == "pending (item modified)"
    assert (order["items"][0]["item_id"], order["items"][0]["price"]) == ("large", 1500)
    assert order["payment_history"][-1]["amount"] == 500
    assert replay.user["payment_methods"]["gift_card_1"]["balance"] == 100
    for name, given in (
        ("modify_pending_order_items", change),
        ("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"}),
        ("modify_pending_order_address", {"order_id": "#W1", **ADDRESS}),
        ("modify_pending_order_payment", {"order_id": "#W1", "payment_method_id": "paypal_1"}),
    ):
        with pytest.raises(Refused):
            replay.run(name, dict(given))


def test_a_payment_moves_once() -> None:
    replay = world()
    replay.run("modify_pending_order_payment", {"order_id": "#W1", "payment_method_id": "paypal_1"})
    kinds = [entry["transaction_type"] for entry in replay.orders["#W1"]["payment_history"]]
    assert kinds == ["payment", "payment", "refund"]
    with pytest.raises(Refused):
        replay.run(
            "modify_pending_order_payment", {"order_id": "#W1", "payment_method_id": "card_1"}
        )


def test_an_exchange_moves_no_money_yet() -> None:
    replay = world("delivered")
    change = {"order_id": "#W1", **CHANGE, "payment_method_id": "gift_card_1"}
    replay.run("exchange_delivered_order_items", dict(change))
    order = replay.orders["#W1"]
    assert order["exchange_price_difference"] == 500
    assert len(order["payment_history"]) == 1
    with pytest.raises(Refused):
        replay.run("exchange_delivered_order_items", dict(change))
