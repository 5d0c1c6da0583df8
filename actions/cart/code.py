"""Promotion codes."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction, resume
from actions.cart.lines import tell_cart
from actions.forms import Field, Form, Values
from actions.turn import Turn
from shop import connect


def code(turn: Turn, values: Values) -> str | None:
    """A promotion code: named as such, or the one word of the answer."""
    word = turn.text.strip()
    return turn.value("code") or (word if len(word.split()) == 1 and len(word) < 32 else None)


class CodeForm(Form):
    form = "code_form"
    fields = (Field("promo_code", code),)
    opened_by = frozenset({"apply_code"})

    async def open(self, turn: Turn, values: Values) -> Values:
        return {"promo_code": turn.value("code")} if turn.value("code") else {}


class ApplyCode(ShopAction):
    def name(self) -> str:
        return "action_apply_code"

    async def serve(self, turn: Turn) -> Events:
        word = turn.slot("promo_code")
        if word:
            cart = await connect("commerce").apply_code(turn.conversation, word, turn.locale)
            tell_cart(turn, cart, "utter_code_applied")
        return [SlotSet("promo_code", None), *resume(turn, "code_form")]

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet("promo_code", None)]
