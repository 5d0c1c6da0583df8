"""A purchase while a back end is slow, away, overloaded or talks nonsense, at each call in turn:
the shopper reads an honest sentence in time, goes on, and has one order, paid once, in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shop.model import OrderState
from shop.webhooks import DONE, payment_webhook
from tests.actions.shop_of_wires import World
from tests.actions.shop_of_wires import template as template
from tests.actions.shop_of_wires import world as world
from tests.actions.test_checkout import ANSWERS
from tests.shop.wire import FAULTS, LOST

DEADLINE = 10.0  # seconds that a shopper waits at most
HONEST = {"utter_shop_unavailable", "utter_order_unclear", "utter_order_unpaid"}
CALLS = {"commerce": 27, "payments": 3, "crm": 5}  # of a purchase where nothing fails
KINDS = tuple(FAULTS)
TABLE = [
    pytest.param(port, call, fault, id=f"{port}-{call}-{fault}")
    for port, calls in CALLS.items()
    for call in range(calls)
    for fault in (KINDS[call % len(KINDS)], LOST)
]
Act = Callable[[], Awaitable[Any]]


class Buyer:
    """Goes on after every failure, as people do."""

    def __init__(self, shopper: Any, world: World) -> None:
        self.shopper, self.world = shopper, world
        self.failures: list[str] = []

    async def does(self, *acts: Act) -> None:
        """One message of the shopper's; said again after it has failed."""
        for _ in range(2):
            if all([not await self.failed(act) for act in acts]):
                return
            self.world.mend()
        raise AssertionError(f"failed again: {self.failures}")

    async def failed(self, act: Act) -> bool:
        began = time.monotonic()
        await act()
        assert time.monotonic() - began < DEADLINE
        heard = set(self.shopper.heard)
        assert "utter_trouble" not in heard
        self.failures += sorted(heard & HONEST)
        return bool(heard & HONEST)

    async def fills_the_cart(self) -> None:
        shopper, thing = self.shopper, self.world.thing
        await self.does(
            lambda: shopper.does("action_search", "search_product", "x", category=thing.category)
        )
        variant = thing.variants[0].id
        await self.does(
            lambda: shopper.answers("add_form", "add_to_cart", variant=variant, product=thing.id),
            lambda: shopper.does("action_add_to_cart"),
        )
        shopper.slots["requested_slot"] = None

    async def checks_out(self) -> str:
        """The address of the page to pay on."""
        shopper = self.shopper
        await self.does(lambda: shopper.answers("checkout_form", "checkout", "kupuję"))
        for text, entities in ANSWERS:
            await self.does(
                lambda text=text, entities=entities: shopper.answers(
                    "checkout_form", "inform", text, **entities
                )
            )
        await self.does(lambda: shopper.answers("checkout_form", "affirm", "tak"))
        failed = await self.failed(lambda: shopper.does("action_place_order", "affirm", "tak"))
        shopper.slots["requested_slot"] = None
        if not failed:
            return self.link()
        self.world.mend()
        await self.does(lambda: shopper.does("action_pay_again", "pay_again"))
        return await self.checks_out() if shopper.heard == ["utter_no_order_here"] else self.link()

    def link(self) -> str:
        (said,) = self.shopper.said
        assert said["response"] in ("utter_order_placed", "utter_pay_again")
        return str(said["choices"][0]["url"])


async def bought(shopper: Any, world: World) -> Buyer:
    buyer = Buyer(shopper, world)
    await buyer.fills_the_cart()
    link = await buyer.checks_out()
    await world.paid(link)
    (order,) = world.vendor.orders_.values()
    told = {"order_number": order.number}
    await buyer.does(
        lambda: shopper.does("action_tell_payment_outcome", "payment_received", **told)
    )
    assert shopper.heard == ["utter_paid"]
    await world.background()
    return buyer


async def test_a_purchase_where_nothing_fails(shopper: Any, world: World) -> None:
    """Else the table below would leave calls out."""
    assert (await bought(shopper, world)).failures == []
    assert {port: wire.count for port, wire in world.wires.items()} == {**CALLS, "helpdesk": 0}


@pytest.mark.parametrize(("port", "call", "fault"), TABLE)
async def test_one_order_is_paid_once(
    shopper: Any, world: World, port: str, call: int, fault: str
) -> None:
    world.breaks(port, call, fault)
    await bought(shopper, world)
    (order,) = world.vendor.orders_.values()
    assert (order.state, order.paid) == (OrderState.PAID, order.total)
    assert [line.quantity for line in order.lines] == [1]
    (payment,) = [p for p in world.stripe.payments.values() if p.captured]
    assert (payment.captured, payment.amount) == (1, order.total)
    others = [p for p in world.stripe.payments.values() if p is not payment]
    known = await world.known_payments()
    assert {p.id: p.state for p in others if p.id in known and p.state != "expired"} == {}
    assert await world.notices() == ["payment_received"]
    assert await world.deals() == [(order.number, order.total)]


@pytest.mark.parametrize("fault", [*FAULTS, LOST])
async def test_money_for_a_person_is_handed_over_once(
    shopper: Any, world: World, fault: str
) -> None:
    buyer = Buyer(shopper, world)
    await buyer.fills_the_cart()
    session = (await buyer.checks_out()).rpartition("/")[2]
    world.stripe.payments[session].amount = 100  # another one than was asked for
    world.stripe.pay(session)
    world.breaks("helpdesk", 0, fault)
    for _ in range(3):
        status = await payment_webhook(*world.stripe.call(session))
        world.mend()
    assert status == DONE
    await world.background()
    assert await world.tickets() == 1
    assert await world.notices() == ["payment_unclear"]


async def test_the_breaker_opens_and_closes(shopper: Any, world: World) -> None:
    async def heard() -> bool:
        await shopper.does("action_search", "search_product", "x", category=world.thing.category)
        return shopper.heard != ["utter_shop_unavailable"]

    world.reconnect(failures=3, rest=0.3)
    world.breaks("commerce", 0, "500")
    assert [await heard() for _ in range(5)] == [False] * 5
    assert world.wires["commerce"].count == 3  # after that nobody asked
    world.mend()
    await asyncio.sleep(0.35)
    assert await heard()
