"""LINE Pay: Online API v3 or v4, in Taiwan.

payments:
  type: shop.payments.linepay.LinePayPayments
  channel_id: ${LINE_PAY_CHANNEL_ID}
  channel_secret: ${LINE_PAY_CHANNEL_SECRET}
  api: https://api-pay.line.me  # https://sandbox-api-pay.line.me: the sandbox

Where it operates: Taiwan. Japan closed on 30 April 2025 (PayPay took over); Thailand's service of
2026 could not be confirmed: ask LINE Pay before building on it. v4 is v3 with Taiwan's additions.
Needs a LINE Pay merchant account (https://pay.line.me); channel id and secret under "Manage link
key", the server's address under "Manage payment server IP". One currency an account.
https://developers-pay.line.me/online-api-v4
There is no webhook: the shopper's return and shop/jobs.py ask instead. Nothing is paid before our
confirm, which LINE Pay may take 40 s for; what we do not wait for is seen at the next look.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from shop.http import Auth, BackEnd
from shop.model import Money, Payment, PaymentState, Refused, Unavailable
from shop.payments import kept as keeping
from shop.payments.amounts import digits, from_units, written
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, dig
from shop.payments.kept import Kept

WHOLE = "JPY TWD"
OK, READY, CANCELLED, FAILED, COMPLETED = "0000", "0110", "0121", "0122", "0123"


class Signed(Auth):
    """https://developers-pay.line.me/online-api-v4/api-authentication"""

    def __init__(self, channel_id: str, secret: str) -> None:
        self._channel_id, self._secret = channel_id, secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        nonce, parts = uuid.uuid4().hex, urlsplit(request.url or "")
        body = request.body.decode() if isinstance(request.body, bytes) else ""
        signed = signature(self._secret, str(parts.path), body or str(parts.query), nonce)
        request.headers["X-LINE-ChannelId"] = self._channel_id
        request.headers["X-LINE-Authorization-Nonce"] = nonce
        request.headers["X-LINE-Authorization"] = signed
        return request


class LinePayPayments(HostedPayments):
    name = "linepay"

    def __init__(
        self,
        channel_id: str,
        channel_secret: str,
        version: str = "v4",
        api: str = "https://api-pay.line.me",
        **more: str,
    ) -> None:
        super().__init__(**more)
        signed = Signed(str(channel_id), channel_secret)
        self._api = BackEnd("linepay", f"{api}/{version}/payments", signed)

    async def open(self, ask: Ask) -> Opened:
        amount = number(ask.order.total)
        product = {"name": ask.order.number, "quantity": 1, "price": amount}
        body = {
            "amount": amount,
            "currency": ask.order.total.currency,
            "orderId": ask.reference,
            "packages": [{"id": ask.order.number, "amount": amount, "products": [product]}],
            "redirectUrls": {"confirmUrl": ask.back, "cancelUrl": ask.back},
        }
        code, info = await self._call("POST", "/request", body)
        if code != OK:
            raise Unavailable(f"linepay: {code}")
        return Opened(str(info["transactionId"]), str(info["paymentUrl"]["web"]))

    async def look(self, kept: Kept) -> Payment:
        code, _ = await self._call("GET", f"/requests/{kept.id}/check")
        if code == READY and not kept.closed:
            asked = {"amount": number(kept.amount), "currency": kept.amount.currency}
            await self._call("POST", f"/{kept.id}/confirm", asked)
            code, _ = await self._call("GET", f"/requests/{kept.id}/check")
        if code == COMPLETED:
            return kept.now(PaymentState.SUCCEEDED, paid(await self._details(kept)), "linepay")
        ends = {CANCELLED: PaymentState.CANCELLED, FAILED: PaymentState.FAILED}
        return kept.now(ends.get(code, kept.unpaid))

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        raise Refused("signature")  # LINE Pay sends none, whoever this is from

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        """LINE Pay knows no idempotency key: what it gave back beyond what we know of is the refund
        whose answer got lost."""
        known = await self.store.read(lambda c: keeping.refunded(c, kept.id))
        details = await self._details(kept)
        refunds = dig(details, "refundList") or []
        # Refunds are told as negative amounts.
        sums = [from_units(str(r["refundAmount"]).lstrip("-"), 0, amount.currency) for r in refunds]
        if sum(money.minor for money in sums) >= known + amount.minor:
            return str(refunds[-1]["refundTransactionId"])
        code, info = await self._call(
            "POST", f"/{kept.id}/refund", {"refundAmount": number(amount)}
        )
        if code != OK:
            raise Refused("not_refundable", number=kept.order_number, code=code)
        return str(info["refundTransactionId"])

    async def _details(self, kept: Kept) -> dict[str, Any]:
        code, info = await self._call("GET", f"?transactionId={kept.id}")
        if code != OK or not isinstance(dig(info, 0), dict):
            raise Unavailable(f"linepay: {code}")
        return info[0]

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[str, Any]:
        answer = await self._api.call(method, path, json=body)
        code = str(dig(answer.content, "returnCode") or "")
        if not code or code.startswith("9"):  # 9000: "internal error"
            raise self.unavailable(answer, code)
        return code, dig(answer.content, "info")


def number(amount: Money) -> int | float:
    text = written(amount, digits(amount.currency, WHOLE))
    return float(text) if "." in text else int(text)


def paid(details: dict[str, Any]) -> Money:
    parts = [from_units(p["amount"], 0, details["currency"]) for p in details["payInfo"]]
    return Money(sum(part.minor for part in parts), str(details["currency"]))


def signature(secret: str, path: str, content: str, nonce: str) -> str:
    """`content` is a POST's body or a GET's query."""
    signed = hmac.new(secret.encode(), f"{secret}{path}{content}{nonce}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
