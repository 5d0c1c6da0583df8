"""Stripe's Checkout Sessions and Refunds, good enough for Stripe's own SDK."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qsl

from shop.payments.stripe import StripePayments
from tests.shop.payments import spec
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

KEY, SECRET = "sk_test_123", "whsec_test_secret"
SESSIONS, REFUNDS = "/v1/checkout/sessions", "/v1/refunds"


def error(code: str, kind: str = "invalid_request_error", status: int = 400) -> Said:
    return Said(status, {"error": {"type": kind, "code": code, "message": code}})


class StripeDouble(Double):
    specs = ("stripe",)

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, tuple[bytes, Said]] = {}
        self.told: dict[str, dict[str, str]] = {}  # metadata of refunds, by payment

    def adapter(self, api: str, store: str, **more: Any) -> StripePayments:
        return StripePayments(KEY, SECRET, api=api, store=store, **more)

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return error("api_key", "authentication_error", 401)
        key = asked.headers.get("idempotency-key", "")
        if key in self.keys:
            body, said = self.keys[key]
            return said if body == asked.body else error("key_reused", "idempotency_error")
        said = self._do(asked)
        if asked.method == "POST" and key:
            self.keys[key] = (asked.body, said)
        return said

    def _do(self, asked: Asked) -> Said:
        if asked.method == "GET" and asked.path.startswith(f"{SESSIONS}/"):
            found = self.payments.get(asked.path.rpartition("/")[2])
            return Said(200, self.session(found)) if found else error("missing", status=404)
        if asked.path.endswith("/expire"):
            return self._expire(asked)
        body = self._body(asked)
        if refused := self.check("stripe", asked, asked.path, body):
            return refused
        return self._open(body) if asked.path == SESSIONS else self._refund(body)

    def _body(self, asked: Asked) -> Any:
        pairs = parse_qsl(asked.body.decode(), keep_blank_values=True)
        body = spec.nested(pairs)
        if spec.MISSING:
            return body
        schema = spec.body_schema("stripe", "POST", asked.path)
        return spec.typed(spec.spec("stripe"), schema, body)

    def _open(self, body: dict[str, Any]) -> Said:
        if not 1800 <= int(body.get("expires_at", time.time() + 1800)) - time.time() + 2 <= 86_400:
            return error("expires_at")
        price = body["line_items"][0]["price_data"]
        amount = int(price["unit_amount"]) * int(body["line_items"][0]["quantity"])
        reference = body.get("client_reference_id", "")
        made = Taken(
            f"cs_{self.number()}", reference, body, "open", amount, price["currency"].upper()
        )
        self.payments[made.id] = made
        return Said(200, self.session(made))

    def _expire(self, asked: Asked) -> Said:
        path = f"{SESSIONS}/{{session}}/expire"
        if refused := self.check("stripe", asked, path, spec.nested(parse_qsl(asked.body))):
            return refused
        found = self.payments[asked.path.split("/")[-2]]
        if found.state != "open":
            return error("resource_missing")
        found.state = "expired"
        return Said(200, self.session(found))

    def _refund(self, body: dict[str, Any]) -> Said:
        found = self.payments[body["payment_intent"].replace("pi_", "")]
        amount = int(body["amount"])
        if amount > found.left:
            return error("charge_already_refunded")
        ident = f"re_{self.number()}"
        found.refunds[ident] = amount
        self.told[found.id] = dict(body.get("metadata", {}))
        return Said(200, {"id": ident, "object": "refund", "status": "succeeded"})

    def session(self, made: Taken) -> dict[str, Any]:
        paid = made.captured > 0
        charge = {"id": "ch_1", "payment_method_details": {"type": "blik"}} if paid else None
        status = {"paid": "succeeded", "failed": "requires_payment_method"}.get(made.state)
        intent = {"id": f"pi_{made.id}", "object": "payment_intent", "latest_charge": charge}
        begun = {**intent, "status": status or "processing"} if made.state != "open" else None
        return {
            "id": made.id,
            "object": "checkout.session",
            "client_reference_id": made.reference,
            "url": f"https://checkout.stripe.test/{made.id}",
            "status": made.state if made.state in ("open", "expired") else "complete",
            "payment_status": "paid" if paid else "unpaid",
            "amount_total": made.amount,
            "currency": made.currency.lower(),
            "payment_intent": begun,
            "metadata": made.asked.get("metadata", {}),
        }

    def pay(self, payment_id: str) -> None:
        found = self.payments[payment_id]
        found.state, found.captured = "paid", found.captured + 1

    def fail(self, payment_id: str) -> None:
        self.payments[payment_id].state = "failed"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        names = {
            "paid": "checkout.session.completed",
            "failed": "checkout.session.async_payment_failed",
            "pending": "checkout.session.completed",
            "other": "customer.created",
            "returned": "refund.updated",
            "unreturned": "refund.failed",
        }
        about: Any = {"id": "cus_1", "object": "customer"}
        if "returned" in event:
            status = "succeeded" if event == "returned" else "failed"
            about = {"id": "re_1", "object": "refund", "status": status}
            about["metadata"] = self.told[payment_id]
        elif event != "other":
            known = self.payments.get(payment_id)
            about = self.session(known) if known else {"id": payment_id}
            about["object"] = "checkout.session"
        told = {
            "id": f"evt_{payment_id}_{event}",
            "object": "event",
            "type": names[event],
            "data": {"object": about},
        }
        return signed(json.dumps(told).encode())


def signed(body: bytes, age: int = 0, secret: str = SECRET) -> Call:
    moment = int(time.time()) - age
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={digest},v0=00"}, body
