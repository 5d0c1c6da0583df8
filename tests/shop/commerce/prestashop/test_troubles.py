"""Lost answers, pages, and what a PrestaShop says that is not well."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shop.commerce.prestashop import PrestaShopCommerce
from shop.commerce.remote.vendor import TheirCart
from shop.model import Checkout, ReturnKind, Unavailable
from tests.shop.backroom import PL, STOCK
from tests.shop.buying import HOME
from tests.shop.commerce.prestashop.back import BackOffice, slips
from tests.shop.commerce.prestashop.conftest import Room
from tests.shop.commerce.prestashop.shop import REMOTE
from tests.shop.vendor import Asked, Said, Vendor


@contextmanager
def losing(wire: Vendor, method: str, resource: str) -> Iterator[list[Asked]]:
    """PrestaShop does it, and its first answer does not arrive; what was asked after that."""
    answer, seen = wire.answer, list[Asked]()

    def lossy(asked: Asked) -> Said:
        said, mine = answer(asked), (asked.method, asked.path) == (method, f"/api/{resource}")
        lost = mine and not any(one.path == asked.path and one.method == method for one in seen)
        seen.append(asked)
        return Said(200, said.bytes, cut=0) if lost else said

    wire.answer = lossy
    try:
        yield seen
    finally:
        wire.answer = answer


@pytest.mark.parametrize("lost", ["orders", "order_cart_rules", "customers"])
async def test_a_lost_answer_orders_once(
    commerce: PrestaShopCommerce,
    office: BackOffice,
    wire: Vendor,
    room: Room,
    conversation: str,
    lost: str,
) -> None:
    code = f"TEN{uuid.uuid4().hex[:6]}".upper()
    office.promotion(code, 10)
    thing = await room.thing()
    email = f"{conversation[-12:]}@example.org"
    checkout = Checkout(email, None, HOME, "courier_pl", language="pl")
    await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    await commerce.apply_code(conversation, code, PL)
    with losing(wire, "POST", lost) as seen:
        with pytest.raises(Unavailable):
            await commerce.place_order(conversation, checkout, PL, conversation)
        order = await commerce.place_order(conversation, checkout, PL, conversation)
        posted = [one for one in seen if (one.method, one.path) == ("POST", "/api/orders")]
    assert len(posted) == 1
    assert [o.number for o in await commerce.vendor.orders(email=email)] == [order.number]
    assert order.total.minor == 9000 + order.delivery.price.minor
    assert await room.left(thing.variant("a")) == STOCK - 1
    assert (await commerce.cart(conversation, PL)).lines == ()


async def test_an_order_that_broke_off_is_found_with_its_discount(
    commerce: PrestaShopCommerce,
    office: BackOffice,
    wire: Vendor,
    room: Room,
    conversation: str,
) -> None:
    """The shopper does not try again, but asks what has become of it."""
    code = f"TEN{uuid.uuid4().hex[:6]}".upper()
    office.promotion(code, 10)
    thing = await room.thing()
    checkout = Checkout(f"{conversation[-12:]}@example.org", None, HOME, "courier_pl", None, "pl")
    await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    await commerce.apply_code(conversation, code, PL)
    with losing(wire, "POST", "orders"), pytest.raises(Unavailable):
        await commerce.place_order(conversation, checkout, PL, conversation)
    (order,) = await commerce.placed_in(conversation, PL)
    assert (order.discount.minor, order.email) == (1000, checkout.email)


async def test_a_lost_answer_cancels_and_pays_back_once(
    commerce: PrestaShopCommerce, office: BackOffice, wire: Vendor, room: Room
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    for lost in ("order_histories", "order_slip"):
        with losing(wire, "POST", lost), pytest.raises(Unavailable):
            await commerce.cancel(order.number, "other", PL, "k")
    done = await commerce.cancel(order.number, "other", PL, "k")
    assert [m.refund for m in done.transactions] == [False, True]
    assert slips(office, order.number) == [order.total.minor]
    assert await room.left(thing.variant("a")) == STOCK


async def test_a_lost_answer_takes_stock_once(
    commerce: PrestaShopCommerce, wire: Vendor, room: Room
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    wish = order.number, ReturnKind.REPLACEMENT, {"0": 1}, "damaged", PL, "k"
    with losing(wire, "POST", "customer_messages"), pytest.raises(Unavailable):
        await commerce.settle_problem(*wish)
    await commerce.settle_problem(*wish)
    assert await room.left(thing.variant("a")) == STOCK - 3


async def test_a_cart_that_became_two_orders_is_left_to_people(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    there = office.order((await room.order((thing.variant("a"), 1))).number)
    number = office.shop.last_id + 1
    office.shop.tables["orders"][number] = {**there, "id": number}
    with pytest.raises(Unavailable, match="several orders"):
        await commerce.vendor.order_of(TheirCart(there["id_cart"]))
    del office.shop.tables["orders"][number]


async def test_with_a_paid_state_to_begin_with_it_does_not_begin(
    elsewhere: PrestaShopCommerce, office: BackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    (setting,) = office.shop.where("configurations", name="PS_OS_WS_PAYMENT")
    monkeypatch.setitem(setting, "value", str(REMOTE))
    with pytest.raises(Unavailable, match="PS_OS_WS_PAYMENT"):
        await elsewhere.vendor.products()


async def test_pages_make_the_whole(
    elsewhere: PrestaShopCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await elsewhere.vendor.products()
    monkeypatch.setattr("shop.commerce.prestashop.api.PAGE", 7)
    assert await elsewhere.vendor.products() == whole
    assert len(whole.products) > 20


FAULTS: list[Any] = [
    Said(401, {"errors": [{"code": 18, "message": "Invalid key"}]}),
    Said(500, b"<html>Fatal error: ewa@example.org</html>"),
    Said(503, b"maintenance"),
    Said(200, b"<html>Welcome</html>"),
    Said(200, {"orders": "none"}),
    Said(400, {"errors": [{"code": 85, "message": "ewa@example.org is not valid"}]}),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda said: f"{said.status}-{said.bytes[:9]!r}")
async def test_trouble_is_told_without_names(
    elsewhere: PrestaShopCommerce, wire: Vendor, fault: Said
) -> None:
    wire.faults[:] = [fault] * 3
    with pytest.raises(Unavailable) as trouble:
        await elsewhere.vendor.order("1234")
    wire.faults.clear()
    assert "ewa" not in str(trouble.value)
