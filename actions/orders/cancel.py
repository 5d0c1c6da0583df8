"""Cancelling an order."""

from __future__ import annotations

from dataclasses import replace

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, items_words, log, order_of
from actions.aftersale.model import Request
from actions.aftersale.orders import WhichOrder
from actions.aftersale.reasons import Reason
from actions.turn import choice, said
from shop import connect
from shop.model import DealStage, deal_of


class Cancel(Kind):
    name = "cancel"
    intents = frozenset({"cancel_order"})
    what = "cancel"
    questions = (WhichOrder("cancel"), Reason("cancel"))

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        return {
            "number": order.number,
            "items": items_words(order, {line.id: line.quantity for line in order.lines}),
            "total": order.total,
            "reason": said(f"utter_name_reason_{request.reason}") if request.reason else "",
            "why": "yes" if request.reason else "no",
            "paid": "yes" if order.transactions else "no",
        }

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        await connect("commerce").cancel(
            order.number, request.reason or "other", context.locale(order), request.id
        )
        again = choice(said("utter_name_intent_reorder"), "reorder", order_number=order.number)
        context.turn.say("utter_done_cancel", **values, choices=[again])
        lost = replace(deal_of(order), stage=DealStage.LOST)
        await log(context, "order_cancelled", order.number, lost, reason=request.reason)
        return {}
