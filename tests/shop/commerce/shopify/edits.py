"""Editing an order of the small shop: staged, then committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.shop.commerce.shopify import nodes
from tests.shop.commerce.shopify.nodes import Node
from tests.shop.commerce.shopify.shop import Line, Order, Shop, Variant


@dataclass
class Added:
    variant: Variant
    count: int
    off: int = 0  # of each piece


@dataclass
class Session:
    order: Order
    counts: dict[int, int] = field(default_factory=dict)  # by line
    added: dict[str, Added] = field(default_factory=dict)

    @property
    def total(self) -> int:
        currency, goods, off = self.order.currency, 0, 0.0
        for one in self.order.lines:
            count = self.counts.get(one.id, one.current)
            goods += one.price * count
            off += one.off * count / one.ordered
        goods += sum((a.variant.prices[currency] - a.off) * a.count for a in self.added.values())
        return goods - round(off) + self.order.delivery


class Edits:
    def __init__(self, shop: Shop) -> None:
        self.small = shop
        self.sessions: dict[str, Session] = {}

    def orderEditBegin(self, _: Any, id: str) -> Node:
        order = self.small.orders[id]
        if order.cancelled or order.parcels:
            return {"calculatedOrder": None, "userErrors": [{"field": ["id"]}]}
        key = f"gid://shopify/CalculatedOrder/{next(self.small.numbers)}"
        self.sessions[key] = Session(order)
        lines = [
            {
                "id": f"gid://shopify/CalculatedLineItem/{one.id}",
                "quantity": one.current,
                "variant": nodes.variant(one.variant),
            }
            for one in order.lines
        ]
        return {"calculatedOrder": {"id": key, "lineItems": nodes.page(lines)}, "userErrors": []}

    def orderEditSetQuantity(
        self,
        _: Any,
        id: str,
        lineItemId: str,
        quantity: int,
        restock: bool,
    ) -> Node:
        assert restock
        self.sessions[id].counts[int(lineItemId.rpartition("/")[2])] = quantity
        return self._edited(id, lineItemId)

    def orderEditAddVariant(
        self,
        _: Any,
        id: str,
        variantId: str,
        quantity: int,
        allowDuplicates: bool,
    ) -> Node:
        line = f"gid://shopify/CalculatedLineItem/{next(self.small.numbers)}"
        self.sessions[id].added[line] = Added(self.small.variants[variantId], quantity)
        return self._edited(id, line)

    def orderEditAddLineItemDiscount(
        self,
        _: Any,
        id: str,
        lineItemId: str,
        discount: Node,
    ) -> Node:
        minor = round(float(discount["fixedValue"]["amount"]) * 100)
        self.sessions[id].added[lineItemId].off = minor
        return self._edited(id, lineItemId)

    def _edited(self, id_: str, line: str) -> Node:
        session = self.sessions[id_]
        total = nodes.bag(session.total, session.order.currency)
        order = {"id": id_, "totalPriceSet": total}
        return {"calculatedLineItem": {"id": line}, "calculatedOrder": order, "userErrors": []}

    def orderEditCommit(self, _: Any, id: str, notifyCustomer: bool) -> Node:
        session = self.sessions.pop(id)
        order = session.order
        for one in order.lines:
            count = session.counts.get(one.id, one.current)
            one.variant.left += one.current - count
            one.current = count
        for added in session.added.values():
            price = added.variant.prices[order.currency]
            count, number = added.count, next(self.small.numbers)
            line = Line(number, added.variant, price, count, count, added.off * count)
            order.lines.append(line)
            added.variant.left -= count
        return {"order": nodes.order(order, self.small), "userErrors": []}
