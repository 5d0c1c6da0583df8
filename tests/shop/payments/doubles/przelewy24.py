"""Przelewy24's REST API, by the tables of its documentation (no open specification exists)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from shop.payments.przelewy24 import Przelewy24Payments
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

MERCHANT, CRC = 123456, "a123b456c789d012"
AUTH = f"Basic {base64.b64encode(b'123456:api-key').decode()}"
# name -> type and greatest length; https://developers.przelewy24.pl
REGISTER: dict[str, tuple[type, int]] = {
    "merchantId": (int, 0),
    "posId": (int, 0),
    "sessionId": (str, 100),
    "amount": (int, 0),
    "currency": (str, 3),
    "description": (str, 1024),
    "email": (str, 50),
    "country": (str, 2),
    "language": (str, 2),
    "urlReturn": (str, 250),
    "sign": (str, 100),
    "urlStatus": (str, 250),
    "timeLimit": (int, 0),
}
VERIFY: dict[str, tuple[type, int]] = {
    **{name: REGISTER[name] for name in ("merchantId", "posId", "sessionId", "amount")},
    "currency": (str, 3),
    "orderId": (int, 0),
    "sign": (str, 100),
}
REFUND: dict[str, tuple[type, int]] = {
    "requestId": (str, 45),
    "refundsUuid": (str, 35),
    "refunds": (list, 0),
    "urlStatus": (str, 250),
}


def digest(**values: Any) -> str:
    text = json.dumps({**values, "crc": CRC}, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha384(text.encode()).hexdigest()


def wrong(table: dict[str, tuple[type, int]], body: dict[str, Any]) -> list[str]:
    names = [f"{name}: unknown or missing" for name in set(table) ^ set(body)]
    return names + [
        f"{name}: not {kind.__name__}"
        for name, (kind, most) in table.items()
        if name in body and (type(body[name]) is not kind or (most and len(str(body[name])) > most))
    ]


class Przelewy24Double(Double):
    def adapter(self, api: str, store: str) -> Przelewy24Payments:
        return Przelewy24Payments(MERCHANT, "api-key", CRC, api=api, store=store)

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != AUTH:
            return Said(401, {"error": "Incorrect authentication", "code": 401})
        path = asked.path.removeprefix("/api/v1")
        calls = {
            "/transaction/register": self._register,
            "/transaction/verify": self._verify,
            "/transaction/refund": self._refund,
        }
        if path in calls:
            return calls[path](asked.json)
        if path.startswith("/refund/by/orderId/"):
            return self._refunds(int(path.rpartition("/")[2]))
        found = self.payments.get(path.rpartition("/")[2])
        if found is None or found.state == "new":
            return Said(404, {"error": "Transaction not found", "code": 404})
        return Said(200, {"data": self.data(found), "responseCode": 0})

    def _bad(self, table: dict[str, tuple[type, int]], body: Any) -> Said | None:
        found = wrong(table, body)
        self.problems += found
        return Said(400, {"error": "Invalid input data", "code": 400}) if found else None

    def _register(self, body: Any) -> Said:
        if bad := self._bad(REGISTER, body):
            return bad
        names = ("sessionId", "merchantId", "amount", "currency")
        if body["sign"] != digest(**{name: body[name] for name in names}):
            self.problems.append("sign")
            return Said(400, {"error": "Invalid sign", "code": 400})
        ident = body["sessionId"]
        self.payments[ident] = Taken(ident, ident, body, "new", body["amount"], body["currency"])
        return Said(200, {"data": {"token": f"T-{ident}"}, "responseCode": 0})

    def _verify(self, body: Any) -> Said:
        found = self.payments[body["sessionId"]]
        names = ("sessionId", "orderId", "amount", "currency")
        bad = self._bad(VERIFY, body)
        fits = body["sign"] == digest(**{name: body[name] for name in names})
        if (
            bad
            or not fits
            or (body["amount"], body["orderId"]) != (found.amount, self.order(found))
        ):
            return bad or Said(400, {"error": "Invalid input data", "code": 400})
        if found.state == "arrived":
            found.state, found.captured = "confirmed", found.captured + 1
        return Said(200, {"data": {"status": "success"}, "responseCode": 0})

    def _refund(self, body: Any) -> Said:
        if bad := self._bad(REFUND, body):
            return bad
        refund = body["refunds"][0]
        found = self.payments[refund["sessionId"]]
        if body["requestId"] in found.refunds or refund["amount"] > found.left:
            return Said(409, {"error": "Conflict", "code": 409})
        found.refunds[body["requestId"]] = refund["amount"]
        return Said(201, {"data": [{**refund, "status": True}], "responseCode": 0})

    def _refunds(self, number: int) -> Said:
        found = next(p for p in self.payments.values() if self.order(p) == number)
        known = [{"requestId": key, "amount": value} for key, value in found.refunds.items()]
        return Said(200, {"data": {"orderId": number, "refunds": known}, "responseCode": 0})

    def order(self, made: Taken) -> int:
        return 3_000_000_000 + list(self.payments).index(made.id)

    def data(self, made: Taken) -> dict[str, Any]:
        status = {"open": 0, "arrived": 1, "confirmed": 2}[made.state]
        told = {"orderId": self.order(made), "sessionId": made.id, "status": status}
        return {**told, "amount": made.amount, "currency": made.currency, "paymentMethod": 154}

    def pay(self, payment_id: str) -> None:
        self.payments[payment_id].state = "arrived"

    def fail(self, payment_id: str) -> None:
        """It does not tell of that."""
        self.payments[payment_id].state = "open"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        known = self.payments.get("" if event == "other" else payment_id)
        told = {
            "merchantId": MERCHANT,
            "posId": MERCHANT,
            "sessionId": known.id if known else payment_id if event != "other" else "else",
            "amount": known.amount if known else 100,
            "originAmount": known.amount if known else 100,
            "currency": known.currency if known else "PLN",
            "orderId": self.order(known) if known else 1,
            "methodId": 154,
            "statement": "p24-A01-ąęż",
        }
        if known and "returned" in event:
            refund = {
                "orderId": told["orderId"],
                "sessionId": known.id,
                "refundsUuid": next(iter(known.refunds)),
                "merchantId": MERCHANT,
                "amount": 100,
                "currency": known.currency,
                "status": int(event == "unreturned"),
            }
            more = {"requestId": refund["refundsUuid"], "timestamp": 1795000000}
            return {}, json.dumps({**refund, **more, "sign": digest(**refund)}).encode()
        return {}, json.dumps({**told, "sign": digest(**told)}, ensure_ascii=False).encode()
