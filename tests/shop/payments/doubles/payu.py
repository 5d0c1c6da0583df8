"""PayU's REST API for Europe."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from shop.payments.payu import PayUPayments
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

SECOND_KEY = "b6ca15b0d1020e8094d9b5f8d163db54"
ORDERS = "/api/v2_1/orders"
ORDER = f"{ORDERS}/{{orderId}}"
DONE = {"statusCode": "SUCCESS"}


def refusal(code: str, status: int = 400) -> Said:
    return Said(status, {"status": {"statusCode": code, "severity": "ERROR"}})


class PayUDouble(Double):
    specs = ("payu",)

    def adapter(self, api: str, store: str) -> PayUPayments:
        return PayUPayments("300746", "secret", SECOND_KEY, api=api, store=store)

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/pl/standard/user/oauth/authorize":
            fits = asked.form.get("client_secret") == "secret"
            return Said(200, {"access_token": "t1", "expires_in": 43199}) if fits else Said(401)
        if asked.headers.get("authorization") != "Bearer t1":
            return refusal("UNAUTHORIZED", 401)
        if asked.path == ORDERS:
            return self._open(asked)
        parts = asked.path.removeprefix(f"{ORDERS}/").split("/")
        found = self.payments.get(parts[0])
        if found is None:
            return refusal("DATA_NOT_FOUND", 404)
        if parts[1:] == ["refunds"]:
            return self._refund(asked, found)
        if asked.method == "DELETE":
            return self._cancel(found)
        return Said(200, {"orders": [self.order(found)], "status": DONE})

    def _open(self, asked: Asked) -> Said:
        body = asked.json
        if refused := self.check("payu", asked, ORDERS, body):
            return refused
        if self.of(body["extOrderId"]):
            return refusal("ORDER_NOT_UNIQUE")
        ident, amount = f"WZHF5FFDRJ14{self.number()}", int(body["totalAmount"])
        reference, currency = body["extOrderId"], body["currencyCode"]
        self.payments[ident] = Taken(ident, reference, body, "NEW", amount, currency)
        page = {"redirectUri": f"https://payu.test/pay/{ident}", "orderId": ident, "status": DONE}
        return Said(302, page, {"Location": page["redirectUri"]})  # type: ignore[dict-item]

    def _cancel(self, found: Taken) -> Said:
        if found.state not in ("NEW", "PENDING", "WAITING_FOR_CONFIRMATION"):
            return refusal("ERROR_INTERNAL", 400)
        found.state = "CANCELED"
        return Said(200, {"orderId": found.id, "status": DONE})

    def _refund(self, asked: Asked, found: Taken) -> Said:
        if refused := self.check("payu", asked, f"{ORDER}/refunds", asked.json):
            return refused
        refund = asked.json["refund"]
        known = refund["extRefundId"] in found.refunds
        if not known and int(refund["amount"]) > found.left:
            return refusal("OPENPAYU_BUSINESS_ERROR")
        found.refunds[refund["extRefundId"]] = int(refund["amount"])
        told = {**refund, "refundId": f"5{refund['extRefundId'][:8]}", "status": "PENDING"}
        return Said(200, {"orderId": found.id, "refund": told, "status": DONE})

    def order(self, made: Taken) -> dict[str, Any]:
        kept = {k: v for k, v in made.asked.items() if k != "continueUrl"}
        method = {"payMethod": {"type": "BLIK_TOKEN"}} if made.captured else {}
        currency = {"totalAmount": str(made.amount), "currencyCode": made.currency}
        return {**kept, **currency, **method, "orderId": made.id, "status": made.state}

    def pay(self, payment_id: str) -> None:
        found = self.payments[payment_id]
        found.state, found.captured = "COMPLETED", found.captured + 1

    def fail(self, payment_id: str) -> None:
        self.payments[payment_id].state = "CANCELED"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        known = self.payments.get(payment_id)
        order = self.order(known) if known else {"orderId": payment_id}
        states = {"paid": "COMPLETED", "failed": "CANCELED", "pending": "PENDING"}
        order["status"] = states.get(event, "PENDING")
        if "returned" in event:
            status = "FINALIZED" if event == "returned" else "CANCELED"
            refund = {"refundId": "5000", "amount": "100", "currencyCode": "PLN", "status": status}
            told = {"orderId": payment_id, "extOrderId": order["extOrderId"], "refund": refund}
            return signed(json.dumps(told).encode())
        if event == "other":
            order = {"orderId": "SOMEBODY-ELSES", "status": "COMPLETED"}
        return signed(json.dumps({"order": order, "properties": []}).encode())


def signed(body: bytes, algorithm: str = "MD5", key: str = SECOND_KEY) -> Call:
    name = algorithm.replace("-", "").lower()
    digest = hashlib.new(name, body + key.encode()).hexdigest()
    parts = f"sender=checkout;signature={digest};algorithm={algorithm};content=DOCUMENT"
    return {"OpenPayu-Signature": parts}, body
