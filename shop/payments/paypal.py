"""PayPal: Orders v2, approved on PayPal's page and captured by us.

payments:
  type: shop.payments.paypal.PayPalPayments
  client_id: ${PAYPAL_CLIENT_ID}
  client_secret: ${PAYPAL_CLIENT_SECRET}
  webhook_id: ${PAYPAL_WEBHOOK_ID}
  api: https://api-m.paypal.com  # https://api-m.sandbox.paypal.com: the sandbox

Needs a business account and a REST app (https://developer.paypal.com/dashboard/applications) with
"Accept payments"; in the app a webhook to PUBLIC_URL/webhooks/payments with the events
CHECKOUT.ORDER.APPROVED, PAYMENT.CAPTURE.COMPLETED, .DECLINED (or .DENIED) and .PENDING; its id is
webhook_id. PayPal itself is asked whether a webhook is its own.
https://developer.paypal.com/docs/api/orders/v2/
https://developer.paypal.com/docs/api/webhooks/v1/#verify-webhook-signature
An order that nobody approves is gone after some hours; PLN, EUR and 22 other currencies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shop.http import Answer, BackEnd, basic
from shop.model import Money, Payment, PaymentState, Refused
from shop.payments.amounts import digits, from_units, written
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, decoded, dig
from shop.payments.kept import Kept
from shop.tokens import Token

WHOLE = "HUF JPY TWD"
SIGNED = ("auth-algo", "cert-url", "transmission-id", "transmission-sig", "transmission-time")
CAPTURES = {
    "COMPLETED": PaymentState.SUCCEEDED,
    "REFUNDED": PaymentState.SUCCEEDED,
    "PARTIALLY_REFUNDED": PaymentState.SUCCEEDED,
    "DECLINED": PaymentState.FAILED,
    "FAILED": PaymentState.FAILED,
}


class PayPalPayments(HostedPayments):
    name = "paypal"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        webhook_id: str,
        api: str = "https://api-m.paypal.com",
        **more: str,
    ) -> None:
        super().__init__(**more)
        self._webhook_id = webhook_id
        token = Token("paypal", f"{api}/v1/oauth2/token", {}, basic(client_id, client_secret))
        self._api = BackEnd("paypal", api, token)

    async def open(self, ask: Ask) -> Opened:
        answer = await self._post("/v2/checkout/orders", order(ask), ask.reference)
        links = dig(answer.content, "links") or ()
        pages = [link["href"] for link in links if link.get("rel") in ("payer-action", "approve")]
        if not answer.ok or not pages:
            raise self.unavailable(answer, dig(answer.content, "name"))
        return Opened(str(answer.content["id"]), str(pages[0]))

    async def look(self, kept: Kept) -> Payment:
        answer = await self._api.call("GET", f"/v2/checkout/orders/{kept.id}")
        if answer.status == 404:
            return kept.now(PaymentState.CANCELLED)
        found = self._order(answer)
        approved = found.get("status") == "APPROVED" and not kept.closed
        if approved and amount_of(found) == kept.amount:
            found = await self._capture(kept, found)
        captured = dig(found, "purchase_units", 0, "payments", "captures", 0)
        if captured:
            state = CAPTURES.get(str(captured.get("status")), PaymentState.PENDING)
            return kept.now(state, money(captured.get("amount")), "paypal")
        gone = found.get("status") == "VOIDED"
        state = PaymentState.CANCELLED if gone else kept.unpaid
        return kept.now(state, amount_of(found))

    async def _capture(self, kept: Kept, approved: dict[str, Any]) -> dict[str, Any]:
        """Takes the money; asked again under the same id, PayPal answers with the first capture. A
        source that is declined leaves the order open for another one."""
        path = f"/v2/checkout/orders/{kept.id}/capture"
        answer = await self._post(path, {}, f"capture-{kept.reference}")
        if answer.status == 422:
            issue = dig(answer.content, "details", 0, "issue")
            if issue != "ORDER_ALREADY_CAPTURED":
                return approved
            return self._order(await self._api.call("GET", f"/v2/checkout/orders/{kept.id}"))
        return self._order(answer)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        given = {name.lower(): value for name, value in headers.items()}
        told = {part.replace("-", "_"): given.get(f"paypal-{part}", "") for part in SIGNED}
        event = decoded(body)
        complete = all(told.values()) and isinstance(dig(event, "id"), str)
        if not complete or not await self._genuine(told, body):
            raise Refused("signature")
        is_order = str(event.get("event_type")).startswith("CHECKOUT.ORDER.")
        path = ("id",) if is_order else ("supplementary_data", "related_ids", "order_id")
        return Event(event["id"], dig(event, "resource", *path))

    async def _genuine(self, told: dict[str, str], body: bytes) -> bool:
        # The event goes there byte for byte: written anew, its signature would not fit.
        start = json.dumps({**told, "webhook_id": self._webhook_id})[:-1]
        asked = start.encode() + b',"webhook_event":' + body + b"}"
        answer = await self._api.call(
            "POST",
            "/v1/notifications/verify-webhook-signature",
            form=asked,
            headers={"Content-Type": "application/json"},
            repeatable=True,
        )
        return answer.ok and dig(answer.content, "verification_status") == "SUCCESS"

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        found = self._order(await self._api.call("GET", f"/v2/checkout/orders/{kept.id}"))
        capture = dig(found, "purchase_units", 0, "payments", "captures", 0, "id")
        path = f"/v2/payments/captures/{capture}/refund"
        answer = await self._post(path, {"amount": value(amount)}, reference)
        if not answer.ok or dig(answer.content, "status") in ("FAILED", "CANCELLED"):
            raise self.not_refundable(kept, answer)
        return str(answer.content["id"])

    async def _post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return await self._api.call("POST", path, json=body, headers=headers, repeatable=True)

    def _order(self, answer: Answer) -> dict[str, Any]:
        if not answer.ok or not isinstance(answer.content, dict):
            raise self.unavailable(answer, dig(answer.content, "name"))
        return answer.content


def order(ask: Ask) -> dict[str, Any]:
    unit = {
        "reference_id": "default",
        "custom_id": ask.reference,
        "description": ask.order.number,
        "amount": value(ask.order.total),
    }
    page = {
        "return_url": ask.back,
        "cancel_url": ask.back,
        "locale": ask.language,
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
    }
    source = {"paypal": {"experience_context": page}}
    return {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": source}


def value(amount: Money) -> dict[str, str]:
    told = written(amount, digits(amount.currency, WHOLE))
    return {"currency_code": amount.currency, "value": told}


def money(told: Any) -> Money:
    return from_units(dig(told, "value"), 0, dig(told, "currency_code"))


def amount_of(found: dict[str, Any]) -> Money:
    return money(dig(found, "purchase_units", 0, "amount"))
