"""What every shop must do after the sale: subclass the contract; give it a `commerce`, a `room`."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shop import rules
from shop.commerce.base import Commerce
from shop.model import (
    Money,
    NotFound,
    OrderState,
    OutOfStock,
    Refused,
    ReturnKind,
    ReturnState,
    ShopError,
)
from shop.policy import policy
from tests.shop.backroom import PL, PRICES, STOCK, Backroom, moved_to
from tests.shop.contract import paying

S, K = OrderState, ReturnKind
COURIER = 1599


def moves(order: Any) -> list[tuple[str, int]]:
    """Kind of method and amount; what was paid back is negative."""
    return [
        (m.method.kind, -m.amount.minor if m.refund else m.amount.minor) for m in order.transactions
    ]


class Cancelling:
    async def test_a_paid_order_names_its_payment(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 2))
        own = rules.original(order)
        assert moves(order) == [("card", order.total.minor)]
        assert own is not None
        assert await commerce.payment_methods(order.shopper_id, PL) == ()
        assert [(line.id, line.category) for line in order.lines] == [("0", "lamps")]

    async def test_methods_come_as_they_were_named(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.order((thing.variant("a"), 1))
        named = [
            await room.give(order.shopper_id, "card"),
            await room.give(order.shopper_id, "gift_card", 5000),
            await room.give(order.shopper_id, "paypal"),
        ]
        assert await commerce.payment_methods(order.shopper_id, PL) == tuple(named)
        assert await commerce.payment_methods("nobody", PL) == ()

    async def test_cancelling_pays_back_and_restocks(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 2), (thing.variant("b"), 1))
        done = await commerce.cancel(f"#{order.number}", "ordered_by_mistake", PL, "k")
        assert (done.state, done.cancel_reason) == (S.CANCELLED, "ordered_by_mistake")
        assert moves(done) == [("card", order.total.minor), ("card", -order.total.minor)]
        assert await room.left(thing.variant("a")) == STOCK
        assert await room.left(thing.variant("b")) == STOCK
        assert await commerce.order(order.number, PL) == done

    async def test_cancelling_gives_a_gift_card_its_money_at_once(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        first = await room.order((thing.variant("a"), 1))
        card = await room.give(first.shopper_id, "gift_card", 100)
        order = await room.paid_by(card, (thing.variant("a"), 1))
        await commerce.cancel(order.number, "no_longer_needed", PL, "k")
        assert await room.balance(card) == 100 + order.total.minor

    async def test_cancelling_what_is_unpaid_lets_go_of_the_stock(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.order((thing.variant("a"), 3))
        assert await room.left(thing.variant("a")) == STOCK - 3
        done = await commerce.cancel(order.number, "other", PL, "k")
        assert (done.state, done.transactions) == (S.CANCELLED, ())
        assert await room.left(thing.variant("a")) == STOCK

    async def test_a_payment_told_again_after_cancelling_changes_nothing(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        done = await commerce.cancel(order.number, "other", PL, "k")
        await commerce.record_payment(paying(order))
        assert await commerce.order(order.number, PL) == done

    async def test_a_payment_told_again_after_a_change_of_items_changes_nothing(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        done = await commerce.change_items(order.number, {"0": thing.variant("b")}, None, PL, "k")
        await commerce.record_payment(paying(order))
        assert await commerce.order(order.number, PL) == done


class Changing:
    async def test_a_dearer_item_is_paid_for(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 2))
        card = await room.give(order.shopper_id, "gift_card", 10000)
        done = await commerce.change_items(
            order.number, {"0": thing.variant("b")}, card.id, PL, "k"
        )
        assert done.items_changed
        assert done.state is S.PAID
        assert [(line.variant_id, line.price.minor) for line in done.lines] == [
            (thing.variant("b"), PRICES["b"])
        ]
        assert done.lines[0].labels["size"] == "b"
        assert moves(done) == [("card", order.total.minor), ("gift_card", 10000)]
        assert done.total.minor == order.total.minor + 10000
        assert await room.balance(card) == 0
        assert await room.left(thing.variant("a")) == STOCK
        assert await room.left(thing.variant("b")) == STOCK - 2

    async def test_a_cheaper_item_is_paid_back(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1), (thing.variant("b"), 1))
        done = await commerce.change_items(order.number, {"1": thing.variant("c")}, None, PL, "k")
        assert moves(done) == [("card", order.total.minor), ("card", -7000)]
        assert done.total.minor == order.total.minor - 7000 == rules.paid(done).minor
        assert done.lines[0] == order.lines[0]

    async def test_items_may_change_places(self, commerce: Commerce, room: Backroom) -> None:
        """The last piece of one line is free for the other in the same change."""
        thing = await room.thing()
        order = await room.paid((thing.variant("last"), 1), (thing.variant("a"), 1))
        swap = {"0": thing.variant("a"), "1": thing.variant("last")}
        done = await commerce.change_items(order.number, swap, None, PL, "k")
        assert [line.variant_id for line in done.lines] == list(swap.values())
        assert done.total == order.total
        assert await room.left(thing.variant("last")) == 0

    async def test_what_stays_as_it_is_drops_out_of_a_change(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("last"), 1), (thing.variant("a"), 1))
        mixed = {"0": thing.variant("last"), "1": thing.variant("b")}
        done = await commerce.change_items(order.number, mixed, None, PL, "k")
        assert [line.variant_id for line in done.lines] == list(mixed.values())
        assert done.total.minor == order.total.minor + 5000

    async def test_a_discount_shrinks_with_the_goods(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        """Nobody gets back more than they paid: 9 zł of 150 were off, so 4.80 of 80 still are."""
        thing = await room.thing()
        order = await room.discounted(await room.paid((thing.variant("b"), 1)), 900)
        done = await commerce.change_items(order.number, {"0": thing.variant("c")}, None, PL, "k")
        assert done.discount == Money(480, "PLN")
        assert done.total == Money(8000 - 480 + COURIER, "PLN") == rules.paid(done)

    async def test_the_payment_moves_to_another_method(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        total = order.total.minor
        card = await room.give(order.shopper_id, "gift_card", total + 7)
        done = await commerce.change_payment(order.number, card.id, PL, "k")
        assert moves(done) == [("card", total), ("gift_card", total), ("card", -total)]
        assert await room.balance(card) == 7
        assert rules.original(done) is not None
        assert rules.original(done).id == card.id  # type: ignore[union-attr]
        back = await commerce.cancel(order.number, "other", PL, "k")
        assert moves(back)[3:] == [("gift_card", -total)]
        assert await room.balance(card) == total + 7

    async def test_a_gift_card_that_paid_gets_it_back(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        first = await room.order((thing.variant("a"), 1))
        card = await room.give(first.shopper_id, "gift_card", 0)
        paypal = await room.give(first.shopper_id, "paypal")
        order = await room.paid_by(card, (thing.variant("a"), 1))
        await commerce.change_payment(order.number, paypal.id, PL, "k")
        assert await room.balance(card) == order.total.minor

    async def test_the_whole_address_is_replaced(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        new = moved_to(order.address, region="małopolskie")
        done = await commerce.change_address(order.number, new, "WAW314N", PL, "k")
        assert (done.address, done.point) == (new, None)

    async def test_a_parcel_goes_to_another_locker(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1), door="locker_pl")
        done = await commerce.change_address(order.number, order.address, "KRA012", PL, "k")
        assert done.point == "KRA012"
        same = await commerce.change_address(order.number, moved_to(order.address), None, PL, "k2")
        assert same.point == "KRA012"

    async def test_a_profile_is_changed(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        new, home = f"New.{order.email}", moved_to(order.address)
        done = await commerce.change_profile(order.shopper_id, "k", email=new, address=home)
        assert (done.email, done.address, done.phone) == (new.lower(), home, None)
        for facts in (
            {"email": new, "order_number": order.number},
            {"name": order.address.name, "postcode": home.postcode},
        ):
            assert await commerce.find_shopper(**facts) == done
        only = await commerce.change_profile(order.shopper_id, "k2", phone="+48500")
        assert (only.phone, only.email) == ("+48500", done.email)


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


class AtOnce:
    async def test_one_gift_card_does_not_pay_twice(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        """Two orders of a shopper move to a gift card that covers one of them."""
        thing = await room.thing()
        first = await room.paid((thing.variant("a"), 1))
        card = await room.give(first.shopper_id, "gift_card", first.total.minor)
        other = await room.give(first.shopper_id, "card")
        second = await room.paid_by(other, (thing.variant("a"), 1))
        outcomes = await asyncio.gather(
            commerce.change_payment(first.number, card.id, PL, "k"),
            commerce.change_payment(second.number, card.id, PL, "k"),
            return_exceptions=True,
        )
        refused = [out for out in outcomes if isinstance(out, Refused)]
        assert [one.reason for one in refused] == ["gift_card_too_small"]
        assert await room.balance(card) == 0

    async def test_the_last_piece_goes_to_one(self, commerce: Commerce, room: Backroom) -> None:
        thing = await room.thing()
        orders = [await room.paid((thing.variant("a"), 1)) for _ in range(2)]
        swap = {"0": thing.variant("last")}
        outcomes = await asyncio.gather(
            *(commerce.change_items(order.number, swap, None, PL, "k") for order in orders),
            return_exceptions=True,
        )
        refused = [out for out in outcomes if isinstance(out, ShopError)]
        assert len(refused) == 1
        assert isinstance(refused[0], OutOfStock)
        assert await room.left(thing.variant("last")) == 0

    async def test_an_email_goes_to_one(self, commerce: Commerce, room: Backroom) -> None:
        anna = await commerce.find_shopper(name="Anna Nowak", postcode="00-238")
        jan = await commerce.find_shopper(name="Jan Kowalski", postcode="31-123")
        new = "wanted@example.org"
        outcomes = await asyncio.gather(
            commerce.change_profile(anna.id, "wanted", email=new),
            commerce.change_profile(jan.id, "wanted", email=new),
            return_exceptions=True,
        )
        refused = [out for out in outcomes if isinstance(out, Refused)]
        assert [one.reason for one in refused] == ["email_taken"]
        for person in (anna, jan):
            await commerce.change_profile(person.id, "back", email=person.email)


class AfterSaleContract(Cancelling, Changing, SendingBack, AtOnce):
    pass
