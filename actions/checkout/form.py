"""Who, where to, how; and a summary with every amount before anything is ordered."""

from __future__ import annotations

from typing import Any

from actions.answers import country, email, person, phone, place, street, yes_or_no
from actions.cart.lines import lines_in_words, tell_cart
from actions.facts import delivery_in_words
from actions.forms import Field, Form, Values
from actions.turn import Turn, choice, said
from shop import connect, identity
from shop.model import DeliveryMethod, Link
from shop.policy import policy
from shop.text import fold

CHECKING_OUT = "utter_checkout_begins"
CHECKOUT_SLOTS = (
    "checkout_email",
    "checkout_name",
    "checkout_phone",
    "checkout_country",
    "checkout_delivery",
    "checkout_point",
    "checkout_street",
    "checkout_place",
    "checkout_confirmed",
)
# "The street is wrong" before anything is ordered: about this checkout, not an order or account.
CORRECTS = frozenset({"change_address", "change_profile", "change_order"})
SAID_OF = {"address": "checkout_street", "email": "checkout_email", "name": "checkout_name"}
CHANGEABLE = ("checkout_street", "checkout_delivery", "checkout_email", "checkout_name")
POINT, DOOR = ("checkout_point",), ("checkout_street", "checkout_place")
HALF, STEM = 0.5, 5
NOT_NEEDED = ""  # filled, so that it is not asked for


async def methods(turn: Turn, values: Values) -> tuple[DeliveryMethod, ...]:
    where = values["checkout_country"]
    return await connect("commerce").delivery_methods(turn.conversation, where, turn.locale)


async def delivery(turn: Turn, values: Values) -> str | None:
    """The method tapped, counted, or named (a word of its title is enough)."""
    if not values.get("checkout_country"):
        return None
    offered = await methods(turn, values)
    if turn.value("delivery") in {m.id for m in offered}:
        return turn.value("delivery")
    places = [int(e["value"]) for e in turn.entities("ordinal")]
    if places and 0 < places[0] <= len(offered):
        return offered[places[0] - 1].id
    shares = {method.id: share(turn.text, method.title) for method in offered}
    best = max(shares, key=lambda method_id: shares[method_id], default=None)
    return best if best and shares[best] > HALF else None


def placing(turn: Turn, values: Values) -> bool | None:
    """A yes to "shall I place the order?"; "yes, I want to order" is one too."""
    return True if turn.sure and turn.intent == "checkout" else yes_or_no(turn, values)


def share(text: str, title: str) -> float:
    """How much of a text is words of a title, whatever their endings: "kurierem" of "Kurier"."""
    words, names = fold(text).split(), fold(title).split()
    known = [word for word in words if any(alike(word, name) for name in names)]
    return len(known) / max(len(words), 1)


def alike(word: str, name: str) -> bool:
    stem = min(len(word), len(name), STEM)
    return word[:stem] == name[:stem] and abs(len(word) - len(name)) <= STEM


def point(turn: Turn, values: Values) -> str | None:
    text = turn.text.strip()
    return text if 2 < len(text) <= 120 and not turn.tapped else None


