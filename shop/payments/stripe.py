"""Stripe: Checkout Sessions, with cards, wallets, BLIK, Przelewy24, Bizum and what else the account
has switched on for the currency.

payments:
  type: shop.payments.stripe.StripePayments
  secret_key: ${STRIPE_SECRET_KEY}          # sk_live_... or a restricted key rk_live_...
  webhook_secret: ${STRIPE_WEBHOOK_SECRET}  # whsec_..., of the endpoint
  methods: {PLN: [card, blik, p24], EUR: [card, bizum]}  # default: what the dashboard says

Any account; a restricted key needs "write" on Checkout Sessions and Refunds and "read" on
PaymentIntents and Charges. Methods: https://dashboard.stripe.com/settings/payment_methods. Webhook
endpoint PUBLIC_URL/webhooks/payments (https://dashboard.stripe.com/webhooks) with the events
checkout.session.completed, .expired, .async_payment_succeeded, .async_payment_failed and
refund.failed.
https://docs.stripe.com/api/checkout/sessions https://docs.stripe.com/webhooks#verify-manually
Bizum needs API version 2026-05-27.dahlia or later. Sessions end after 30 minutes
at the earliest, and a day at the latest.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shop.http import Answer, BackEnd, Header
from shop.model import Money, Payment, PaymentState, Refused
from shop.payments.amounts import digits, from_units, units
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, decoded, dig
from shop.payments.kept import Kept

VERSION = "2026-05-27.dahlia"
TOLERANCE = 300  # seconds that a webhook may be old
SHORTEST, LONGEST = 31 * 60, 24 * 3600 - 60  # seconds that a session may be open
# https://docs.stripe.com/currencies#zero-decimal
WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
THREE = "BHD JOD KWD OMR TND"
LANGUAGES = """bg cs da de el en es et fi fr hr hu id it ja ko lt lv ms mt nb nl pl pt ro ru 
sk sl sv th tr vi zh"""
METHODS = {"p24": "przelewy24", "bank_transfer": "transfer"}
UNRETURNED = ("failed", "canceled")  # refunds
ENDED = ("canceled", "requires_payment_method")


class StripePayments(HostedPayments):
    name = "stripe"

    def __init__(
        self,
        secret_key: str,
        webhook_secret: str,
        methods: Mapping[str, Sequence[str]] | None = None,
        version: str = VERSION,
        api: str = "https://api.stripe.com",
        **more: str,
    ) -> None:
        super().__init__(**more)
        self._webhook_secret = webhook_secret
        self._methods = methods or {}
        self._version = version
        self._api = BackEnd("stripe", api, Header("Authorization", f"Bearer {secret_key}"))

    async def open(self, ask: Ask) -> Opened:
        answer = await self._call(
            "POST", "/checkout/sessions", self._session(ask), key=ask.reference
        )
        if not (answer.ok and dig(answer.content, "url")):
            raise self.unavailable(answer, dig(answer.content, "error", "code"))
        return Opened(str(answer.content["id"]), str(answer.content["url"]))

    def _session(self, ask: Ask) -> dict[str, Any]:
        total, order = ask.order.total, ask.order
        told = {"order": order.number, "reference": ask.reference}
        session = {
            "mode": "payment",
            "client_reference_id": ask.reference,
            "customer_email": order.email,
            "locale": ask.language if ask.language in LANGUAGES.split() else "auto",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": total.currency.lower(),
                        "unit_amount": units(total, scale(total.currency)),
                        "product_data": {"name": order.number},
                    },
                }
            ],
            "metadata": told,
            "payment_intent_data": {"metadata": told},
            "expires_at": int(time.time()) + min(max(ask.seconds, SHORTEST), LONGEST),
            "success_url": ask.back,
            "cancel_url": ask.back,
        }
        if methods := self._methods.get(total.currency):
            session["payment_method_types"] = list(methods)
        return session

    async def look(self, kept: Kept) -> Payment:
        session = await self._session_of(kept)
        amount = from_units(
            session.get("amount_total"),
            scale(session.get("currency")),
            session.get("currency"),
        )
        method = dig(session, "payment_intent", "latest_charge", "payment_method_details", "type")
        kind = METHODS.get(str(method), str(method or "card"))
        return kept.now(state_of(session), amount, kind)

    async def _session_of(self, kept: Kept) -> dict[str, Any]:
        path = f"/checkout/sessions/{kept.id}"
        answer = await self._call("GET", path, {"expand": ["payment_intent.latest_charge"]})
        if not answer.ok or not isinstance(answer.content, dict):
            raise self.unavailable(answer, dig(answer.content, "error", "code"))
        return answer.content

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        given = {name.lower(): value for name, value in headers.items()}
        require_signature(self._webhook_secret, given.get("stripe-signature", ""), body)
        event = decoded(body)
        about = dig(event, "data", "object")
        if not isinstance(dig(event, "id"), str):
            raise Refused("signature")
        if dig(about, "object") == "refund" and dig(about, "status") in UNRETURNED:
            mine = dig(about, "metadata", "payment")
            return Event(event["id"], str(mine) if mine else None, unreturned=True)
        ours = dig(about, "object") == "checkout.session"
        return Event(event["id"], str(dig(about, "id")) if ours else None)

    async def end(self, kept: Kept) -> None:
        """Stripe refuses it for a session that is not open, which look() then tells."""
        path = f"/checkout/sessions/{kept.id}/expire"
        await self._call("POST", path, {}, key=f"end-{kept.reference}")

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        intent = dig(await self._session_of(kept), "payment_intent", "id")
        values = {
            "payment_intent": str(intent),
            "amount": units(amount, scale(amount.currency)),
            "metadata": {"order": kept.order_number, "payment": kept.id},
        }
        answer = await self._call("POST", "/refunds", values, key=reference)
        if not answer.ok or dig(answer.content, "status") in UNRETURNED:
            raise self.not_refundable(kept, answer)
        return str(answer.content["id"])

    async def _call(
        self, method: str, path: str, values: Mapping[str, Any], key: str = ""
    ) -> Answer:
        pairs = list(brackets(values))
        headers = {"Stripe-Version": self._version}
        if method == "GET":
            return await self._api.call(method, f"/v1{path}", query=pairs, headers=headers)
        headers["Idempotency-Key"] = key
        return await self._api.call(
            method, f"/v1{path}", form=pairs, headers=headers, repeatable=True
        )


def scale(currency: object) -> int:
    return digits(currency, WHOLE, THREE)


def state_of(session: Mapping[str, Any]) -> PaymentState:
    """A declined card leaves a session open; a bank's late no ends it unpaid."""
    if session.get("payment_status") == "paid":
        return PaymentState.SUCCEEDED
    if session.get("status") == "expired":
        return PaymentState.CANCELLED
    late = session.get("status") == "complete"
    if late and dig(session, "payment_intent", "status") in ENDED:
        return PaymentState.FAILED
    return PaymentState.PENDING


def brackets(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as form fields: a[b][0]=c."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from brackets(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from brackets(item, f"{name}[{position}]")
    else:
        yield name, str(value)


def require_signature(secret: str, header: str, body: bytes) -> None:
    """Raises Refused(signature). https://docs.stripe.com/webhooks#verify-manually"""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    moment = next((value for name, value in parts if name.strip() == "t"), "")
    fresh = moment.isascii() and moment.isdigit() and abs(time.time() - int(moment)) <= TOLERANCE
    signed = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    same = [
        hmac.compare_digest(signed.encode(), value.encode())
        for name, value in parts
        if name.strip() == "v1"
    ]
    if not (secret.strip() and fresh and any(same)):
        raise Refused("signature")
