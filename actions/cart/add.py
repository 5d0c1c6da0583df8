"""Putting something into the cart: the variant asked for, or a question for what is missing."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, ShopAction, resume
from actions.cart.lines import line_values, narrowed, next_steps, quantity
from actions.cart.options import (
    heard_options,
    labels_left,
    open_axis,
    options_said,
    said_lately,
)
from actions.forms import Field, Form, Values
from actions.pointing import offered, pointed
from actions.search import PAGE, remember, show, tell
from actions.turn import Turn, choice
from actions.wishes import heard
from shop import connect
from shop.model import OutOfStock, Wishes

ADD_SLOTS = ("add_product", "add_options", "add_variant", "add_quantity")
COUNTED = 3  # words: "the first one"
LOOKS_AROUND = frozenset(
    {"search_product", "refine_search", "recommend", "show_more", "ask_promotions"}
)


def waiting(turn: Turn, values: Values) -> Values:
    """What was being put into the cart when something else came first."""
    mine = {s: values[s] for s in ADD_SLOTS if s != "add_variant"}
    return {"add_waiting": [mine, *(turn.slot("add_waiting") or [])]}


async def named_besides(turn: Turn, product_id: str) -> list[Values]:
    """What else the message names: other products to put in, other kinds of goods to show."""
    ids, told = await pointed(turn)
    others = [i for i in ids if i != product_id] if told else []
    found: list[Values] = [{"add_product": i, "add_options": {}, "add_quantity": 1} for i in others]
    commerce = connect("commerce")
    covered = {(await commerce.product(i, turn.locale)).category for i in (product_id, *others)}
    kinds = [kind for kind in kinds_named(turn) if kind not in covered]
    return [*found, {"kinds": kinds}] if kinds and told else found


async def named_product(turn: Turn, values: Values) -> str | None:
    """The product that the message points at; "it" is none where the message names other goods."""
    ids, told = await pointed(turn)
    kinds = kinds_named(turn)
    for product_id in ids:
        if told or not kinds:
            return product_id
        if (await connect("commerce").product(product_id, turn.locale)).category in kinds:
            return product_id
    return None


def kinds_named(turn: Turn) -> tuple[str, ...]:
    return heard(turn, text="").facets.get("category", ())


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

    async def serve(self, turn: Turn) -> Events:
        """After another question, which product is not asked again; after a look around, the option
        of the last one is not: it waits until something else is in the cart."""
        asked, fresh = turn.slot("requested_slot"), turn.tracker.slots_to_validate()
        around = turn.intent in LOOKS_AROUND
        if asked == "add_product" and not fresh and not around:
            return [SlotSet("requested_slot", None)]
        if asked == "add_variant" and not fresh and around:
            put_by = {
                **dict.fromkeys(ADD_SLOTS),
                **waiting(turn, {s: turn.slot(s) for s in ADD_SLOTS}),
            }
            return [SlotSet(n, v) for n, v in {**put_by, "requested_slot": None}.items()]
        return await super().serve(turn)

    async def open(self, turn: Turn, values: Values) -> Values:
        """A form that was pushed aside goes on; a new wish begins anew, and so does a yes to "shall
        I put it in your cart?"."""
        fresh = turn.tracker.latest_action_name in (None, "action_listen")
        if not fresh and values.get("add_product"):
            return await self.amend(turn, values, {})
        offer = offered(turn) if turn.intent == "affirm" else {}
        opened: Values = {"add_quantity": quantity(turn) or 1, "add_options": options_said(turn)}
        opened["add_variant"] = turn.value("variant") or offer.get("variant")
        opened["add_product"] = offer.get("product") or await named_product(turn, values)
        if opened["add_product"] is None:
            opened |= await self.look_for(turn)
        else:
            opened["add_waiting"] = await named_besides(turn, opened["add_product"]) or None
        return await self.amend(turn, values, {k: v for k, v in opened.items() if v is not None})

    async def look_for(self, turn: Turn) -> Values:
        """ "And two pairs of wool socks": what there is of that kind; the only one is meant."""
        if not kinds_named(turn):
            return {}
        found = await connect("commerce").search(heard(turn), turn.locale, limit=PAGE)
        if len(found.products) == 1 and not found.dropped:
            return {"add_product": found.products[0].id}
        if found.products:
            await tell(turn, heard(turn), found, 0)
            return {e["name"]: e["value"] for e in remember(found.products)}
        return {}

    async def take(self, turn: Turn, asked: str, values: Values) -> Values:
        """ "The first one" and "whatever" answer the question for an option; other goods named with
        the same wish take the place of these."""
        if asked != "add_variant":
            counted = turn.entities("ordinal") and len(turn.text.split()) <= COUNTED
            first = await named_product(turn, values) if counted else None
            return (
                await self.amend(turn, values, {"add_product": first})
                if first
                else await super().take(turn, asked, values)
            )
        if turn.intent in self.opened_by and await self.other(turn, values):
            return {
                **dict.fromkeys(ADD_SLOTS),
                **waiting(turn, values),
                **await self.open(turn, {}),
            }
        chosen = await self.counted(turn, values)
        if chosen:
            return await self.amend(turn, values, {"add_options": chosen})
        return await super().take(turn, asked, values)

    async def other(self, turn: Turn, values: Values) -> bool:
        ids, told = await pointed(turn)
        if told:
            return bool(ids) and ids[0] != values["add_product"]
        product = await connect("commerce").product(values["add_product"], turn.locale)
        return bool(kinds_named(turn)) and product.category not in kinds_named(turn)

    async def counted(self, turn: Turn, values: Values) -> dict[str, str] | None:
        """A size is never chosen for the shopper."""
        product = await connect("commerce").product(values["add_product"], turn.locale)
        options = values.get("add_options") or {}
        axis = open_axis(product, options)
        places = [int(e["value"]) for e in turn.entities("ordinal") if not options_said(turn)]
        places += [1] if turn.intent == "no_preference" and axis != "size" else []
        if not places or turn.intent in self.opened_by:
            return None
        left = list(labels_left(product, options, axis)) if axis else []
        place = places[0] - 1 if places[0] > 0 else len(left) + places[0]
        return {**options, axis: left[place]} if axis and 0 <= place < len(left) else None

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
        known = {a: i for a, i in (now.get("add_options") or {}).items() if a in product.axes}
        options = {**known, **heard_options(turn, product)}
        if taken.get("add_product"):
            options = {**said_lately(turn, product), **options}
        variants = narrowed(product, options)
        left = [v for v in variants if v.stock > 0]
        if not left:
            turn.say("utter_add_none_left", title=product.title)
            options = {}
        if open_axis(product, options) is None and left:
            taken = {**taken, "add_variant": left[0].id}
        new = options != (values.get("add_options") or {})
        return {**taken, "add_options": options} if new or taken else taken

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        commerce = connect("commerce")
        if slot == "add_product":
            if turn.intent in LOOKS_AROUND or values.get("shown"):
                turn.say("utter_question_add_product")  # the cards have buttons
                return
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
        labels = labels_left(product, options, axis)
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
        told = [SlotSet("product", line.product_id), SlotSet("last_variant", variant_id)]
        now, *later = turn.slot("add_waiting") or [{}]
        rest = [*cleared, *told, SlotSet("add_waiting", later or None)]
        if "kinds" in now:
            return [*rest, *await show(turn, Wishes(facets={"category": tuple(now["kinds"])}))]
        if now:
            again = [SlotSet(slot, value) for slot, value in now.items()]
            return [*rest, *again, FollowupAction("add_form")]
        return [*cleared, *told, *resume(turn, "add_form")]

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet(slot, None) for slot in ADD_SLOTS]
