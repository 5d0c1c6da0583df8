"""Every refusal: its reason, and nothing written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from shop.commerce.demo import DemoCommerce
from shop.model import NotFound, Order, OrderState, Refused, ReturnKind
from shop.policy import policy
from tests.shop.backroom import PL, Backroom, Thing, moved_to

S, K = OrderState, ReturnKind
Call = Coroutine[Any, Any, Any]
Attempt = Callable[[DemoCommerce, Order, Thing], Call]
WINDOW = policy().returns.window_days
LATE = WINDOW + 2  # a day may end two hours apart from the shop's


def cancel(reason: str = "other") -> Attempt:
    return lambda shop, order, _: shop.cancel(order.number, reason, PL, "k")


def items(variant: str, line: str = "0") -> Attempt:
    return lambda shop, order, thing: shop.change_items(
        order.number, {line: thing.variant(variant)}, None, PL, "k"
    )


def payment(method: str) -> Attempt:
    return lambda shop, order, _: shop.change_payment(order.number, method, PL, "k")


def address(**other: str) -> Attempt:
    return lambda shop, order, _: shop.change_address(
        order.number, moved_to(order.address, **other), None, PL, "k"
    )


def back(pieces: dict[str, int], reason: str = "other", method: str | None = None) -> Attempt:
    return lambda shop, order, _: shop.request_return(order.number, pieces, reason, method, PL, "k")


def swap(variant: str, line: str = "0") -> Attempt:
    return lambda shop, order, thing: shop.request_exchange(
        order.number, {line: thing.variant(variant)}, "", None, PL, "k"
    )


def settle(kind: ReturnKind, problem: str, pieces: int = 1) -> Attempt:
    return lambda shop, order, _: shop.settle_problem(
        order.number, kind, {"0": pieces}, problem, PL, "k"
    )


NEW = [  # of an order that is paid
    ("reason_unknown", cancel("because")),
    ("same_variant", items("a")),
    ("out_of_stock", items("gone")),
    ("out_of_stock", items("last")),
    ("other_product", lambda s, o, t: s.change_items(o.number, {"0": "no-such"}, None, PL, "k")),
    ("nothing_to_change", lambda s, o, t: s.change_items(o.number, {}, None, PL, "k")),
    ("not_yours", payment("card-of-somebody")),
    ("delivery_unavailable", address(country="ES")),
    ("cannot_return", back({"0": 1})),
    ("cannot_exchange", swap("b")),
    ("cannot_settle", settle(K.REFUND, "damaged")),
    ("cannot_settle", settle(K.REFUND, "no-such-problem")),
]
STATES = [
    *[("cannot_cancel", state, cancel()) for state in (S.PACKED, S.SHIPPED, S.DELIVERED, S.LOST)],
    ("cannot_cancel", S.CANCELLED, cancel()),
    *[("cannot_change_items", state, items("b")) for state in (S.PACKED, S.DELIVERED)],
    ("cannot_change_payment", S.SHIPPED, payment("any")),
    ("cannot_change_address", S.SHIPPED, address()),
    ("cannot_change_address", S.DELIVERED, address()),
    ("cannot_return", S.RETURN_REQUESTED, back({"0": 1})),
    ("cannot_exchange", S.EXCHANGE_REQUESTED, swap("b")),
    ("cannot_settle", S.SHIPPED, settle(K.REFUND, "late")),
]
DELIVERED = [
    ("not_returnable", back({"0": 3})),
    ("not_returnable", back({"0": 0})),
    ("not_returnable", back({"0": -1})),
    ("not_returnable", back({"7": 1})),
    ("not_returnable", back({})),
    ("reason_unknown", back({"0": 1}, "because")),
    ("not_yours", back({"0": 1}, method="card-of-somebody")),
    ("out_of_stock", swap("gone")),
    ("out_of_stock", swap("last")),
    ("other_product", lambda s, o, t: s.request_exchange(o.number, {"0": "x"}, "", None, PL, "k")),
    ("nothing_to_change", lambda s, o, t: s.request_exchange(o.number, {}, "", None, PL, "k")),
    ("cannot_settle", settle(K.RETURN, "damaged")),
    ("not_returnable", settle(K.REFUND, "damaged", 3)),
    ("out_of_stock", settle(K.REPLACEMENT, "damaged", 2)),
]
LATE_ONES = [("return_window_over", back({"0": 1})), ("exchange_window_over", swap("b"))]


async def refuse(shop: DemoCommerce, room: Backroom, call: Call, reason: str) -> Refused:
    before = await room.state()
    with pytest.raises(Refused) as refusal:
        await call
    assert refusal.value.reason == reason
    assert await room.state() == before
    return refusal.value


@pytest.mark.parametrize(("reason", "attempt"), NEW)
async def test_of_a_paid_order(
    commerce: DemoCommerce, room: Backroom, reason: str, attempt: Attempt
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 2))
    await refuse(commerce, room, attempt(commerce, order, thing), reason)


@pytest.mark.parametrize(("reason", "state", "attempt"), STATES)
async def test_of_an_order_in_another_state(
    commerce: DemoCommerce, room: Backroom, reason: str, state: OrderState, attempt: Attempt
) -> None:
    thing = await room.thing()
    order = await room.now_is(await room.paid((thing.variant("a"), 1)), state)
    refusal = await refuse(commerce, room, attempt(commerce, order, thing), reason)
    assert refusal.details["number"] == order.number
    assert refusal.details["state"] == state.value


@pytest.mark.parametrize(("reason", "attempt"), DELIVERED)
async def test_of_a_delivered_order(
    commerce: DemoCommerce, room: Backroom, reason: str, attempt: Attempt
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    if attempt is DELIVERED[-1][1]:
        await room.paid((thing.variant("a"), 7))  # leaves one
    await refuse(commerce, room, attempt(commerce, order, thing), reason)


@pytest.mark.parametrize(("reason", "attempt"), LATE_ONES)
async def test_of_an_order_delivered_long_ago(
    commerce: DemoCommerce, room: Backroom, reason: str, attempt: Attempt
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1)), days_ago=LATE)
    refusal = await refuse(commerce, room, attempt(commerce, order, thing), reason)
    assert order.delivered is not None
    until = refusal.details["until"]
    assert (until - order.delivered.date()).days in (WINDOW, WINDOW + 1)  # type: ignore[operator]


@pytest.mark.parametrize(
    "attempt",
    [cancel(), items("c"), payment("any"), address()],
    ids=["cancel", "items", "pay", "to"],
)
async def test_after_a_change_of_items_nothing_else_changes(
    commerce: DemoCommerce, room: Backroom, attempt: Attempt
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    await commerce.change_items(order.number, {"0": thing.variant("b")}, None, PL, "first")
    await refuse(commerce, room, attempt(commerce, order, thing), "items_changed_already")


async def test_an_unknown_line(commerce: DemoCommerce, room: Backroom) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    before = await room.state()
    with pytest.raises(NotFound):
        await items("b", line="9")(commerce, order, thing)
    assert await room.state() == before


@pytest.mark.parametrize(
    ("balance", "currency", "reason"),
    [(4999, "PLN", "gift_card_too_small"), (99999, "EUR", "other_currency")],
)
async def test_a_gift_card_that_does_not_cover_it(
    commerce: DemoCommerce, room: Backroom, balance: int, currency: str, reason: str
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    card = await room.give(order.shopper_id, "gift_card", balance, currency)
    swap_ = {"0": thing.variant("b")}
    calls: list[Awaitable[Any]] = [
        commerce.change_items(order.number, swap_, card.id, PL, "k"),
        commerce.change_payment(order.number, card.id, PL, "k"),
    ]
    for call in calls:
        refusal = await refuse(commerce, room, call, reason)  # type: ignore[arg-type]
        assert refusal.details["balance"] == card.balance
    await room.delivered(order)
    exchange = commerce.request_exchange(order.number, swap_, "", card.id, PL, "k")
    await refuse(commerce, room, exchange, reason)
    if reason == "other_currency":
        call = commerce.request_return(order.number, {"0": 1}, "other", card.id, PL, "k")
        await refuse(commerce, room, call, reason)


async def test_a_refund_goes_where_the_money_came_from_or_to_a_gift_card(
    commerce: DemoCommerce, room: Backroom
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1)))
    other = await room.give(order.shopper_id, "card")
    attempt = back({"0": 1}, method=other.id)
    await refuse(commerce, room, attempt(commerce, order, thing), "not_refundable_to")


async def test_the_method_that_already_pays(commerce: DemoCommerce, room: Backroom) -> None:
    thing = await room.thing()
    first = await room.order((thing.variant("a"), 1))
    card = await room.give(first.shopper_id, "card")
    order = await room.paid_by(card, (thing.variant("a"), 1))
    await refuse(commerce, room, payment(card.id)(commerce, order, thing), "same_method")


async def test_a_second_change_of_payment(commerce: DemoCommerce, room: Backroom) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    cards = [await room.give(order.shopper_id, "card") for _ in range(2)]
    await commerce.change_payment(order.number, cards[0].id, PL, "first")
    again = payment(cards[1].id)(commerce, order, thing)
    await refuse(commerce, room, again, "several_payments")


async def test_an_email_that_opens_another_account(commerce: DemoCommerce, room: Backroom) -> None:
    jan = await commerce.find_shopper(name="Jan Kowalski", postcode="31-123")
    anna = await commerce.find_shopper(name="Anna Nowak", postcode="00-238")
    call = commerce.change_profile(anna.id, "k", email=jan.email.upper(), phone="1")
    await refuse(commerce, room, call, "email_taken")


async def test_pieces_that_were_refunded_do_not_come_back(
    commerce: DemoCommerce, room: Backroom
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    await commerce.settle_problem(order.number, K.REFUND, {"0": 1}, "damaged", PL, "first")
    await refuse(commerce, room, back({"0": 2})(commerce, order, thing), "not_returnable")
    left = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k")
    assert left.amount.minor == 10000


async def test_a_refund_that_was_made_is_not_taken_back(
    commerce: DemoCommerce, room: Backroom
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1)))
    done = await commerce.settle_problem(order.number, K.REFUND, {"0": 1}, "damaged", PL, "first")
    await refuse(commerce, room, commerce.withdraw(done.id, PL, "k"), "not_withdrawable")


async def test_what_arrived_is_not_taken_back(commerce: DemoCommerce, room: Backroom) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1)))
    sent = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "first")
    await room.now_is(order, S.RETURNED)
    await refuse(commerce, room, commerce.withdraw(sent.id, PL, "k"), "not_withdrawable")
