"""Orders already placed: where they are. Told only to the shopper they belong to."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.answers import email, person
from actions.base import Events, ShopAction, resume
from actions.forms import Field, Form, Values
from actions.turn import Turn, choice, said
from shop import identity
from shop.model import NotFound, Order

IDENTITY_SLOTS = ("identify_who", "identify_proof")


def number(turn: Turn) -> str | None:
    value = turn.value("order_number") or turn.value("number")
    return str(value) if value is not None else None


def who(turn: Turn, values: Values) -> str | None:
    """An e-mail, or a name."""
    return email(turn, values) or person(turn, values)


def proof(turn: Turn, values: Values) -> str | None:
    """What goes with it: an order number with an e-mail, a postcode with a name."""
    if "@" in (values.get("identify_who") or "@"):
        return number(turn)
    return turn.value("postcode")


class IdentifyForm(Form):
    """Asks who is writing, unless it is known or the order was placed in this conversation."""

    form = "identify_form"
    opened_by = frozenset({"track_order"})
    fields = (Field("identify_who", who), Field("identify_proof", proof))

    async def open(self, turn: Turn, values: Values) -> Values:
        if await identity.visible_orders(turn.conversation, turn.locale):
            return {"identify_who": "", "identify_proof": ""}
        known = {"identify_who": email(turn, values), "identify_proof": number(turn)}
        return {slot: value for slot, value in known.items() if value}

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        if slot == "identify_proof":
            by_mail = "@" in values["identify_who"]
            turn.say("utter_question_order_number" if by_mail else "utter_question_postcode")


class TrackOrder(ShopAction):
    def name(self) -> str:
        return "action_track_order"

    async def serve(self, turn: Turn) -> Events:
        asked = turn.slot("identify_proof") if "@" in (turn.slot("identify_who") or "") else None
        if turn.slot("identify_who"):
            await identify(turn)
        elif turn.slot("identify_who") is None:
            return self.after_failure(turn)
        orders = await identity.visible_orders(turn.conversation, turn.locale)
        wanted = plain(number(turn) or asked or "")
        chosen = [order for order in orders if plain(order.number) == wanted] if wanted else []
        if wanted and not chosen:
            raise NotFound(wanted)
        self.tell(turn, chosen or list(orders))
        return [*self.after_failure(turn), *resume(turn, "identify_form")]

    def tell(self, turn: Turn, orders: list[Order]) -> None:
        if len(orders) == 1:
            tell_order(turn, orders[0])
            return
        choices = [
            choice(
                said("utter_name_order", number=o.number, placed=o.placed, total=o.total),
                "track_order",
                order_number=o.number,
            )
            for o in orders[:6]
        ]
        turn.say("utter_which_order", count=len(orders), choices=choices)

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet(slot, None) for slot in IDENTITY_SLOTS]


def plain(order_number: str) -> str:
    return "".join(sign for sign in order_number.upper() if sign.isalnum())


async def identify(turn: Turn) -> None:
    """Raises NotFound in the same words for an unknown order, shopper or postcode."""
    who_, proof_ = turn.slot("identify_who"), turn.slot("identify_proof")
    by_mail = {"email": who_, "order_number": proof_}
    facts = by_mail if "@" in who_ else {"name": who_, "postcode": proof_}
    await identity.identify(turn.conversation, **facts)


def tell_order(turn: Turn, order: Order) -> None:
    tracking = order.tracking
    details = {
        "number": order.number,
        "placed": order.placed,
        "total": order.total,
        "items": [line.title for line in order.lines],
        "delivery": order.delivery.title,
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
