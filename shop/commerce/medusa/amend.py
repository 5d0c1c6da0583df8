"""Orders already placed at Medusa: read, paid, changed, cancelled. Each write looks first at what
has been done already, since an answer that was lost makes it come a second time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shop.commerce.changes import pieces
from shop.commerce.medusa import sales
from shop.commerce.medusa.api import OUT_OF_STOCK, Api, Denied
from shop.commerce.medusa.people import People
from shop.commerce.remote.levels import Level, undone
from shop.commerce.remote.vendor import TheirOrder
from shop.model import (
    Address,
    NotFound,
    Order,
    OutOfStock,
    PaymentMethod,
    Refused,
    Shopper,
    Unavailable,
)

MOST = 20  # orders of one person that are looked at, the newest
PAGE = 50
OURS = "shopkeeper"  # marks what we have begun and noted
LEVELS = "inventory_items.required_quantity,*inventory_items.inventory.location_levels"
Data = dict[str, Any]


class Amending:
    def __init__(self, api: Api) -> None:
        self.api = api
        self._methods: dict[str, str] = {}

    async def order(self, number: str) -> TheirOrder | None:
        data = await self._find(number)
        return await self._theirs(data) if data else None

    async def placed(self, id_: str) -> TheirOrder:
        """By Medusa's own id."""
        found = await self.api.admin("GET", f"/orders/{id_}", fields=sales.ORDER)
        return await self._theirs(found["order"])

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        found: dict[str, Data] = {}
        # Medusa looks for a phrase in one field: given and family name are two.
        for word in [email] if email else name.split():
            query: Data = {"q": word, "limit": MOST, "order": "-created_at"}
            answer = await self.api.admin("GET", "/orders", fields=sales.ORDER, **query)
            found |= {data["id"]: data for data in answer["orders"]}
        same = [d for d in found.values() if not email or d["email"].lower() == email.lower()]
        return tuple([await self._theirs(data) for data in same])

    async def pay(self, number: str, method: PaymentMethod) -> None:
        data = await self._get(number)
        for payment in sales.payments(data):
            if not sales.captured(payment):
                await self.api.admin("POST", f"/payments/{payment['id']}/capture", {})
        await self._settle(await self._get(number))
        await self.remark(number, f"paid: {method.kind} {method.id}")

    async def cancel(self, number: str, reason: str) -> None:
        """Medusa pays back by itself what was captured, and lets nobody write on the order then."""
        data = await self._get(number)
        if data["status"] != "canceled":
            await self.remark(number, f"cancelled: {reason}")
            await self.api.admin("POST", f"/orders/{data['id']}/cancel", {})

    async def refund(self, number: str, minor: int, reason: str) -> None:
        await self._refund(await self._get(number), minor, reason)

    async def change_items(self, before: Order, after: Order, key: str) -> None:
        data = await self._get(before.number)
        if pieces_of(data) != pieces(after):
            await self._edit(data, pieces(after))
            data = await self._get(before.number)
        if sales.paid(data):
            await self._settle(data)

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        data = await self._get(number)
        wish = {"shipping_address": sales.from_address(address, point)}
        here = (data["shipping_address"] or {}).get("country_code")
        if here != wish["shipping_address"]["country_code"]:
            raise Refused("delivery_unavailable", number=number)
        await self.api.admin("POST", f"/orders/{data['id']}", wish, again=True)

    async def change_customer(self, account: str, before: Shopper, after: Shopper) -> None:
        await People(self.api).change(account, before, after)

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        """Medusa has no idempotency keys: a line in the order's metadata keeps a repeat from doing
        it again (remote/levels.py)."""
        number = key.partition("/")[0]
        wanted = [level for item in pieces.items() for level in await self._levels(*item)]
        known = (await self._get(number))["metadata"] or {}
        left, note = undone(wanted, (str(text) for text in known.values()), key)
        if note:
            await self.remark(number, note)
        for level in left:
            wish = {"stocked_quantity": level.after}
            await self.api.admin("POST", f"/inventory-items/{level.place}", wish, again=True)

    async def remark(self, number: str, text: str) -> None:
        """Medusa's people see an order's metadata; each remark has a key of its own."""
        data = await self._get(number)
        known = data["metadata"] or {}
        mine = sum(key.startswith(OURS) for key in known)
        noted = {**known, f"{OURS}_{mine + 1}": text}
        await self.api.admin("POST", f"/orders/{data['id']}", {"metadata": noted}, again=True)

    async def shipping_options(self) -> list[Data]:
        fields = "+type.code,*prices,*prices.price_rules"
        found = await self.api.admin("GET", "/shipping-options", limit=100, fields=fields)
        options: list[Data] = found["shipping_options"]
        self._methods = {one["id"]: method_id(one) for one in options}
        return options

    async def _levels(self, id_: str, count: int) -> list[Level]:
        """Where most of a variant's parts lies."""
        product, _, variant = id_.rpartition("-")
        path = f"/products/{product}/variants/{variant}"
        found = await self.api.admin("GET", path, fields=LEVELS)
        wanted = []
        for part in found["variant"]["inventory_items"] or ():
            here = max(
                part["inventory"]["location_levels"], key=lambda one: one["stocked_quantity"]
            )
            place = f"{part['inventory']['id']}/location-levels/{here['location_id']}"
            now = here["stocked_quantity"]
            wanted.append(Level(place, now, now - count * part["required_quantity"]))
        return wanted

    async def _theirs(self, data: Data) -> TheirOrder:
        used = {way["shipping_option_id"] for way in data["shipping_methods"] or ()}
        if not used <= set(self._methods):
            await self.shipping_options()
        return sales.order(data, self._methods)

    async def _find(self, number: str) -> Data | None:
        """Medusa looks for a part of the number, in other fields too."""
        seen = 0
        while True:
            page: Data = {"q": number, "limit": PAGE, "offset": seen, "order": "-created_at"}
            answer = await self.api.admin("GET", "/orders", fields=sales.ORDER, **page)
            for data in answer["orders"]:
                if str(data["display_id"]) == number:
                    return dict(data)
            seen += len(answer["orders"])
            if not answer["orders"] or seen >= answer["count"]:
                return None

    async def _get(self, number: str) -> Data:
        data = await self._find(number)
        if data is None:
            raise NotFound(f"order {number}")
        return data

    async def _settle(self, data: Data) -> None:
        """What Medusa thinks is owed has been paid, or paid back: our ledger has it already."""
        owed = sales.owed(data)
        if owed < 0:
            await self._refund(data, -owed, "")
        elif owed > 0:
            waiting = [c for c in data["payment_collections"] if c["status"] == "not_paid"]
            id_ = waiting[0]["id"] if waiting else await self._collection(data, owed)
            paid = {"order_id": data["id"]}
            await self.api.admin("POST", f"/payment-collections/{id_}/mark-as-paid", paid)

    async def _collection(self, data: Data, minor: int) -> str:
        wish = {"order_id": data["id"], "amount": sales.major(minor, data["currency_code"])}
        made = await self.api.admin("POST", "/payment-collections", wish)
        return str(made["payment_collection"]["id"])

    async def _refund(self, data: Data, minor: int, reason: str) -> None:
        for payment in sales.payments(data):
            part = min(minor, sales.captured(payment) - sales.returned(payment))
            if part > 0:
                amount = sales.major(part, data["currency_code"])
                wish = {"amount": amount, "note": reason or OURS}
                await self.api.admin("POST", f"/payments/{payment['id']}/refund", wish)
                minor -= part

    async def _edit(self, data: Data, wanted: Mapping[str, int]) -> None:
        """https://docs.medusajs.com/resources/commerce-modules/order/edit"""
        path = f"/order-edits/{data['id']}"
        change = await self._begin_edit(data)
        try:
            if sales.codes(data):
                keep = {"carry_over_promotions": True}
                await self.api.admin("POST", f"/order-changes/{change}", keep, again=True)
            await self._wish(data, wanted, path)
            await self.api.admin("POST", f"{path}/request", {})
            await self.api.admin("POST", f"{path}/confirm", {})
        except Unavailable as trouble:
            with suppress(Unavailable, NotFound):
                await self.api.admin("DELETE", path)
            if isinstance(trouble, Denied) and trouble.kind == OUT_OF_STOCK:
                raise OutOfStock(0) from None
            raise

    async def _begin_edit(self, data: Data) -> str:
        wish = {"order_id": data["id"], "internal_note": OURS}
        try:
            made = await self.api.admin("POST", "/order-edits", wish)
        except Denied:
            await self._give_up(data)
            made = await self.api.admin("POST", "/order-edits", wish)
        return str(made["order_change"]["id"])

    async def _give_up(self, data: Data) -> None:
        """Ends an edit of ours that broke off; one by the shop's people is theirs."""
        path = f"/orders/{data['id']}/changes"
        found = await self.api.admin("GET", path, status=["pending", "requested"])
        if not any(one["internal_note"] == OURS for one in found["order_changes"]):
            raise Unavailable("medusa: the order is being changed")
        await self.api.admin("DELETE", f"/order-edits/{data['id']}")

    async def _wish(self, data: Data, wanted: Mapping[str, int], path: str) -> None:
        """New variants come first: an order never has nothing in it."""
        here = {f"{o['product_id']}-{o['variant_id']}": o for o in data["items"] if o["quantity"]}
        new = [
            {"variant_id": id_.rpartition("-")[2], "quantity": count}
            for id_, count in wanted.items()
            if id_ not in here
        ]
        if new:
            await self.api.admin("POST", f"{path}/items", {"items": new})
        for id_, one in here.items():
            if one["quantity"] != wanted.get(id_, 0):
                count = {"quantity": wanted.get(id_, 0)}
                await self.api.admin("POST", f"{path}/items/item/{one['id']}", count)


def pieces_of(data: Data) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in data["items"]:
        if one["quantity"]:
            id_ = f"{one['product_id']}-{one['variant_id']}"
            counted[id_] = counted.get(id_, 0) + one["quantity"]
    return counted


def method_id(option: Data) -> str:
    """The id in policy.yml of a shipping option: its type's code."""
    return str((option.get("type") or {}).get("code") or "").replace("-", "_")
