"""Answers that are lost, late, refused or nonsense: what was asked for is done once, or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shop.commerce.shopify import ShopifyCommerce
from shop.model import (
    Checkout,
    Order,
    OrderState,
    ReturnKind,
    Unavailable,
)
from tests.shop.backroom import PL, PRICES, STOCK
from tests.shop.buying import HOME, paying
from tests.shop.commerce.doubles import FarRoom
from tests.shop.commerce.shopify.double import Double
from tests.shop.commerce.shopify.nodes import shop_cancels
from tests.shop.payments.spec import needed
from tests.shop.vendor import Said, Vendor

pytestmark = needed
CHECKOUT = Checkout("ewa@example.org", None, HOME, "courier_pl", language="pl")


def losing(patch: pytest.MonkeyPatch, commerce: ShopifyCommerce, call: str) -> None:
    """The vendor does it, and its answer does not arrive."""
    work = getattr(commerce.vendor, call)

    async def lost(*arguments: Any, **named: Any) -> Any:
        await work(*arguments, **named)
        raise Unavailable("the answer is lost")

    patch.setattr(commerce.vendor, call, lost)


async def placed(room: FarRoom) -> Order:
    thing = await room.thing()
    return await room.order((thing.variant("a"), 1))


async def test_a_lost_answer_cancels_once(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    with monkeypatch.context() as patch:
        losing(patch, commerce, "cancel")
        with pytest.raises(Unavailable):
            await commerce.cancel(order.number, "other", PL, "k")
    done = await commerce.cancel(order.number, "other", PL, "k")
    assert (done.state, done.cancel_reason) == (OrderState.CANCELLED, "other")
    assert [m.refund for m in done.transactions] == [False, True]
    assert double.order(order.number).kept == 0
    assert await room.left(thing.variant("a")) == STOCK


async def test_a_lost_answer_orders_once(
    commerce: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    conversation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    before = len(double.orders)
    with monkeypatch.context() as patch:
        losing(patch, commerce, "place")
        with pytest.raises(Unavailable):
            await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    order = await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    assert len(double.orders) == before + 1
    assert double.order(order.number).total == order.total.minor
    assert (await commerce.cart(conversation, PL)).lines == ()
    assert await room.left(thing.variant("a")) == STOCK - 1


async def test_an_order_is_found_again_whose_placing_broke_off(
    commerce: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    conversation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    with monkeypatch.context() as patch:
        losing(patch, commerce, "place")
        with pytest.raises(Unavailable):
            await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    (order,) = await commerce.placed_in(conversation, PL)
    assert double.order(order.number).total == order.total.minor


async def test_an_edited_order_that_their_people_cancel_stays_what_it_was(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    edited = await commerce.change_items(order.number, {"0": thing.variant("c")}, None, PL, "k")
    shop_cancels(double.order(order.number), double)
    after = await commerce.order(order.number, PL)
    assert after.state is OrderState.CANCELLED
    assert (after.lines, after.total) == (edited.lines, edited.total)


@pytest.mark.parametrize(("kind", "call"), [("REFUND", "refund"), ("REPLACEMENT", "take_stock")])
async def test_a_lost_answer_gives_back_once(
    commerce: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    call: str,
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    asked = (order.number, ReturnKind[kind], {"0": 1}, "damaged", PL, "k")
    with monkeypatch.context() as patch:
        losing(patch, commerce, call)
        with pytest.raises(Unavailable):
            await commerce.settle_problem(*asked)
    await commerce.settle_problem(*asked)
    there, paid = double.order(order.number), order.total.minor
    assert there.kept == (paid - PRICES["a"] if call == "refund" else paid)
    assert double.variant(thing.variant("a")).left == STOCK - (2 if call == "refund" else 3)


async def test_what_is_throttled_is_asked_again(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    """Mutations too: Shopify turns them away before anything is done."""
    order = await placed(room)
    double.throttled = 3
    assert (await commerce.record_payment(paying(order))).state is OrderState.PAID
    assert double.order(order.number).kept == order.total.minor


async def test_throttling_that_does_not_end_is_unavailable(
    commerce: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.commerce.shopify.api.BUDGET", 0.3)
    monkeypatch.setattr(double, "throttled", 100)
    with pytest.raises(Unavailable, match="THROTTLED"):
        await commerce.order("1000", PL)


async def test_an_old_token_is_renewed_once(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, server: Vendor
) -> None:
    order = await placed(room)
    double.tokens.append("shpat_of_somebody_else")
    before = len(double.tokens)
    await asyncio.gather(*(commerce.vendor.order(order.number) for _ in range(6)))
    assert len(double.tokens) == before + 1


@pytest.mark.parametrize(
    "said",
    [
        Said(402, {"errors": "frozen"}),
        Said(200, {"errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}]}),
        Said(200, b"<html>"),
        Said(200, {"data": None}),
    ],
)
async def test_what_makes_no_sense_is_unavailable(
    commerce: ShopifyCommerce, server: Vendor, said: Said
) -> None:
    before = server.answer
    server.answer = lambda asked: said
    try:
        with pytest.raises(Unavailable):
            await commerce.vendor.orders(email="ewa@example.org")
    finally:
        server.answer = before
