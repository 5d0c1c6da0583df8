"""PayPal's Orders v2, refunds of captures, and the check of webhooks."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from shop.payments.paypal import PayPalPayments
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

ORDERS = "/v2/checkout/orders"
VERIFY = "/v1/notifications/verify-webhook-signature"
BASIC = f"Basic {base64.b64encode(b'client:secret').decode()}"
HOOK = "8PT597110X687430LKGECATA"


def refusal(issue: str, status: int = 422) -> Said:
    return Said(status, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]})


class PayPalDouble(Double):
    specs = ("paypal orders", "paypal payments", "paypal webhooks")

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Said] = {}

    def adapter(self, api: str, store: str) -> PayPalPayments:
        return PayPalPayments("client", "secret", HOOK, api=api, store=store)

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/v1/oauth2/token":
            fits = asked.headers.get("authorization") == BASIC
            return Said(200, {"access_token": "t1", "expires_in": 32400}) if fits else Said(401)
        if asked.headers.get("authorization") != "Bearer t1":
            return Said(401, {"name": "AUTHENTICATION_FAILURE"})
        if asked.path == VERIFY:
            return self._verify(asked)
        key = asked.headers.get("paypal-request-id", "")
        if key in self.keys:
            return self.keys[key]
        said = self._do(asked)
        if asked.method == "POST" and said.status < 400:
            self.keys[key] = said
        return said

    def _do(self, asked: Asked) -> Said:
        if asked.path == ORDERS:
            return self._open(asked)
        steps = asked.path.split("/")
        if "captures" in steps:
            return self._refund(asked, self.payments[steps[4].removeprefix("CAP-")])
        found = self.payments.get(steps[4])
        if found is None:
            return Said(404, {"name": "RESOURCE_NOT_FOUND"})
        return self._capture(asked, found) if steps[-1] == "capture" else Said(200, order(found))

    def _open(self, asked: Asked) -> Said:
        body = asked.json
        if refused := self.check("paypal orders", asked, ORDERS, body):
            return refused
        unit = body["purchase_units"][0]
        amount, ident = unit["amount"], f"5O190127TN{self.number()}"
        minor = round(float(amount["value"]) * 100)
        made = Taken(ident, unit["custom_id"], body, "CREATED", minor, amount["currency_code"])
        self.payments[ident] = made
        return Said(201, order(made))

    def _capture(self, asked: Asked, found: Taken) -> Said:
        if refused := self.check("paypal orders", asked, f"{ORDERS}/{{id}}/capture", asked.json):
            return refused
        if found.captured:
            return refusal("ORDER_ALREADY_CAPTURED")
        if found.state != "APPROVED":
            return refusal("ORDER_NOT_APPROVED")
        found.state, found.captured = "COMPLETED", found.captured + 1
        return Said(201, order(found))

    def _refund(self, asked: Asked, found: Taken) -> Said:
        path = "/v2/payments/captures/{capture_id}/refund"
        if refused := self.check("paypal payments", asked, path, asked.json):
            return refused
        amount = round(float(asked.json["amount"]["value"]) * 100)
        if amount > found.left:
            return refusal("REFUND_AMOUNT_EXCEEDED")
        ident = f"1JU0{self.number()}"
        found.refunds[ident] = amount
        return Said(201, {"id": ident, "status": "COMPLETED"})

    def _verify(self, asked: Asked) -> Said:
        told = asked.json
        if refused := self.check("paypal webhooks", asked, VERIFY, told):
            return refused
        event = asked.body.partition(b'"webhook_event":')[2][:-1]
        fits = told["transmission_sig"] == sign(told["transmission_id"], event)
        right = fits and told["webhook_id"] == HOOK
        return Said(200, {"verification_status": "SUCCESS" if right else "FAILURE"})

    def pay(self, payment_id: str) -> None:
        self.payments[payment_id].state = "APPROVED"

    def fail(self, payment_id: str) -> None:
        self.payments[payment_id].state = "VOIDED"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        known = self.payments.get(payment_id)
        resource: Any = {"id": payment_id, "status": known.state if known else "APPROVED"}
        name = "CHECKOUT.ORDER.APPROVED"
        if known and known.captured:
            related = {"order_id": payment_id}
            resource = {"id": f"CAP-{payment_id}", "supplementary_data": {"related_ids": related}}
            name = "PAYMENT.CAPTURE.COMPLETED"
        if event == "other":
            name, resource = "CUSTOMER.DISPUTE.CREATED", {"dispute_id": "PP-D-1"}
        told = {"id": f"WH-{payment_id}-{name}", "event_type": name, "resource": resource}
        body = json.dumps(told, indent=1).encode()
        return {
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": "https://api.paypal.com/v1/notifications/certs/CERT-1",
            "PAYPAL-TRANSMISSION-ID": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
            "PAYPAL-TRANSMISSION-SIG": sign("69cd13f0-d67a-11e5-baa3-778b53f4ae55", body),
            "PAYPAL-TRANSMISSION-TIME": "2026-11-22T20:01:35Z",
        }, body


def sign(transmission: str, event: bytes) -> str:
    """Stands for PayPal's certificate: over the same bytes."""
    return hashlib.sha256(f"{transmission}|{HOOK}|".encode() + event).hexdigest()


def order(made: Taken) -> dict[str, Any]:
    value = {"currency_code": made.currency, "value": f"{made.amount / 100:.2f}"}
    unit: dict[str, Any] = {"custom_id": made.reference, "amount": value}
    if made.captured:
        capture = {"id": f"CAP-{made.id}", "status": "COMPLETED", "amount": value}
        unit["payments"] = {"captures": [capture]}
    page = {"rel": "payer-action", "href": f"https://paypal.test/checkoutnow?token={made.id}"}
    return {"id": made.id, "status": made.state, "purchase_units": [unit], "links": [page]}
