"""What every shop elsewhere must do besides the commerce contract: what its own people see of it,
and what happens when the two sides are not of one mind. Subclass it, and give it a `commerce`,
another way into the same shop (`elsewhere`) and a `room`."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shop.commerce.base import Commerce
from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.vendor import product_of
from shop.model import (
    Address,
    Checkout,
    Locale,
    Money,
    NotFound,
    Order,
    OrderState,
    OutOfStock,
    Refused,
    ReturnKind,
    Unavailable,
)
from tests.peers.room import RemoteRoom
from tests.shop.aftersale_contract import AfterSaleContract
from tests.shop.backroom import PL, PRICES, STOCK
from tests.shop.buying import HOME, ordered, paying


class RemoteAfterSaleContract(AfterSaleContract):
    async def test_an_email_goes_to_one(  # type: ignore[override]
        self, commerce: Commerce, room: RemoteRoom, elsewhere: RemoteCommerce
    ) -> None:
        """The contract's two are customers with accounts."""
        await room.known(elsewhere, "Anna Nowak", "00-238")
        await room.known(elsewhere, "Jan Kowalski", "31-123")
        await super().test_an_email_goes_to_one(commerce, room)


class SeenThere:
    async def test_an_order_waits_and_is_settled_there(
        self, commerce: RemoteCommerce, room: RemoteRoom
    ) -> None:
        thing = await room.thing()
        order = await room.order((thing.variant("a"), 2), door="locker_pl")
        there = room.there(order.number)
        assert (there.state, there.total, there.kept) == ("waiting", order.total.minor, 0)
        assert (there.email, there.name) == (order.email, order.address.name)
        assert (there.point, there.pieces) == ("WAW314N", {thing.variant("a"): 2})
        await commerce.record_payment(paying(order))
        there = room.there(order.number)
        assert (there.state, there.kept) == ("paid", order.total.minor)

    async def test_a_cancelled_order_is_cancelled_and_refunded_there(
        self, commerce: RemoteCommerce, room: RemoteRoom
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        await commerce.cancel(order.number, "other", PL, "k")
        there = room.there(order.number)
        assert (there.state, there.kept) == ("cancelled", 0)

    @pytest.mark.parametrize("name", ["b", "c"])
    async def test_changed_items_cost_the_same_there(
        self, commerce: RemoteCommerce, room: RemoteRoom, name: str
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        done = await commerce.change_items(order.number, {"0": thing.variant(name)}, None, PL, "k")
        there = room.there(order.number)
        assert (there.state, there.pieces) == ("paid", {thing.variant(name): 1})
        assert there.total == done.total.minor == there.kept

    async def test_their_people_read_of_a_return(
        self, commerce: RemoteCommerce, room: RemoteRoom
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 2)))
        back = await commerce.request_return(order.number, {"0": 1}, "does_not_fit", None, PL, "k")
        notes = room.there(order.number).notes
        assert any(back.id in note and "does_not_fit" in note for note in notes)

    async def test_a_parcel_is_followed(self, commerce: RemoteCommerce, room: RemoteRoom) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        room.admin.ship(order.number, "DPD123", to="Shipped")
        sent = await commerce.order(order.number, PL)
        assert sent.state is OrderState.SHIPPED
        assert sent.tracking is not None
        assert (sent.tracking.number, sent.tracking.status) == ("DPD123", "in_transit")

    async def test_codes_are_theirs(
        self, commerce: RemoteCommerce, room: RemoteRoom, conversation: str
    ) -> None:
        code, dear = (f"{name}{uuid.uuid4().hex[:6]}".upper() for name in ("TEN", "DEAR"))
        room.admin.promotion(code, 10)
        room.admin.promotion(dear, 10, minimum=50000)
        thing = await room.thing()
        await commerce.set_quantity(conversation, thing.variant("a"), 2, PL)
        cart = await commerce.apply_code(conversation, code, PL)
        assert (cart.code, cart.discount) == (code, Money(2000, "PLN"))
        assert cart.total == Money(18000, "PLN")
        with pytest.raises(Refused) as refusal:
            await commerce.apply_code(conversation, dear, PL)
        assert refusal.value.reason == "code_minimum"
        assert refusal.value.details["minimum"] == Money(50000, "PLN")
        bare = await commerce.apply_code(conversation, "", PL)
        assert (bare.code, bare.discount.minor) == (None, 0)


