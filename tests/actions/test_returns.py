"""Returns, exchanges, refunds and problems: item by item, as policy allows, done once."""

from typing import Any

from shop import connect
from shop.model import Locale

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
