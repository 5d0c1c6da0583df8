"""Returning and exchanging what was delivered."""

from __future__ import annotations

from typing import Any

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, items_words, log, order_of
from actions.aftersale.lines import WhichLines, WhichVariants
from actions.aftersale.model import Request
from actions.aftersale.money import WhichMethod, back_words, method_of
from actions.aftersale.orders import WhichOrder
from actions.aftersale.reasons import Reason
from actions.orders.change import changes_words, money, payable
from actions.turn import said
from shop import connect, rules
from shop.model import Order, Refused, Return
from shop.policy import policy


class GiveBack(Kind):
    name = "return"
    intents = frozenset({"return_item"})
    what = "return"
    questions = (WhichOrder("return"), WhichLines(), Reason("return"), WhichMethod(refund=True))

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        amount = rules.refund(order, request.items or {})
        return {
            "number": order.number,
            "items": items_words(order, request.items),
            "reason": said(f"utter_name_reason_{request.reason}") if request.reason else "",
            "why": "yes" if request.reason else "no",
            **back_words(order, amount, await method_of(context, request, order)),
        }

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        announced = await connect("commerce").request_return(
            order.number,
            request.items or {},
            request.reason or "",
            request.method,
            context.locale(order),
            request.id,
        )
        values = {**values, **back_words(order, announced.amount, announced.method)}
        context.turn.say("utter_done_return", **values, **next_steps(announced))
        await log(context, "return_requested", announced.id, order=order.number)
        return {"return_id": announced.id}


class Exchange(Kind):
    name = "exchange"
    intents = frozenset({"exchange_item"})
    what = "exchange"
    questions = (
        WhichOrder("exchange"),
        WhichLines(),
        WhichVariants(same=True),
        Reason("exchange"),
        WhichMethod(),
    )

    def instead(self, context: Context, order: Order) -> str | None:
        return "change_items" if context.may(order, "change_items") else None

    async def check(self, context: Context, request: Request) -> Refused | None:
        return await payable(context, request)

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        changes = await changes_words(context, request, order)
        return {"number": order.number, "changes": changes, **await money(context, request, order)}

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        announced = await connect("commerce").request_exchange(
            order.number,
            request.variants,
            request.reason or "",
            request.method,
            context.locale(order),
            request.id,
        )
        context.turn.say("utter_done_exchange", **values, **next_steps(announced))
        await log(context, "exchange_requested", announced.id, order=order.number)
        return {"return_id": announced.id}


def next_steps(announced: Return) -> dict[str, Any]:
    """The label and the dates of what comes next."""
    link = [{"title": said("utter_name_label"), "url": announced.label}] if announced.label else []
    return {
        "id": announced.id,
        "labelled": "yes" if announced.label else "no",
        "send_by": policy().local(announced.send_by).date() if announced.send_by else "",
        "dated": "yes" if announced.send_by else "no",
        "refund_by": policy().local(announced.refund_by).date() if announced.refund_by else "",
        "choices": link,
    }
