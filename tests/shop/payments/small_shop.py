"""A shop without a catalogue, paid by the provider under test, and what tests ask of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

import shop
from shop import jobs, webhooks
from shop.commerce.demo import DemoCommerce
from shop.crm.demo import DemoCRM
from shop.front import create_app
from shop.helpdesk.demo import DemoHelpdesk
from shop.model import Order, OrderState, Payment
from shop.payments.hosted import HostedPayments
from shop.store import Store, open_store
from shop.tables import outbox
from tests.shop.backroom import PL, Backroom
from tests.shop.payments.doubles.base import Double

BACK = "http://shop.test/pl/product/x"


class SmallShop(DemoCommerce):
    """With only what a test puts into it."""

    def _open(self, url: str | None) -> Store:
        return open_store(url)


@pytest.fixture
def connected(
    empty_store: Store, payments: HostedPayments, monkeypatch: pytest.MonkeyPatch
) -> Store:
    monkeypatch.setenv("SHOPKEEPER_DB", empty_store.url)
    open_store.cache_clear()
    url = empty_store.url
    open_store(url)._ready = True
    ports = {
        "commerce": SmallShop(url),
        "payments": payments,
        "crm": DemoCRM(url),
        "helpdesk": DemoHelpdesk(url),
    }
    for module in (shop, webhooks, jobs, shop.front):
        monkeypatch.setattr(module, "connect", ports.__getitem__)
    return empty_store


@pytest.fixture
def room(connected: Store) -> Backroom:
    return Backroom(connected, shop.connect("commerce"))


@pytest.fixture
async def order(room: Backroom) -> Order:
    thing = await room.thing()
    return await room.order((thing.variant("a"), 1))


@pytest.fixture
async def front(connected: Store) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def started(payments: HostedPayments, order: Order, attempt: int = 1) -> Payment:
    return await payments.start(order, "pl", BACK, f"{order.number}:{attempt}")


async def told(
    front: httpx.AsyncClient, double: Double, payment_id: str, event: str = "paid"
) -> int:
    """A call of the provider; of the one that calls nobody, the shopper's return."""
    if not double.webhooks:
        known = double.payments.get(payment_id)
        answer = await front.get(f"/pay/back/{known.reference if known else 'unknown'}")
        return 200 if answer.status_code == 303 or known is None else answer.status_code
    headers, body = double.call(payment_id, event)
    answer = await front.post("/webhooks/payments", content=body, headers=headers)
    assert answer.content == (double.accepted if answer.status_code == 200 else b"")
    return answer.status_code


async def state(order: Order) -> OrderState:
    return (await shop.connect("commerce").order(order.number, PL)).state


async def rows(store: Store, table: Any) -> int:
    query = select(func.count()).select_from(table)
    return int(await store.read(lambda connection: connection.scalar(query)) or 0)


async def notices(store: Store) -> list[str]:
    query = select(outbox.c.body).where(outbox.c.target == "notice").order_by(outbox.c.created)
    bodies = await store.read(lambda connection: list(connection.scalars(query)))
    return [body["notice"] for body in bodies]


async def due(store: Store) -> None:
    await store.write(lambda connection: connection.execute(outbox.update().values(due=0.0)))
