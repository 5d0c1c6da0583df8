"""Who may tell of payments: vectors of the vendors, and every way to forge, change or repeat."""

from __future__ import annotations

import contextlib
import random
import time

import pytest
from stripe import Webhook, WebhookSignature

from shop.model import Order, Refused
from shop.payments import adyen, linepay, payu, przelewy24, stripe
from shop.payments.base import Event
from shop.payments.hosted import HostedPayments
from tests.shop.payments.doubles import payu as payu_double
from tests.shop.payments.doubles import stripe as stripe_double
from tests.shop.payments.doubles.adyen import HMAC_KEY
from tests.shop.payments.doubles.base import Double

BACK = "http://shop.test/pl/"
BODY = b'{"id": "evt_1", "object": "event", "data": {"object": {"id": "cs_1"}}}'
MOST = 250  # positions of a body that are changed, where each is a call of its own


def test_adyens_own_example_has_adyens_own_signature() -> None:
    """https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/"""
    item = {
        "pspReference": "7914073381342284",
        "merchantAccountCode": "TestMerchant",
        "merchantReference": "TestPayment-1407325143704",
        "amount": {"value": 1130, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
    }
    key = bytes.fromhex(HMAC_KEY)
    assert adyen.signature(item, key) == "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="


def test_stripe_and_its_sdk_agree() -> None:
    now = int(time.time())
    digest = WebhookSignature._compute_signature(f"{now}.{BODY.decode()}", "whsec_1")
    stripe.require_signature("whsec_1", f"t={now},v1={digest}", BODY)
    headers, body = stripe_double.signed(BODY)
    told = Webhook.construct_event(body, headers["Stripe-Signature"], stripe_double.SECRET)
    assert told.id == "evt_1"


def test_payu_signs_body_and_second_key() -> None:
    """The digest is md5sum's."""
    header = (
        "sender=checkout;signature=e39937169f0c9f45fdaca7414ce8d9ee;algorithm=MD5;content=DOCUMENT"
    )
    body = b'{"order":{"orderId":"A1"}}'
    payu.require_signature(payu_double.SECOND_KEY, header, body)


def test_przelewy24_signs_json_in_its_order() -> None:
    """The example of https://developers.przelewy24.pl, digested by sha384sum."""
    values = {"sessionId": "unikalne-id-sesji", "merchantId": 999999, "amount": 1234}
    assert przelewy24.sign({**values, "currency": "PLN"}, "crc-z-panelu-p24") == (
        "c5d47472de94f7d0f7b01d8048d51e7d2a0f3c025a246dd9"
        "0301d2c2df83a3a7cdb2ffde27fc770a8fdd3a0f1a3c4423"
    )


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("/v4/payments/request", '{"amount":100}', "8sdubDzEhpLJAG+bq1uT7j4aC99glZFtDxSBadygqxo="),
        ("/v4/payments", "transactionId=1", "TupDgRk/dEEoiBJ1q7u5Dz88W/y6yB0/f1fzw8IhcZE="),
    ],
)
def test_line_pay_signs_path_content_and_nonce(path: str, content: str, expected: str) -> None:
    """The digests are openssl's."""
    assert linepay.signature("SECRET", path, content, "abc") == expected


@pytest.fixture
async def started(payments: HostedPayments, double: Double, order: Order) -> str:
    ident = (await payments.start(order, "pl", BACK, "signatures")).id
    double.pay(ident)
    return ident


async def heard(payments: HostedPayments, headers: dict[str, str], body: bytes) -> Event | None:
    with contextlib.suppress(Refused):
        return await payments.verify(headers, body)
    return None


async def test_a_signed_webhook_tells_its_payment(
    payments: HostedPayments, double: Double, started: str
) -> None:
    headers, body = double.call(started)
    told = await heard(payments, headers, body)
    assert await heard(payments, {k.lower(): v for k, v in headers.items()}, body) == told
    if double.webhooks:
        assert told is not None
        assert told.payment_id == started
    else:
        assert told is None


async def test_what_is_about_no_payment_of_ours_is_taken(
    payments: HostedPayments, double: Double, started: str
) -> None:
    told = await heard(payments, *double.call(started, "other"))
    if double.webhooks and payments.name not in ("payu", "przelewy24"):
        assert told is not None
        assert told.payment_id is None
    elif double.webhooks:
        assert told is not None
        assert told.payment_id != started


async def test_no_changed_byte_tells_anything_else(
    payments: HostedPayments, double: Double, started: str
) -> None:
    headers, body = double.call(started)
    right = await heard(payments, headers, body)
    places = list(range(len(body)))
    if payments.name == "paypal":
        places = sorted(random.Random(1).sample(places, min(len(places), MOST)))
    believed = []
    for place in places:
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        told = await heard(payments, headers, changed)
        assert told in (None, right), changed
        believed += [place] if told else []
    double.problems.clear()  # a forger's requests
    if payments.name != "adyen":  # its signature leaves the date and the extra data out
        assert believed == []


async def test_no_changed_header_is_believed(
    payments: HostedPayments, double: Double, started: str
) -> None:
    headers, body = double.call(started)
    for name, value in headers.items():
        if name not in ("Stripe-Signature", "OpenPayu-Signature", "PAYPAL-TRANSMISSION-SIG"):
            continue
        for place in range(len(value)):
            changed = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            told = await heard(payments, {**headers, name: changed}, body)
            unsigned = "v0" in value[max(0, place - 7) :] and place >= value.find(",v0")
            harmless = payments.name == "payu" and not touches(value, place)
            assert told is None or unsigned or harmless, changed


def touches(header: str, place: int) -> bool:
    """Whether a place is in PayU's signature or algorithm."""
    start, end = header.find(";signature"), header.find(";content")
    return start < place < end


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"order": 1}', b"[" * 5000]
)
async def test_garbage_is_refused(
    payments: HostedPayments, double: Double, started: str, body: bytes
) -> None:
    headers, _ = double.call(started)
    assert await heard(payments, headers, body) is None
    assert await heard(payments, {}, body) is None


@pytest.mark.parametrize("age", [301, 3600, -301])
async def test_stripes_old_webhooks_are_refused(age: int) -> None:
    headers, body = stripe_double.signed(BODY, age)
    with pytest.raises(Refused):
        stripe.require_signature(stripe_double.SECRET, headers["Stripe-Signature"], body)


@pytest.mark.parametrize("secret", ["", " "])
def test_without_a_secret_nothing_is_believed(secret: str) -> None:
    headers, body = stripe_double.signed(BODY, secret=secret)
    with pytest.raises(Refused):
        stripe.require_signature(secret, headers["Stripe-Signature"], body)
    headers, body = payu_double.signed(BODY, key="")
    with pytest.raises(Refused):
        payu.require_signature("", headers["OpenPayu-Signature"], body)


@pytest.mark.parametrize("algorithm", ["SHA-256", "SHA256"])
def test_payu_may_sign_with_sha256_but_not_with_what_it_does_not_name(algorithm: str) -> None:
    headers, body = payu_double.signed(BODY, algorithm)
    payu.require_signature(payu_double.SECOND_KEY, headers["OpenPayu-Signature"], body)
    weak = headers["OpenPayu-Signature"].replace(algorithm, "CRC32")
    with pytest.raises(Refused):
        payu.require_signature(payu_double.SECOND_KEY, weak, body)
