"""The sandbox payment provider: /pay/{id} is its hosted page, a signed webhook its word.

payments:
  type: shop.payments.demo.DemoPayments
  secret: ${PAYMENT_SECRET}              # whsec_... (Standard Webhooks 1.0)
  url: sqlite:///var/shop.db             # default: SHOPKEEPER_DB
  public_url: https://shop.example.com   # where the hosted page is; default: PUBLIC_URL
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from shop import outbox
from shop.model import Money, NotFound, Order, Payment, PaymentState, Refused
from shop.payments import kept as keeping
from shop.payments.base import Event, Payments
from shop.settings import public_url
from shop.signing import signed_body
from shop.store import now, open_store
from shop.tables import payments

FINAL = (PaymentState.SUCCEEDED.value, PaymentState.FAILED.value, PaymentState.CANCELLED.value)


class DemoPayments(Payments):
    def __init__(
        self, secret: str | None = None, url: str | None = None, public_url: str | None = None
    ) -> None:
        self._secret = secret or os.environ.get("PAYMENT_SECRET", "")
        self.store = open_store(url)
        self._public_url = public_url

    async def start(self, order: Order, language: str, return_url: str, key: str) -> Payment:
        def work(connection: Connection) -> Payment:
            row = connection.execute(select(payments).where(payments.c.key == key)).first()
            if row is None:
                connection.execute(payments.insert().values(**self._new(order, language) | extra))
                row = connection.execute(select(payments).where(payments.c.key == key)).one()
            return self._payment(row)

        extra = {"return_url": return_url, "key": key}
        return await self.store.write(work, "start")

    async def payment(self, payment_id: str) -> Payment:
        def work(connection: Connection) -> Payment:
            return self._payment(found(connection, payment_id))

        return await self.store.read(work, "payment")

    async def page(self, payment_id: str) -> tuple[Payment, str, str]:
        """What the hosted page shows: the payment, its language and where to go back to."""

        def work(connection: Connection) -> tuple[Payment, str, str]:
            row = found(connection, payment_id)
            return self._payment(row), row.language, row.return_url

        return await self.store.read(work, "page")

    async def settle(self, payment_id: str, state: PaymentState) -> Payment:
        """What a shopper did on the hosted page. The first final state stays; the webhook that
        tells of it is on disk together with it (shop.outbox)."""

        def work(connection: Connection) -> Payment:
            open_one = (payments.c.id == payment_id) & payments.c.state.not_in(FINAL)
            change = update(payments).where(open_one).values(state=state.value)
            settled = connection.execute(change).rowcount > 0
            payment = self._payment(found(connection, payment_id))
            if settled:
                event = f"evt_{uuid.uuid4().hex}"
                outbox.put(connection, outbox.PAYMENT, event, event_body(payment))
            return payment

        payment = await self.store.write(work, "settle")
        outbox.wake()
        return payment

    async def close(self, payment_id: str) -> Payment:
        return await self.settle(payment_id, PaymentState.CANCELLED)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Event:
        event, content = signed_body(self._secret, headers, body)
        try:
            return Event(event, str(content["data"]["id"]))
        except (KeyError, TypeError) as trouble:
            raise Refused("signature") from trouble

    async def refund(self, payment_id: str, amount: Money, key: str) -> str:
        def work(connection: Connection) -> str:
            kept = keeping.found(connection, payment_id)
            if done := keeping.refund_done(connection, payment_id, key):
                return done
            if found(connection, payment_id).state != PaymentState.SUCCEEDED.value:
                raise Refused("not_refundable", number=kept.order_number)
            keeping.require_refundable(connection, kept, amount)
            reference = f"re_{uuid.uuid4().hex}"
            keeping.keep_refund(connection, kept, amount, key, reference)
            return reference

        return await self.store.write(work, "refund")

    def _new(self, order: Order, language: str) -> dict[str, Any]:
        return {
            "id": f"pay_{uuid.uuid4().hex}",
            "order_number": order.number,
            "amount": order.total.minor,
            "currency": order.total.currency,
            "state": PaymentState.PENDING.value,
            "language": language,
            "created": now(),
        }

    def _payment(self, row: Any) -> Payment:
        return Payment(
            id=row.id,
            order_number=row.order_number,
            amount=Money(row.amount, row.currency),
            state=PaymentState(row.state),
            url=f"{public_url(self._public_url)}/pay/{row.id}",
        )


def found(connection: Connection, payment_id: str) -> Any:
    row = connection.execute(select(payments).where(payments.c.id == payment_id)).first()
    if row is None:
        raise NotFound(f"payment {payment_id}")
    return row


def event_body(payment: Payment) -> dict[str, Any]:
    return {
        "type": f"payment.{payment.state.value}",
        "data": {
            "id": payment.id,
            "order_number": payment.order_number,
            "amount": payment.amount.minor,
            "currency": payment.amount.currency,
            "state": payment.state.value,
            "url": payment.url,
        },
    }
