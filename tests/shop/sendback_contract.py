"""What every shop must do with what is sent back, replaced or refunded after a problem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shop import rules
from shop.commerce.base import Commerce
from shop.model import (
    Money,
    NotFound,
    OrderState,
    ReturnKind,
    ReturnState,
)
from shop.policy import policy
from tests.shop.backroom import PL, PRICES, STOCK, Backroom

S, K = OrderState, ReturnKind


def moves(order: Any) -> list[tuple[str, int]]:
    """Kind of method and amount; what was paid back is negative."""
    return [
        (m.method.kind, -m.amount.minor if m.refund else m.amount.minor) for m in order.transactions
    ]


class SendingBack:
    async def test_a_return_is_announced(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        bought = await room.paid((thing.variant("a"), 2), (thing.variant("b"), 1))
        order = await room.delivered(bought)
        back = await commerce.request_return(order.number, {"0": 1}, "does_not_fit", None, PL, "k")
        assert (back.kind, back.state) == (K.RETURN, ReturnState.REQUESTED)
        assert (back.order_number, back.quantities) == (order.number, {"0": 1})
        assert (back.amount, back.reason) == (Money(PRICES["a"], "PLN"), "does_not_fit")
        assert back.method == rules.original(order)
        assert back.label
        assert f"/pl/order/{order.number}/label/{back.id}?" in back.label
        assert back.send_by == back.requested + timedelta(days=policy().returns.send_back_days)
        assert back.refund_by == back.requested + timedelta(days=policy().returns.refund_days)
        after = await commerce.order(order.number, PL)
        assert after.state is S.RETURN_REQUESTED
        assert after.transactions == order.transactions
        assert await commerce.returns(f"#{order.number}", PL) == (back,)

    async def test_all_of_an_order_brings_back_the_delivery_too(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 1)))
        card = await room.give(order.shopper_id, "gift_card", 0)
        back = await commerce.request_return(order.number, {"0": 1}, "other", card.id, PL, "k")
        assert back.amount == order.total
        assert back.method == card
        assert await room.balance(card) == 0

    async def test_an_exchange_is_announced_and_its_variant_kept_back(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 2)))
        card = await room.give(order.shopper_id, "gift_card", 10000)
        swap = {"0": thing.variant("b")}
        back = await commerce.request_exchange(order.number, swap, "", card.id, PL, "k")
        assert (back.kind, back.changes, back.quantities) == (K.EXCHANGE, swap, {"0": 2})
        assert (back.amount, back.method) == (Money(10000, "PLN"), card)
        after = await commerce.order(order.number, PL)
        assert after.state is S.EXCHANGE_REQUESTED
        assert (after.lines, after.transactions) == (order.lines, order.transactions)
        assert await room.balance(card) == 10000
        assert await room.left(thing.variant("b")) == STOCK - 2
        gone = await commerce.withdraw(back.id, PL, "k")
        assert gone.state is ReturnState.WITHDRAWN
        assert gone.label is None
        assert await commerce.order(order.number, PL) == order
        assert await room.left(thing.variant("b")) == STOCK

    async def test_the_same_variant_again_is_an_exchange(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 1)))
        same = {"0": thing.variant("a")}
        back = await commerce.request_exchange(order.number, same, "damaged", None, PL, "k")
        assert back.amount == Money(0, "PLN")

    async def test_a_return_can_be_taken_back_and_asked_for_again(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 1)))
        first = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k")
        await commerce.withdraw(first.id, PL, "k")
        assert await commerce.order(order.number, PL) == order
        second = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k2")
        assert first.id != second.id
        known = await commerce.returns(order.number, PL)
        assert {back.id: back.state for back in known} == {
            first.id: ReturnState.WITHDRAWN,
            second.id: ReturnState.REQUESTED,
        }

    async def test_a_replacement_takes_its_piece_off_the_stock(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 2)))
        back = await commerce.settle_problem(
            order.number, K.REPLACEMENT, {"0": 1}, "damaged", PL, "k"
        )
        assert (back.amount, back.method, back.label) == (Money(0, "PLN"), None, None)
        assert await room.left(thing.variant("a")) == STOCK - 3
        assert await commerce.order(order.number, PL) == order
        await commerce.withdraw(back.id, PL, "k")
        assert await room.left(thing.variant("a")) == STOCK - 2

    async def test_a_refund_for_a_problem_is_paid_back_at_once(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        first = await room.order((thing.variant("a"), 1))
        card = await room.give(first.shopper_id, "gift_card", 0)
        paid = await room.paid_by(card, (thing.variant("a"), 1), (thing.variant("c"), 1))
        order = await room.delivered(paid)
        back = await commerce.settle_problem(
            order.number, K.REFUND, {"1": 1}, "missing_item", PL, "k"
        )
        assert (back.state, back.amount) == (ReturnState.DONE, Money(PRICES["c"], "PLN"))
        assert await room.balance(card) == PRICES["c"]
        assert (await commerce.order(order.number, PL)).state is S.DELIVERED
        await commerce.settle_problem(order.number, K.REFUND, {"0": 1}, "damaged", PL, "k2")
        assert await room.balance(card) == PRICES["c"] + PRICES["a"]

    async def test_a_lost_order_is_refunded_whole(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.now_is(await room.paid((thing.variant("a"), 2)), S.LOST)
        await commerce.settle_problem(order.number, K.REFUND, {"0": 2}, "lost", PL, "k")
        after = await commerce.order(order.number, PL)
        assert after.state is S.REFUNDED
        assert rules.paid(after).minor == 0

    async def test_an_invoice_has_an_address(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.order((thing.variant("a"), 1))
        assert f"/pl/order/{order.number}/invoice?" in await commerce.invoice(order.number, PL)

    async def test_what_is_unknown_is_not_found(self, commerce: Commerce) -> None:
        for unknown in (
            commerce.invoice("99999999", PL),
            commerce.cancel("99999999", "other", PL, "k"),
            commerce.withdraw("R0", PL, "k"),
            commerce.change_profile("nobody", "k", phone="1"),
        ):
            with pytest.raises(NotFound):
                await unknown
        assert await commerce.returns("99999999", PL) == ()