class CheckoutForm(Form):
    form = "checkout_form"
    opened_by = frozenset({"checkout"})
    fields = (
        Field("checkout_email", email, typed=True),
        Field("checkout_name", person),
        Field("checkout_phone", phone, typed=True, whatever=NOT_NEEDED),
        Field("checkout_country", country, choice=True),
        Field("checkout_delivery", delivery, choice=True),
        Field("checkout_point", point),
        Field("checkout_street", street),
        Field("checkout_place", place, typed=True),
        Field("checkout_confirmed", placing),
    )

    async def open(self, turn: Turn, values: Values) -> Values:
        """A known shopper is not asked again; an empty cart needs no questions."""
        cart = await connect("commerce").cart(turn.conversation, turn.locale)
        if not cart.lines:
            return dict.fromkeys(CHECKOUT_SLOTS, "")
        links = await connect("commerce").handover(turn.conversation, turn.locale)
        doors = [door(link) for link in links]
        tell_cart(turn, cart, "utter_checkout_elsewhere" if doors else CHECKING_OUT, doors)
        if doors:
            return dict.fromkeys(CHECKOUT_SLOTS, "")
        market = policy().market(turn.language)
        known: Values = {} if market.ask_country else {"checkout_country": market.country}
        shopper = await identity.shopper(turn.conversation)
        if shopper:
            known |= {"checkout_email": shopper.email, "checkout_name": shopper.name}
            known |= {"checkout_phone": shopper.phone} if shopper.phone else {}
        if turn.value("email"):
            known["checkout_email"] = turn.value("email")
        return {slot: value for slot, value in known.items() if not values.get(slot)}

    def elsewhere(self, turn: Turn) -> bool:
        corrects = turn.intent in CORRECTS and not turn.entities("order_number")
        return super().elsewhere(turn) and not corrects

    async def take(self, turn: Turn, asked: str, values: Values) -> Values:
        """ "Change the street": the new one if it is there, else the question for it again."""
        taken = await super().take(turn, asked, values)
        if taken or turn.intent not in CORRECTS or self.elsewhere(turn):
            return taken
        field = SAID_OF.get(turn.value("profile_field") or "", "checkout_street")
        known = [slot for slot in DOOR if values.get(slot)] if field in DOOR else [field]
        return await self.amend(turn, values, {**dict.fromkeys(known), "checkout_confirmed": None})

    async def amend(self, turn: Turn, values: Values, taken: Values) -> Values:
        """A later yes stands for what was read back; whatever changes after it is read again."""
        now = {**values, **taken}
        change = turn.value("checkout_change")
        if change in CHANGEABLE:
            both = DOOR if change in DOOR else (change,)
            return dict.fromkeys((*both, "checkout_confirmed"))
        if taken.get("checkout_confirmed") is False:
            return {"checkout_confirmed": None}
        if taken.get("checkout_country") and not policy().deliveries(taken["checkout_country"]):
            turn.say("utter_not_delivered_to", country=taken["checkout_country"])
            return {**taken, "checkout_country": None}
        if set(taken) - {"checkout_confirmed"}:
            taken["checkout_confirmed"] = None
        if taken.get("checkout_delivery"):
            taken |= await self.where_to(turn, now)
        return taken

    async def where_to(self, turn: Turn, now: Values) -> Values:
        """A locker or collection point instead of an address, or the other way round."""
        offered = await methods(turn, now)
        to_point = next(m.to_point for m in offered if m.id == now["checkout_delivery"])
        unused, used = (DOOR, POINT) if to_point else (POINT, DOOR)
        again = {slot: None for slot in used if now.get(slot) == NOT_NEEDED}
        return {**dict.fromkeys(unused, NOT_NEEDED), **again}

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        if slot == "checkout_delivery":
            offered = await methods(turn, values)
            turn.say(
                "utter_question_checkout_delivery",
                methods=[method_in_words(method) for method in offered],
                choices=[choice(m.title, "inform", delivery=m.id) for m in offered],
            )
        elif slot == "checkout_country":
            places = [
                choice(said("utter_name_country", value={"country": c}), "inform", country=c)
                for c in likely_countries()
            ]
            turn.say("utter_question_checkout_country", choices=places)
        elif slot == "checkout_confirmed" and turn.intent == "deny":
            turn.say("utter_checkout_change_what", choices=changes())
        elif slot == "checkout_confirmed":
            await self.read_back(turn, values)

    async def read_back(self, turn: Turn, values: Values) -> None:
        cart = await connect("commerce").cart(turn.conversation, turn.locale)
        offered = await methods(turn, values)
        method = next(m for m in offered if m.id == values["checkout_delivery"])
        turn.say(
            "utter_checkout_summary",
            lines=lines_in_words(cart),
            discount=cart.discount,
            discount_given="yes" if cart.discount.minor else "no",
            delivery=method_in_words(method),
            total=cart.total + method.price,
            name=values["checkout_name"],
            address=values.get("checkout_point") or address_line(values),
            email=values["checkout_email"],
            choices=[
                choice(said("utter_name_order_and_pay"), "affirm"),
                choice(said("utter_name_change"), "deny"),
                choice(said("utter_name_leave"), "stop"),
            ],
        )


def door(link: Link) -> dict[str, Any]:
    """A button to the shop's own pages."""
    return {"title": link.title or said("utter_name_shop_page"), "url": link.url}


def likely_countries() -> list[str]:
    """The markets' own countries first; any other is understood when typed."""
    return list(dict.fromkeys(market.country for market in policy().markets))


def changes() -> list[dict[str, Any]]:
    return [choice(said(f"utter_name_{s}"), "inform", checkout_change=s) for s in CHANGEABLE]


def method_in_words(method: DeliveryMethod) -> dict[str, Any]:
    return delivery_in_words(method.title, method.price, method.days)


def address_line(values: Values) -> str:
    postcode, city = values["checkout_place"]
    return f"{values['checkout_street']}, {postcode} {city}"
