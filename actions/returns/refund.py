"""Where a refund is."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, order_of
from actions.aftersale.model import Request
from actions.aftersale.money import back_words, method_words
from actions.aftersale.orders import WhichOrder
from actions.turn import choice, said
from shop import connect
from shop.model import Order, OrderState, Return
from shop.policy import policy

REFUNDING = (
    OrderState.RETURN_REQUESTED,
    OrderState.EXCHANGE_REQUESTED,
    OrderState.RETURNED,
    OrderState.REFUNDED,
    OrderState.CANCELLED,
)


class RefundedOrder(WhichOrder):
    """First the orders from which money comes back."""

    def candidates(self, context: Context) -> list[Order]:
        return [o for o in context.orders if o.state in REFUNDING] or list(context.orders)


class RefundStatus(Kind):
    name = "refund_status"
    intents = frozenset({"refund_status"})
    questions = (RefundedOrder(),)
    writes = False

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        refunds = [t for t in order.transactions if t.refund]
        known = await connect("commerce").returns(order.number, context.locale(order))
        if refunds:
            self.refunded(context, order)
        elif known:
            self.under_way(context, order, known[0])
        else:
            give_back = choice(
                said("utter_name_intent_return_item"), "return_item", order_number=order.number
            )
            able = [give_back] if context.may(order, "return") else []
            context.turn.say("utter_refund_none", number=order.number, choices=able)
        return None

    def refunded(self, context: Context, order: Order) -> None:
        words = [
            said("utter_name_refund", amount=t.amount, method=method_words(t.method))
            for t in order.transactions
            if t.refund
        ]
        late = choice(said("utter_name_not_arrived"), "report_problem", reason="not_refunded")
        context.turn.say("utter_refund_sent", number=order.number, refunds=words, choices=[late])

    def under_way(self, context: Context, order: Order, entry: Return) -> None:
        context.turn.say(
            f"utter_refund_{entry.state.value}",
            number=order.number,
            id=entry.id,
            **back_words(order, entry.amount, entry.method),
            refund_by=policy().local(entry.refund_by).date() if entry.refund_by else "",
            dated="yes" if entry.refund_by else "no",
        )
