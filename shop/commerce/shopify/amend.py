"""Orders already placed at Shopify: read, paid, changed, cancelled. Each write looks first at what
has been done already, since an answer that was lost makes it come a second time."""

from __future__ import annotations

import asyncio
import re
import uuid
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from shop.commerce.remote.turns import Turns
from shop.commerce.remote.vendor import TheirOrder
from shop.commerce.shopify import orders, sales
from shop.commerce.shopify.api import Api, Objection, gid
from shop.commerce.shopify.edit import Edit
from shop.commerce.shopify.goods import Settings
from shop.model import Address, NotFound, Order, PaymentMethod, Unavailable

MOST = 10  # orders of one person that are looked at, the newest
REMEMBERED = 2000  # numbers whose ids are kept: Shopify's search knows a new order after a while
CANCELLING, PAUSE = 12, 0.4  # looks at an order that is being cancelled, seconds between them
WORD = re.compile(r"[^\W_]+")
TAKEN = ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH",)  # the stock was taken by an earlier attempt


class Amending(ABC):
    def __init__(self, api: Api) -> None:
        self.api = api
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._turns = Turns()

    @abstractmethod
    async def settings(self) -> Settings: ...

    async def order(self, number: str) -> TheirOrder | None:
        data = await self._find(number)
        return sales.order(data) if data else None

    async def placed(self, id_: str) -> TheirOrder:
        """An order by Shopify's own id, which finds it at once."""
        data = await self._read(id_)
        if data is None:
            raise Unavailable("shopify: the order was not placed")
        return sales.order(data)

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        query = f"email:{quoted(email)}" if email else " ".join(WORD.findall(name))
        if not query:
            return ()
        found = await self.api.ask(orders.SEARCH, query=query, first=MOST)
        read = await asyncio.gather(*(self._read(one["id"]) for one in found["nodes"]))
        return tuple(sales.order(data) for data in read if data)

    async def pay(self, number: str, method: PaymentMethod) -> None:
        data = await self._get(number)
        if sales.paid_in(data["totalOutstandingSet"]) > 0:
            await self.api.ask(orders.PAID, input={"id": data["id"]})
        await self.remark(number, f"paid: {method.kind} {method.id}")

    async def cancel(self, number: str, reason: str) -> None:
        data = await self._get(number)
        if not data["cancelledAt"]:
            data = await self._cancelled(data, reason)
        theirs = sales.order(data)
        await self._refund(data, theirs.paid - theirs.refunded, reason)

    async def refund(self, number: str, minor: int, reason: str) -> None:
        await self._refund(await self._get(number), minor, reason)

    async def change_items(self, before: Order, after: Order, key: str) -> None:
        """The money that this makes due or too much is moved in our own books already."""
        async with self._turns.of("items"):  # else two would get the same last piece
            data = await self._get(before.number)
            if await Edit(self.api, data, self.stock_of).make(after):
                data = await self._get(before.number)
        outstanding = sales.paid_in(data["totalOutstandingSet"])
        if outstanding > 0 and sales.order(data).paid:
            await self.api.ask(orders.PAID, input={"id": data["id"]})
        elif outstanding < 0:
            await self._refund(data, -outstanding, "")

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        data = await self._get(number)
        where = sales.from_address(address, point, before=data["shippingAddress"] or {})
        wish = {"id": data["id"], "shippingAddress": where}
        await self.api.ask(orders.UPDATE, repeatable=True, input=wish)

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        taken = {gid("ProductVariant", sales.plain_variant(v)): n for v, n in pieces.items()}
        found = await self.api.ask(orders.LEVELS, ids=sorted(taken))
        changes = [
            {
                "inventoryItemId": one["inventoryItem"]["id"],
                "locationId": fullest(one["inventoryItem"]),
                "delta": -taken[one["id"]],
                "changeFromQuantity": None,  # a difference is right whatever was there before
            }
            for one in found
            if one and one["inventoryItem"]["tracked"]
        ]
        if changes:
            wish = {"name": "available", "reason": "other", "changes": changes}
            try:
                await self.api.ask(orders.ADJUST, repeatable=True, key=token(key), input=wish)
            except Objection as objection:
                if not set(objection.codes) <= set(TAKEN):
                    raise

    async def remark(self, number: str, text: str) -> None:
        """In the order's note, below what stands there."""
        data = await self._get(number)
        note = data["note"] or ""
        if text not in note.splitlines():
            wish = {"id": data["id"], "note": f"{note}\n{text}".strip()}
            await self.api.ask(orders.UPDATE, repeatable=True, input=wish)

    async def stock_of(self, variants: Collection[str]) -> list[dict[str, Any]]:
        ids = [gid("ProductVariant", sales.plain_variant(id_)) for id_ in sorted(variants)]
        return [one for one in await self.api.ask(orders.STOCK, ids=ids) if one]

    async def _find(self, number: str) -> dict[str, Any] | None:
        if known := self._ids.get(number):
            return await self._read(known)
        if not number.isdigit():
            return None
        settings = await self.settings()
        name = quoted(f"{settings.prefix}{number}{settings.suffix}")
        found = await self.api.ask(orders.SEARCH, query=f"name:{name}", first=MOST)
        for one in found["nodes"]:
            if str(one["number"]) == number:
                return await self._read(one["id"])
        return None

    async def _read(self, id_: str) -> dict[str, Any] | None:
        data: dict[str, Any] | None = await self.api.ask(orders.ORDER, id=id_)
        if data is None:
            return None
        lines = data["lineItems"]
        while lines["pageInfo"]["hasNextPage"]:
            after = lines["pageInfo"]["endCursor"]
            more = (await self.api.ask(orders.LINES, id=id_, after=after))["lineItems"]
            lines["nodes"] += more["nodes"]
            lines["pageInfo"] = more["pageInfo"]
        self._ids[str(data["number"])] = id_
        while len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return data

    async def _get(self, number: str) -> dict[str, Any]:
        data = await self._find(number)
        if data is None:
            raise NotFound(f"order {number}")
        return data

    async def _cancelled(self, data: dict[str, Any], reason: str) -> dict[str, Any]:
        """Shopify does it after its answer."""
        wish: dict[str, Any] = {"id": data["id"], "note": reason[:255]}
        if sales.paid_in(data["totalReceivedSet"]):
            wish["refund"] = {"originalPaymentMethodsRefund": True}
        await self.api.ask(orders.CANCEL, **wish)
        for _ in range(CANCELLING):
            found = await self._read(data["id"])
            if found and found["cancelledAt"]:
                return found
            await asyncio.sleep(PAUSE)
        raise Unavailable("shopify: the order was not cancelled in time")

    async def _refund(self, data: dict[str, Any], minor: int, reason: str) -> None:
        if minor <= 0:
            return
        currency, id_ = data["presentmentCurrencyCode"], data["id"]
        moved = (await self.api.ask(orders.MOVED, id=id_))["transactions"]
        parts = orders.shares(moved, minor)
        wish = {
            "orderId": id_,
            "currency": currency,
            "note": reason,
            "notify": False,
            "transactions": [
                {
                    "orderId": id_,
                    "parentId": parent["id"],
                    "gateway": parent["gateway"],
                    "kind": "REFUND",
                    "amount": sales.amount(part, currency),
                }
                for parent, part in parts
            ],
        }
        already = sales.paid_in(data["totalRefundedSet"])
        key = token(f"{id_}/{already}/{minor}")
        await self.api.ask(orders.REFUND, repeatable=True, key=key, input=wish)


def quoted(text: str) -> str:
    """As one value of a search: https://shopify.dev/docs/api/usage/search-syntax"""
    plain = text.replace("\\", "").replace('"', "")
    return f'"{plain}"'


def token(key: str) -> str:
    """Shopify's idempotency keys: a UUID that the same write always has."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key))


def fullest(item: dict[str, Any]) -> str:
    """Where most of it lies; of two such places always the same."""
    levels = item["inventoryLevels"]["nodes"]
    best = max(levels, key=lambda level: (level["quantities"][0]["quantity"], level["id"]))
    return str(best["location"]["id"])
