"""Orders are told, cancelled and changed for the shopper they belong to, after a yes, once."""

from typing import Any

import pytest

from shop import identity
from shop.faults import plan
from shop.store import open_store


async def test_email_and_number_identify(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.wishes("track_order", "gdzie paczka")
    assert shopper.slots["requested_slot"] == "identify_who"
    await shopper.wishes("inform", order.email, email=order.email)
    assert shopper.heard == ["utter_question_order_number"]
    (said,) = await shopper.wishes("inform", order.number, order_number=order.number)
    assert said["response"] == "utter_order_shipped"
    assert said["number"] == order.number
    assert said["choices"][0]["url"].startswith("http")
    assert shopper.slots["requested_slot"] is None


async def test_name_and_postcode_identify(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.wishes("track_order", "gdzie paczka")
    await shopper.wishes("inform", order.name)
    assert shopper.heard == ["utter_question_postcode"]
    await shopper.wishes("inform", order.postcode, postcode=order.postcode)
    assert shopper.heard[0].startswith(("utter_order_", "utter_which_order"))


async def test_another_persons_order_is_like_an_unknown_one(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    words = []
    for number in (order.number, "99999"):
        await shopper.wishes("track_order", "paczka", email="ktos@example.com", order_number=number)
        words.append(shopper.heard)
    assert words == [["utter_identify_unknown"]] * 2


async def test_a_second_person_is_refused_in_the_same_words(shopper: Any, orders: Any) -> None:
    mine, other = orders.take("shipped"), orders.take("paid", lines=None)
    await shopper.is_known(mine)
    await shopper.wishes("cancel_order", f"anuluj {other.number}", order_number=other.number)
    assert shopper.heard[0] == "utter_order_unknown"
    assert orders.row(other.number)["state"] == "paid"


async def test_guessing_is_stopped(shopper: Any) -> None:
    for number in range(6):
        await shopper.wishes("track_order", "x", email="ktos@example.com", order_number=str(number))
        shopper.slots["requested_slot"] = None
    assert shopper.heard == ["utter_refused_too_many_tries"]


async def test_a_cancellation_is_read_back_and_done_after_a_yes(shopper: Any, orders: Any) -> None:
    order = orders.take("paid", lines=None)
    await shopper.is_known(order)
    await shopper.wishes("cancel_order", f"anuluj {order.number}", order_number=order.number)
    assert shopper.heard == ["utter_which_reason"]
    (said,) = await shopper.wishes("inform", "pomylka", reason="ordered_by_mistake")
    assert (said["response"], said["number"]) == ("utter_confirm_cancel", order.number)
    assert orders.row(order.number)["state"] == "paid"
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_cancel"]
    assert orders.row(order.number)["state"] == "cancelled"


@pytest.mark.parametrize(("intent", "confidence"), [("deny", 1.0), ("affirm", 0.4)])
async def test_without_a_sure_yes_nothing_is_done(
    shopper: Any, orders: Any, intent: str, confidence: float
) -> None:
    order = orders.take("paid", lines=None)
    await shopper.is_known(order)
    shopper.loop = "request_form"
    await shopper.wishes("cancel_order", "x", order_number=order.number, reason="too_slow")
    shopper.slots["request_answer"] = "x"
    shopper.events = [{"event": "slot", "name": "request_answer", "value": "x"}]
    await shopper.does("validate_request_form", intent, "hm", confidence=confidence)
    assert orders.row(order.number)["state"] == "paid"
    assert shopper.slots["requested_slot"] == "request_answer"


async def test_a_yes_that_comes_too_late_is_asked_for_again(shopper: Any, orders: Any) -> None:
    order = orders.take("paid", lines=None)
    await shopper.is_known(order)
    await shopper.wishes("cancel_order", "x", order_number=order.number, reason="too_slow")
    shopper.slots["requests"][0]["read_at"] -= 3600
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_confirm_again", "utter_confirm_cancel"]
    assert orders.row(order.number)["state"] == "paid"


async def test_what_cannot_be_cancelled_is_refused_with_what_can_be_done(
    shopper: Any, orders: Any
) -> None:
    order = orders.take("delivered")
    await shopper.is_known(order)
    (said,) = await shopper.wishes("cancel_order", "x", order_number=order.number)
    assert said["response"] == "utter_refused_cannot_cancel"
    assert shopper.slots["requested_slot"] is None
    assert orders.row(order.number)["state"] == "delivered"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_is_told_and_a_repeat_does_it_once(
    shopper: Any, orders: Any, when: str
) -> None:
    order = orders.take("paid", lines=None)
    await shopper.is_known(order)
    await shopper.wishes("cancel_order", "x", order_number=order.number, reason="too_slow")
    await plan(open_store(), "cancel", when)
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_write_unclear"]
    assert orders.row(order.number)["state"] == ("cancelled" if when == "after" else "paid")
    await shopper.wishes("affirm", "tak, jeszcze raz")
    assert shopper.heard == ["utter_done_cancel"]
    assert orders.row(order.number)["state"] == "cancelled"


async def test_an_address_needs_the_code_from_the_mail(
    shopper: Any, orders: Any, var: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(var))
    order = orders.take("packed")
    await shopper.is_known(order)
    address = "ul. Lipowa 7, 30-702 Kraków"
    await shopper.wishes("change_address", address, order_number=order.number)
    if "utter_which_point" in shopper.heard:
        await shopper.wishes("inform", "KRA77")
    assert shopper.heard == ["utter_code_sent"]
    await shopper.wishes("inform", "000000")
    assert shopper.heard == ["utter_proof_code_wrong", "utter_code_again"]
    assert orders.row(order.number)["state"] == "packed"


async def test_the_same_again_is_put_into_the_cart(shopper: Any, orders: Any) -> None:
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("reorder", "to samo", order_number=order.number)
    assert shopper.heard[-1] in ("utter_cart", "utter_cart_empty")


async def test_several_wishes_are_served_one_by_one(shopper: Any, orders: Any) -> None:
    order = orders.take("paid", lines=None)
    await shopper.is_known(order)
    await shopper.wishes("cancel_order", "x", order_number=order.number, reason="too_slow")
    assert shopper.heard == ["utter_confirm_cancel"]
    await shopper.wishes("get_invoice", "a faktura?", order_number=order.number)
    assert shopper.heard == ["utter_invoice", "utter_confirm_cancel"]
    assert await identity.shopper(shopper.conversation) is not None


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("found it cheaper", {"reason": "found_cheaper"}),
        ("the street is long", {}),
        ("nie dobra nie trzeba", {}),
    ],
)
async def test_a_sentence_is_nobodys_name(
    shopper: Any, text: str, entities: dict[str, Any]
) -> None:
    await shopper.wishes("cancel_order", "anuluj")
    await shopper.wishes("inform", text, **entities)
    assert shopper.slots["requested_slot"] == "identify_who"


async def test_a_reason_said_too_early_is_kept(shopper: Any, orders: Any) -> None:
    order = orders.take("paid", lines=None)
    await shopper.wishes("cancel_order", "anuluj", order_number=order.number)
    await shopper.wishes("inform", "pomyłka", reason="ordered_by_mistake")
    (said,) = await shopper.wishes("inform", order.email, email=order.email)
    assert said["response"] == "utter_confirm_cancel"
    assert said["reason"] == {"response": "utter_name_reason_ordered_by_mistake"}


async def test_a_no_to_who_are_you_ends_it(shopper: Any) -> None:
    await shopper.wishes("track_order", "gdzie paczka")
    await shopper.wishes("deny", "nie, dobra")
    assert shopper.heard == ["utter_left_as_it_was"]
    assert shopper.slots["requested_slot"] is None


async def test_the_question_stands_again_after_a_message_for_a_person(shopper: Any) -> None:
    await shopper.wishes("track_order", "gdzie paczka")
    shopper.slots["requested_slot"] = None  # another form came and ended
    await shopper.wishes("inform", "501 502 503", phone="501502503")
    assert shopper.heard == ["utter_question_who"]
