"""An order that nobody pays: cancelled once, and told once to who waits for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from shop import connect, jobs, notice, outbox
from shop.commerce.remote.commerce import release
from shop.crm import telling
from shop.model import Contact, DealStage, Locale, Order, OrderState, Unavailable, deal_of
from shop.policy import policy
from shop.store import Store
from shop.tables import deals, outcomes
from shop.tables import outbox as table
from tests.shop.buying import ordered, paying
from tests.shop.test_webhooks import notices, state

RELEASED = "order_released"


@pytest.fixture
async def order(connected: Store, conversation: str, pl: Locale) -> Order:
    """As it stands in a shop elsewhere, whose stock we have to give back."""
    placed = await ordered(connect("commerce"), conversation, pl)
    await connected.write(lambda connection: release(connection, placed.number))
    return placed


async def time_passes(store: Store, order: Order) -> None:
    """The hold ends, and a job that was begun long ago is due."""
    earlier = table.c.created - policy().payment.hold_minutes * 60 - 1
    mine = update(table).where(table.c.id == f"release_{order.number}")
    await store.write(lambda c: c.execute(mine.values(due=0.0, created=earlier)))
    await jobs.attempt(store, [outbox.RELEASE])


async def again(store: Store, order: Order) -> None:
    mine = update(table).where(table.c.id == f"release_{order.number}")
    await store.write(lambda c: c.execute(mine.values(due=0.0, sent=False)))
    await jobs.attempt(store, [outbox.RELEASE])


async def opened(order: Order) -> None:
    await telling.tell(f"placed_{order.number}", Contact(order.email), deal_of(order))


async def read(store: Store, query: Any) -> list[Any]:
    return await store.read(lambda connection: list(connection.scalars(query)))


async def stage(store: Store, order: Order) -> list[str]:
    await jobs.attempt(store, [outbox.CRM])
    return await read(store, select(deals.c.stage).where(deals.c.number == order.number))


async def test_it_is_told_once_and_its_deal_is_lost(connected: Store, order: Order) -> None:
    await opened(order)
    assert await stage(connected, order) == [DealStage.OPEN.value]
    await time_passes(connected, order)
    await again(connected, order)
    assert await state(order) is OrderState.CANCELLED
    data = {"order_number": order.number}
    told = {"conversation": order.conversation, "notice": RELEASED, "data": data}
    assert await notices(connected, order) == [told]
    assert await stage(connected, order) == [DealStage.LOST.value]
    logged = select(outcomes.c.outcome).where(outcomes.c.conversation == order.conversation)
    assert await read(connected, logged) == [RELEASED]


async def test_no_deal_is_made_of_what_was_none(connected: Store, order: Order) -> None:
    await time_passes(connected, order)
    assert await state(order) is OrderState.CANCELLED
    assert await stage(connected, order) == []
    assert len(await notices(connected, order)) == 1


async def test_what_its_shopper_cancelled_is_no_news(
    connected: Store, order: Order, pl: Locale
) -> None:
    await opened(order)
    await connect("commerce").cancel(order.number, "no_longer_needed", pl, "k")
    await time_passes(connected, order)
    assert await notices(connected, order) == []
    assert await stage(connected, order) == [DealStage.OPEN.value]


async def test_what_was_paid_is_not_released(connected: Store, order: Order) -> None:
    await connect("commerce").record_payment(paying(order))
    await time_passes(connected, order)
    assert await state(order) is OrderState.PAID
    assert await notices(connected, order) == []


async def test_it_is_told_although_the_first_try_broke_off(
    connected: Store, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any, **__: Any) -> None:
        raise Unavailable("store: too slow")

    await opened(order)
    with monkeypatch.context() as patch:
        patch.setattr(notice, "tell", lost)
        await time_passes(connected, order)
    assert await state(order) is OrderState.CANCELLED
    assert await notices(connected, order) == []
    await again(connected, order)
    await again(connected, order)
    assert [body["notice"] for body in await notices(connected, order)] == [RELEASED]
    assert await stage(connected, order) == [DealStage.LOST.value]
