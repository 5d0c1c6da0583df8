"""Adyen's payment links, refunds and standard webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any

from shop.payments.adyen import AdyenPayments
from tests.shop.payments import spec
from tests.shop.payments.doubles.base import Call, Double, Taken
from tests.shop.vendor import Asked, Said

NAMES = {"AUTHORISATION": "Authorisation", "REFUND": "Refund"}  # of schemas, by event
ACCOUNT = "HalnyECOM"
HMAC_KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
ORDER = "pspReference originalReference merchantAccountCode merchantReference".split()  # noqa: SIM905


class AdyenDouble(Double):
    specs = ("adyen", "adyen webhooks")
    accepted = b"[accepted]"

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Said] = {}

    def adapter(self, api: str, store: str) -> AdyenPayments:
        return AdyenPayments("AQE-key", ACCOUNT, HMAC_KEY, api=f"{api}/v72", store=store)

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("x-api-key") != "AQE-key":
            return Said(401, {"errorCode": "000"})
        key = asked.headers.get("idempotency-key", "")
        if key and key in self.keys:
            return self.keys[key]
        steps = asked.path.removeprefix("/v72/").split("/")
        if steps[0] == "paymentLinks" and asked.method == "POST":
            said = self._open(asked)
        elif steps[0] == "paymentLinks":
            found = self.payments.get(steps[1])
            if found is None:
                return Said(404, {"errorCode": "903"})
            return self._end(asked, found) if asked.method == "PATCH" else Said(200, link(found))
        else:
            said = self._refund(asked, steps[1])
        self.keys[key] = said
        return said

    def _open(self, asked: Asked) -> Said:
        body = asked.json
        if refused := self.check("adyen", asked, "/paymentLinks", body):
            return refused
        if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", body["shopperLocale"]):
            self.problems.append(f"shopperLocale: {body['shopperLocale']}")
        ident, amount = f"PL61C53A8B97E6915A{self.number()}", body["amount"]
        made = Taken(ident, body["reference"], body, "active", amount["value"], amount["currency"])
        self.payments[ident] = made
        return Said(201, link(made))

    def _end(self, asked: Asked, found: Taken) -> Said:
        if refused := self.check("adyen", asked, "/paymentLinks/{linkId}", asked.json):
            return refused
        if found.state != "active":
            return Said(422, {"errorCode": "29_001", "message": "Payment link is not active"})
        found.state = asked.json["status"]
        return Said(200, link(found))

    def _refund(self, asked: Asked, psp: str) -> Said:
        path = "/payments/{paymentPspReference}/refunds"
        if refused := self.check("adyen", asked, path, asked.json):
            return refused
        found = next((p for p in self.payments.values() if f"PSP{p.id}" == psp), None)
        amount = asked.json["amount"]["value"]
        if found is None or amount > found.left:
            return Said(422, {"errorCode": "137", "message": "Invalid amount specified"})
        ident = f"R{self.number()}"
        found.refunds[ident] = amount
        return Said(201, {**asked.json, "pspReference": ident, "status": "received"})

    def pay(self, payment_id: str) -> None:
        found = self.payments[payment_id]
        found.state, found.captured = "completed", found.captured + 1

    def fail(self, payment_id: str) -> None:
        self.payments[payment_id].state = "expired"

    def call(self, payment_id: str, event: str = "paid") -> Call:
        known = self.payments.get(payment_id)
        item: dict[str, Any] = {
            "pspReference": f"PSP{payment_id}",
            "merchantAccountCode": ACCOUNT,
            "merchantReference": known.reference if known else "10001-unknown",
            "eventDate": "2026-11-22T20:01:35+01:00",
            "eventCode": "AUTHORISATION",
            "amount": {
                "value": known.amount if known else 100,
                "currency": known.currency if known else "PLN",
            },
            "success": "false" if event == "failed" else "true",
            "paymentMethod": "blik",
            "additionalData": {"paymentLinkId": payment_id},
        }
        if event == "pending":
            item["eventCode"] = "OFFER_CLOSED"
        if "returned" in event:
            item |= {"originalReference": item["pspReference"], "merchantReference": "a-refund"}
            code = "REFUND" if event == "returned" else "REFUND_FAILED"
            item |= {"pspReference": f"R{payment_id}", "eventCode": code}
        if event == "other":
            item |= {"merchantReference": "somebody-elses", "eventCode": "REPORT_AVAILABLE"}
        return signed(item)


def link(made: Taken) -> dict[str, Any]:
    told = {"id": made.id, "url": f"https://adyen.test/{made.id}", "status": made.state}
    return {**made.asked, "amount": {"value": made.amount, "currency": made.currency}, **told}


def signed(item: dict[str, Any], key: str = HMAC_KEY) -> Call:
    values = [str(item.get(name, "")) for name in ORDER]
    values += [str(item["amount"]["value"]), item["amount"]["currency"]]
    text = ":".join([*values, item["eventCode"], item["success"]])
    digest = hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).digest()
    data = {**item.get("additionalData", {}), "hmacSignature": base64.b64encode(digest).decode()}
    full = {**item, "additionalData": data}
    told = {"live": "false", "notificationItems": [{"NotificationRequestItem": full}]}
    name = NAMES.get(item["eventCode"])
    schema = {"$ref": f"#/components/schemas/{name}NotificationRequest"}
    if not spec.MISSING and item["eventCode"] in NAMES:
        assert not spec.faults("adyen webhooks", schema, told)
    return {}, json.dumps(told).encode()
