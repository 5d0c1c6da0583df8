"""A write whose back end fails: the truth is told, it is done once, a repeat says which."""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shop import identity
from shop.faults import plan
from shop.store import open_store

Start = Callable[[Any, Any], Awaitable[None]]


async def cancel(shopper: Any, order: Any) -> None:
    await shopper.wishes("cancel_order", "x", order_number=order.number, reason="too_slow")


async def change_items(shopper: Any, order: Any) -> None:
    await shopper.wishes("change_order", order.titles[0], order_number=order.number)
    await settle(shopper)


async def exchange(shopper: Any, order: Any) -> None:
    await shopper.wishes("exchange_item", order.titles[0], order_number=order.number)
    await settle(shopper)


async def change_payment(shopper: Any, order: Any) -> None:
    await shopper.wishes("change_payment", "x", order_number=order.number)
    await settle(shopper)


async def give_back(shopper: Any, order: Any) -> None:
    text, why = order.titles[0], "does_not_fit"
    await shopper.wishes("return_item", text, order_number=order.number, reason=why)
    await settle(shopper)


async def problem(shopper: Any, order: Any) -> None:
    await shopper.wishes("report_problem", "x", order_number=order.number, reason="damaged")
    await settle(shopper)


async def settle(shopper: Any) -> None:
    """Takes the first choice of each question up to the read-back."""
    while shopper.heard[-1].startswith("utter_which"):
        offered = shopper.said[-1]["choices"][0]
        await shopper.wishes("inform", "", **offered["entities"])


WRITES: dict[str, tuple[str, Start]] = {
    "cancel": ("paid", cancel),
    "change_items": ("paid", change_items),
    "change_payment": ("paid", change_payment),
    "request_return": ("delivered", give_back),
    "request_exchange": ("delivered", exchange),
    "settle_problem": ("delivered", problem),
}


@pytest.mark.parametrize("when", ["before", "during", "after"])
@pytest.mark.parametrize("call", WRITES)
async def test_it_is_done_once_and_a_repeat_says_so(
    shopper: Any, orders: Any, var: Path, call: str, when: str
) -> None:
    state, start = WRITES[call]
    order = await prepared(shopper, orders, state, start)
    untouched = snapshot(var, order.number)
    await plan(open_store(), call, when)
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_write_unclear"]
    afterwards = snapshot(var, order.number)
    assert (afterwards == untouched) == (when != "after")
    await shopper.wishes("affirm", "tak, spróbuj")
    assert shopper.heard[0].startswith("utter_done_")
    done = snapshot(var, order.number)
    assert done != untouched
    assert when != "after" or done == afterwards
    await shopper.wishes("affirm", "tak")
    assert snapshot(var, order.number) == done


async def test_what_may_have_been_written_is_not_amended(
    shopper: Any, orders: Any, var: Path
) -> None:
    """The repeat stands for the first write: other words in between must not be told as done."""
    order = orders.take("delivered", lines=2)
    await shopper.is_known(order)
    await give_back(shopper, order)
    first = shopper.said[0]["items"]
    await plan(open_store(), "request_return", "after")
    await shopper.wishes("affirm", "tak")
    written = snapshot(var, order.number)
    await shopper.wishes("deny", f"nie, tylko {order.titles[1]}")
    assert shopper.heard[-1] == "utter_write_unclear"
    await shopper.wishes("affirm", "tak, spróbuj")
    assert shopper.said[0]["response"] == "utter_done_return"
    assert shopper.said[0]["items"] == first
    assert snapshot(var, order.number) == written


async def prepared(shopper: Any, orders: Any, state: str, start: Start) -> Any:
    """An order with which it can be done, read back."""
    unfit = []
    for _ in range(8):
        order = orders.take(state, lines=None)
        await identity.forget(shopper.conversation)
        await shopper.is_known(order)
        await start(shopper, order)
        if shopper.heard[-1].startswith("utter_confirm_"):
            orders.used -= set(unfit)
            return order
        unfit.append(order.number)
        shopper.slots |= {"requested_slot": None, "requests": None}
    raise AssertionError(shopper.heard)


def snapshot(var: Path, number: str) -> str:
    """All that the shop has about an order."""
    with sqlite3.connect(var / "shop.db") as db:
        db.row_factory = sqlite3.Row
        found = [
            [
                dict(row)
                for row in db.execute(f"select * from {table} where {column} = ?", (number,))
            ]
            for table, column in (
                ("orders", "number"),
                ("order_lines", "order_number"),
                ("transactions", "order_number"),
                ("returns", "order_number"),
            )
        ]
    return json.dumps(found, sort_keys=True)
