"""The whole system over a real Vendure and a double of Stripe that Stripe's own SDK talks to: from
the search to the refund, with genuinely signed webhooks. The conversations are in purchase.yml."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
import yaml

from tests.journeys.chat import Chat, Reply
from tests.journeys.steps import Facts, play
from tests.journeys.system import System
from tests.peers.vendure.admin import Admin
from tests.peers.vendure.conftest import REDUCED, bought_from
from tests.shop.commerce.doubles import patient
from tests.shop.payments.doubles.stripe import KEY, SECRET, StripeDouble
from tests.shop.vendor import serving

CURRENCY = {"pl": "PLN", "es": "EUR", "en": "EUR"}
FILE = Path(__file__).with_name("purchase.yml")
JOURNEYS = {one["journey"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}
EVENTS = {"pay": "paid", "fail": "failed"}
PATIENCE = 90.0  # seconds


class Till:
    """Stripe, as shoppers and the shop's owner see it."""

    def __init__(self, double: StripeDouble, api: str, front: str) -> None:
        self.double, self.front = double, front
        addresses: Any = {"api": api}
        self.sdk = stripe.StripeClient(KEY, base_addresses=addresses, max_network_retries=0)

    def settle(self, chat: Chat, how: str) -> None:
        """The shopper pays, or the bank says no; Stripe tells the front of it, more than once."""
        session = chat.link("checkout.stripe.test").rpartition("/")[2]
        opened = self.sdk.v1.checkout.sessions.retrieve(session)
        assert opened.payment_status == "unpaid"
        getattr(self.double, how)(session)
        headers, body = self.double.call(session, EVENTS[how])
        event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)  # type: ignore[no-untyped-call]
        assert event.data.object["id"] == session
        tampered = body.replace(session.encode(), b"cs_999")
        assert [self.post(headers, sent) for sent in (tampered, body, body)] == [401, 200, 200]

    def post(self, headers: dict[str, str], body: bytes) -> int:
        url = f"{self.front}/webhooks/payments"
        return httpx.post(url, content=body, headers=headers, timeout=30).status_code

    def kept(self, number: str) -> int:
        """What was paid for an order and not given back."""
        mine = [p for p in self.double.payments.values() if p.asked["metadata"]["order"] == number]
        assert sum(payment.captured for payment in mine) == 1 or not any(p.captured for p in mine)
        return sum(payment.left for payment in mine)


class PatientChat(Chat):
    def until(self, ended: Any, seconds: float = PATIENCE) -> Reply:
        return super().until(ended, max(seconds, PATIENCE))


@dataclass(frozen=True)
class World:
    system: System
    vendure: Admin
    till: Till

    def step(self, step: dict[str, Any], chat: Chat, facts: Facts) -> None:
        if "ship" in step:
            self.vendure.ship(facts["number"], "DPD123", to=step["ship"])
        elif "there" in step:
            self.stands(facts["number"], **step["there"])
        else:
            if "cards" in step:
                self.asks_until_there_are_some(step, chat)
            play(step, chat, self.system, facts, self.till.settle)

    def asks_until_there_are_some(self, step: dict[str, Any], chat: Chat) -> None:
        """On a busy machine Vendure is slower than a shopper waits, who then asks again."""
        wait_until(lambda: bool(chat.say(step["say"]).cards))

    def stands(
        self,
        number: str,
        state: str = "",
        street: str = "",
        note: str = "",
        vendure: int | str = "",
        stripe: int | str = "",
    ) -> None:
        order = self.vendure.order(number)
        assert state in ("", order["state"])
        assert street in str(order["shippingAddress"])
        assert note in str([e["data"] for e in order["history"]["items"]])
        # Of a cancelled order Vendure has no total left; what was paid it knows still.
        paid = [p for p in order["payments"] if p["state"] == "Settled"]
        back = sum(refund["total"] for payment in paid for refund in payment["refunds"])
        wanted = {"all": sum(p["amount"] for p in paid) or order["totalWithTax"], 0: 0}
        if vendure != "":
            assert sum(payment["amount"] for payment in paid) - back == wanted[vendure]
        if stripe != "":
            wait_until(lambda: self.till.kept(number) == wanted[stripe])


def wait_until(so: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not so() and time.monotonic() < until:
        time.sleep(0.5)
    assert so()


@contextmanager
def connected(var: Path, vendure: str, api: str) -> Iterator[System]:
    """The processes of the Procfile, connected to these two."""
    commerce = {
        "type": "shop.commerce.vendure.VendureCommerce",
        "server": vendure,
        "username": "superadmin",
        "password": "${VENDURE_PASSWORD}",
        "reduced": REDUCED,
    }
    payments = {
        "type": "shop.payments.stripe.StripePayments",
        "secret_key": KEY,
        "webhook_secret": "${STRIPE_WEBHOOK_SECRET}",
        "methods": {"PLN": ["card", "blik", "p24"], "EUR": ["card"]},
        "api": api,
    }
    endpoints = var / "endpoints.yml"
    endpoints.write_text(yaml.safe_dump({"commerce": commerce, "payments": payments}))
    secrets = {"VENDURE_PASSWORD": "superadmin", "STRIPE_WEBHOOK_SECRET": SECRET}
    running = System(var, SHOPKEEPER_ENDPOINTS=str(endpoints), **secrets)
    running.start()
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def world(vendure: Admin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    double, var = StripeDouble(), tmp_path_factory.mktemp("var")
    with pytest.MonkeyPatch.context() as patch:
        patient(patch)  # Node takes its time for a first request of each kind
        asyncio.run(bought_from(vendure, tmp_path_factory.mktemp("warm")).vendor.products())
    with serving(double.answer) as api, connected(var, vendure.server, api.url) as system:
        yield World(system, vendure, Till(double, api.url, system.shop))
    assert double.problems == [], "requests against Stripe's specification"


@pytest.mark.parametrize("name", JOURNEYS)
def test_journey(name: str, world: World) -> None:
    language, facts = JOURNEYS[name]["language"], Facts()
    system = world.system
    chat = PatientChat(system.assistant, system.shop, language, CURRENCY[language])
    for step in JOURNEYS[name]["steps"]:
        world.step(step, chat, facts)
