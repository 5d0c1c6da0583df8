"""A shop that runs elsewhere, behind the same port as the embedded one.

Its catalogue and orders are kept in our own store as well (`pull`, `ledger`), where search, rules,
returns and money are those of the embedded shop; carts live at the vendor, opened by the session
that we keep for each conversation. What is told of price and stock is never older than
`pull.FRESH` seconds, and read anew before a cart or an order is written.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from shop import outbox, text
from shop.commerce import carts, orders
from shop.commerce.base import Relation
from shop.commerce.remote import ledger, notes
from shop.commerce.remote.aftersale import RemoteAfterSale, unfinished
from shop.commerce.remote.pull import FRESH
from shop.commerce.remote.vendor import TheirCart, TheirOrder, product_of
from shop.commerce.shelf import Shelf
from shop.model import (
    Address,
    Cart,
    CartLine,
    Checkout,
    DeliveryMethod,
    Found,
    Locale,
    Money,
    Order,
    OutOfStock,
    Product,
    Refused,
    Shopper,
    Unavailable,
    Wishes,
)
from shop.policy import policy
from shop.store import now
from shop.tables import orders as table
from shop.tables import shoppers

CART, PLACING = "cart", "placing"
REMEMBERED = 24 * 3600  # seconds for which an order is looked for whose placing broke off


class RemoteCommerce(RemoteAfterSale):
    async def search(
        self, wishes: Wishes, locale: Locale, offset: int = 0, limit: int = 5
    ) -> Found:
        found = await super().search(wishes, locale, offset, limit)
        self.pull.poll()
        fresh = await self._fresh(found.products, locale)
        if wishes.in_stock and "in_stock" not in found.dropped:
            fresh = tuple(product for product in fresh if product.in_stock)
        return Found(fresh, found.total, found.dropped)

    async def product(self, product_id: str, locale: Locale) -> Product:
        await self.pull.some({product_id}, FRESH)
        return await super().product(product_id, locale)

    async def related(
        self, relation: Relation, of: str, locale: Locale, limit: int = 3
    ) -> tuple[Product, ...]:
        found = await self._fresh(await super().related(relation, of, locale, limit), locale)
        return tuple(product for product in found if product.in_stock)

    async def cart(self, conversation: str, locale: Locale) -> Cart:
        their = await self._their_cart(conversation, locale)
        return await self._as_cart(their, locale)

    async def set_quantity(
        self, conversation: str, variant_id: str, quantity: int, locale: Locale
    ) -> Cart:
        async with self._turns.of(conversation):
            await self.pull.some({product_of(variant_id)})
            left = await self._left(variant_id)
            if not 0 <= quantity <= max(left, 0) or quantity > carts.MOST:
                raise OutOfStock(min(max(left, 0), carts.MOST))
            session = await self._session(conversation)
            try:
                their = await self.vendor.set_quantity(session, variant_id, quantity, locale)
            except Unavailable:
                their = await self._seen(session, variant_id, quantity, locale)
            return await self._kept(conversation, their, locale, "set_quantity")

    async def _seen(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        """The cart, if it was changed although the answer got lost: said again, "one more" would be
        two more."""
        their = await self.vendor.cart(session, locale) if session else TheirCart("")
        if quantity != sum(o.quantity for o in their.lines if o.variant_id == variant_id):
            raise Unavailable("the cart was not changed")
        return their

    async def apply_code(self, conversation: str, code: str, locale: Locale) -> Cart:
        async with self._turns.of(conversation):
            session = await self._session(conversation)
            their = await self.vendor.apply_code(session, code.strip(), locale)
            return await self._kept(conversation, their, locale, "apply_code")

    async def delivery_methods(
        self, conversation: str, country: str, locale: Locale
    ) -> tuple[DeliveryMethod, ...]:
        """Those of policy.yml that the vendor has as well, at its price."""
        offered = await super().delivery_methods(conversation, country, locale)
        if not offered:
            return ()
        session = await self._session(conversation)
        prices = await self.vendor.delivery_prices(session, country.upper(), locale)
        priced = [
            DeliveryMethod(m.id, m.title, Money(prices[m.id], locale.currency), m.days, m.to_point)
            for m in offered
            if m.id in prices
        ]
        return tuple(sorted(priced, key=lambda method: method.price))

    async def place_order(
        self, conversation: str, checkout: Checkout, locale: Locale, key: str
    ) -> Order:
        async with self._turns.of(conversation), self._turns.of(PLACING):
            mine = table.c.key == key
            known = await self.store.read(lambda c: c.scalar(select(table.c.number).where(mine)))
            if known:
                return await self.order(known, locale)
            name = f"{conversation}/{key}"
            begun = await self.store.read(lambda c: notes.get(c, PLACING, name))
            ready = None if begun else await self._ready(conversation, checkout, locale)
            cart = ready or cart_of(begun)
            start = {"session": cart.session, "number": cart.number, "checkout": asdict(checkout)}
            await self.store.write(lambda c: notes.put(c, PLACING, name, start))
            try:
                their = await self.vendor.place(cart, checkout, locale)
            except Refused:
                await self.store.write(lambda c: notes.drop(c, PLACING, name))
                raise
            their = ledger.in_order(their, cart.lines)
            order = await self._placed(their, conversation, checkout, locale, key)
            with suppress(Unavailable):  # it is placed: what follows is only a closer look
                await self.pull.some({line.product_id for line in order.lines})
            return order

    async def order(self, number: str, locale: Locale) -> Order:
        await self._look(number)
        return await super().order(number, locale)

    async def orders(self, shopper_id: str, locale: Locale) -> tuple[Order, ...]:
        whose = select(shoppers.c.email).where(shoppers.c.id == shopper_id)
        email = await self.store.read(lambda c: c.scalar(whose))
        if email:
            await self._take_over(await self.vendor.orders(email=email))
        return await super().orders(shopper_id, locale)

    async def placed_in(self, conversation: str, locale: Locale) -> tuple[Order, ...]:
        await self._find_again(conversation, locale)
        for order in await super().placed_in(conversation, locale):
            await self._look(order.number)
        return await super().placed_in(conversation, locale)

    async def _find_again(self, conversation: str, locale: Locale) -> None:
        """Orders that the vendor has although their placing broke off: the shopper was told that
        nobody knows, and asks."""
        mine, since = f"{conversation}/", now() - REMEMBERED
        begun = await self.store.read(lambda c: notes.under(c, PLACING, mine, since))
        for name, start in begun.items():
            their = await self.vendor.order_of(cart_of(start))
            if their is not None:
                agreed = start["checkout"]
                checkout = Checkout(**{**agreed, "address": Address(**agreed["address"])})
                key = name.removeprefix(mine)
                await self._placed(their, conversation, checkout, locale, key)

    async def find_shopper(
        self, *, email: str = "", order_number: str = "", name: str = "", postcode: str = ""
    ) -> Shopper:
        facts = {"email": email, "order_number": order_number, "name": name, "postcode": postcode}
        if email and order_number:
            await self._look(order_number)
        elif email and not policy().identity.order_number_with_email:
            await self._take_over(await self.vendor.orders(email=email.strip().lower()))
        elif name and postcode:
            there = await self.vendor.orders(name=name)
            near = (o for o in there if text.key(o.address.postcode) == text.key(postcode))
            await self._take_over(tuple(near))
        return await super().find_shopper(**facts)

    async def _fresh(self, products: tuple[Product, ...], locale: Locale) -> tuple[Product, ...]:
        """The same products at prices and stock that may be told, without those that are gone."""
        ids = [product.id for product in products]
        await self.pull.some(ids, FRESH)
        return await self._reading("", locale, lambda c, s: s.fetch(c, ids))

    async def _left(self, variant_id: str) -> int:
        return await self.store.read(lambda c: carts.stock_of(c, variant_id))

    async def _session(self, conversation: str) -> str:
        noted = await self.store.read(lambda c: notes.get(c, CART, conversation))
        return str(noted.get("session", ""))

    async def _their_cart(self, conversation: str, locale: Locale) -> TheirCart:
        session = await self._session(conversation)
        return await self.vendor.cart(session, locale) if session else TheirCart("")

    async def _kept(self, conversation: str, their: TheirCart, locale: Locale, call: str) -> Cart:
        note = {"session": their.session}
        await self.store.write(lambda c: notes.put(c, CART, conversation, note), call)
        return await self._as_cart(their, locale)

    async def _as_cart(self, their: TheirCart, locale: Locale) -> Cart:
        return await self._reading("", locale, lambda c, s: as_cart(c, s, their))

    async def _ready(self, conversation: str, checkout: Checkout, locale: Locale) -> TheirCart:
        """The cart, if all of it can be ordered now. Raises Refused or OutOfStock."""
        their = await self._their_cart(conversation, locale)
        if not their.lines:
            raise Refused("cart_empty")
        cart = await self._as_cart(their, locale)
        orders.delivery_of(checkout, locale, cart.total)
        await self.pull.some({line.product_id for line in cart.lines})
        for line in cart.lines:
            left = await self._left(line.variant_id)
            if left < line.quantity:
                raise OutOfStock(max(0, left), line.title)
        return await self.vendor.prepare(their, checkout, locale)

    async def _placed(
        self, their: TheirOrder, conversation: str, checkout: Checkout, locale: Locale, key: str
    ) -> Order:
        def work(connection: Connection, shelf: Shelf) -> Order:
            agreed = {
                "key": key,
                "conversation": conversation,
                "language": checkout.language,
                "shopper_id": orders.shopper_of(connection, checkout),
            }
            ledger.record(connection, their, agreed)
            release(connection, their.number)
            notes.drop(connection, PLACING, f"{conversation}/{key}")
            notes.drop(connection, CART, conversation)  # the next cart is a new one
            return orders.read(connection, shelf, their.number)

        return await self._writing("place_order", locale, work)

    async def _take_over(self, found: tuple[TheirOrder, ...]) -> None:
        def work(connection: Connection) -> None:
            for their in found:
                if not unfinished(connection, their.number):
                    ledger.record(connection, their)

        await self.store.write(work)


def cart_of(start: dict[str, Any]) -> TheirCart:
    return TheirCart(start["session"], number=start["number"])


def release(connection: Connection, number: str) -> None:
    """No vendor cancels an order of ours that nobody pays: we shall (shop/jobs.py)."""
    due = time.time() + policy().payment.hold_minutes * 60
    outbox.put(connection, outbox.RELEASE, f"release_{number}", {"order": number}, due)


def as_cart(connection: Connection, shelf: Shelf, their: TheirCart) -> Cart:
    """The vendor's cart in the shopper's language, in its own words what is not on our shelf."""
    rows = ledger.shelf_rows(connection, [line.variant_id for line in their.lines])
    titles = carts.titles_of(connection, shelf, [product_of(id_) for id_ in rows])
    currency, lines = shelf.locale.currency, []
    for line in their.lines:
        row = rows.get(line.variant_id)
        options = row.options if row else {}
        product = product_of(line.variant_id)
        lines.append(
            CartLine(
                variant_id=line.variant_id,
                product_id=product,
                title=titles.get(product, line.title),
                labels=shelf.labels(options),
                quantity=line.quantity,
                price=Money(line.price, currency),
                image=shelf.picture((row.picture or row.shown) if row else "", options),
            )
        )
    subtotal = Money(sum(line.total.minor for line in lines), currency)
    total = Money(subtotal.minor - their.discount, currency)
    code = their.code if their.discount else None
    return Cart(tuple(lines), subtotal, Money(their.discount, currency), total, code)
