"""The after-sale half of the embedded shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from shop import links
from shop.commerce import changes as ordered
from shop.commerce import methods, orders, profile, return_rows, returns
from shop.commerce.aftersale import UNPAID, AfterSale
from shop.commerce.embedded import Embedded
from shop.commerce.once import once
from shop.commerce.shelf import Shelf
from shop.model import Address, Locale, Order, PaymentMethod, Return, ReturnKind, Shopper
from shop.policy import policy
from shop.store import now
from shop.tables import orders as orders_table
from shop.tables import returns as returns_table

INVOICE_VALID = 24 * 3600  # seconds
Change = Callable[[Connection, Shelf, Order], None]
Request = Callable[[Connection, Shelf, Order], str]


class DemoAfterSale(Embedded, AfterSale):
    async def payment_methods(self, shopper_id: str, locale: Locale) -> tuple[PaymentMethod, ...]:
        def work(connection: Connection) -> tuple[PaymentMethod, ...]:
            return methods.of_shopper(connection, shopper_id)

        return await self.store.read(work, "payment_methods")

    async def cancel(self, number: str, reason: str, locale: Locale, key: str) -> Order:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> None:
            ordered.cancel(connection, order, reason)

        return await self._changing("cancel", number, locale, key, work)

    async def expire(self, number: str) -> Order:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> None:
            ordered.expire(connection, order)

        market = policy().market(policy().default_language)
        locale = Locale(market.language, market.currency)
        return await self._changing("expire", number, locale, UNPAID, work)

    async def change_items(
        self,
        number: str,
        changes: Mapping[str, str],
        method: str | None,
        locale: Locale,
        key: str,
    ) -> Order:
        def work(connection: Connection, shelf: Shelf, order: Order) -> None:
            ordered.change_items(connection, shelf, order, changes, method)

        return await self._changing("change_items", number, locale, key, work)

    async def change_payment(self, number: str, method: str, locale: Locale, key: str) -> Order:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> None:
            ordered.change_payment(connection, order, method)

        return await self._changing("change_payment", number, locale, key, work)

    async def change_address(
        self, number: str, address: Address, point: str | None, locale: Locale, key: str
    ) -> Order:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> None:
            ordered.change_address(connection, order, address, point)

        return await self._changing("change_address", number, locale, key, work)

    async def change_profile(
        self,
        shopper_id: str,
        key: str,
        *,
        email: str | None = None,
        phone: str | None = None,
        address: Address | None = None,
    ) -> Shopper:
        def work(connection: Connection) -> Shopper:
            shopper = profile.locked(connection, shopper_id)
            once(
                connection,
                "change_profile",
                shopper_id,
                key,
                lambda: profile.change(connection, shopper, email, phone, address),
            )
            return profile.locked(connection, shopper_id)

        return await self.store.write(work, "change_profile")

    async def request_return(
        self,
        number: str,
        quantities: Mapping[str, int],
        reason: str,
        method: str | None,
        locale: Locale,
        key: str,
    ) -> Return:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> str:
            return returns.request_return(connection, order, quantities, reason, method)

        return await self._requesting("request_return", number, locale, key, work)

    async def request_exchange(
        self,
        number: str,
        changes: Mapping[str, str],
        reason: str,
        method: str | None,
        locale: Locale,
        key: str,
    ) -> Return:
        def work(connection: Connection, shelf: Shelf, order: Order) -> str:
            return returns.request_exchange(connection, shelf, order, changes, reason, method)

        return await self._requesting("request_exchange", number, locale, key, work)

    async def settle_problem(
        self,
        number: str,
        kind: ReturnKind,
        quantities: Mapping[str, int],
        problem: str,
        locale: Locale,
        key: str,
    ) -> Return:
        def work(connection: Connection, _shelf: Shelf, order: Order) -> str:
            return returns.settle_problem(connection, order, kind, quantities, problem)

        return await self._requesting("settle_problem", number, locale, key, work)

    async def returns(self, number: str, locale: Locale) -> tuple[Return, ...]:
        mine = returns_table.c.order_number == orders.plain_number(number)
        return await self._reading("returns", locale, lambda c, s: return_rows.many(c, s, mine))

    async def withdraw(self, return_id: str, locale: Locale, key: str) -> Return:
        number = await self.store.read(lambda c: return_rows.row_of(c, return_id).order_number)

        def work(connection: Connection, shelf: Shelf) -> Return:
            order = orders.locked(connection, shelf, number)

            def withdraw() -> str:
                row = return_rows.row_of(connection, return_id)
                returns.withdraw(connection, order, row)
                return row.id

            once(connection, "withdraw", return_id, key, withdraw)
            return return_rows.read(connection, shelf, return_id)

        return await self._on_order("withdraw", number, key, locale, work)

    async def invoice(self, number: str, locale: Locale) -> str:
        def work(connection: Connection, shelf: Shelf) -> str:
            order = orders.read(connection, shelf, number)
            mine = orders_table.c.number == order.number
            language = connection.scalar(select(orders_table.c.language).where(mine))
            path = f"/{language}/order/{order.number}/invoice"
            until = now() + INVOICE_VALID
            return links.signed(links.secret(connection), shelf.public_url, path, until)

        return await self._reading("invoice", locale, work)

    async def _changing(
        self, call: str, number: str, locale: Locale, key: str, change: Change
    ) -> Order:
        def work(connection: Connection, shelf: Shelf) -> Order:
            order = orders.locked(connection, shelf, number)

            def changed() -> str:
                change(connection, shelf, order)
                return order.number

            once(connection, call, order.number, key, changed)
            return orders.read(connection, shelf, order.number)

        return await self._on_order(call, number, key, locale, work)

    async def _requesting(
        self, call: str, number: str, locale: Locale, key: str, request: Request
    ) -> Return:
        def work(connection: Connection, shelf: Shelf) -> Return:
            order = orders.locked(connection, shelf, number)
            id_ = once(
                connection, call, order.number, key, lambda: request(connection, shelf, order)
            )
            return return_rows.read(connection, shelf, id_)

        return await self._on_order(call, number, key, locale, work)
