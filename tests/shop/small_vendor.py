"""A vendor's shop in memory: some products of the demo shop, carts, orders."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import islice

from shop.commerce.remote.vendor import (
    Goods,
    TheirCart,
    TheirLine,
    TheirOrder,
    Vendor,
    product_of,
    variant_id,
)
from shop.demo import catalogue
from shop.model import Address, Checkout, Locale, Order, OrderState, OutOfStock, PaymentMethod
from shop.policy import policy

PRODUCTS = 4


def goods() -> Goods:
    found = []
    for product in islice(catalogue.products(), PRODUCTS):
        id_ = product.id.replace("-", "_")
        variants = tuple(
            replace(v, id=variant_id(id_, v.id.replace("-", "_"))) for v in product.variants
        )
        found.append(replace(product, id=id_, variants=variants, goes_with=()))
    return Goods(tuple(found), tuple(catalogue.terms()))


class SmallVendor(Vendor):
    def __init__(self) -> None:
        self.goods = goods()
        self.variants = {v.id: v for p in self.goods.products for v in p.variants}
        self.carts: dict[str, TheirCart] = {}
        self.orders_: dict[str, TheirOrder] = {}
        self._numbers = itertools.count(90001)

    def put(self, their: TheirOrder) -> TheirOrder:
        self.orders_[their.number] = their
        return their

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        wanted = [p for p in self.goods.products if ids is None or p.id in ids]
        taken: dict[str, int] = {}
        for order in self.orders_.values():
            for line in order.lines if order.state is not OrderState.CANCELLED else ():
                taken[line.variant_id] = taken.get(line.variant_id, 0) + line.quantity
        left = [
            replace(
                p,
                variants=tuple(replace(v, stock=v.stock - taken.get(v.id, 0)) for v in p.variants),
            )
            for p in wanted
        ]
        return Goods(tuple(left), self.goods.terms)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        return self.carts.get(session, TheirCart(session))

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        session = session or f"session-{next(self._numbers)}"
        cart = self.carts.get(session) or TheirCart(session, number=str(next(self._numbers)))
        lines = [line for line in cart.lines if line.variant_id != variant_id]
        if quantity > self.variants[variant_id].stock:
            raise OutOfStock(self.variants[variant_id].stock)
        if quantity:
            price = self.variants[variant_id].prices[locale.currency]
            now = price.sale or price.regular
            lines.append(TheirLine(variant_id, product_of(variant_id), quantity, now))
        self.carts[session] = replace(cart, lines=tuple(lines))
        return self.carts[session]

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        return self.carts[session]

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        return {m.id: m.price[locale.currency] for m in policy().deliveries(country)}

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        if cart.number in self.orders_:
            return self.orders_[cart.number]
        lines = self.carts.pop(cart.session).lines
        price = (await self.delivery_prices("", "PL", locale))[checkout.delivery]
        return self.put(
            TheirOrder(
                cart.number,
                OrderState.AWAITING_PAYMENT,
                int(time.time()),
                checkout.email,
                checkout.phone,
                locale.currency,
                lines,
                0,
                checkout.delivery,
                price,
                sum(line.price * line.quantity for line in lines) + price,
                checkout.address,
            )
        )

    async def order(self, number: str) -> TheirOrder | None:
        return self.orders_.get(number)

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        return tuple(o for o in self.orders_.values() if email in ("", o.email))

    async def pay(self, number: str, method: PaymentMethod) -> None:
        order = self.orders_[number]
        self.put(replace(order, state=OrderState.PAID, paid=order.total))

    async def cancel(self, number: str, reason: str) -> None:
        order = self.orders_[number]
        self.put(replace(order, state=OrderState.CANCELLED, refunded=order.paid))

    async def change_items(self, before: Order, after: Order, key: str) -> None:
        raise NotImplementedError

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        self.put(replace(self.orders_[number], address=address, point=point))

    async def refund(self, number: str, minor: int, reason: str) -> None:
        order = self.orders_[number]
        self.put(replace(order, refunded=order.refunded + minor))

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        raise NotImplementedError

    async def remark(self, number: str, text: str) -> None:
        return
