"""What a request needs to know of the shop, fetched once a turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from actions.aftersale.items import Products
from actions.aftersale.model import Request
from actions.turn import Turn
from shop import connect, identity, rules
from shop.model import Locale, NotFound, Order, PaymentMethod, Shopper


@dataclass
class Context:
    """`done` are this conversation's earlier requests, newest last."""

    turn: Turn
    shopper: Shopper | None = None
    orders: tuple[Order, ...] = ()
    done: list[dict[str, Any]] = field(default_factory=list)
    hint: str = ""  # the order by which the shopper has just been identified
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    _products: Products = field(default_factory=dict)
    _methods: dict[str, tuple[PaymentMethod, ...]] = field(default_factory=dict)

    @classmethod
    async def of(cls, turn: Turn) -> Context:
        shopper = await identity.shopper(turn.conversation)
        orders = await identity.visible_orders(turn.conversation, turn.locale)
        return cls(turn, shopper, orders, list(turn.slot("requests_done") or []))

    @property
    def known(self) -> bool:
        """Whether it is clear who writes, or what was ordered in this very conversation."""
        return self.shopper is not None or bool(self.orders)

    async def refresh(self) -> None:
        """After a write: the orders as they are now."""
        fresh = await Context.of(self.turn)
        self.shopper, self.orders = fresh.shopper, fresh.orders

    def order(self, request: Request) -> Order | None:
        return next((o for o in self.orders if o.number == request.order), None)

    def may(self, order: Order, what: str) -> bool:
        return rules.refusal(order, what, self.at) is None

    def locale(self, order: Order) -> Locale:
        """An order keeps the currency that it was placed in."""
        return Locale(self.turn.language, order.total.currency)

    async def products(self, order: Order) -> Products:
        """The products of the order's lines, those that the shop still sells."""
        commerce = connect("commerce")
        for line in order.lines:
            if line.product_id not in self._products:
                try:
                    product = await commerce.product(line.product_id, self.locale(order))
                except NotFound:
                    continue
                self._products[line.product_id] = product
        return self._products

    async def methods(self, order: Order) -> tuple[PaymentMethod, ...]:
        """What the order was paid with, then the shopper's other methods."""
        if order.number not in self._methods:
            kept = await connect("commerce").payment_methods(order.shopper_id, self.locale(order))
            paid = [t.method for t in order.transactions if not t.refund]
            saved = {method.id: method for method in kept}
            everything = {m.id: saved.get(m.id, m) for m in paid} | saved
            self._methods[order.number] = tuple(everything.values())
        return self._methods[order.number]

    def original(self, order: Order) -> PaymentMethod | None:
        return rules.original(order)

    def now(self) -> float:
        return time.time()
