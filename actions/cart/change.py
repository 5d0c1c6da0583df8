"""Looking into the cart and changing what is in it."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction
from actions.cart.lines import line_meant, line_values, narrowed, next_steps, quantity, tell_cart
from actions.turn import Turn, choice
from shop import connect
from shop.model import Cart, CartLine, NotFound, OutOfStock, Product, Variant


class ViewCart(ShopAction):
    def name(self) -> str:
        return "action_view_cart"

    async def serve(self, turn: Turn) -> Events:
        tell_cart(turn, await connect("commerce").cart(turn.conversation, turn.locale))
        return []


class EmptyCart(ShopAction):
    def name(self) -> str:
        return "action_empty_cart"

    async def serve(self, turn: Turn) -> Events:
        commerce = connect("commerce")
        cart = await commerce.cart(turn.conversation, turn.locale)
        for line in cart.lines:
            await commerce.set_quantity(turn.conversation, line.variant_id, 0, turn.locale)
        turn.say("utter_cart_emptied" if cart.lines else "utter_cart_empty")
        return [SlotSet("last_variant", None)]


class CartChange(ShopAction):
    """Base of changes to one line: finds it, or asks which."""

    async def line(self, turn: Turn, cart: Cart) -> CartLine | None:
        if not cart.lines:
            turn.say("utter_cart_empty")
            return None
        line = await line_meant(turn, cart)
        if line is None:
            choices = [choice(li.title, turn.intent, product=li.product_id) for li in cart.lines]
            turn.say("utter_which_line", choices=choices)
        return line


class RemoveFromCart(CartChange):
    def name(self) -> str:
        return "action_remove_from_cart"

    async def serve(self, turn: Turn) -> Events:
        commerce = connect("commerce")
        cart = await commerce.cart(turn.conversation, turn.locale)
        line = await self.line(turn, cart)
        if line is None:
            return []
        cart = await commerce.set_quantity(turn.conversation, line.variant_id, 0, turn.locale)
        turn.say("utter_removed", **line_values(line), left=cart.count, total=cart.total)
        return []


class ChangeCart(CartChange):
    def name(self) -> str:
        return "action_change_cart"

    async def serve(self, turn: Turn) -> Events:
        commerce = connect("commerce")
        cart = await commerce.cart(turn.conversation, turn.locale)
        line = await self.line(turn, cart)
        if line is None:
            return []
        product = await commerce.product(line.product_id, turn.locale)
        variant = await self.variant(turn, product, line)
        if variant is None:
            turn.say("utter_stock_no_such_option", title=product.title, stock=[])
            return []
        wanted = quantity(turn) or line.quantity
        if variant.id == line.variant_id and wanted == line.quantity:
            turn.say("utter_change_to_what", **line_values(line))
            return []
        try:
            cart = await commerce.set_quantity(turn.conversation, variant.id, wanted, turn.locale)
        except OutOfStock as few:
            turn.say("utter_too_few", available=few.available, in_cart=line.quantity)
            return []
        if variant.id != line.variant_id:
            cart = await commerce.set_quantity(turn.conversation, line.variant_id, 0, turn.locale)
        changed = next(li for li in cart.lines if li.variant_id == variant.id)
        turn.say("utter_changed", **line_values(changed), total=cart.total, choices=next_steps())
        return [SlotSet("last_variant", variant.id)]

    async def variant(self, turn: Turn, product: Product, line: CartLine) -> Variant | None:
        """The line's variant with the options that the message names instead of its own."""
        now = next((v for v in product.variants if v.id == line.variant_id), None)
        if now is None:
            raise NotFound(line.variant_id)
        unlike = {
            axis: [e["value"] for e in turn.entities(axis) if e["value"] != now.options[axis]]
            for axis in product.axes
        }
        options = {axis: (unlike[axis] or [now.options[axis]])[0] for axis in product.axes}
        return next(iter(narrowed(product, options)), None)
