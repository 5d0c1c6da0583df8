"""Putting something into the cart: the variant asked for, or a question for what is missing."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction, resume
from actions.cart.lines import line_values, narrowed, next_steps, quantity
from actions.forms import Field, Form, Values
from actions.product import meant
from actions.turn import Turn, choice
from shop import connect
from shop.model import OutOfStock, Product

ADD_SLOTS = ("add_product", "add_options", "add_variant", "add_quantity")


def named_product(turn: Turn, values: Values) -> str | None:
    return next(iter(meant(turn)), None)


def open_axis(product: Product, options: dict[str, str]) -> str | None:
    """The first axis that is still undecided among what is in stock."""
    left = [v for v in narrowed(product, options) if v.stock > 0]
    axes = (axis for axis in product.axes if len({v.options[axis] for v in left}) > 1)
    return next(axes, None)


def heard_options(turn: Turn, product: Product) -> dict[str, str]:
    """Option values that the message names, by their ids, or by their labels as typed."""
    options = {}
    for axis in product.axes:
        ids = {v.options[axis]: v.labels[axis] for v in product.variants}
        said_ids = [str(e["value"]) for e in turn.entities(axis)]
        typed = turn.text.strip().casefold()
        match = [i for i in said_ids if i in ids]
        match += [i for i, label in ids.items() if typed in (i.casefold(), label.casefold())]
        if match:
            options[axis] = match[0]
    return options


class AddForm(Form):
    """Asks only for what is missing: which product, which size, which colour."""

    form = "add_form"
    opened_by = frozenset({"add_to_cart"})

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("add_product", named_product),
            Field("add_options", self.more_options, typed=True),
            Field("add_variant", lambda turn, values: None),
            Field("add_quantity", lambda turn, values: quantity(turn), typed=True),
        )

    def needed(self, values: Values) -> list[str]:
        return ["add_product", "add_variant"]

    async def open(self, turn: Turn, values: Values) -> Values:
        opened: Values = {"add_quantity": quantity(turn) or 1, "add_options": {}}
        opened["add_product"] = named_product(turn, values)
        opened["add_variant"] = turn.value("variant")
        return await self.amend(turn, values, {k: v for k, v in opened.items() if v is not None})

    async def more_options(self, turn: Turn, values: Values) -> dict[str, str] | None:
        if not values.get("add_product"):
            return None
        product = await connect("commerce").product(values["add_product"], turn.locale)
        new = heard_options(turn, product)
        return {**(values.get("add_options") or {}), **new} if new else None

    async def amend(self, turn: Turn, values: Values, taken: Values) -> Values:
        """Settles the variant as soon as what is known leaves one."""
        now = {**values, **taken}
        if not now.get("add_product") or now.get("add_variant"):
            return taken
        product = await connect("commerce").product(now["add_product"], turn.locale)
        options = {**(now.get("add_options") or {}), **heard_options(turn, product)}
        variants = narrowed(product, options)
        left = [v for v in variants if v.stock > 0]
        if not left:
            turn.say("utter_add_none_left", title=product.title)
            options = {}
        if open_axis(product, options) is None and left:
            taken = {**taken, "add_variant": left[0].id}
        return {**taken, "add_options": options} if options or taken else taken

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        commerce = connect("commerce")
        if slot == "add_product":
            shown = turn.slot("shown") or []
            products = [await commerce.product(i, turn.locale) for i in shown[:6]]
            choices = [choice(product.title, "inform", product=product.id) for product in products]
            turn.say("utter_question_add_product", choices=choices)
            return
        product = await commerce.product(values["add_product"], turn.locale)
        options = values.get("add_options") or {}
        axis = open_axis(product, options)
        if axis is None:
            turn.say("utter_stock_none", title=product.title, options=[])
            return
        left = [v for v in narrowed(product, options) if v.stock > 0]
        labels = {v.options[axis]: v.labels[axis] for v in left}
        choices = [choice(label, "inform", **{axis: i}) for i, label in labels.items()]
        turn.say(
            "utter_question_add_variant",
            axis=product.axes[axis],
            title=product.title,
            choices=choices[:12],
        )


class AddToCart(ShopAction):
    def name(self) -> str:
        return "action_add_to_cart"

    async def serve(self, turn: Turn) -> Events:
        cleared = [SlotSet(slot, None) for slot in ADD_SLOTS]
        variant_id = turn.slot("add_variant")
        if not variant_id:
            return cleared
        commerce = connect("commerce")
        cart = await commerce.cart(turn.conversation, turn.locale)
        before = next((li.quantity for li in cart.lines if li.variant_id == variant_id), 0)
        wanted = before + (turn.slot("add_quantity") or 1)
        try:
            cart = await commerce.set_quantity(turn.conversation, variant_id, wanted, turn.locale)
        except OutOfStock as few:
            turn.say("utter_too_few", available=few.available, in_cart=before)
            return [*cleared, *resume(turn, "add_form")]
        line = next(line for line in cart.lines if line.variant_id == variant_id)
        turn.say("utter_added", **line_values(line), total=cart.total, choices=next_steps())
        return [
            *cleared,
            SlotSet("product", line.product_id),
            SlotSet("last_variant", variant_id),
            *resume(turn, "add_form"),
        ]

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet(slot, None) for slot in ADD_SLOTS]
