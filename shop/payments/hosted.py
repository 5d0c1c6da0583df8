"""What all providers with a page of their own share; a provider's file does the rest.

Started payments are kept in the shop's store, so that a key starts one payment, whatever a provider
makes of a repeat, and a webhook's word can be held against what was asked for. A link that got lost
on its way to us is known to nobody, so a second one for the same order does no harm.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from abc import abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from shop import outbox
from shop.http import Answer
from shop.model import Money, Order, Payment, PaymentState, Refused, Unavailable
from shop.payments import kept as keeping
from shop.payments.base import Payments
from shop.payments.kept import Kept
from shop.policy import policy
from shop.settings import public_url
from shop.store import open_store
from shop.tables import payments

FIRST_LOOK = 90  # seconds after which the provider is asked, should its webhook not have come
Result = TypeVar("Result")


@dataclass(frozen=True)
class Ask:
    """A payment to open. `reference` is unique; `back` is where the shopper goes afterwards,
    `webhook` where the provider reports; it can be paid for `seconds`."""

    reference: str
    order: Order
    language: str
    back: str
    webhook: str
    seconds: int


@dataclass(frozen=True)
class Opened:
    """The provider's id of the payment and the address of its page."""

    id: str
    url: str


class HostedPayments(Payments):
    """`store` is the database's URL (default: SHOPKEEPER_DB), `public_url` where the front is
    (default: PUBLIC_URL)."""

    name = ""

    def __init__(self, store: str | None = None, public_url: str | None = None) -> None:
        self.store = open_store(store)
        self._public_url = public_url

    @property
    def webhook(self) -> str:
        """Where the provider reports."""
        return f"{public_url(self._public_url)}/webhooks/payments"

    @abstractmethod
    async def open(self, ask: Ask) -> Opened:
        """A new payment at the provider."""

    @abstractmethod
    async def look(self, kept: Kept) -> Payment:
        """The payment as the provider sees it."""

    async def end(self, kept: Kept) -> None:
        """Closes the page, where the provider can do that and it is open."""

    @abstractmethod
    async def give_back(self, kept: Kept, amount: Money, reference: str) -> str:
        """The provider's id of a refund; the same `reference` (32 hex digits) does it once."""

    async def start(self, order: Order, language: str, return_url: str, key: str) -> Payment:
        known = await self.store.read(lambda c: keeping.find(c, payments.c.key == key))
        if known:
            return known.now(PaymentState.PENDING)
        reference = f"{order.number}-{uuid.uuid4().hex[:16]}"
        ask = Ask(
            reference,
            order,
            language,
            back=f"{public_url(self._public_url)}/pay/back/{reference}",
            webhook=self.webhook,
            seconds=policy().payment.hold_minutes * 60,
        )
        opened = await self._sensible(self.open(ask))
        given = {"language": language, "return_url": return_url, "reference": reference}
        given |= {"id": opened.id, "url": opened.url}

        def work(connection: Connection) -> Payment:
            first = keeping.find(connection, payments.c.key == key)
            if first is None:
                keeping.keep(connection, order, key, **given)
                due = time.time() + FIRST_LOOK
                asked = {"payment": opened.id}
                outbox.put(connection, outbox.CHECK, f"check_{opened.id}", asked, due)
                keeping.close_links(connection, order.number, but=opened.id)
            return (first or keeping.found(connection, opened.id)).now(PaymentState.PENDING)

        return await self.store.write(work, "start")

    async def payment(self, payment_id: str) -> Payment:
        kept = await self.store.read(lambda c: keeping.found(c, payment_id), "payment")
        told = await self._sensible(self.look(kept))
        if told.state is not PaymentState.PENDING:
            await self.store.write(lambda c: keeping.note(c, kept.id, state=told.state.value))
        return told

    async def close(self, payment_id: str) -> Payment:
        kept = await self.store.read(lambda c: keeping.found(c, payment_id), "close")
        await self.store.write(lambda c: keeping.close(c, payment_id))
        await self._sensible(self.end(kept))
        return await self.payment(payment_id)

    async def refund(self, payment_id: str, amount: Money, key: str) -> str:
        def before(connection: Connection) -> tuple[Kept, str | None]:
            kept = keeping.found(connection, payment_id)
            done = keeping.refund_done(connection, payment_id, key)
            if done is None:
                keeping.require_refundable(connection, kept, amount)
            return kept, done

        kept, done = await self.store.read(before, "refund")
        if done is not None:
            return done
        if (await self._sensible(self.look(kept))).state is not PaymentState.SUCCEEDED:
            raise Refused("not_refundable", number=kept.order_number)
        reference = hashlib.sha256(f"{payment_id}/{key}".encode()).hexdigest()[:32]
        given = await self._sensible(self.give_back(kept, amount, reference))
        await self.store.write(lambda c: keeping.keep_refund(c, kept, amount, key, given))
        return given

    async def _sensible(self, work: Awaitable[Result]) -> Result:
        """An answer that is JSON, but of no shape that we know, is trouble of the back end's."""
        try:
            return await work
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as trouble:
            kind = type(trouble).__name__
        raise Unavailable(f"{self.name}: an answer without sense ({kind})")

    def unavailable(self, answer: Answer, code: Any = "") -> Unavailable:
        """For an answer that makes no sense to us, or refuses what the shopper cannot mend."""
        return Unavailable(f"{self.name}: {answer.status} {str(code)[:60]}".rstrip())

    def not_refundable(self, kept: Kept, answer: Answer) -> Refused:
        return Refused("not_refundable", number=kept.order_number, status=answer.status)


def decoded(body: bytes) -> Any:
    """A webhook's JSON; Refused(signature) for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    raise Refused("signature")


def dig(content: Any, *path: str | int) -> Any:
    """What is at a path of keys and positions in decoded JSON; None where there is nothing."""
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content
