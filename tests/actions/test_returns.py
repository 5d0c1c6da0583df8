"""Returns, exchanges, refunds and problems: item by item, as policy allows, done once."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from shop import connect
from shop.crm import telling
from shop.model import Locale, Note

EN = Locale("en", "EUR")


async def returns_of(number: str) -> list[Any]:
    return list(await connect("commerce").returns(number, EN))


async def start_return(shopper: Any, orders: Any) -> Any:
    order = orders.take("delivered", lines=2)
    await shopper.is_known(order)
    text = f"odsyłam {order.titles[0]}"
    await shopper.wishes("return_item", text, order_number=order.number, reason="does_not_fit")
    if shopper.heard == ["utter_which_method_refund"]:
        await shopper.wishes("inform", "tam skąd", method="original")
    return order


async def test_one_item_of_two_is_returned(shopper: Any, orders: Any) -> None:
    order = await start_return(shopper, orders)
    (said,) = shopper.said
    assert said["response"] == "utter_confirm_return"
    assert len(said["items"]) == 1
    assert await returns_of(order.number) == []
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_return"]
    (entry,) = await returns_of(order.number)
    assert (entry.kind.value, entry.state.value) == ("return", "requested")
    assert len(entry.quantities) == 1


async def test_no_only_the_other_one(shopper: Any, orders: Any) -> None:
    order = await start_return(shopper, orders)
    first = shopper.said[0]["items"]
    await shopper.wishes("deny", f"nie, tylko {order.titles[1]}")
    assert shopper.said[0]["items"] != first
    assert len(shopper.said[0]["items"]) == 1
    await shopper.wishes("stop", "zostaw")  # leaves the form to the rule for leaving
    assert await returns_of(order.number) == []


async def test_a_return_can_be_taken_back(shopper: Any, orders: Any) -> None:
    order = await start_return(shopper, orders)
    await shopper.wishes("affirm", "tak")
    await shopper.wishes("undo", "jednak cofnij")
    assert shopper.heard == ["utter_confirm_undo"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_undo"]
    assert [entry.state.value for entry in await returns_of(order.number)] == ["withdrawn"]
    assert orders.row(order.number)["state"] == "delivered"


async def test_an_exchange_offers_the_variants_in_stock(shopper: Any, orders: Any) -> None:
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("exchange_item", "wymiana", order_number=order.number)
    while shopper.heard == ["utter_which_variant"]:
        offered = [c["entities"]["variant"] for c in shopper.said[0]["choices"]]
        assert offered
        await shopper.wishes("inform", "", variant=offered[0])
    if shopper.heard == ["utter_which_method_pay"]:
        offer = shopper.said[0]["choices"][0]["entities"]
        await shopper.wishes("inform", "", **offer)
    assert shopper.heard == ["utter_confirm_exchange"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_exchange"]
    assert [entry.kind.value for entry in await returns_of(order.number)] == ["exchange"]


async def test_damage_is_made_good_as_policy_says(shopper: Any, orders: Any) -> None:
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("report_problem", "zepsute", order_number=order.number, reason="damaged")
    assert shopper.heard == ["utter_which_remedy"]
    await shopper.wishes("inform", "", remedy="replacement")
    assert shopper.heard == ["utter_confirm_problem"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_problem_replacement"]
    assert [entry.kind.value for entry in await returns_of(order.number)] == ["replacement"]


async def test_a_photo_is_asked_for_where_it_can_be_sent_and_reaches_staff(
    shopper: Any, orders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Note] = []

    async def mention(key: str, *facts: Any) -> None:
        told.extend(fact for fact in facts if isinstance(fact, Note))

    monkeypatch.setattr(telling, "mention", mention)
    order = orders.take("delivered")
    await shopper.is_known(order)
    able = {"photos": True}
    what = {"order_number": order.number, "reason": "damaged", "remedy": "refund"}
    await shopper.wishes("report_problem", "zepsute", metadata=able, **what)
    assert shopper.heard == ["utter_which_photo"]
    sent = {**able, "attachments": ["telegram: x"]}
    await shopper.wishes("inform", "", metadata=sent)
    assert shopper.heard == ["utter_confirm_problem"]
    await shopper.wishes("affirm", "tak", metadata=able)
    assert [note.details["photo"] for note in told] == ["telegram: x"]


async def test_what_policy_leaves_to_a_person_becomes_a_ticket(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.is_known(order)
    await shopper.wishes("report_problem", "spóźnia się", order_number=order.number, reason="late")
    assert shopper.heard == ["utter_confirm_problem"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_problem_ticket"]


async def test_an_undelivered_order_is_not_returned(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.is_known(order)
    await shopper.wishes("return_item", "zwrot", order_number=order.number)
    assert shopper.heard == ["utter_refused_cannot_return"]


async def test_where_the_refund_is(shopper: Any, orders: Any) -> None:
    order = orders.take("refunded", lines=None)
    await shopper.is_known(order)
    await shopper.wishes("refund_status", "gdzie pieniądze", order_number=order.number)
    assert shopper.heard[0] in ("utter_refund_sent", "utter_refund_done")


async def test_both_are_named_where_two_have_paid(
    shopper: Any, orders: Any, executor: Any, var: Path
) -> None:
    order = orders.take("delivered", lines=1)
    with sqlite3.connect(var / "shop.db") as db:
        (total,) = db.execute(
            "select total from orders where number = ?", [order.number]
        ).fetchone()
        db.execute("update transactions set amount = 100 where order_number = ?", [order.number])
        db.execute(
            """insert into payment_methods select 'paypal-' || number, shopper_id, 99, 'paypal', '',
               '', null, null, false from orders where number = ?""",
            [order.number],
        )
        second = (order.number, f"paypal-{order.number}", total - 100)
        db.execute("insert into transactions values (?, 9, ?, ?, false, 0)", second)
    await shopper.is_known(order)
    text, why = f"odsyłam {order.titles[0]}", "does_not_fit"
    await shopper.wishes("return_item", text, order_number=order.number, reason=why)
    if shopper.heard == ["utter_which_method_refund"]:
        await shopper.wishes("inform", "tam skąd", method="original")
    (said,) = shopper.said
    assert (said["response"], said["split"]) == ("utter_confirm_return", "yes")
    first, other = said["parts"]
    assert other["method"]["response"] == "utter_name_method_paypal"
    amounts = [part["amount"]["minor"] for part in (first, other)]
    assert amounts == [100, total - 100]
    await shopper.wishes("affirm", "tak")
    assert shopper.said[0]["split"] == "yes"
    await shopper.wishes("refund_status", "gdzie pieniądze", order_number=order.number)
    assert [m["split"] for m in shopper.said if m["response"] == "utter_refund_requested"] == [
        "yes"
    ]


async def test_a_refund_said_to_what_shall_we_do_is_the_answer(shopper: Any, orders: Any) -> None:
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("report_problem", "roto", order_number=order.number, reason="damaged")
    assert shopper.heard[-1] == "utter_which_remedy"
    await shopper.wishes("refund_status", "reembolso")
    assert shopper.slots["requests"][0]["remedy"] == "refund"


async def test_a_return_to_two_methods_names_both(shopper: Any, orders: Any) -> None:
    order = orders.take("delivered", methods=2)
    await shopper.is_known(order)
    await shopper.wishes("return_item", "x", order_number=order.number, reason="does_not_fit")
    if shopper.heard == ["utter_which_item"]:
        await shopper.wishes("inform", "wszystko", reference="all")
    (question,) = shopper.said
    assert question["response"] == "utter_which_method_refund"
    titles = [choice["title"] for choice in question["choices"]]
    assert len(titles[0]["methods"]) == 2
    await shopper.wishes("inform", method=question["choices"][0]["entities"]["method"])
    (read_back,) = shopper.said
    assert (read_back["split"], len(read_back["parts"])) == ("yes", 2)
