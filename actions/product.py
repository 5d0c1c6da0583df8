"""Looking at products: details, price, stock, comparison, and what else to consider."""

from __future__ import annotations

from abc import abstractmethod

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction
from actions.cards import add, card
from actions.pointing import meant, pointed
from actions.search import remember, show
from actions.stock import fits, stock_lines, tell_stock
from actions.turn import Turn, choice, said
from actions.wishes import bare, heard
from shop import connect
from shop.commerce.base import Relation
from shop.model import NotFound, Product


async def ask_which(turn: Turn, then: str) -> None:
    """Which of the products shown is meant: a button each, saying the same wish again."""
    shown = turn.slot("shown") or []
    products = [await connect("commerce").product(i, turn.locale) for i in shown[:6]]
    choices = [choice(product.title, then, product=product.id) for product in products]
    turn.say("utter_which_product" if choices else "utter_which_product_first", choices=choices)


class AboutProduct(ShopAction):
    """Base of the answers about one product that is meant, shown or searched for."""

    @abstractmethod
    async def tell(self, turn: Turn, product: Product) -> Events: ...

    async def serve(self, turn: Turn) -> Events:
        wanted, told = await pointed(turn)
        kinds = heard(turn, text="").facets.get("category")
        if kinds and not told:
            return await self.of_kind(turn, wanted, kinds)
        if not wanted:
            return await self.unknown(turn)
        try:
            product = await connect("commerce").product(wanted[0], turn.locale)
        except NotFound:
            return await self.unknown(turn)
        return [*await self.tell(turn, product), SlotSet("product", product.id)]

    async def of_kind(self, turn: Turn, wanted: list[str], kinds: tuple[str, ...]) -> Events:
        """ "How much is the jacket": the current product if it is of that kind, else a search."""
        for product_id in wanted:
            product = await connect("commerce").product(product_id, turn.locale)
            if product.category in kinds:
                return [*await self.tell(turn, product), SlotSet("product", product.id)]
        return await show(turn, heard(turn))

    async def unknown(self, turn: Turn) -> Events:
        wishes = heard(turn)
        if turn.slot("shown") or bare(wishes):
            await ask_which(turn, turn.intent)
            return []
        return await show(turn, wishes)


class ViewProduct(AboutProduct):
    def name(self) -> str:
        return "action_view_product"

    async def tell(self, turn: Turn, product: Product) -> Events:
        choices = [
            *([add(product)] if product.in_stock else []),
            choice(said("utter_name_similar"), "similar_products", product=product.id),
            choice(said("utter_name_matching"), "matching_products", product=product.id),
        ]
        turn.say(
            "utter_product",
            title=product.title,
            description=product.description,
            details=product.details,
            material=list(product.facts.get("material", ())),
            features=list(product.facts.get("feature", ())),
            stock=stock_lines(product),
            weight=product.weight_g or 0,
            cards=[card(product)],
            choices=choices,
        )
        return []


class TellPrice(AboutProduct):
    def name(self) -> str:
        return "action_tell_price"

    async def tell(self, turn: Turn, product: Product) -> Events:
        variants = [v for v in product.variants if fits(v, turn)] or list(product.variants)
        prices = [variant.price.amount for variant in variants]
        choices = [add(product)] if product.in_stock else []
        lowest = product.price.lowest_30d
        turn.say(
            "utter_price_reduced" if lowest else "utter_price",
            title=product.title,
            price=min(prices),
            highest=max(prices),
            varies="yes" if min(prices) != max(prices) else "no",
            lowest_30d=lowest,
            choices=choices,
        )
        return []


class TellStock(AboutProduct):
    def name(self) -> str:
        return "action_tell_stock"

    async def tell(self, turn: Turn, product: Product) -> Events:
        tell_stock(turn, product)
        return []


class Compare(ShopAction):
    def name(self) -> str:
        return "action_compare"

    async def serve(self, turn: Turn) -> Events:
        shown = turn.slot("shown") or []
        named = bool(turn.entities("product") or turn.entities("ordinal"))
        ids = meant(turn) if named else shown[:2]
        if len(ids) == 1 and turn.slot("product") not in (None, ids[0]):
            ids = [turn.slot("product"), *ids]
        if len(ids) < 2:
            turn.say("utter_compare_which")
            return []
        products = [await connect("commerce").product(i, turn.locale) for i in ids[:3]]
        turn.say(
            "utter_compared",
            products=[compared(product) for product in products],
            cards=[card(product) for product in products],
        )
        return []


def compared(product: Product) -> dict:
    return said(
        "utter_name_compared",
        title=product.title,
        price=product.price.amount,
        material=list(product.facts.get("material", ())),
        features=list(product.facts.get("feature", ())),
        rating=product.rating.average if product.rating else 0,
        weight=product.weight_g or 0,
    )


class Related(AboutProduct):
    """Base of "something similar" and "what goes with it"."""

    @property
    @abstractmethod
    def relation(self) -> Relation: ...

    async def tell(self, turn: Turn, product: Product) -> Events:
        products = await connect("commerce").related(self.relation, product.id, turn.locale)
        if not products:
            turn.say(f"utter_{self.relation}_none", title=product.title)
            return []
        cards = [card(other) for other in products]
        turn.say(f"utter_{self.relation}", title=product.title, cards=cards)
        return [event for event in remember(products) if event["name"] != "product"]


class ShowSimilar(Related):
    relation = "similar"

    def name(self) -> str:
        return "action_show_similar"


class ShowMatching(Related):
    relation = "goes_with"

    def name(self) -> str:
        return "action_show_matching"
