"""LINE Pay's Online API, by the tables of its documentation (no open specification exists)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from shop.payments.linepay import LinePayPayments
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

SECRET = "a917ab6a2367b536f8e5a6e2977e06f4"
BASE = "/v4/payments"
# https://developers-pay.line.me/online-api-v4/request-payment
REQUEST = {"amount", "currency", "orderId", "packages", "redirectUrls"}
PACKAGE = {"id", "amount", "products"}
PRODUCT = {"name", "quantity", "price"}
CODES = {
    "new": "0000",
    "ready": "0110",
    "cancelled": "0121",
    "failed": "0122",
    "confirmed": "0123",
}


def returned(code: str = "0000", info: Any = None) -> Said:
    told = {"returnCode": code, "returnMessage": "-"}
    return Said(200, told if info is None else {**told, "info": info})


class LinePayDouble(Double):
    webhooks = False

    def adapter(self, api: str, store: str) -> LinePayPayments:
        return LinePayPayments("1656000000", SECRET, api=api, store=store)

    def answer(self, asked: Asked) -> Said:
        if not authentic(asked):
            self.problems.append("X-LINE-Authorization")
            return returned("1106")
        steps = asked.path.removeprefix(BASE).strip("/").split("/")
        if steps == ["request"]:
            return self._open(asked.json)
        ident = asked.query.get("transactionId") or (
            steps[1] if steps[0] == "requests" else steps[0]
        )
        found = self.payments.get(ident)
        if found is None:
            return returned("1150")
        if steps[-1] == "check":
            return returned(CODES[found.state])
        if steps[-1] == "confirm":
            return self._confirm(found, asked.json)
        if steps[-1] == "refund":
            return self._refund(found, asked.json)
        return returned(info=[details(found)])

    def _open(self, body: dict[str, Any]) -> Said:
        package = body["packages"][0]
        for known, given in (
            (REQUEST, body),
            (PACKAGE, package),
            (PRODUCT, package["products"][0]),
        ):
            self.problems += [f"{name}: unknown or missing" for name in known ^ set(given)]
        sums = package["amount"], package["products"][0]["price"]
        if self.problems or {body["amount"]} != set(sums):
            return returned("2101")
        if self.of(body["orderId"]):
            return returned("1172")
        ident = str(2026112200000000000 + self.number())
        places = 1 if body["currency"] == "JPY" else 100
        minor = round(body["amount"] * places)
        made = Taken(ident, body["orderId"], body, "new", minor, body["currency"])
        self.payments[ident] = made
        page = {"web": f"https://pay.line.test/{ident}", "app": f"line://pay/{ident}"}
        return returned(info={"transactionId": int(ident), "paymentUrl": page})

    def _confirm(self, found: Taken, body: dict[str, Any]) -> Said:
        if found.captured:
            return returned("1152")
        if found.state != "ready":
            return returned("1169")
        if (body["amount"], body["currency"]) != (found.asked["amount"], found.currency):
            return returned("1153")
        found.state, found.captured = "confirmed", found.captured + 1
        return returned(info={"transactionId": int(found.id)})

    def _refund(self, found: Taken, body: dict[str, Any]) -> Said:
        minor = round(body["refundAmount"] * found.amount / found.asked["amount"])
        if minor > found.left:
            return returned("1164")
        ident = str(2026112210000000000 + self.number())
        found.refunds[ident] = minor
        return returned(info={"refundTransactionId": int(ident)})

    def pay(self, payment_id: str) -> None:
        self.payments[payment_id].state = "ready"

    def fail(self, payment_id: str) -> None:
        self.payments[payment_id].state = "cancelled"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        return {}, json.dumps({"transactionId": payment_id, "event": event}).encode()


def details(made: Taken) -> dict[str, Any]:
    share = made.asked["amount"] / made.asked["packages"][0]["amount"]
    whole = made.amount if made.currency == "JPY" else made.amount / 100
    told = {
        "transactionId": int(made.id),
        "currency": made.currency,
        "payInfo": [{"method": "BALANCE", "amount": whole * share}],
    }
    if made.refunds:
        parts = [
            {"refundTransactionId": int(key), "refundAmount": -value / 100}
            for key, value in made.refunds.items()
        ]
        told["refundList"] = parts
    return told


def authentic(asked: Asked) -> bool:
    content = asked.body.decode() or urlencode(asked.query)
    nonce = asked.headers.get("x-line-authorization-nonce", "")
    text = f"{SECRET}{asked.path}{content}{nonce}".encode()
    digest = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest())
    return asked.headers.get("x-line-authorization", "").encode() == digest
