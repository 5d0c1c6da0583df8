from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook

from shop.model import Order, Payment, PaymentState, Refused
from shop.payments.base import Event
from shop.payments.demo import DemoPayments, event_body
from shop.signing import encoded, signed_headers
from tests.shop.conftest import SECRET, new_database
from tests.shop.payments_contract import Pay, PaymentsContract

BACK = "http://shop.test/thanks"


@pytest.fixture(scope="module")
def bare(url: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database without a catalogue, on either kind of server."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path_factory.mktemp('bare') / 'shop.db'}"
    return new_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def payments(bare: str) -> DemoPayments:
    return DemoPayments(SECRET, bare)


@pytest.fixture
def paid(payments: DemoPayments) -> Pay:
    async def pay(payment: Payment) -> None:
        await payments.settle(payment.id, PaymentState.SUCCEEDED)

    return pay


class TestDemoPayments(PaymentsContract):
    pass


async def test_the_first_final_state_stays(
    payments: DemoPayments, order: Order, conversation: str
) -> None:
    started = await payments.start(order, "pl", BACK, conversation)
    paid = await payments.settle(started.id, PaymentState.SUCCEEDED)
    declined = await payments.settle(started.id, PaymentState.FAILED)
    assert paid.state is declined.state is PaymentState.SUCCEEDED


async def test_the_page_knows_its_language_and_the_way_back(
    payments: DemoPayments, order: Order, conversation: str
) -> None:
    started = await payments.start(order, "pl", BACK, conversation)
    assert await payments.page(started.id) == (started, "pl", BACK)


async def test_a_signed_webhook_is_believed(
    payments: DemoPayments, order: Order, conversation: str
) -> None:
    started = await payments.start(order, "pl", BACK, conversation)
    body = encoded(event_body(started))
    headers = signed_headers(SECRET, "evt_1", body)
    assert await payments.verify(headers, body) == Event("evt_1", started.id)
    assert await payments.verify({k.title(): v for k, v in headers.items()}, body)


@pytest.mark.parametrize("trick", ["body", "secret", "old", "id", "shape", "garbage", "not json"])
async def test_a_forged_webhook_is_refused(
    payments: DemoPayments, order: Order, conversation: str, trick: str
) -> None:
    started = await payments.start(order, "pl", BACK, conversation)
    body = encoded(event_body(started))
    other = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=="
    headers = signed_headers(other if trick == "secret" else SECRET, "evt_1", body)
    if trick == "body":
        body = body.replace(b"pending", b"succeeded")
    elif trick == "old":
        at = datetime.now(timezone.utc) - timedelta(minutes=6)
        signature = Webhook(SECRET).sign("evt_1", at, body.decode())
        headers |= {
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }
    elif trick == "id":
        headers["webhook-id"] = "evt_2"
    elif trick == "shape":
        body = b'{"data": []}'
        headers = signed_headers(SECRET, "evt_1", body)
    elif trick == "garbage":
        headers["webhook-signature"] = "v1,%%% nonsense"
    elif trick == "not json":
        body = b"[1, 2"
        headers = signed_headers(SECRET, "evt_1", body)
    with pytest.raises(Refused):
        await payments.verify(headers, body)


async def test_without_a_secret_nothing_is_believed(bare: str) -> None:
    body = b"{}"
    headers = signed_headers(SECRET, "evt_1", body)
    naked = DemoPayments(" ", bare)
    with pytest.raises(Refused):
        await naked.verify(headers, body)
