"""A shop whose back ends are all elsewhere: a vendor's, Stripe, a CRM, a help desk; each of them at
the other end of a connection that a test can break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import select

import shop
from actions import base
from shop import exchange, http, jobs, tables, webhooks
from shop.catalogue import NewProduct
from shop.commerce.remote.commerce import RemoteCommerce
from shop.crm.demo import DemoCRM
from shop.helpdesk.demo import DemoHelpdesk
from shop.store import Store, open_store
from tests.shop.payments.doubles.stripe import StripeDouble
from tests.shop.small_vendor import SmallVendor
from tests.shop.vendor import serving
from tests.shop.wire import Far, Wire, far

SECRET = "whsec_c2hvcGtlZXBlci10ZXN0LXNlY3JldC0wMDAwMDAwMA=="
BROKEN = {"BUDGET": 1.2, "READ": 0.4, "TURN": 1.5}  # seconds, while something does not work
BUSY = {"BUDGET": 25.0, "READ": 20.0, "TURN": 60.0}  # a busy machine may be slow


@dataclass
class World:
    vendor: SmallVendor
    stripe: StripeDouble
    wires: dict[str, Wire]
    store: Store
    at_vendor: Far
    patch: pytest.MonkeyPatch

    @property
    def thing(self) -> NewProduct:
        return self.vendor.goods.products[0]

    def breaks(self, port: str, first: int, fault: str) -> None:
        self.wires[port].breaks(first, fault)
        self.hurry(BROKEN)

    def mend(self) -> None:
        for wire in self.wires.values():
            wire.mend()
        self.hurry(BUSY)

    def hurry(self, seconds: dict[str, float]) -> None:
        self.patch.setattr(http, "BUDGET", seconds["BUDGET"])
        self.patch.setattr(exchange, "READ", seconds["READ"])
        self.patch.setattr(base, "TURN", seconds["TURN"])

    async def paid(self, link: str) -> None:
        """On Stripe's page; its webhook comes again until it is taken."""
        session = link.rpartition("/")[2]
        self.stripe.pay(session)
        for _ in range(2):
            status = await webhooks.payment_webhook(*self.stripe.call(session))
            if status == webhooks.DONE:
                break
            assert status == webhooks.TRY_AGAIN
            self.mend()
        for _ in range(2):  # once more does no harm
            assert await webhooks.payment_webhook(*self.stripe.call(session)) == webhooks.DONE

    async def background(self) -> None:
        """What is done without a message, as often as it takes."""
        others = tables.outbox.update().where(tables.outbox.c.target != "release").values(due=0.0)
        for _ in range(2):
            await self.store.write(lambda c: c.execute(others))
            await jobs.attempt(self.store)
            self.mend()

    def reconnect(self, failures: int, rest: float) -> None:
        self.patch.setattr(http, "FAILURES", failures)
        self.patch.setattr(http, "REST", rest)
        self.at_vendor.connect(self.at_vendor.url)

    async def tickets(self) -> int:
        return len(await self._all(select(tables.tickets.c.number)))

    async def known_payments(self) -> list[str]:
        return await self._all(select(tables.payments.c.id))

    async def notices(self) -> list[str]:
        mine = tables.outbox.c.target == "notice"
        bodies: list[Any] = await self._all(select(tables.outbox.c.body).where(mine))
        return [body["notice"] for body in bodies]

    async def deals(self) -> list[tuple[str, int]]:
        deals = await self.store.read(lambda c: c.execute(select(tables.deals)).all())
        return [(row.number, row.amount) for row in deals]

    async def _all(self, query: Any) -> list[Any]:
        return await self.store.read(lambda c: list(c.scalars(query)))


@pytest.fixture(scope="session")
def template(executor: ActionExecutor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the vendor's catalogue in it."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_VOCABULARY", str(folder / "vocabulary.json"))
        url = f"sqlite:///{folder / 'shop.db'}"
        commerce = RemoteCommerce(SmallVendor(), url)
        commerce.store.prepare()
        commerce.store.engine.dispose()
    return folder


@pytest.fixture
def world(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shutil.copytree(template, tmp_path / "var")
    url = f"sqlite:///{tmp_path / 'var' / 'shop.db'}"
    monkeypatch.setenv("SHOPKEEPER_VOCABULARY", str(tmp_path / "var" / "vocabulary.json"))
    monkeypatch.setenv("SHOPKEEPER_DB", url)
    monkeypatch.setenv("NOTICE_SECRET", SECRET)
    monkeypatch.setattr(http, "PAUSE", 0.01)
    monkeypatch.setattr(http, "FAILURES", 1000)  # the breaker has a test of its own
    forget()
    store = open_store(url)
    store._ready = True
    vendor, stripe = SmallVendor(), StripeDouble()
    with ExitStack() as open_:
        at_vendor, commerce = open_.enter_context(far(vendor))
        crm, to_crm = open_.enter_context(far(DemoCRM(url)))
        helpdesk, to_helpdesk = open_.enter_context(far(DemoHelpdesk(url)))
        payments = Wire(stripe.answer)
        server = open_.enter_context(serving(payments.answer))
        ports = {
            "commerce": RemoteCommerce(at_vendor, url),
            "payments": stripe.adapter(server.url, url),
            "crm": crm,
            "helpdesk": helpdesk,
        }
        monkeypatch.setattr(shop, "load", lambda path, port: lambda **stanza: ports[port])
        wires = {
            "commerce": commerce,
            "payments": payments,
            "crm": to_crm,
            "helpdesk": to_helpdesk,
        }
        made = World(vendor, stripe, wires, store, at_vendor, monkeypatch)
        made.hurry(BUSY)
        yield made
    assert stripe.problems == []
    store.engine.dispose()
    forget()


def forget() -> None:
    shop.connect.cache_clear()
    open_store.cache_clear()
