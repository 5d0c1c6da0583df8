"""PayU Europe (Poland, Czechia, Romania): BLIK, quick transfers, cards, wallets, instalments.

payments:
  type: shop.payments.payu.PayUPayments
  pos_id: "300746"                    # of a REST API point of sale
  client_secret: ${PAYU_CLIENT_SECRET}
  second_key: ${PAYU_SECOND_KEY}      # signs notifications
  api: https://secure.payu.com        # https://secure.snd.payu.com: the sandbox

Needs a shop and a point of sale of type "REST API (Checkout)" in the merchant panel, one for each
currency, with automatic receipt of payments left on; POS id, second key and OAuth secret are on its
page. Nothing else is set up there: each order names our address for notifications.
https://developers.payu.com/europe/api https://developers.payu.com/europe/docs/webhooks/order/
PayU wants the buyer's IP address, which messaging platforms do not tell: `customer_ip` stands for
all of them. Amounts are in hundredths, also of currencies without them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from shop.http import BackEnd
from shop.model import Money, Payment, PaymentState, Refused
from shop.payments.amounts import from_units, units
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, decoded, dig
from shop.payments.kept import Kept
from shop.tokens import Token

DIGITS = 2
STATES = {"COMPLETED": PaymentState.SUCCEEDED, "CANCELED": PaymentState.CANCELLED}
METHODS = {"CARD_TOKEN": "card", "PBL": "transfer"}
HASHES = {"MD5": hashlib.md5, "SHA256": hashlib.sha256, "SHA-256": hashlib.sha256}


class PayUPayments(HostedPayments):
    name = "payu"

    def __init__(
        self,
        pos_id: str,
        client_secret: str,
        second_key: str,
        client_id: str = "",
        customer_ip: str = "127.0.0.1",
        api: str = "https://secure.payu.com",
        **more: str,
    ) -> None:
        super().__init__(**more)
        self._pos_id, self._second_key, self._ip = str(pos_id), second_key, customer_ip
        form = {"client_id": client_id or self._pos_id, "client_secret": client_secret}
        token = Token("payu", f"{api}/pl/standard/user/oauth/authorize", form)
        self._api = BackEnd("payu", f"{api}/api/v2_1", token)

    async def open(self, ask: Ask) -> Opened:
        answer = await self._api.call("POST", "/orders", json=self._order(ask))
        content = answer.content  # 302 with a body is PayU's usual "created"
        if answer.ok and dig(content, "redirectUri") and dig(content, "orderId"):
            return Opened(str(content["orderId"]), str(content["redirectUri"]))
        raise self.unavailable(answer, dig(content, "status", "statusCode"))

    def _order(self, ask: Ask) -> dict[str, Any]:
        order, total = ask.order, str(units(ask.order.total, DIGITS))
        return {
            "extOrderId": ask.reference,
            "customerIp": self._ip,
            "merchantPosId": self._pos_id,
            "description": order.number,
            "currencyCode": order.total.currency,
            "totalAmount": total,
            "validityTime": str(ask.seconds),
            "notifyUrl": ask.webhook,
            "continueUrl": ask.back,
            "buyer": {"email": order.email, "language": ask.language},
            "products": [{"name": order.number, "unitPrice": total, "quantity": "1"}],
        }

    async def look(self, kept: Kept) -> Payment:
        # Its specification asks for a content type even where there is no content.
        as_json = {"Content-Type": "application/json"}
        answer = await self._api.call("GET", f"/orders/{kept.id}", headers=as_json)
        order = dig(answer.content, "orders", 0)
        if not answer.ok or not isinstance(order, dict):
            raise self.unavailable(answer, dig(answer.content, "status", "statusCode"))
        state = STATES.get(str(order.get("status")), PaymentState.PENDING)
        amount = from_units(order.get("totalAmount"), DIGITS, order.get("currencyCode"))
        kind = str(dig(order, "payMethod", "type") or "")
        method = "blik" if kind.startswith("BLIK") else METHODS.get(kind, "payu")
        return kept.now(state, amount, method)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        given = {name.lower(): value for name, value in headers.items()}
        require_signature(self._second_key, given.get("openpayu-signature", ""), body)
        told, id_ = decoded(body), f"payu/{hashlib.sha256(body).hexdigest()}"
        refund = dig(told, "refund", "status")  # of a refund the order's id is at the top
        order = dig(told, "orderId") if refund else dig(told, "order", "orderId")
        if not isinstance(order, str):
            raise Refused("signature")
        if refund:
            lost = refund == "CANCELED"
            return Event(id_, order if lost else None, unreturned=lost)
        return Event(id_, order)

    async def end(self, kept: Kept) -> None:
        """PayU refuses it for an order that is paid or over, which look() then tells."""
        as_json = {"Content-Type": "application/json"}
        path = f"/orders/{kept.id}"
        await self._api.call("DELETE", path, headers=as_json, repeatable=True)

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        refund = {
            "description": kept.order_number,
            "amount": str(units(amount, DIGITS)),
            "currencyCode": amount.currency,
            "extRefundId": reference,
        }
        path = f"/orders/{kept.id}/refunds"
        # The same data give the same refund, says PayU: repeating it is safe.
        answer = await self._api.call("POST", path, json={"refund": refund}, repeatable=True)
        if not answer.ok or dig(answer.content, "refund", "status") == "CANCELED":
            raise self.not_refundable(kept, answer)
        return str(dig(answer.content, "refund", "refundId"))


def require_signature(second_key: str, header: str, body: bytes) -> None:
    """OpenPayu-Signature: sender=checkout;signature=...;algorithm=MD5;content=DOCUMENT"""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(";"))
    hashed = HASHES.get(parts.get("algorithm", ""))
    given = parts.get("signature", "").encode()
    if not second_key or hashed is None:
        raise Refused("signature")
    if not hmac.compare_digest(hashed(body + second_key.encode()).hexdigest().encode(), given):
        raise Refused("signature")
