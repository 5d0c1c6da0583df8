"""Orders already placed at WooCommerce: read, paid, changed, cancelled. Each write looks first at
what has been done already, since an answer that was lost makes it come a second time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shop.commerce import changes
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.turns import Turns
from shop.commerce.remote.vendor import TheirOrder, product_of
from shop.commerce.woocommerce import sales
from shop.commerce.woocommerce.api import Api
from shop.commerce.woocommerce.catalogue import Catalogue
from shop.commerce.woocommerce.goods import meta
from shop.model import Address, Money, NotFound, Order, OutOfStock, PaymentMethod

MOST = 20  # orders of one person that are looked at, the newest
PLACES = 6  # decimal places, so that a net amount and its tax make the whole again
PAYABLE = ("pending", "on-hold", "failed")
TAKEN = "_shopkeeper_taken"  # metadata of a product: the last write that took pieces off its stock
STOCK = "stock"


class Amending:
    def __init__(self, api: Api, catalogue: Catalogue, deliveries: sales.Deliveries) -> None:
        self.api, self.catalogue, self.deliveries = api, catalogue, deliveries
        self._turns = Turns()

    async def order(self, number: str) -> TheirOrder | None:
        data = await self._find(number)
        return self._read(data) if data else None

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        words = name.split()
        # Shoppers say "Bąk Ewa" as well as "Ewa Bąk".
        asked = [email] if email else list({" ".join(words), " ".join(words[-1:] + words[:-1])})
        newest = {"per_page": MOST, "orderby": "date", "order": "desc", "dp": PLACES}
        lists = [self.api.get("/orders", search=one, **newest) for one in asked if one]
        found = {data["id"]: data for some in await asyncio.gather(*lists) for data in some}
        if email:
            found = {i: d for i, d in found.items() if mail(d) == email.lower()}
        placed = [data for data in found.values() if data["status"] not in sales.UNPLACED]
        return tuple(self._read(data) for data in placed)

    async def pay(self, number: str, method: PaymentMethod) -> None:
        """`set_paid` does nothing for an order on hold: its next state does."""
        data = await self._get(number)
        if data["status"] in PAYABLE:
            await self._to(number, "processing", transaction_id=f"{method.kind} {method.id}")

    async def cancel(self, number: str, reason: str) -> None:
        """Paid back first: what is paid back whole becomes `refunded`, and not `cancelled`."""
        their = self._read(await self._get(number))
        if their.paid > their.refunded:
            await self.refund(number, their.paid - their.refunded, reason)
        await self._to(number, "cancelled")

    async def refund(self, number: str, minor: int, reason: str) -> None:
        """A note of what our payments port pays back; stock is another matter."""
        data = await self._get(number)
        amount = Money(minor, data["currency"]).decimal
        note = {"amount": amount, "reason": reason, "api_refund": False, "api_restock": False}
        await self.api.create(f"/orders/{number}/refunds", note)

    async def change_items(self, before: Order, after: Order, key: str) -> None:
        """Versions of WooCommerce differ in what they do to the stock when lines change: `pending`
        gives an order's stock back in all of them, and the state that follows takes it again."""
        number = before.number
        async with self._turns.of(STOCK):
            data = await self._get(number)
            lines = new_lines(data, after)
            await self._to(number, "pending")
            try:
                await self._enough(after)
                if lines:
                    await self.api.update(f"/orders/{number}", {"line_items": lines})
            finally:
                await self._to(number, "processing" if data["date_paid_gmt"] else "on-hold")
        if before.total != after.total:
            await self.remark(number, f"changed: {before.total.decimal} -> {after.total.decimal}")

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        wish = {"shipping": sales.from_address(address, point)}
        await self.api.update(f"/orders/{number}", wish)

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        for id_, count in pieces.items():
            product, variation = product_of(id_), id_.rpartition("-")[2]
            own = f"/products/{product}"
            path = own if product == variation else f"{own}/variations/{variation}"
            async with self._turns.of(STOCK):
                data = await self.api.get(path)
                if data["manage_stock"] and meta(data, TAKEN) != key:
                    left = {"stock_quantity": int(data["stock_quantity"] or 0) - count}
                    done = {"meta_data": [{"key": TAKEN, "value": key}]}
                    await self.api.update(path, {**left, **done})

    async def remark(self, number: str, text: str) -> None:
        note = {"note": text, "customer_note": False}
        await self.api.create(f"/orders/{number}/notes", note)

    def _read(self, data: dict[str, Any]) -> TheirOrder:
        return sales.order(data, self.deliveries)

    async def _find(self, number: str) -> dict[str, Any] | None:
        if not number.isdigit():
            return None
        try:
            data: dict[str, Any] = await self.api.get(f"/orders/{number}", dp=PLACES)
        except NotFound:
            return None
        return None if data["status"] in sales.UNPLACED else data

    async def _get(self, number: str) -> dict[str, Any]:
        data = await self._find(number)
        if data is None:
            raise NotFound(f"order {number}")
        return data

    async def _to(self, number: str, status: str, **other: str) -> None:
        await self.api.update(f"/orders/{number}", {"status": status, **other})

    async def _enough(self, order: Order) -> None:
        """Whether there is now what the order shall hold. Raises OutOfStock."""
        left = await self.left({line.variant_id for line in order.lines})
        for id_, count in changes.pieces(order).items():
            if left.get(id_, 0) < count:
                raise OutOfStock(max(0, left.get(id_, 0)))

    async def left(self, ids: set[str]) -> dict[str, int]:
        """What can be sold of variants; below zero where more was sold than there is."""
        goods = await self.catalogue.products({product_of(id_) for id_ in ids})
        return {v.id: v.stock for product in goods.products for v in product.variants}


