"""What every shop must do after the sale: subclass the contract; give it a `commerce`, a `room`."""

from __future__ import annotations

import asyncio

from shop import rules
from shop.commerce.base import Commerce
from shop.model import (
    Money,
    OrderState,
    OutOfStock,
    Refused,
    ReturnKind,
    ShopError,
)
from tests.shop.backroom import PL, PRICES, STOCK, Backroom, moved_to
from tests.shop.buying import paying
from tests.shop.sendback_contract import SendingBack, moves

S, K = OrderState, ReturnKind
COURIER = 1599


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

    async def test_what_nobody_pays_expires_and_what_was_paid_does_not(
        self, commerce: Commerce, room: Backroom
    ) -> None:
        thing = await room.thing()
        unpaid = await room.order((thing.variant("a"), 2))
        paid = await room.paid((thing.variant("a"), 1))
        for number in (unpaid.number, paid.number) * 2:
            await commerce.expire(number)
        seen = [await commerce.order(order.number, PL) for order in (unpaid, paid)]
        assert [order.state for order in seen] == [S.CANCELLED, S.PAID]
        assert moves(seen[0]) == []
        assert await room.left(thing.variant("a")) == STOCK - 1

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
