"""The gold actions of a task, replayed by the rules of the set's README on its own JSON.

Knows nothing of the shop that is measured. An action that the rules refuse changes nothing. An item
that is to become itself stays as it is and the others change; "another available variant" leaves
nothing to do where all stay.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bench.retail.data import World, of_user, products

PENDING, CHANGED, DELIVERED = "pending", "pending (item modified)", "delivered"
REASONS = ("no longer needed", "ordered by mistake")


class Refused(Exception):
    """The rules do not allow it."""


def expected(task: dict[str, Any]) -> tuple[World, list[bool]]:
    """The task's shopper and orders afterwards, and which of its actions the rules allow."""
    after = copy.deepcopy(of_user(task["user_id"]))
    done = []
    for action in task["actions"]:
        tried = copy.deepcopy(after)
        try:
            Replay(tried, task["user_id"]).run(action["name"], dict(action["kwargs"]))
            after = tried
            done.append(True)
        except Refused:
            done.append(False)
    return after, done


class Replay:
    def __init__(self, world: World, user_id: str) -> None:
        self.user = world["users"][user_id]
        self.orders = world["orders"]

    def run(self, name: str, values: dict[str, Any]) -> None:
        order = self.orders.get(values.pop("order_id"))
        if order is None:
            raise Refused("not one of this shopper's orders")
        rules: dict[str, Callable[..., None]] = {
            "cancel_pending_order": self.cancel,
            "modify_pending_order_items": self.change_items,
            "modify_pending_order_payment": self.change_payment,
            "modify_pending_order_address": self.change_address,
            "return_delivered_order_items": self.give_back,
            "exchange_delivered_order_items": self.exchange,
        }
        rules[name](order, **values)

    def cancel(self, order: dict[str, Any], reason: str) -> None:
        require(order["status"] == PENDING and reason in REASONS)
        paid = [entry for entry in order["payment_history"] if is_payment(entry)]
        for entry in paid:
            method, amount = entry["payment_method_id"], entry["amount"]
            book(order, "refund", amount, method)
            self.move(method, amount)
        order |= {"status": "cancelled", "cancel_reason": reason}

    def change_items(
        self,
        order: dict[str, Any],
        item_ids: list[str],
        new_item_ids: list[str],
        payment_method_id: str,
    ) -> None:
        require(order["status"] == PENDING)
        require(payment_method_id in self.user["payment_methods"])
        changes = variants(order, item_ids, new_item_ids)
        changes = [(item, new) for item, new in changes if item["item_id"] != new["item_id"]]
        require(bool(changes))
        difference = sum(new["price"] - item["price"] for item, new in changes)
        self.cover(payment_method_id, difference)
        book(order, "payment" if difference > 0 else "refund", abs(difference), payment_method_id)
        self.move(payment_method_id, -difference)
        for item, new in changes:
            item |= {name: new[name] for name in ("item_id", "price", "options")}
        order["status"] = CHANGED

    def change_payment(self, order: dict[str, Any], payment_method_id: str) -> None:
        history = order["payment_history"]
        require(order["status"] == PENDING and len(history) == 1 and is_payment(history[0]))
        amount, old = history[0]["amount"], history[0]["payment_method_id"]
        require(payment_method_id in self.user["payment_methods"] and payment_method_id != old)
        self.cover(payment_method_id, amount)
        book(order, "payment", amount, payment_method_id)
        book(order, "refund", amount, old)
        self.move(payment_method_id, -amount)
        self.move(old, amount)

    def change_address(self, order: dict[str, Any], **address: str) -> None:
        require(order["status"] == PENDING)
        order["address"] = address

    def give_back(self, order: dict[str, Any], item_ids: list[str], payment_method_id: str) -> None:
        require(order["status"] == DELIVERED)
        require(payment_method_id in self.user["payment_methods"])
        original = order["payment_history"][0]["payment_method_id"]
        require(payment_method_id == original or is_gift_card(payment_method_id))
        bought = [item["item_id"] for item in order["items"]]
        require(all(item_ids.count(id_) <= bought.count(id_) for id_ in item_ids))
        order |= {
            "status": "return requested",
            "return_items": sorted(item_ids),
            "return_payment_method_id": payment_method_id,
        }

    def exchange(
        self,
        order: dict[str, Any],
        item_ids: list[str],
        new_item_ids: list[str],
        payment_method_id: str,
    ) -> None:
        require(order["status"] == DELIVERED)
        require(payment_method_id in self.user["payment_methods"])
        changes = variants(order, item_ids, new_item_ids)
        difference = sum(new["price"] - item["price"] for item, new in changes)
        self.cover(payment_method_id, difference)
        order |= {
            "status": "exchange requested",
            "exchange_items": sorted(item_ids),
            "exchange_new_items": sorted(new_item_ids),
            "exchange_payment_method_id": payment_method_id,
            "exchange_price_difference": difference,
        }

    def cover(self, method: str, amount: int) -> None:
        """A gift card must hold what is to be paid with it."""
        if is_gift_card(method):
            require(self.user["payment_methods"][method]["balance"] >= amount)

    def move(self, method: str, amount: int) -> None:
        if is_gift_card(method):
            self.user["payment_methods"][method]["balance"] += amount


def variants(
    order: dict[str, Any], item_ids: list[str], new_item_ids: list[str]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each item of the order with the variant that it becomes."""
    require(len(item_ids) == len(new_item_ids))
    left = list(order["items"])
    pairs = []
    for item_id, new_id in zip(item_ids, new_item_ids, strict=True):
        item = next((item for item in left if item["item_id"] == item_id), None)
        require(item is not None)
        left = [other for other in left if other is not item]
        new = products()[item["product_id"]]["variants"].get(new_id)
        require(new is not None and new["available"])
        pairs.append((item, new))
    return pairs


def require(condition: bool) -> None:
    if not condition:
        raise Refused


def is_payment(entry: dict[str, Any]) -> bool:
    return entry["transaction_type"] == "payment"


def is_gift_card(method: str) -> bool:
    return method.startswith("gift_card")


def book(order: dict[str, Any], kind: str, amount: int, method: str) -> None:
    entry = {"transaction_type": kind, "amount": amount, "payment_method_id": method}
    order["payment_history"].append(entry)
