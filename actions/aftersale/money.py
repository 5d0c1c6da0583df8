"""How a wish is paid or paid back."""

from __future__ import annotations

import re

from actions.aftersale.context import Context
from actions.aftersale.matching import alike, tokens
from actions.aftersale.model import Heard, Request
from actions.aftersale.question import Question
from actions.turn import choice, said
from shop import rules
from shop.model import Money, Order, PaymentMethod, Refused
from shop.policy import policy

GIFT_CARD = "gift_card"


class WhichMethod(Question):
    """`refund`: only where the order was paid from, or a gift card of the shopper's; `other`: not
    the method it has. `moves` gives the money that changes hands: positive is to be paid."""

    name = "method"

    def __init__(self, refund: bool = False, other: bool = False) -> None:
        self.refund, self.other = refund, other

    async def offered(self, context: Context, order: Order) -> list[PaymentMethod]:
        methods = await context.methods(order)
        original = context.original(order)
        own = original.id if original else None
        if self.refund:
            to = policy().after_sale.return_.refund_to
            return [
                m
                for m in methods
                if (m.id == own and "original" in to) or (m.kind == GIFT_CARD and GIFT_CARD in to)
            ]
        return [m for m in methods if not (self.other and m.id == own)]

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        order = context.order(request)
        if order is None:
            return request
        offered = await self.offered(context, order)
        tapped = [m for m in offered if m.id in heard.values("method")]
        chosen = tapped or self.named(context, order, heard, offered)
        if len(chosen) == 1:
            return self.taken(context, request, chosen[0])
        everything = await context.methods(order)
        elsewhere = self.named(context, order, heard, list(everything))
        if elsewhere and offered and not chosen:
            names = [method_words(method) for method in offered]
            context.turn.say("utter_method_not_possible", methods=names)
        return request

    def taken(self, context: Context, request: Request, method: PaymentMethod) -> Request:
        return request.but(method=method.id)

    def named(
        self, context: Context, order: Order, heard: Heard, methods: list[PaymentMethod]
    ) -> list[PaymentMethod]:
        """By kind, brand, last four digits, or as "the usual one"."""
        original = context.original(order)
        if heard.refers("usual") or "original" in heard.values("method"):
            return [m for m in methods if original and m.id == original.id]
        ending = set(re.findall(r"(?<!\d)\d{4}(?!\d)", heard.text))
        if ending and (found := [m for m in methods if m.ending in ending]):
            return found
        words = [token.text for token in tokens(heard.text)]
        brands = [m for m in methods if m.name and any(alike(w, m.name.lower()) for w in words)]
        if brands:
            return brands
        kinds = heard.values("method")
        return [m for m in methods if m.kind in kinds]

    async def open(self, context: Context, request: Request) -> bool:
        if request.method is not None:
            return False
        order = context.order(request)
        offered = await self.offered(context, order) if order else []
        if policy().after_sale.ask_method == "always" or self.other:
            return True
        moves = not self.refund and await self.moved(context, request)
        return len(offered) > 1 and (self.refund or bool(moves and moves.minor))

    async def moved(self, context: Context, request: Request) -> Money | None:
        order = context.order(request)
        return await price_difference(context, request, order) if order else None

    async def ask(self, context: Context, request: Request) -> None:
        order = context.order(request)
        offered = await self.offered(context, order) if order else []
        if not offered:
            raise Refused("no_other_method")
        paid = [method for method, _ in rules.paid_with(order).values()] if order else []
        choices = [choice(self.title(m, paid), "inform", method=m.id) for m in offered]
        moves = None if self.refund or self.other else await self.moved(context, request)
        kind = "refund" if self.refund or (moves and moves.minor < 0) else "pay"
        amount = Money(abs(moves.minor), moves.currency) if moves else ""
        context.turn.say(
            f"utter_which_method_{kind}",
            amount=amount,
            known="yes" if moves and moves.minor else "no",
            choices=choices,
        )

    def title(self, method: PaymentMethod, paid: list[PaymentMethod]) -> dict[str, object]:
        """Money goes back to all that have paid: the first of them stands for them all."""
        if not self.refund or len(paid) < 2 or method.id != paid[0].id:
            return method_words(method)
        return said("utter_name_method_as_paid", methods=[method_words(each) for each in paid])


async def price_difference(context: Context, request: Request, order: Order) -> Money | None:
    """New prices minus old ones; None where a variant is not sold any more."""
    products = await context.products(order)
    variants = {v.id: v for product in products.values() for v in product.variants}
    if not all(chosen in variants for chosen in request.variants.values()):
        return None
    changes = {line: variants[chosen] for line, chosen in request.variants.items()}
    return rules.difference(order, changes)


async def method_of(context: Context, request: Request, order: Order) -> PaymentMethod | None:
    """The method chosen, else the order's own."""
    methods = await context.methods(order)
    chosen = next((m for m in methods if m.id == request.method), None)
    return chosen or context.original(order)


def back_words(order: Order, amount: Money, method: PaymentMethod | None) -> dict[str, object]:
    """Where so much goes back to: each part, where several methods have paid the order."""
    parts = rules.split(order, amount, method)
    return {
        "amount": amount,
        "method": method_words(method),
        "split": "yes" if len(parts) > 1 else "no",
        "parts": [
            said("utter_name_refund", amount=part, method=method_words(to)) for to, part in parts
        ],
    }


def method_words(method: PaymentMethod | None) -> dict[str, object]:
    """ "Visa ending in 1234", "gift card (balance 20 zł)"."""
    if method is None:
        return said("utter_name_method_original")
    known = {"card", "paypal", GIFT_CARD, "blik", "bizum", "przelewy24", "transfer"}
    kind = method.kind if method.kind in known else "other"
    return said(
        f"utter_name_method_{kind}",
        name=method.name or method.kind,
        ending=method.ending,
        told="yes" if method.ending else "no",
        balance=method.balance or "",
    )
