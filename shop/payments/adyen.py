"""Adyen: payment links, with every method that the merchant account has.

payments:
  type: shop.payments.adyen.AdyenPayments
  api_key: ${ADYEN_API_KEY}
  merchant_account: HalnyECOM
  hmac_key: ${ADYEN_HMAC_KEY}  # of the webhook, in hex
  api: https://checkout-test.adyen.com/v72  # live: https://PREFIX-checkout-live.adyenpayments.com/checkout/v72

Needs an API credential with the role "Checkout webservice role" (and "Merchant PAL Webservice role"
for refunds), and a "Standard webhook" (JSON) to PUBLIC_URL/webhooks/payments with an HMAC key, both
in the Customer Area; capture must be automatic. The API's address has a prefix of its own in live.
https://docs.adyen.com/unified-commerce/pay-by-link/create-payment-links/api/
https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/
A refund needs the PSP reference, which only the webhook AUTHORISATION tells: it is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from babel.core import get_global
from sqlalchemy import ColumnElement

from shop.http import Answer, BackEnd, Header
from shop.model import Money, Payment, PaymentState, Refused, Unavailable
from shop.payments import kept as keeping
from shop.payments.amounts import digits, from_units, units
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, decoded, dig
from shop.payments.kept import Kept
from shop.tables import payments

# https://docs.adyen.com/development-resources/currency-codes/
WHOLE = "CVE DJF GNF IDR JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"
STATES = {
    "completed": PaymentState.SUCCEEDED,
    "paid": PaymentState.SUCCEEDED,
    "expired": PaymentState.CANCELLED,
}
UNRETURNED = ("REFUND_FAILED", "REFUNDED_REVERSED")  # after they were taken
SIGNED = (
    ("pspReference",),
    ("originalReference",),
    ("merchantAccountCode",),
    ("merchantReference",),
    ("amount", "value"),
    ("amount", "currency"),
    ("eventCode",),
    ("success",),
)


class AdyenPayments(HostedPayments):
    name = "adyen"
    accepted = b"[accepted]"

    def __init__(
        self,
        api_key: str,
        merchant_account: str,
        hmac_key: str,
        api: str = "https://checkout-test.adyen.com/v72",
        **more: str,
    ) -> None:
        super().__init__(**more)
        self._account, self._hmac_key = merchant_account, bytes.fromhex(hmac_key)
        self._api = BackEnd("adyen", api, Header("X-API-Key", api_key))

    async def open(self, ask: Ask) -> Opened:
        ends = datetime.now(timezone.utc) + timedelta(seconds=ask.seconds)
        link = {
            "merchantAccount": self._account,
            "reference": ask.reference,
            "merchantOrderReference": ask.order.number,
            "amount": value(ask.order.total),
            "countryCode": ask.order.address.country,
            "shopperEmail": ask.order.email,
            "shopperLocale": locale(ask.language),
            "expiresAt": ends.isoformat(timespec="seconds"),
            "returnUrl": ask.back,
        }
        answer = await self._post("/paymentLinks", link, ask.reference)
        if not (answer.ok and dig(answer.content, "id") and dig(answer.content, "url")):
            raise self.unavailable(answer, dig(answer.content, "errorCode"))
        return Opened(str(answer.content["id"]), str(answer.content["url"]))

    async def look(self, kept: Kept) -> Payment:
        answer = await self._api.call("GET", f"/paymentLinks/{kept.id}")
        if not answer.ok:
            raise self.unavailable(answer, dig(answer.content, "errorCode"))
        told = str(dig(answer.content, "amount", "currency"))
        amount = from_units(dig(answer.content, "amount", "value"), scale(told), told)
        state = STATES.get(str(dig(answer.content, "status")), PaymentState.PENDING)
        return kept.now(state, amount, "adyen")

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        """Adyen puts one item into a webhook. What its signature does not cover is not used."""
        item = dig(decoded(body), "notificationItems", 0, "NotificationRequestItem")
        given = str(dig(item, "additionalData", "hmacSignature"))
        right = signature(item, self._hmac_key)
        ours = dig(item, "merchantAccountCode") == self._account
        if not (ours and self._hmac_key and hmac.compare_digest(right.encode(), given.encode())):
            raise Refused("signature")
        ident = "/".join(str(item.get(name)) for name in ("pspReference", "eventCode", "success"))
        code, success = item.get("eventCode"), item.get("success") == "true"
        if code in UNRETURNED or (code == "REFUND" and not success):
            mine = payments.c.charge == str(item.get("originalReference"))
            return Event(f"adyen/{ident}", await self._known(mine), unreturned=True)
        return Event(f"adyen/{ident}", await self._payment_of(item))

    async def _payment_of(self, item: dict[str, Any]) -> str | None:
        known = await self._known(payments.c.reference == str(item.get("merchantReference")))
        if known and (item.get("eventCode"), item.get("success")) == ("AUTHORISATION", "true"):
            charge = str(item["pspReference"])
            await self.store.write(lambda c: keeping.note(c, known, charge=charge))
        return known

    async def _known(self, mine: ColumnElement[bool]) -> str | None:
        kept = await self.store.read(lambda connection: keeping.find(connection, mine))
        return kept.id if kept else None

    async def end(self, kept: Kept) -> None:
        """Adyen refuses it for a link that is not active, which look() then tells."""
        ended = {"status": "expired"}
        await self._api.call("PATCH", f"/paymentLinks/{kept.id}", json=ended, repeatable=True)

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        if not kept.charge:
            raise Unavailable("adyen: its webhook about the payment has not come")
        refund = {
            "merchantAccount": self._account,
            "amount": value(amount),
            "reference": reference,
        }
        answer = await self._post(f"/payments/{kept.charge}/refunds", refund, reference)
        if not answer.ok:
            raise self.not_refundable(kept, answer)
        return str(answer.content["pspReference"])

    async def _post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        headers = {"Idempotency-Key": key}
        return await self._api.call("POST", path, json=body, headers=headers, repeatable=True)


def locale(language: str) -> str:
    """Adyen wants a country beside the language: "pl-PL"."""
    subtags = str(get_global("likely_subtags").get(language, language)).split("_")
    return "-".join(dict.fromkeys((subtags[0], subtags[-1])))


def scale(currency: object) -> int:
    return digits(currency, WHOLE, THREE)


def value(amount: Money) -> dict[str, Any]:
    return {"currency": amount.currency, "value": units(amount, scale(amount.currency))}


def signature(item: Any, key: bytes) -> str:
    values = [dig(item, *path) for path in SIGNED]
    text = ":".join("" if value is None else str(value) for value in values)
    signed = hmac.new(key, text.encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
