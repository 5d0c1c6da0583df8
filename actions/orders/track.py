"""Where an order is, what is in it, its invoice."""

from __future__ import annotations

from typing import Any

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, items_words, order_of
from actions.aftersale.model import Request
from actions.aftersale.money import method_words
from actions.aftersale.orders import WhichOrder
from actions.turn import Turn, choice, said
from shop import connect, rules
from shop.model import Order


class Track(Kind):
    name = "track"
    intents = frozenset({"track_order"})
    questions = (WhichOrder(),)
    writes = False

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        tell_order(context.turn, order_of(context, request))
        return None


class Details(Kind):
    """What was bought, what it cost, how it was paid, where it goes."""

    name = "details"
    intents = frozenset({"order_details"})
    questions = (WhichOrder(),)
    writes = False

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        address = order.address
        paid = [t for t in order.transactions if not t.refund]
        context.turn.say(
            "utter_order_details",
            number=order.number,
            placed=order.placed,
            state=said(f"utter_name_state_{order.state.value}"),
            items=items_words(order, {line.id: line.quantity for line in order.lines}),
            total=order.total,
            delivery=order.delivery.title,
            address=order.point or f"{address.street}, {address.postcode} {address.city}",
            methods=[method_words(transaction.method) for transaction in paid],
            paid="yes" if paid else "no",
            choices=possible(context, order),
        )
        return None


class Invoice(Kind):
    name = "invoice"
    intents = frozenset({"get_invoice"})
    questions = (WhichOrder(),)
    writes = False

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        url = await connect("commerce").invoice(order.number, context.locale(order))
        link = {"title": said("utter_name_invoice"), "url": url}
        context.turn.say("utter_invoice", number=order.number, total=order.total, choices=[link])
        return None


POSSIBLE = {
    "cancel": "cancel_order",
    "change_items": "change_order",
    "change_address": "change_address",
    "return": "return_item",
    "exchange": "exchange_item",
}


def possible(context: Context, order: Order, without: str = "") -> list[dict[str, Any]]:
    """Buttons for what may be done with an order now."""
    allowed = [what for what in rules.allowed(order, context.at) if what != without]
    return [
        choice(
            said(f"utter_name_intent_{POSSIBLE[what]}"), POSSIBLE[what], order_number=order.number
        )
        for what in allowed
        if what in POSSIBLE
    ][:3]


def tell_order(turn: Turn, order: Order) -> None:
    tracking = order.tracking
    details = {
        "number": order.number,
        "placed": order.placed,
        "total": order.total,
        "items": [line.title for line in order.lines],
        "delivery": order.delivery.title,
        "from_days": order.delivery.days[0],
        "to_days": order.delivery.days[1],
    }
    if tracking:
        details |= {
            "carrier": tracking.carrier,
            "tracking": tracking.number,
            "updated": tracking.updated,
            "estimated": tracking.estimated or "",
            "promised": "yes" if tracking.estimated else "no",
        }
    link = [{"title": said("utter_name_tracking_page"), "url": tracking.url}] if tracking else []
    pay = order.state.value in ("awaiting_payment", "payment_failed")
    again = [choice(said("utter_name_pay_again"), "pay_again")] if pay else []
    turn.say(f"utter_order_{order.state.value}", **details, choices=[*link, *again])
