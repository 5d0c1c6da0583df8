"""One editing of an order at Shopify: nothing of it stays unless it is committed.
https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/edit-orders"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from shop.commerce.changes import pieces
from shop.commerce.shopify import orders, sales
from shop.commerce.shopify.api import Api, gid
from shop.commerce.shopify.goods import stock
from shop.model import Order, OutOfStock, Unavailable

StockOf = Callable[[Collection[str]], Awaitable[list[dict[str, Any]]]]


class Edit:
    def __init__(self, api: Api, data: dict[str, Any], stock_of: StockOf) -> None:
        self.api, self.data, self.stock_of = api, data, stock_of
        self.currency = data["presentmentCurrencyCode"]

    async def make(self, after: Order) -> bool:
        """Makes the order what it shall be, at the price that we agreed on; False where it is so
        already. Raises OutOfStock."""
        here = {sales.plain_variant(o.variant_id): o.quantity for o in sales.order(self.data).lines}
        wanted = {sales.plain_variant(id_): count for id_, count in pieces(after).items()}
        if here == wanted:
            return False
        more = {id_: n - here.get(id_, 0) for id_, n in wanted.items() if n > here.get(id_, 0)}
        for one in await self.stock_of(more):
            if stock(one) < more[one["id"].rpartition("/")[2]]:
                raise OutOfStock(max(0, stock(one)))
        # A code of the order is not applied to what is added: what it was worth is taken off an
        # added line. Shopify does not say whether of the line or of each piece: the total does.
        off, session = 0, await self.staged(wanted)
        surplus = session.total - after.total.minor
        if surplus > 0 and session.added:
            for off in {surplus: 0, surplus // session.pieces: 0}:
                session = await self.staged(wanted, off)
                if session.total == after.total.minor:
                    break
        if session.total != after.total.minor:
            raise Unavailable("shopify: another price than the one agreed on")
        await self.api.ask(orders.COMMIT, id=session.id)
        return True

    async def staged(self, wanted: dict[str, int], off: int = 0) -> Session:
        begun = (await self.api.ask(orders.BEGIN, id=self.data["id"]))["calculatedOrder"]
        session = Session(self.api, begun["id"])
        left = dict(wanted)
        for line in begun["lineItems"]["nodes"]:
            if line["quantity"] and line["variant"]:
                count = left.pop(line["variant"]["id"].rpartition("/")[2], 0)
                if count != line["quantity"]:
                    await session.set(line["id"], count)
        for id_, count in left.items():
            await session.add(id_, count)
        if off:
            await session.discount(sales.amount(off, self.currency), self.currency)
        return session


class Session:
    """`added` is the last line that was added, `pieces` are its pieces, `total` what all costs."""

    def __init__(self, api: Api, id_: str) -> None:
        self.api, self.id, self.total = api, id_, 0
        self.added, self.pieces = "", 1

    async def set(self, line: str, count: int) -> None:
        await self._do(orders.SET, line=line, quantity=count)

    async def add(self, variant: str, count: int) -> None:
        wish = {"variant": gid("ProductVariant", variant), "quantity": count}
        self.added, self.pieces = await self._do(orders.ADD, **wish), count

    async def discount(self, amount: str, currency: str) -> None:
        value = {"fixedValue": {"amount": amount, "currencyCode": currency}}
        await self._do(orders.DISCOUNT, line=self.added, discount=value)

    async def _do(self, document: str, **variables: Any) -> str:
        answer = await self.api.ask(document, id=self.id, **variables)
        self.total = sales.paid_in(answer["calculatedOrder"]["totalPriceSet"])
        return str(answer["calculatedLineItem"]["id"])
