"""Finding and recommending products."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, ShopAction, resume
from actions.cards import card
from actions.forms import Field, Form, Values
from actions.pointing import meant
from actions.stock import tell_stock
from actions.turn import Turn, choice, said
from actions.wishes import bare, bound, from_slot, heard, in_words, refined, to_slot
from shop import connect, identity
from shop.crm import telling
from shop.model import Found, Locale, Money, Product, Shopper, Sort, Wishes

PAGE = 5
OWN_WORDS = ("inform", "recommend", "search_product")
ADVISED = 3


async def show(turn: Turn, wishes: Wishes, offset: int = 0) -> Events:
    """Searches, shows a page of cards, and remembers what was looked for and shown."""
    commerce = connect("commerce")
    found = await commerce.search(wishes, turn.locale, offset=offset, limit=PAGE)
    if bare(wishes) and "text" in found.dropped:  # not one of the words led anywhere
        found = Found((), 0)
    await tell(turn, wishes, found, offset)
    if not found.products:  # what is on screen stays what "the second one" means
        return [SlotSet("wishes", to_slot(wishes))] if not offset else []
    return [*remember(found.products, offset), SlotSet("wishes", to_slot(wishes))]


def remember(products: tuple[Product, ...], offset: int = 0) -> Events:
    """What is on screen, so that "the second one" has a meaning."""
    return [
        SlotSet("shown", [product.id for product in products]),
        SlotSet("shown_from", offset),
        SlotSet("product", products[0].id if len(products) == 1 else None),
    ]


async def tell(turn: Turn, wishes: Wishes, found: Found, offset: int) -> None:
    if not found.products:
        turn.say("utter_found_nothing" if not offset else "utter_no_more")
        return
    left = found.total - offset - len(found.products)
    more = [choice(said("utter_name_more"), "show_more")] if left > 0 else []
    cards = [card(product) for product in found.products]
    if found.dropped:
        names = await connect("commerce").vocabulary()
        dropped = in_words(names, wishes, found.dropped, turn.language)
        turn.say("utter_found_near", dropped=dropped, cards=cards, choices=more)
    else:
        turn.say("utter_found", count=found.total, cards=cards, choices=more)


class Search(ShopAction):
    def name(self) -> str:
        return "action_search"

    async def serve(self, turn: Turn) -> Events:
        return await show(turn, await self.wishes(turn))

    async def wishes(self, turn: Turn) -> Wishes:
        """A new search; one that names only traits, no kind of goods, goes on with the last."""
        now, before = heard(turn), from_slot(turn.slot("wishes"))
        named = "category" in now.facets or turn.entities("product")
        if before and not named and "category" in before.facets:
            now = await cheaper(turn, now)
            if not bare(now):
                return refined(before, now)
        return replace(now, text="") if turn.tapped else now


class Refine(ShopAction):
    def name(self) -> str:
        return "action_refine"

    async def serve(self, turn: Turn) -> Events:
        before = from_slot(turn.slot("wishes"))
        now = await cheaper(turn, heard(turn))
        if turn.intent == "inform" and (one := await one_meant(turn, now)):
            tell_stock(turn, one)
            return [SlotSet("product", one.id)]
        if bare(now) and await names_own_order(turn):
            return [FollowupAction("request_form")]
        if bare(now) and (before or turn.intent == "inform"):
            turn.say("utter_what_next" if turn.intent == "inform" else "utter_which_wish")
            return []
        if before is None:
            return await show(turn, now)
        return await show(turn, refined(before, now))


async def cheaper(turn: Turn, now: Wishes) -> Wishes:
    """ "Cheaper" without an amount means cheaper than the dearest on screen, the cheapest first."""
    shown = turn.slot("shown") or []
    if now.price_max or not turn.entities("cheaper") or not shown:
        return now
    prices = [(await connect("commerce").product(i, turn.locale)).price.amount for i in shown]
    below = replace(max(prices), minor=max(prices).minor - 1)
    return replace(now, price_max=below, sort=Sort.CHEAPEST)


async def names_own_order(turn: Turn) -> bool:
    """ "And 10168?": another order of somebody who is known."""
    number = turn.value("order_number")
    if turn.intent != "inform" or number is None:
        return False
    orders = await identity.visible_orders(turn.conversation, turn.locale)
    return any(order.number == str(number) for order in orders)


async def one_meant(turn: Turn, now: Wishes) -> Product | None:
    """ "The first one, in 42", or "in black?" right after one product: about it, not the others."""
    counted = turn.entities("ordinal") or turn.entities("product")
    ids = meant(turn) if counted or turn.slot("product") else []
    if not ids:
        return None
    product = await connect("commerce").product(ids[0], turn.locale)
    options = now.facets.keys() <= product.axes.keys() and bare(replace(now, facets={}))
    return product if counted or (now.facets and options) else None


class ShowMore(ShopAction):
    def name(self) -> str:
        return "action_show_more"

    async def serve(self, turn: Turn) -> Events:
        wishes = from_slot(turn.slot("wishes"))
        if wishes is None:
            turn.say("utter_what_next")
            return []
        return await show(turn, wishes, offset=(turn.slot("shown_from") or 0) + PAGE)


class ShowPromotions(ShopAction):
    def name(self) -> str:
        return "action_show_promotions"

    async def serve(self, turn: Turn) -> Events:
        return await show(turn, replace(heard(turn, text=""), on_sale=True))


def purpose(turn: Turn, values: Values) -> Any:
    heard_of = [e["value"] for e in turn.entities("purpose") + turn.entities("category")]
    return ",".join(heard_of) or free_text(turn)


def free_text(turn: Turn) -> str | None:
    """A purpose in the shopper's own words: the search understands meaning."""
    short = not turn.tapped and len(turn.text.split()) < 12
    return turn.text[:200] if short and turn.intent in OWN_WORDS else None


