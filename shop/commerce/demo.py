"""The embedded shop: a whole shop in one database, seeded with the demo catalogue when empty.

commerce:
  type: shop.commerce.demo.DemoCommerce
  url: sqlite:///var/shop.db             # or postgresql://...; default: SHOPKEEPER_DB
  public_url: https://shop.example.com   # of the shop's pages and pictures; default: PUBLIC_URL
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from shop.commerce import carts, orders, paying, profile
from shop.commerce.base import Commerce, Relation
from shop.commerce.demo_aftersale import DemoAfterSale
from shop.commerce.related import related
from shop.commerce.shelf import Shelf
from shop.commerce.snapshot import vocabulary
from shop.model import (
    Cart,
    Checkout,
    DeliveryMethod,
    Found,
    Locale,
    NotFound,
    Order,
    Payment,
    Product,
    Shopper,
    Wishes,
)
from shop.policy import policy
from shop.tables import orders as orders_table


class DemoCommerce(DemoAfterSale, Commerce):
    async def search(
        self, wishes: Wishes, locale: Locale, offset: int = 0, limit: int = 5
    ) -> Found:
        def work(connection: Connection) -> Found:
            snapshot = self._snapshots.get(connection)
            found = snapshot.engine.search(wishes, locale.currency, offset, limit)
            products = self._shelf(snapshot, locale).fetch(connection, found.ids)
            return Found(products, found.total, found.dropped)

        return await self.store.read(work, "search")

    async def product(self, product_id: str, locale: Locale) -> Product:
        def work(connection: Connection) -> Product:
            shelf = self._shelf(self._snapshots.get(connection), locale)
            for product in shelf.fetch(connection, [product_id]):
                return product
            raise NotFound(f"product {product_id}")

        return await self.store.read(work, "product")

    async def related(
        self, relation: Relation, of: str, locale: Locale, limit: int = 3
    ) -> tuple[Product, ...]:
        def work(connection: Connection) -> tuple[Product, ...]:
            snapshot = self._snapshots.get(connection)
            ids = related(connection, snapshot.engine, relation, of, limit * 4)
            found = self._shelf(snapshot, locale).fetch(connection, ids)
            return tuple(product for product in found if product.in_stock)[:limit]

        return await self.store.read(work, "related")

    async def vocabulary(self) -> dict[str, Any]:
        def work(connection: Connection) -> dict[str, Any]:
            return vocabulary(connection, self._snapshots.get(connection).names)

        return await self.store.read(work, "vocabulary")

    async def cart(self, conversation: str, locale: Locale) -> Cart:
        return await self._reading("cart", locale, lambda c, s: carts.read(c, s, conversation))

    async def set_quantity(
        self, conversation: str, variant_id: str, quantity: int, locale: Locale
    ) -> Cart:
        def work(connection: Connection, shelf: Shelf) -> Cart:
            carts.put(connection, conversation, variant_id, quantity)
            return carts.read(connection, shelf, conversation)

        return await self._writing("set_quantity", locale, work)

    async def apply_code(self, conversation: str, code: str, locale: Locale) -> Cart:
        def work(connection: Connection, shelf: Shelf) -> Cart:
            carts.set_code(connection, shelf, conversation, code)
            return carts.read(connection, shelf, conversation)

        return await self._writing("apply_code", locale, work)

    async def delivery_methods(
        self, conversation: str, country: str, locale: Locale
    ) -> tuple[DeliveryMethod, ...]:
        cart, default = await self.cart(conversation, locale), policy().default_language
        offered = [
            method.offer(locale, cart.total, default)
            for method in policy().deliveries(country.upper())
        ]
        return tuple(sorted(offered, key=lambda method: method.price))

    async def place_order(
        self, conversation: str, checkout: Checkout, locale: Locale, key: str
    ) -> Order:
        def work(connection: Connection, shelf: Shelf) -> Order:
            number = orders.place(connection, shelf, conversation, checkout, key)
            return orders.read(connection, shelf, number)

        return await self._writing("place_order", locale, work)

    async def order(self, number: str, locale: Locale) -> Order:
        return await self._reading("order", locale, lambda c, s: orders.read(c, s, number))

    async def orders(self, shopper_id: str, locale: Locale) -> tuple[Order, ...]:
        mine = orders_table.c.shopper_id == shopper_id
        return await self._reading("orders", locale, lambda c, s: orders.many(c, s, mine))

    async def placed_in(self, conversation: str, locale: Locale) -> tuple[Order, ...]:
        mine = orders_table.c.conversation == conversation
        return await self._reading("placed_in", locale, lambda c, s: orders.many(c, s, mine))

    async def find_shopper(
        self,
        *,
        email: str = "",
        order_number: str = "",
        name: str = "",
        postcode: str = "",
    ) -> Shopper:
        def work(connection: Connection) -> Shopper:
            number = orders.plain_number(order_number) if order_number else ""
            return profile.find(connection, email, number, orders.name_key(name), postcode)

        return await self.store.read(work, "find_shopper")

    async def record_payment(self, payment: Payment) -> Order:
        def work(connection: Connection, shelf: Shelf) -> Order:
            paying.record(connection, payment)
            return orders.read(connection, shelf, payment.order_number)

        locale = Locale(policy().default_language, payment.amount.currency)
        key = f"{payment.id}/{payment.state.value}"
        return await self._on_order("record_payment", payment.order_number, key, locale, work)
