"""Przelewy24: quick transfers, BLIK, cards and wallets in Poland.

payments:
  type: shop.payments.przelewy24.Przelewy24Payments
  merchant_id: 123456
  api_key: ${P24_API_KEY}  # "klucz do raportów": the API's password
  crc: ${P24_CRC}          # signs requests and notifications
  api: https://secure.przelewy24.pl  # https://sandbox.przelewy24.pl: the sandbox

Any account; keys under "Moje dane > Dane API i konfiguracja", where the addresses that may call the
API are listed, too: put the server's in. The services TransactionRegister, TransactionVerify,
TransactionRefund and GetTransactionBySessionId are on by default. Each transaction names our
address for notifications. https://developers.przelewy24.pl
A payment counts only after our PUT transaction/verify: without it the money stays the shopper's.
Przelewy24 does not tell of payments that failed: those stay pending until the order's hold ends.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from shop.http import Answer, BackEnd, basic
from shop.model import Money, Payment, PaymentState, Refused
from shop.payments.amounts import from_units, units
from shop.payments.base import Event
from shop.payments.hosted import Ask, HostedPayments, Opened, decoded, dig
from shop.payments.kept import Kept

DIGITS = 2
LANGUAGES = "bg cs de en es fr hr hu it nl pl pt se sk ro"
ARRIVED, CONFIRMED, RETURNED = 1, 2, 3  # a transaction's status; 0: no payment
REJECTED = 1  # a refund's status in a notification; 0: done
RETURN_NOTICE = "orderId sessionId refundsUuid merchantId amount currency status"
NOTICE = "merchantId posId sessionId amount originAmount currency orderId methodId statement"


class Przelewy24Payments(HostedPayments):
    name = "przelewy24"

    def __init__(
        self,
        merchant_id: int,
        api_key: str,
        crc: str,
        pos_id: int | None = None,
        api: str = "https://secure.przelewy24.pl",
        **more: str,
    ) -> None:
        super().__init__(**more)
        self._merchant, self._pos = int(merchant_id), int(pos_id or merchant_id)
        self._crc, self._site = crc, api
        self._api = BackEnd("przelewy24", f"{api}/api/v1", basic(str(self._pos), api_key))

    async def open(self, ask: Ask) -> Opened:
        answer = await self._api.call("POST", "/transaction/register", json=self._transaction(ask))
        token = dig(answer.content, "data", "token")
        if not answer.ok or not token:
            raise self.unavailable(answer, dig(answer.content, "code"))
        return Opened(ask.reference, f"{self._site}/trnRequest/{token}")

    def _transaction(self, ask: Ask) -> dict[str, Any]:
        order, total = ask.order, ask.order.total
        signed = {
            "sessionId": ask.reference,
            "merchantId": self._merchant,
            "amount": units(total, DIGITS),
            "currency": total.currency,
        }
        return signed | {
            "posId": self._pos,
            "description": order.number,
            "email": order.email,
            "country": order.address.country,
            "language": ask.language if ask.language in LANGUAGES.split() else "en",
            "urlReturn": ask.back,
            "urlStatus": ask.webhook,
            "timeLimit": min(ask.seconds // 60, 99),
            "sign": sign(signed, self._crc),
        }

    async def look(self, kept: Kept) -> Payment:
        answer = await self._api.call("GET", f"/transaction/by/sessionId/{kept.id}")
        if answer.status == 404:  # the shopper has not been on the page yet
            return kept.now(kept.unpaid)
        data = self._data(answer)
        amount = from_units(data.get("amount"), DIGITS, data.get("currency"))
        status = int(data.get("status") or 0)
        if status == ARRIVED and amount == kept.amount:
            await self._confirm(kept, int(data["orderId"]))
        paid = status in (ARRIVED, CONFIRMED, RETURNED)
        state = PaymentState.SUCCEEDED if paid else kept.unpaid
        return kept.now(state, amount, "przelewy24")

    async def _confirm(self, kept: Kept, number: int) -> None:
        """Without it the payment does not count; a repeat changes nothing."""
        signed = {
            "sessionId": kept.id,
            "orderId": number,
            "amount": units(kept.amount, DIGITS),
            "currency": kept.amount.currency,
        }
        more = {"merchantId": self._merchant, "posId": self._pos, "sign": sign(signed, self._crc)}
        answer = await self._api.call(
            "PUT", "/transaction/verify", json=signed | more, repeatable=True
        )
        if not answer.ok or dig(answer.content, "data", "status") != "success":
            raise self.unavailable(answer, dig(answer.content, "code"))

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        """Of payments and of refunds, which are signed otherwise."""
        notice = decoded(body)
        refund = dig(notice, "refundsUuid")
        names = RETURN_NOTICE if refund else NOTICE
        signed = {name: dig(notice, name) for name in names.split()}
        right, given = sign(signed, self._crc), str(dig(notice, "sign"))
        ours = (
            signed["merchantId"] == self._merchant and signed.get("posId", self._pos) == self._pos
        )
        if not (self._crc and ours and hmac.compare_digest(right.encode(), given.encode())):
            raise Refused("signature")
        session = str(signed["sessionId"])
        if refund:
            lost = signed["status"] == REJECTED
            id_ = f"przelewy24/{refund}/{signed['status']}"
            return Event(id_, session if lost else None, unreturned=lost)
        return Event(f"przelewy24/{session}/{signed['orderId']}", session)

    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        found = await self._api.call("GET", f"/transaction/by/sessionId/{kept.id}")
        number = int(self._data(found)["orderId"])
        refund = {
            "orderId": number,
            "sessionId": kept.id,
            "amount": units(amount, DIGITS),
            "description": kept.order_number,
        }
        ids = {"requestId": reference, "refundsUuid": reference}
        body = {**ids, "refunds": [refund], "urlStatus": self.webhook}
        answer = await self._api.call("POST", "/transaction/refund", json=body)
        if answer.status == 409 and await self._refunded(number, reference):
            return reference
        if not answer.ok:
            raise self.not_refundable(kept, answer)
        return reference

    async def _refunded(self, number: int, reference: str) -> bool:
        """Whether a conflict is with our own earlier request, whose answer got lost."""
        answer = await self._api.call("GET", f"/refund/by/orderId/{number}")
        known = dig(answer.content, "data", "refunds") or ()
        return any(refund.get("requestId") == reference for refund in known)

    def _data(self, answer: Answer) -> dict[str, Any]:
        data = dig(answer.content, "data")
        if not answer.ok or not isinstance(data, dict):
            raise self.unavailable(answer, dig(answer.content, "code"))
        return data


def sign(values: Mapping[str, Any], crc: str) -> str:
    """SHA-384 of the values as JSON in their order, the CRC key last."""
    text = json.dumps({**values, "crc": crc}, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha384(text.encode()).hexdigest()