def mail(data: dict[str, Any]) -> str:
    return str(data["billing"].get("email") or "").lower()


def new_lines(data: dict[str, Any], after: Order) -> list[dict[str, Any]]:
    """What has to be done to an order's lines so that it holds, and costs, what it shall: lines of
    which there is another number go, and come back with what was agreed as their price."""
    wanted, here = changes.pieces(after), counted(data)
    changed = {id_ for id_ in {*wanted, *here} if wanted.get(id_, 0) != here.get(id_, 0)}
    gone = [one for one in data["line_items"] if sales.line(one, data).variant_id in changed]
    kept = [one for one in data["line_items"] if one not in gone]
    new = [line for line in after.lines if line.variant_id in changed]
    goods = sum(line.total.minor for line in new)
    off = max(0, after.discount.minor - sum(discount(one, data) for one in kept))
    removed: list[dict[str, Any]] = [{"id": one["id"], "quantity": 0} for one in gone]
    for line in new:
        net = share(data, product_of(line.variant_id)).scaleb(-places(data))
        less = line.total.minor - Decimal(off * line.total.minor) / max(goods, 1)
        price = {"subtotal": told(line.total.minor * net), "total": told(less * net)}
        removed.append({**sales.reference(line.variant_id), "quantity": line.quantity, **price})
    return removed


def counted(data: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in data["line_items"]:
        id_ = sales.line(one, data).variant_id
        found[id_] = found.get(id_, 0) + one["quantity"]
    return found


def discount(line: dict[str, Any], data: dict[str, Any]) -> int:
    before = Decimal(line["subtotal"]) + Decimal(line["subtotal_tax"])
    after = Decimal(line["total"]) + Decimal(line["total_tax"])
    return minor(before - after, data["currency"])


def share(data: dict[str, Any], product: str) -> Decimal:
    """How much of a product's price is left without tax, as in the order's other lines of it."""
    for one in data["line_items"]:
        net, tax = Decimal(one["subtotal"]), Decimal(one["subtotal_tax"])
        if str(one["product_id"]) == product and net:
            return net / (net + tax)
    return Decimal(1)


def places(data: dict[str, Any]) -> int:
    """Of the currency: what a minor unit is of the major one."""
    return len(str(minor("1", data["currency"]))) - 1


def told(amount: Decimal) -> str:
    return str(amount.quantize(Decimal(1).scaleb(-PLACES)))
