"""A change of items takes many writes: whichever is the last that gets through, the next call with
the same key carries on, and nothing is done twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from shop.commerce.prestashop import PrestaShopCommerce
from shop.model import Checkout, Order, Unavailable
from tests.shop.backroom import PL
from tests.shop.backroom import Thing as Goods
from tests.shop.buying import HOME, paying
from tests.shop.commerce.prestashop.back import BackOffice, cents
from tests.shop.commerce.prestashop.conftest import Room
from tests.shop.commerce.prestashop.test_own import messages, noted
from tests.shop.vendor import Asked, Said, Vendor

NEVER = 1000
WRITES = 10  # a thread, a message, two rows, three stocks, a payment, a discount, the order


@contextmanager
def breaking(wire: Vendor, after: int) -> Iterator[list[Asked]]:
    """So many writes are done; of the last one the answer is lost, and from then on nothing is
    answered. Holds the writes that were done."""
    answer, done = wire.answer, list[Asked]()

    def broken(asked: Asked) -> Said:
        if len(done) == after:
            return Said(500, b"")
        said = answer(asked)
        if asked.method != "GET":
            done.append(asked)
        return Said(200, said.bytes, cut=0) if len(done) == after else said

    wire.answer = broken
    try:
        yield done
    finally:
        wire.answer = answer


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch, commerce: PrestaShopCommerce) -> None:
    """What is tested is what happens, not that a breaker opens meanwhile."""
    breaker = commerce.vendor.api._back_end._breaker
    monkeypatch.setattr(breaker, "_fail_max", 10_000)


async def bought(commerce: PrestaShopCommerce, room: Room, code: str) -> tuple[Goods, Order]:
    """Three pieces with a discount, in two lines."""
    thing, mine = await room.thing(), uuid.uuid4().hex
    await commerce.set_quantity(mine, thing.variant("a"), 2, PL)
    await commerce.set_quantity(mine, thing.variant("b"), 1, PL)
    await commerce.apply_code(mine, code, PL)
    home = replace(HOME, name=f"Ewa {mine[:12]}")
    checkout = Checkout(f"{mine[:12]}@example.org", None, home, "courier_pl", language="pl")
    order = await commerce.place_order(mine, checkout, PL, mine)
    return thing, await commerce.record_payment(paying(order))


def seen(office: BackOffice, thing: Goods, number: str) -> dict[str, Any]:
    there = office.order(number)
    rows = office.shop.where("order_details", id_order=number)
    (rule,) = office.shop.where("order_cart_rules", id_order=number)
    amounts = ("total_paid", "total_paid_real", "total_products_wt", "total_discounts_tax_incl")
    return {
        "rows": sorted(
            (row["product_quantity"], cents(row["unit_price_tax_incl"])) for row in rows
        ),
        "stock": {one: office.stock(thing.variant(one))["quantity"] for one in "abc"},
        "amounts": [cents(there[name]) for name in amounts],
        "paid": sum(noted(office, there)),
        "off": cents(rule["value"]),
        "notes": sum(text.startswith("stock of") for text in messages(office, number)),
    }


async def test_it_is_carried_on_wherever_it_broke_off(
    commerce: PrestaShopCommerce, office: BackOffice, wire: Vendor, room: Room
) -> None:
    code, seen_before = f"OFF{uuid.uuid4().hex[:8]}".upper(), []
    office.promotion(code, 10)
    for after in (NEVER, *range(1, WRITES, 2)):
        thing, order = await bought(commerce, room, code)
        swap = {"0": thing.variant("c"), "1": thing.variant("a")}
        with breaking(wire, after) as writes:
            try:
                await commerce.change_items(order.number, swap, None, PL, "k")
            except Unavailable:
                assert after != NEVER
        assert len(writes) == min(after, WRITES)
        done = await commerce.change_items(order.number, swap, None, PL, "k")
        found = seen(office, thing, order.number)
        assert found["amounts"][0] == done.total.minor == found["paid"]
        seen_before.append(found)
    assert all(found == seen_before[0] for found in seen_before)
