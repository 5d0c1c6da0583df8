"""Placing the order: once, after a yes to what was read back."""

from __future__ import annotations

import logging

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction
from actions.checkout.form import CHECKOUT_SLOTS
from actions.checkout.payment import pay_button, start_payment
from actions.transcript import transcript
from actions.turn import Turn, choice, said
from shop import connect, identity
from shop.crm import telling
from shop.model import Address, Checkout, Contact, Note, Order, OutOfStock, Unavailable, deal_of
from shop.store import now

logger = logging.getLogger(__name__)


class PlaceOrder(ShopAction):
    """Places the order once and says where to pay; the payment's arrival comes as a notice."""

    def name(self) -> str:
        return "action_place_order"

    async def serve(self, turn: Turn) -> Events:
        if turn.slot("checkout_confirmed") is not True:
            return await self.unfinished(turn)
        checkout = await self.checkout(turn)
        try:
            order = await connect("commerce").place_order(
                turn.conversation, checkout, turn.locale, key=turn.key("place_order")
            )
        except OutOfStock as few:
            turn.say("utter_sold_meanwhile", available=few.available)
            return [SlotSet("checkout_confirmed", None)]
        except Unavailable as trouble:
            logger.warning("an order may have been placed: %s", trouble)
            check = choice(said("utter_name_check_order"), "pay_again")
            turn.say("utter_order_unclear", choices=[check])
            return cleared()
        await tell_crm(turn, checkout, order)
        await say_placed(turn, order)
        return cleared()

    async def unfinished(self, turn: Turn) -> Events:
        cart = await connect("commerce").cart(turn.conversation, turn.locale)
        if not cart.lines:
            turn.say("utter_cart_empty")
        return cleared()

    async def checkout(self, turn: Turn) -> Checkout:
        known = await identity.shopper(turn.conversation)
        postcode, city = turn.slot("checkout_place") or ("", "")
        address = Address(
            name=turn.slot("checkout_name"),
            street=turn.slot("checkout_street"),
            postcode=postcode,
            city=city,
            country=turn.slot("checkout_country"),
        )
        return Checkout(
            email=turn.slot("checkout_email"),
            phone=turn.slot("checkout_phone") or None,
            address=address,
            delivery=turn.slot("checkout_delivery"),
            point=turn.slot("checkout_point") or None,
            language=turn.language,
            shopper_id=known.id if known else None,
        )


async def say_placed(turn: Turn, order: Order) -> None:
    """With the payment's link, or how to get one later: the order stands either way."""
    name, told = "utter_order_placed", {"number": order.number, "total": order.total}
    try:
        button = pay_button(await start_payment(turn, order))
    except Unavailable as trouble:
        logger.warning("order %s has no payment page yet: %s", order.number, trouble)
        name, button = "utter_order_unpaid", choice(said("utter_name_pay_again"), "pay_again")
    turn.say(name, **told, choices=[button])


def cleared() -> Events:
    return [SlotSet(slot, None) for slot in CHECKOUT_SLOTS]


async def tell_crm(turn: Turn, checkout: Checkout, order: Order) -> None:
    """The contact, what was bought, and how it came to that."""
    contact = Contact(
        email=checkout.email,
        name=checkout.address.name,
        phone=checkout.phone,
        language=checkout.language,
    )
    said_so_far, who = transcript(turn), checkout.email
    note = Note(turn.conversation, "order_placed", order.number, who, now(), {}, said_so_far)
    await telling.mention(f"placed_{order.number}", contact, deal_of(order), note)
