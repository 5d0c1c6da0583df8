"""Taking back what was done, where it can be; else what comes nearest."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, order_of
from actions.aftersale.model import Request
from actions.turn import choice, said
from shop import connect
from shop.model import OrderState, ReturnState

UNDER_WAY = (OrderState.RETURN_REQUESTED, OrderState.EXCHANGE_REQUESTED)


class Undo(Kind):
    """Withdraws a return or an exchange; addresses and payments are changed back as changes."""

    name = "undo"
    intents = frozenset({"undo"})

    async def values(self, context: Context, request: Request) -> Entry:
        done = said(f"utter_name_done_{(request.undoes or {})['kind']}")
        return {"number": request.order, "done": done}

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order = order_of(context, request)
        return_id = (request.undoes or {})["return_id"]
        await connect("commerce").withdraw(return_id, context.locale(order), request.id)
        context.turn.say("utter_done_undo", **values)
        return None


async def undoing(context: Context, request: Request) -> Request | None:
    """The wish that takes back the last thing done; None after saying why there is none."""
    for entry in reversed(context.done):
        before = entry.get("before") or {}
        order = entry["order"]
        match entry["kind"]:
            case "return" | "exchange" if "return_id" in before:
                undoes = {"kind": entry["kind"], "return_id": before["return_id"]}
                return Request(request.id, "undo", order=order, undoes=undoes)
            case "change_address":
                address, point = before.get("address"), before.get("point")
                return Request(
                    request.id, "change_address", order=order, address=address, point=point
                )
            case "change_payment" if before.get("method"):
                return Request(request.id, "change_payment", order=order, method=before["method"])
            case "cancel":
                again = choice(said("utter_name_intent_reorder"), "reorder", order_number=order)
                context.turn.say("utter_cannot_undo_cancel", number=order, choices=[again])
                return None
            case "change_items":
                person = choice(said("utter_name_person"), "ask_person")
                context.turn.say("utter_cannot_undo_change_items", number=order, choices=[person])
                return None
    return await open_return(context, request)


async def open_return(context: Context, request: Request) -> Request | None:
    """A return or exchange announced earlier and not sent yet."""
    for order in context.orders:
        if order.state in UNDER_WAY:
            for entry in await connect("commerce").returns(order.number, context.locale(order)):
                if entry.state is ReturnState.REQUESTED:
                    undoes = {"kind": entry.kind.value, "return_id": entry.id}
                    return Request(request.id, "undo", order=order.number, undoes=undoes)
    context.turn.say("utter_nothing_to_undo")
    return None