class OtherDoors:
    """The vendor sells on its own pages, too, and its people change things."""

    async def test_an_old_price_is_not_told(
        self, commerce: RemoteCommerce, room: RemoteRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        thing = await room.thing()
        room.admin.price(thing.variant("a"), 12345)
        product_id = product_of(thing.variant("a"))
        seen = await commerce.product(product_id, PL)
        assert seen.variants[0].price.amount == Money(PRICES["a"], "PLN")  # not a minute old
        monkeypatch.setattr("shop.commerce.remote.commerce.FRESH", 0.0)
        later = await commerce.product(product_id, PL)
        assert later.variants[0].price.amount == Money(12345, "PLN")

    async def test_what_was_sold_elsewhere_is_not_ordered(
        self, commerce: RemoteCommerce, room: RemoteRoom, conversation: str
    ) -> None:
        thing = await room.thing()
        await commerce.set_quantity(conversation, thing.variant("a"), 3, PL)
        room.admin.stock(thing.variant("a"), 2)
        checkout = Checkout("ewa@example.org", None, HOME, "courier_pl", language="pl")
        with pytest.raises(OutOfStock) as refusal:
            await commerce.place_order(conversation, checkout, PL, conversation)
        assert refusal.value.available == 2
        assert len((await commerce.cart(conversation, PL)).lines) == 1

    async def test_an_order_from_elsewhere_is_found_by_its_buyer_alone(
        self, commerce: RemoteCommerce, elsewhere: RemoteCommerce, conversation: str
    ) -> None:
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        bought = await ordered(elsewhere, conversation, PL, email=email)
        await elsewhere.record_payment(paying(bought))
        with pytest.raises(NotFound):
            await commerce.find_shopper(email="ewa@example.org", order_number=bought.number)
        buyer = await commerce.find_shopper(email=email, order_number=bought.number)
        mine = await commerce.orders(buyer.id, PL)
        assert [(o.number, o.state, o.total) for o in mine] == [
            (bought.number, OrderState.PAID, bought.total)
        ]
        assert [m.amount for m in mine[0].transactions] == [bought.total]

    async def test_a_customer_with_an_account_buys_as_a_guest(
        self, commerce: RemoteCommerce, room: RemoteRoom, conversation: str
    ) -> None:
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        room.admin.customer("Ewa Bąk", email)
        order = await ordered(commerce, conversation, PL, email=email)
        assert room.there(order.number).email == email


class LostAnswers:
    async def test_a_lost_answer_cancels_once(
        self, commerce: RemoteCommerce, room: RemoteRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        with monkeypatch.context() as patch:
            losing(patch, commerce, "cancel")
            with pytest.raises(Unavailable):
                await commerce.cancel(order.number, "other", PL, "k")
        done = await commerce.cancel(order.number, "other", PL, "k")
        there = room.there(order.number)
        assert (done.state, done.cancel_reason) == (OrderState.CANCELLED, "other")
        assert [m.refund for m in done.transactions] == [False, True]
        assert (there.state, there.kept) == ("cancelled", 0)
        assert await room.left(thing.variant("a")) == STOCK

    async def test_a_lost_answer_changes_once(
        self, commerce: RemoteCommerce, room: RemoteRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        thing = await room.thing()
        order = await room.paid((thing.variant("a"), 1))
        swap = {"0": thing.variant("b")}
        with monkeypatch.context() as patch:
            losing(patch, commerce, "change_items")
            with pytest.raises(Unavailable):
                await commerce.change_items(order.number, swap, None, PL, "k")
        done = await commerce.change_items(order.number, swap, None, PL, "k")
        there = room.there(order.number)
        assert there.pieces == {thing.variant("b"): 1}
        assert there.total == there.kept == done.total.minor
        assert await room.left(thing.variant("b")) == STOCK - 1

    async def test_a_lost_answer_takes_stock_once(
        self, commerce: RemoteCommerce, room: RemoteRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        thing = await room.thing()
        order = await room.delivered(await room.paid((thing.variant("a"), 2)))
        asked = (order.number, ReturnKind.REPLACEMENT, {"0": 1}, "damaged", PL, "k")
        with monkeypatch.context() as patch:
            losing(patch, commerce, "take_stock")
            with pytest.raises(Unavailable):
                await commerce.settle_problem(*asked)
        await commerce.settle_problem(*asked)
        assert await room.left(thing.variant("a")) == STOCK - 3

    @pytest.mark.parametrize("minutes", [0, 60])
    async def test_a_lost_answer_pays_once(
        self,
        commerce: RemoteCommerce,
        room: RemoteRoom,
        monkeypatch: pytest.MonkeyPatch,
        minutes: int,
    ) -> None:
        """The provider tells again, at once or an hour later, when our rows have caught up."""
        order = await placed(room)
        with monkeypatch.context() as patch:
            losing(patch, commerce, "pay")
            with pytest.raises(Unavailable):
                await commerce.record_payment(paying(order))
        left = 15 * 60 - minutes * 60
        monkeypatch.setattr("shop.commerce.remote.aftersale.UNFINISHED", left)
        for _ in range(2):
            assert (await commerce.record_payment(paying(order))).state is OrderState.PAID
        after = await commerce.order(order.number, PL)
        assert [m.amount for m in after.transactions] == [order.total]
        assert room.there(order.number).kept == order.total.minor
        with pytest.raises(Refused):
            await commerce.record_payment(paying(order, id_="another"))

    async def test_a_lost_answer_orders_once(
        self,
        commerce: RemoteCommerce,
        room: RemoteRoom,
        conversation: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        thing = await room.thing()
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        home = Address(f"Ewa {email[:12]}", "ul. Krótka 1", "00-950", "Warszawa", "PL")
        checkout = Checkout(email, None, home, "courier_pl", language="pl")
        await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
        with monkeypatch.context() as patch:
            losing(patch, commerce, "place")
            with pytest.raises(Unavailable):
                await commerce.place_order(conversation, checkout, PL, conversation)
        order = await commerce.place_order(conversation, checkout, PL, conversation)
        assert (await commerce.cart(conversation, PL)).lines == ()
        assert [o.number for o in await commerce.vendor.orders(email=email)] == [order.number]
        assert order.conversation == conversation
        assert await room.left(thing.variant("a")) == STOCK - 1

    async def test_with_the_shop_away_nothing_is_told_from_memory(
        self,
        commerce: RemoteCommerce,
        room: RemoteRoom,
        monkeypatch: pytest.MonkeyPatch,
        pl: Locale,
    ) -> None:
        order = await placed(room)
        monkeypatch.setattr("shop.commerce.remote.commerce.FRESH", 0.0)
        monkeypatch.setattr("requests.Session.send", refuse)
        for call in (
            commerce.product(order.lines[0].product_id, pl),
            commerce.order(order.number, pl),
            commerce.cancel(order.number, "other", pl, "k"),
        ):
            with pytest.raises(Unavailable):
                await call


class RemoteContract(SeenThere, OtherDoors, LostAnswers):
    pass


async def placed(room: RemoteRoom) -> Order:
    thing = await room.thing()
    return await room.order((thing.variant("a"), 1))


def refuse(*_: Any, **__: Any) -> Any:
    raise ConnectionError


def losing(patch: pytest.MonkeyPatch, commerce: RemoteCommerce, call: str) -> None:
    """The vendor does it, and its answer does not arrive."""
    work = getattr(commerce.vendor, call)

    async def lost(*arguments: Any, **named: Any) -> Any:
        await work(*arguments, **named)
        raise Unavailable("the answer is lost")

    patch.setattr(commerce.vendor, call, lost)