def audience(turn: Turn, values: Values) -> Any:
    return turn.value("audience")


def budget(turn: Turn, values: Values) -> Any:
    money = bound(turn, "price_max") or bound(turn, "price_around") or bound(turn, "amount")
    return [money.minor, money.currency] if money else None


class AdviseForm(Form):
    """At most three questions; what the shopper has said already is not asked."""

    form = "advise_form"
    fields = (
        Field("advise_use", purpose, whatever="any"),
        Field("advise_for", audience, typed=True, whatever="any"),
        Field("advise_budget", budget, typed=True, whatever="any"),
    )
    opened_by = frozenset({"recommend", "search_product", "refine_search"})  # all say what for
    dropped_by = frozenset(
        {"ask_promotions", "ask_price", "ask_stock", "view_product", "compare_products"}
    ) | {"similar_products", "matching_products", "show_more", "view_cart", "track_order"}

    async def open(self, turn: Turn, values: Values) -> Values:
        use = [e["value"] for e in turn.entities("purpose") + turn.entities("category")]
        answers = {
            "advise_use": ",".join(use) or None,
            "advise_for": turn.value("audience"),
            "advise_budget": budget(turn, values),
            "advise_text": turn.text if not turn.tapped else "",
        }
        return {slot: value for slot, value in answers.items() if value is not None}

    async def ask(self, turn: Turn, slot: str, values: Values) -> None:
        kind = {"advise_use": "purpose", "advise_for": "audience"}.get(slot)
        whatever = choice(said("utter_name_any"), "no_preference")
        if kind is None:
            turn.say("utter_question_advise_budget", choices=[whatever])
            return
        names = (await connect("commerce").vocabulary())["facets"][kind]
        choices = [
            choice(names[i][turn.language][0], "inform", **{kind: i}) for i in list(names)[:5]
        ]
        turn.say(f"utter_question_{slot}", choices=[*choices, whatever])


class Advise(ShopAction):
    """A few products and why these."""

    def name(self) -> str:
        return "action_advise"

    async def serve(self, turn: Turn) -> Events:
        slots = ("advise_use", "advise_for", "advise_budget", "advise_text")
        if turn.slot("advise_use") is None or turn.slot("advise_for") is None:
            return [SlotSet(slot, None) for slot in slots]
        wishes = await self.wishes(turn)
        found = await connect("commerce").search(wishes, turn.locale, limit=ADVISED)
        shopper = await identity.shopper(turn.conversation)
        events = await self.tell(turn, wishes, found, shopper)
        return [*events, *[SlotSet(s, None) for s in slots], *resume(turn, "advise_form")]

    async def wishes(self, turn: Turn) -> Wishes:
        names = (await connect("commerce").vocabulary())["facets"]
        said_use = [u for u in turn.slot("advise_use").split(",") if u != "any"]
        facets = {
            kind: tuple(u for u in said_use if u in names[kind]) for kind in ("purpose", "category")
        }
        if turn.slot("advise_for") != "any":
            facets["audience"] = (turn.slot("advise_for"),)
        words = [u for u in said_use if u not in names["purpose"] and u not in names["category"]]
        limit = turn.slot("advise_budget")
        return Wishes(
            text=" ".join([turn.slot("advise_text") or "", *words]).strip(),
            facets={kind: ids for kind, ids in facets.items() if ids},
            price_max=Money(*limit) if isinstance(limit, list) else None,
            in_stock=True,
        )

    async def tell(
        self, turn: Turn, wishes: Wishes, found: Found, shopper: Shopper | None
    ) -> Events:
        if not found.products:
            turn.say("utter_found_nothing")
            return []
        names = await connect("commerce").vocabulary()
        met = tuple(k for k in (*wishes.facets, "price_max") if k not in found.dropped)
        met = tuple(k for k in met if k != "price_max" or wishes.price_max)
        reasons = in_words(names, wishes, met, turn.language)
        turn.say("utter_advised", cards=[card(p, [*reasons, *rated(p)]) for p in found.products])
        if shopper:
            bought = await connect("commerce").related("bought_by", shopper.id, turn.locale)
            suiting = bought or await suiting_purchases(shopper, turn.locale)
            if suiting:
                turn.say("utter_advised_from_orders", cards=[card(p) for p in suiting])
        return [*remember(found.products), SlotSet("wishes", to_slot(wishes))]


async def suiting_purchases(shopper: Shopper, locale: Locale) -> tuple[Product, ...]:
    """What goes with what the CRM knows them to have bought, in the shop or out of it."""
    found: dict[str, Product] = {}
    for deal in await telling.purchases(shopper.email):
        for item in deal.items:
            fit = await connect("commerce").related("goes_with", item.product_id, locale)
            found |= {product.id: product for product in fit}
            if len(found) >= ADVISED:
                return tuple(found.values())[:ADVISED]
    return tuple(found.values())


def rated(product: Product) -> list[dict[str, Any]]:
    return [said("utter_name_rating", value=product.rating.average)] if product.rating else []
