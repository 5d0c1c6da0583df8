"""Changing an order that has not left yet: its items, payment, address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, log, order_of
from actions.aftersale.lines import WhichLines, WhichVariants
from actions.aftersale.model import Request
from actions.aftersale.money import WhichMethod, method_of, method_words, price_difference
from actions.aftersale.orders import WhichOrder
from actions.aftersale.places import WhichAddress
from actions.turn import said
from shop import connect, rules
from shop.model import Address, Money, Order, OrderState, Refused


class ChangeItems(Kind):
    """Lines become other variants of the same product, all in one change: there is but one."""

    name = "change_items"
    intents = frozenset({"change_order"})
    what = "change_items"
    questions = (WhichOrder("change_items"), WhichLines(), WhichVariants(same=False), WhichMethod())

    def instead(self, context: Context, order: Order) -> str | None:
        return "exchange" if order.state is OrderState.DELIVERED else None

    async def check(self, context: Context, request: Request) -> Refused | None:
        return await payable(context, request)

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        changes = await changes_words(context, request, order)
        return {"number": order.number, "changes": changes, **await money(context, request, order)}

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        await connect("commerce").change_items(
            order.number, request.variants, request.method, context.locale(order), request.id
        )
        context.turn.say("utter_done_change_items", **values)
        await log(context, "order_changed", order.number)
        return {}


async def payable(context: Context, request: Request) -> Refused | None:
    """Whether the method covers what is to be paid."""
    order = order_of(context, request)
    method = await method_of(context, request, order)
    difference = await price_difference(context, request, order)
    return rules.coverage(method, difference) if method and difference else None


async def changes_words(context: Context, request: Request, order: Order) -> list[Any]:
    """ "Tablet: 8-inch, gold → 7-inch, black"."""
    products = await context.products(order)
    variants = {v.id: v for product in products.values() for v in product.variants}
    return [
        said(
            "utter_name_item_change",
            title=line.title,
            before=list(line.labels.values()),
            after=list(variants[request.variants[line.id]].labels.values()),
            same="yes" if request.variants[line.id] == line.variant_id else "no",
        )
        for line in order.lines
        if request.variants.get(line.id) in variants
    ]


async def money(context: Context, request: Request, order: Order) -> Entry:
    """The difference in price and who pays it: `moves` is pay, refund or none."""
    difference = await price_difference(context, request, order)
    minor = difference.minor if difference else 0
    return {
        "moves": "pay" if minor > 0 else "refund" if minor < 0 else "none",
        "difference": Money(abs(minor), order.total.currency),
        "method": method_words(await method_of(context, request, order)),
    }


class ChangePayment(Kind):
    name = "change_payment"
    intents = frozenset({"change_payment"})
    what = "change_payment"
    questions = (WhichOrder("change_payment"), WhichMethod(other=True))

    async def check(self, context: Context, request: Request) -> Refused | None:
        order = order_of(context, request)
        method = await method_of(context, request, order)
        return rules.coverage(method, order.total) if method else None

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        return {
            "number": order.number,
            "total": order.total,
            "before": method_words(context.original(order)),
            "method": method_words(await method_of(context, request, order)),
        }

    def before(self, context: Context, request: Request) -> Entry:
        original = context.original(order_of(context, request))
        return {"method": original.id if original else None}

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        await connect("commerce").change_payment(
            order.number, request.method or "", context.locale(order), request.id
        )
        context.turn.say("utter_done_change_payment", **values)
        await log(context, "payment_changed", order.number)
        return {}


class ChangeAddress(Kind):
    name = "change_address"
    intents = frozenset({"change_address"})
    what = "change_address"
    questions = (WhichOrder("change_address"), WhichAddress())

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        return {"number": order.number, "address": request.point or address_line(request.address)}

    def before(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        return {"address": asdict(order.address), "point": order.point}

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        address = Address(**request.address) if request.address else order.address
        await connect("commerce").change_address(
            order.number, address, request.point, context.locale(order), request.id
        )
        context.turn.say("utter_done_change_address", **values)
        await log(context, "address_changed", order.number)
        return {}


def address_line(address: dict[str, str] | None) -> str:
    if address is None:
        return ""
    place = " ".join(filter(None, (address["postcode"], address["city"], address.get("region"))))
    return ", ".join(filter(None, (address["name"], address["street"], place, address["country"])))
