"""Writes to orders of a shop elsewhere: our rules first, then the vendor, then our own rows.

A write is rehearsed on our rows and rolled back, which shows what it may do and what there is to do
at the vendor; that is done; then it is done here. If it breaks off in between, its repeat finds the
note that it has begun and carries on from the rows as they stood.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from shop.commerce import changes, orders, profile
from shop.commerce.demo import DemoCommerce
from shop.commerce.paying import PAYABLE, set_state
from shop.commerce.remote import ledger, notes
from shop.commerce.remote.pull import POLL, Pull
from shop.commerce.remote.turns import Turns
from shop.commerce.remote.vendor import Vendor, product_of
from shop.commerce.shelf import Shelf
from shop.links import make_secret
from shop.model import (
    Address,
    Locale,
    NotFound,
    Order,
    OrderState,
    Payment,
    Refused,
    Return,
    Shopper,
    Unavailable,
)
from shop.policy import policy
from shop.store import Store, now, open_store
from shop.tables import variants

Result = TypeVar("Result")
WRITE = "write"
UNFINISHED = 15 * 60  # seconds for which a write that broke off may be carried on


class Rehearsed(Exception):
    """Ends a rehearsal, so that nothing of it stays."""

    def __init__(self, before: Scene, after: Scene, result: Any) -> None:
        super().__init__("rehearsed")
        self.before, self.after, self.result = before, after, result


@dataclass(frozen=True)
class Scene:
    """An order, and the stock of all variants of its products."""

    order: Order
    stock: dict[str, int]

    @property
    def kept(self) -> int:
        """Money paid and not paid back."""
        moved = self.order.transactions
        return sum(-m.amount.minor if m.refund else m.amount.minor for m in moved)


class RemoteAfterSale(DemoCommerce):
    def __init__(
        self,
        vendor: Vendor,
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        self.vendor, self._poll, self._turns = vendor, poll, Turns()
        super().__init__(url, public_url)

    def _open(self, url: str | None) -> Store:
        store = open_store(url)
        self.pull = Pull(store, self.vendor, self._poll)
        store.on_first_use[:0] = [make_secret, self.pull.first]
        return store

    async def record_payment(self, payment: Payment) -> Order:
        try:
            return await super().record_payment(payment)
        except Refused as refusal:
            if refusal.reason != "not_payable" or not await self._settled(payment):
                raise
        locale = Locale(policy().default_language, payment.amount.currency)
        return await self.order(payment.order_number, locale)

    async def change_profile(
        self,
        shopper_id: str,
        key: str,
        *,
        email: str | None = None,
        phone: str | None = None,
        address: Address | None = None,
    ) -> Shopper:
        """Customers with an account are changed at the vendor, too."""
        given = {"email": email, "phone": phone, "address": address}
        values: dict[str, Any] = {name: new for name, new in given.items() if new is not None}
        async with self._turns.of(shopper_id):
            before = await self.store.read(lambda c: profile.locked(c, shopper_id))
            if shopper_id.startswith(ledger.CUSTOMER):
                if email is not None:
                    taken = email.strip().lower()
                    await self.store.write(lambda c: profile.require_free(c, before, taken))
                account = shopper_id.removeprefix(ledger.CUSTOMER)
                await self.vendor.change_customer(account, before, replace(before, **values))
            return await super().change_profile(
                shopper_id, key, email=email, phone=phone, address=address
            )

    async def _settled(self, payment: Payment) -> bool:
        """Whether this very payment was settled there long ago, in a write that broke off."""
        name = f"{payment.order_number}/record_payment/{payment.id}/{payment.state.value}"
        their = await self.vendor.order(payment.order_number)
        if their is None or their.paid < payment.amount.minor:
            return False

        def work(connection: Connection) -> bool:
            begun = notes.since(connection, WRITE, name, 0)
            if begun:
                notes.drop(connection, WRITE, name)
                set_state(connection, payment.order_number, payment=payment.id)
            return begun

        return await self.store.write(work)

    async def _on_order(
        self,
        call: str,
        number: str,
        key: str,
        locale: Locale,
        work: Callable[[Connection, Shelf], Result],
    ) -> Result:
        number = orders.plain_number(number)
        name = f"{number}/{call}/{key}"
        async with self._turns.of(number):
            await self._look(number)
            seen = await self._rehearse(number, locale, work)
            if seen.before != seen.after:
                await self.store.write(lambda c: notes.put(c, WRITE, name, {}))
                await carry(self.vendor, seen, name)
            result = await self._finish(call, name, locale, work)
            with suppress(Unavailable):  # it is done: what follows is only a closer look
                await self._look(number)
                await self.pull.some({product_of(id_) for id_ in seen.after.stock})
            return await self._read_again(result, locale)

    async def _rehearse(
        self, number: str, locale: Locale, work: Callable[[Connection, Shelf], Any]
    ) -> Rehearsed:
        def rehearsal(connection: Connection, shelf: Shelf) -> None:
            before = scene(connection, shelf, number)
            result = work(connection, shelf)
            raise Rehearsed(before, scene(connection, shelf, number), result)

        try:
            await self._writing("", locale, rehearsal)
        except Rehearsed as seen:
            return seen
        raise AssertionError("a rehearsal ended without its end")

    async def _finish(
        self, call: str, name: str, locale: Locale, work: Callable[[Connection, Shelf], Result]
    ) -> Result:
        def finish(connection: Connection, shelf: Shelf) -> Result:
            result = work(connection, shelf)
            notes.drop(connection, WRITE, name)
            return result

        return await self._writing(call, locale, finish)

    async def _read_again(self, result: Result, locale: Locale) -> Result:
        if not isinstance(result, Order):
            return result
        number = result.number
        read: Any = await self._reading("", locale, lambda c, s: orders.read(c, s, number))
        return read

    async def _look(self, number: str) -> None:
        """Our rows of an order become what the vendor has. Raises NotFound."""
        number = orders.plain_number(number)
        if await self.store.read(lambda c: unfinished(c, number)):
            return
        their = await self.vendor.order(number)
        if their is None:
            raise NotFound(f"order {number}")
        await self.store.write(lambda c: ledger.record(c, their))


def unfinished(connection: Connection, number: str) -> bool:
    """Whether the rows must stay as they are for a write that has begun."""
    return notes.since(connection, WRITE, f"{number}/", now() - UNFINISHED)


def scene(connection: Connection, shelf: Shelf, number: str) -> Scene:
    order = orders.read(connection, shelf, number)
    ids = {line.product_id for line in order.lines}
    query = select(variants.c.id, variants.c.stock).where(variants.c.product_id.in_(sorted(ids)))
    return Scene(order, {row.id: row.stock for row in connection.execute(query)})


async def carry(vendor: Vendor, seen: Rehearsed, key: str) -> None:
    """What turns the order from what it is into what it shall be, at the vendor."""
    before, after = seen.before.order, seen.after.order
    number, less = before.number, seen.before.kept - seen.after.kept
    if before.state is not after.state is OrderState.CANCELLED:
        await vendor.cancel(number, after.cancel_reason or "")
    elif changes.pieces(before) != changes.pieces(after):
        await vendor.change_items(before, after, key)
    elif before.state in PAYABLE and after.state is OrderState.PAID:
        await vendor.pay(number, after.transactions[-1].method)
    else:
        if less > 0:
            await pay_back(vendor, seen, less)
        if isinstance(seen.result, Return):
            await tell(vendor, seen, key)
    if (before.address, before.point) != (after.address, after.point):
        await vendor.change_address(number, after.address, after.point)


async def pay_back(vendor: Vendor, seen: Rehearsed, less: int) -> None:
    """What of it was not paid back there already, in an attempt that broke off."""
    number = seen.before.order.number
    their = await vendor.order(number)
    if their is None:
        raise NotFound(f"order {number}")
    left = min(less, their.paid - their.refunded - seen.after.kept)
    if left > 0:
        await vendor.refund(number, left, reason_of(seen))


async def tell(vendor: Vendor, seen: Rehearsed, key: str) -> None:
    """A return is ours alone: the vendor's people read of it at the order, and a piece that is sent
    again leaves their stock."""
    before, after = seen.before.stock, seen.after.stock
    taken = {id_: before[id_] - left for id_, left in after.items() if before[id_] != left}
    if taken:
        await vendor.take_stock(taken, key)
    back = seen.result
    pieces = ", ".join(
        f"{back.quantities[line.id]} x {line.title} ({line.variant_id})"
        for line in seen.before.order.lines
        if line.id in back.quantities
    )
    await vendor.remark(
        back.order_number,
        f"{back.kind.value} {back.id} {back.state.value}: {pieces}. {back.reason}",
    )


def reason_of(seen: Rehearsed) -> str:
    return seen.result.reason if isinstance(seen.result, Return) else ""
