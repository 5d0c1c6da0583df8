"""The payment of an order: its link, its state, and its arrival as a notice."""

from __future__ import annotations

from typing import Any

from actions.base import Events, ShopAction
from actions.turn import Turn, choice, said
from shop import connect, identity
from shop.model import NotFound, Order, OrderState, Payment

PAYABLE = (OrderState.AWAITING_PAYMENT, OrderState.PAYMENT_FAILED)
ENDED = (OrderState.CANCELLED, OrderState.REFUNDED)


def pay_button(payment: Payment) -> dict[str, Any]:
    return {"title": said("utter_name_pay", amount=payment.amount), "url": payment.url}


async def start_payment(turn: Turn, order: Order) -> Payment:
    page = turn.metadata.get("page") or {}
    return await connect("payments").start(
        order, turn.language, return_url=page.get("url") or "", key=turn.key("pay")
    )


def say_ended(turn: Turn, order: Order) -> None:
    """Cancelled, maybe because nobody paid it in time: no money is kept for it."""
    turn.say(f"utter_order_{order.state.value}", number=order.number, total=order.total)


async def own_orders(turn: Turn) -> tuple[Order, ...]:
    return await identity.visible_orders(turn.conversation, turn.locale)


class PayAgain(ShopAction):
    def name(self) -> str:
        return "action_pay_again"

    async def serve(self, turn: Turn) -> Events:
        orders = await own_orders(turn)
        open_ones = [order for order in orders if order.state in PAYABLE]
        if not open_ones:
            self.nothing_to_pay(turn, orders)
            return []
        payment = await start_payment(turn, open_ones[0])
        turn.say(
            "utter_pay_again",
            number=open_ones[0].number,
            total=open_ones[0].total,
            choices=[pay_button(payment)],
        )
        return []

    def nothing_to_pay(self, turn: Turn, orders: tuple[Order, ...]) -> None:
        if orders and orders[0].state in ENDED:
            say_ended(turn, orders[0])
        else:
            turn.say("utter_nothing_to_pay" if orders else "utter_no_order_here")


class TellPayment(ShopAction):
    def name(self) -> str:
        return "action_tell_payment"

    async def serve(self, turn: Turn) -> Events:
        orders = await own_orders(turn)
        if not orders:
            turn.say("utter_no_order_here")
            return []
        order = orders[0]
        again = [choice(said("utter_name_pay_again"), "pay_again")]
        if order.state in PAYABLE:
            turn.say("utter_not_paid_yet", number=order.number, total=order.total, choices=again)
        elif order.state in ENDED:
            say_ended(turn, order)
        else:
            turn.say("utter_paid_already", number=order.number, total=order.total)
        return []


class TellPaymentOutcome(ShopAction):
    """A notice of our own front: the provider's word on a payment, already checked there, or that
    nobody has paid."""

    def name(self) -> str:
        return "action_tell_payment_outcome"

    async def serve(self, turn: Turn) -> Events:
        order = await connect("commerce").order(turn.value("order_number"), turn.locale)
        if order.conversation != turn.conversation:
            raise NotFound(order.number)
        told = {"number": order.number, "total": order.total, "email": order.email}
        if turn.intent == "order_released":
            turn.say("utter_order_released", **told)
        elif turn.intent == "payment_received":
            track = choice(said("utter_name_track"), "track_order", order_number=order.number)
            turn.say("utter_paid", **told, choices=[track])
        elif turn.intent == "payment_unclear":
            turn.say("utter_payment_unclear", **told)
        else:
            again = choice(said("utter_name_pay_again"), "pay_again")
            turn.say("utter_payment_failed", **told, choices=[again])
        return []
