"""Ordering the same again."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, order_of
from actions.aftersale.lines import WhichLines
from actions.aftersale.model import Heard, Request
from actions.aftersale.orders import WhichOrder
from actions.cart.lines import tell_cart
from shop import connect
from shop.model import NotFound, OutOfStock


class AllLines(WhichLines):
    """All of the order unless some of it is named."""

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        read = await super().read(context, request, heard, asked)
        order = context.order(read)
        if read.items or order is None:
            return read
        return read.but(items={line.id: line.quantity for line in order.lines})


class Reorder(Kind):
    """Puts the goods into the cart; nothing is bought before the checkout."""

    name = "reorder"
    intents = frozenset({"reorder"})
    questions = (WhichOrder(), AllLines())
    writes = False

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        order, turn = order_of(context, request), context.turn
        commerce, missing = connect("commerce"), []
        for line in order.lines:
            pieces = (request.items or {}).get(line.id, 0)
            try:
                if pieces:
                    await commerce.set_quantity(
                        turn.conversation, line.variant_id, pieces, turn.locale
                    )
            except (OutOfStock, NotFound):
                missing.append(line.title)
        if missing:
            turn.say("utter_reorder_missing", titles=missing)
        tell_cart(turn, await commerce.cart(turn.conversation, turn.locale))
        return None
