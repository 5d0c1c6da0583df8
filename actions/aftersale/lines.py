"""Which of an order's goods a wish is about, and what they shall become."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.items import mentions as lines_named
from actions.aftersale.items import owners, pointed_at, segment
from actions.aftersale.model import Heard, Request, together
from actions.aftersale.options import line_variant, nearest, values_named, variant_with, wanted
from actions.aftersale.question import Question
from actions.turn import choice, said
from shop.model import Order, OrderLine, Product, Refused, Variant

MOST_VARIANTS = 8


class WhichLines(Question):
    name = "items"

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        order = context.order(request)
        agreed = heard.intent == "affirm" and not heard.refers("only", "all_but")
        if order is None or (request.items and agreed):  # "yes, correct" adds nothing
            return request
        tapped = [li for li in order.lines if li.id in [str(v) for v in heard.values("line")]]
        if tapped:
            return request.but(items=pieces(heard, tapped))
        pointed = pointed_at(heard, order, await context.products(order))
        if pointed.lines:
            return self.chosen(request, heard, pointed.lines, order)
        if request.items is None and len(order.lines) == 1:
            return request.but(items=pieces(heard, order.lines))
        return request

    def chosen(
        self, request: Request, heard: Heard, lines: tuple[OrderLine, ...], order: Order
    ) -> Request:
        new = pieces(heard, lines)
        instead = heard.intent == "deny" or heard.refers("only", "all_but", "all", "instead")
        items = new if instead or request.items is None else {**request.items, **new}
        variants = {line: v for line, v in request.variants.items() if line in items}
        return request.but(items=items, variants=variants)

    async def open(self, context: Context, request: Request) -> bool:
        return not request.items

    async def ask(self, context: Context, request: Request) -> None:
        order = context.order(request)
        lines = order.lines if order else ()
        pointed = await self.undecided(context, request)
        choices = [choice(line_words(line), "inform", line=line.id) for line in pointed or lines]
        if not pointed and len(lines) > 1:
            everything = [line.id for line in lines]
            choices.append(choice(said("utter_name_all_lines"), "inform", line=everything))
        context.turn.say(f"utter_which_lines_{request.kind}", choices=choices)

    async def undecided(self, context: Context, request: Request) -> tuple[OrderLine, ...]:
        order = context.order(request)
        if order is None:
            return ()
        return pointed_at(request.words, order, await context.products(order)).unsure


def pieces(heard: Heard, lines: list[OrderLine] | tuple[OrderLine, ...]) -> dict[str, int]:
    """How many of each: all that were bought, or the number said of the one line."""
    said_ = heard.value("quantity")
    if said_ is not None and len(lines) == 1 and 0 < int(said_) <= lines[0].quantity:
        return {lines[0].id: int(said_)}
    return {line.id: line.quantity for line in lines}


def line_words(line: OrderLine) -> dict[str, object]:
    options = list(line.labels.values())
    return said("utter_name_item", title=line.title, options=options, quantity=line.quantity)


class WhichVariants(Question):
    """What each chosen line shall become; `same`: the same again is an answer (an exchange)."""

    name = "variants"

    def __init__(self, same: bool) -> None:
        self.same = same

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        order = context.order(request)
        if order is None or not request.items:
            return request
        tapped = heard.value("variant")
        following = await self.next(context, request)
        if tapped and following and asked:
            return request.but(variants={**request.variants, following.id: str(tapped)})
        variants = dict(request.variants)
        for line, words in await self.shares(context, request, order, heard, asked):
            product = (await context.products(order)).get(line.product_id)
            same = self.same or len(request.items) > 1  # one of several may stay as it is
            variant = self.variant(context, line, product, words, variants.get(line.id), same)
            if variant:
                variants[line.id] = variant.id
        if asked and following and following.id not in variants and self.stays(heard, request):
            items = {id_: n for id_, n in request.items.items() if id_ != following.id}
            return request.but(items=items, variants=variants)
        return request.but(variants=variants)

    def stays(self, heard: Heard, request: Request) -> bool:
        """ "That one stays as it is": one of several things is not to be changed after all."""
        no = heard.intent in ("deny", "stop", "undo") or heard.refers("same")
        return bool(no) and not self.same and len(request.items or {}) > 1

    async def shares(
        self, context: Context, request: Request, order: Order, heard: Heard, asked: bool
    ) -> list[tuple[OrderLine, Heard]]:
        """Which words are about which line."""
        lines = [line for line in order.lines if line.id in (request.items or {})]
        products = await context.products(order)
        found = [m for m in lines_named(heard, lines, products) if m.key in {li.id for li in lines}]
        whose = owners(heard, found, order.lines, products)
        shares: dict[str, Heard] = {}
        for span, chosen in whose.items():
            part = segment(heard, sorted(whose), span)
            for line in chosen:
                before = shares.get(line.id)
                shares[line.id] = together(before, part) if before else part
        if shares:
            return [(line, shares[line.id]) for line in lines if line.id in shares]
        following = await self.next(context, request)
        if asked and following:
            return [(following, heard)]
        if len(lines) == 1:
            return [(lines[0], heard)]
        holders = [
            li for li in lines if (p := products.get(li.product_id)) and values_named(heard, p)
        ]
        return [(holders[0], heard)] if len(holders) == 1 else []

    def variant(
        self,
        context: Context,
        line: OrderLine,
        product: Product | None,
        heard: Heard,
        chosen: str | None,
        same: bool,
    ) -> Variant | None:
        """The variant that the words ask for; says so where there is none, or it is sold out."""
        now = line_variant(product, line) if product else None
        if product is None or now is None:
            return None
        base = next((v for v in product.variants if v.id == chosen), now)
        asked_for = wanted(heard, product, base.options)
        if not asked_for:
            again = heard.refers("same", "again")
            return now if same and again else None
        variant = variant_with(product, {**base.options, **asked_for})
        if variant is None and (near := nearest(product, asked_for, base.options)):
            fits = [v for v in near if asked_for.items() <= v.options.items()]
            variant = fits[0] if len(fits) == 1 else None
        if variant is None or variant.stock < 1:
            self.no_such(context, product, asked_for)
            return None
        return variant

    def no_such(self, context: Context, product: Product, asked_for: dict[str, str]) -> None:
        labels = {
            value: variant.labels[axis]
            for variant in product.variants
            for axis, value in variant.options.items()
            if asked_for.get(axis) == value
        }
        context.turn.say(
            "utter_no_such_variant", title=product.title, options=list(labels.values())
        )

    async def next(self, context: Context, request: Request) -> OrderLine | None:
        """The first line for which nothing is chosen."""
        order = context.order(request)
        items = request.items or {}
        lines = order.lines if order else ()
        return next((li for li in lines if li.id in items and li.id not in request.variants), None)

    async def open(self, context: Context, request: Request) -> bool:
        return await self.next(context, request) is not None

    async def ask(self, context: Context, request: Request) -> None:
        line, order = await self.next(context, request), context.order(request)
        product = (await context.products(order)).get(line.product_id) if line and order else None
        now = line_variant(product, line) if line and product else None
        if line is None or product is None or now is None:
            raise Refused("not_sold", title=line.title if line else "")
        offered = nearest(product, {}, now.options)[:MOST_VARIANTS]
        choices = [choice(difference(v, now), "inform", variant=v.id) for v in offered]
        if self.same and now.stock > 0:
            choices.append(choice(said("utter_name_same_again"), "inform", variant=now.id))
        if not choices:
            raise Refused("no_other_variant", title=line.title)
        options = list(line.labels.values())
        context.turn.say("utter_which_variant", title=line.title, options=options, choices=choices)


def difference(variant: Variant, now: Variant) -> str:
    """The options in which it differs, as the shop names them."""
    changed = [
        variant.labels[axis]
        for axis, value in variant.options.items()
        if now.options.get(axis) != value
    ]
    return ", ".join(changed)
