"""Every kind of write once: how to get to where it can be done, and how to do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from shop.commerce.base import Commerce
from shop.model import ReturnKind
from tests.shop.backroom import PL, Backroom, moved_to

Do = Callable[[Commerce, str], Awaitable[Any]]  # the shop and a key


@dataclass(frozen=True)
class Write:
    """`again` is what a second one with another key ends in; None: it is done again."""

    call: str
    prepare: Callable[[Backroom], Awaitable[Do]]
    again: str | None


async def cancel(room: Backroom) -> Do:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    return lambda shop, key: shop.cancel(order.number, "other", PL, key)


async def change_items(room: Backroom) -> Do:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    card = await room.give(order.shopper_id, "gift_card", 9000)
    swap = {"0": thing.variant("b")}
    return lambda shop, key: shop.change_items(order.number, swap, card.id, PL, key)


async def change_payment(room: Backroom) -> Do:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    card = await room.give(order.shopper_id, "gift_card", 90000)
    return lambda shop, key: shop.change_payment(order.number, card.id, PL, key)


async def change_address(room: Backroom) -> Do:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    new = moved_to(order.address)
    return lambda shop, key: shop.change_address(order.number, new, None, PL, key)


async def change_profile(room: Backroom) -> Do:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    who, new = order.shopper_id, f"x{order.email}"
    return lambda shop, key: shop.change_profile(who, key, email=new, phone="+48500")


async def request_return(room: Backroom) -> Do:
    thing = await room.thing()
    number = (await room.delivered(await room.paid((thing.variant("a"), 2)))).number
    return lambda shop, key: shop.request_return(number, {"0": 1}, "other", None, PL, key)


async def request_exchange(room: Backroom) -> Do:
    thing = await room.thing()
    number = (await room.delivered(await room.paid((thing.variant("a"), 1)))).number
    swap = {"0": thing.variant("b")}
    return lambda shop, key: shop.request_exchange(number, swap, "", None, PL, key)


async def replacement(room: Backroom) -> Do:
    thing = await room.thing()
    number = (await room.delivered(await room.paid((thing.variant("a"), 1)))).number
    kind = ReturnKind.REPLACEMENT
    return lambda shop, key: shop.settle_problem(number, kind, {"0": 1}, "damaged", PL, key)


async def refund(room: Backroom) -> Do:
    thing = await room.thing()
    number = (await room.delivered(await room.paid((thing.variant("a"), 2)))).number
    kind = ReturnKind.REFUND
    return lambda shop, key: shop.settle_problem(number, kind, {"0": 2}, "damaged", PL, key)


async def withdraw(room: Backroom) -> Do:
    thing = await room.thing()
    number = (await room.delivered(await room.paid((thing.variant("a"), 1)))).number
    back = await room.commerce.request_return(number, {"0": 1}, "other", None, PL, "k")
    return lambda shop, key: shop.withdraw(back.id, PL, key)


WRITES = [
    Write("cancel", cancel, "cannot_cancel"),
    Write("change_items", change_items, "items_changed_already"),
    Write("change_payment", change_payment, "several_payments"),
    Write("change_address", change_address, None),
    Write("change_profile", change_profile, None),
    Write("request_return", request_return, "cannot_return"),
    Write("request_exchange", request_exchange, "cannot_exchange"),
    Write("settle_problem", replacement, "not_returnable"),
    Write("settle_problem", refund, "cannot_settle"),
    Write("withdraw", withdraw, "not_withdrawable"),
]
NAMES = [write.prepare.__name__ for write in WRITES]
