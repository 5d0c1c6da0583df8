"""Which order a wish is about."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.items import mentions
from actions.aftersale.model import Heard, Request
from actions.aftersale.question import Question
from actions.turn import choice, said
from shop.model import Order, OrderState

MOST_CHOICES = 8
NEAR = 60  # characters between "same as" and the number that it is about
UNSENT = frozenset(
    {OrderState.AWAITING_PAYMENT, OrderState.PAYMENT_FAILED, OrderState.PAID, OrderState.PACKED}
)


class WhichOrder(Question):
    """`what` names the rule (shop/rules.py) that says which orders come into question first."""

    name = "order"

    def __init__(self, what: str | None = None) -> None:
        self.what = what

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        numbers = [] if takes_from(request) else target_numbers(heard, asked)
        if numbers:
            return self.numbered(context, request, numbers[0])
        if request.order and not asked:
            return request
        chosen = await self.meant(context, heard)
        if chosen is None and not request.order and not asked:
            chosen = find(context, context.hint) or self.only(context) or self.recent(context)
        return moved(request, chosen) if chosen else request

    def numbered(self, context: Context, request: Request, number: str) -> Request:
        """An unknown order and another person's are told in the same words."""
        order = find(context, number)
        if order is None:
            context.turn.say("utter_order_unknown", number=number)
            return request
        return moved(request, order)

    def candidates(self, context: Context) -> list[Order]:
        """The orders with which it may be done; where there are none, all of them: the answer says
        why not."""
        what = self.what
        able = [o for o in context.orders if what is None or context.may(o, what)]
        return able or list(context.orders)

    def only(self, context: Context) -> Order | None:
        orders = self.candidates(context)
        return orders[0] if len(orders) == 1 else None

    def recent(self, context: Context) -> Order | None:
        """The order spoken of last, if it can be done with that one."""
        last = context.done[-1]["order"] if context.done else None
        return next((o for o in self.candidates(context) if o.number == last), None)

    async def meant(self, context: Context, heard: Heard) -> Order | None:
        """ "The lamp order", "the other one", "my last order", "the second"."""
        orders = self.candidates(context)
        fitting = await self.holding(context, orders, heard)
        if fitting is None and self.what:
            fitting = await self.holding(context, list(context.orders), heard)
        return self.told(context, fitting or orders, heard, bool(fitting))

    async def holding(
        self, context: Context, orders: list[Order], heard: Heard
    ) -> list[Order] | None:
        """The orders with the most of the goods that are named; None where none are."""
        scores: dict[str, float] = {}
        for order in orders:
            found = mentions(heard, order.lines, await context.products(order))
            words = {(m.start, m.end) for m in found}
            scores[order.number] = sum(end - start for start, end in words)
        top = max(scores.values(), default=0)
        return [o for o in orders if scores[o.number] == top] if top else None

    def told(
        self, context: Context, orders: list[Order], heard: Heard, named: bool
    ) -> Order | None:
        if heard.refers("other"):
            earlier = {entry["order"] for entry in context.done}
            orders = [o for o in orders if o.number not in earlier] or orders
        if heard.refers("delivered_one"):
            orders = [o for o in orders if o.state is OrderState.DELIVERED] or orders
        if heard.refers("pending_one"):
            orders = [o for o in orders if o.state in UNSENT] or orders
        if heard.refers("latest"):
            return max(orders, key=lambda order: order.placed)
        places = [] if named else [int(value) for value in heard.values("ordinal")]
        if places and -len(orders) <= places[0] <= len(orders) and len(orders) > 1:
            return orders[places[0] - 1 if places[0] > 0 else places[0]]
        pointed = named or heard.refers("other", "delivered_one", "pending_one")
        return orders[0] if pointed and len(orders) == 1 else None

    async def open(self, context: Context, request: Request) -> bool:
        return request.order is None

    async def ask(self, context: Context, request: Request) -> None:
        orders = self.candidates(context)
        choices = [
            choice(
                said("utter_name_order", number=o.number, placed=o.placed, total=o.total),
                "inform",
                order_number=o.number,
            )
            for o in orders[:MOST_CHOICES]
        ]
        context.turn.say("utter_which_order", count=len(orders), choices=choices)


def takes_from(request: Request) -> bool:
    """Asked for an address, a number is the order that it stands in."""
    return request.kind == "change_address" and request.asked == "address"


def target_numbers(heard: Heard, asked: bool) -> list[str]:
    """Order numbers but for the one after "same as"; asked for, any number will do."""
    same = heard.refers("same")
    far = same["start"] if same else len(heard.text) + 1
    found = [
        str(entity["value"])
        for entity in heard.all("order_number")
        if not far <= entity.get("start", 0) <= far + NEAR
    ]
    return found or ([str(value) for value in heard.values("number")] if asked else [])


def source_numbers(heard: Heard, asked: bool) -> list[str]:
    """Order numbers that stand for something of theirs: "the same address as order 10234"."""
    targets = target_numbers(heard, asked=False)[:1]
    return [str(v) for v in heard.values("order_number") if asked or str(v) not in targets]


def find(context: Context, number: str) -> Order | None:
    wanted = digits(number)
    exact = [o for o in context.orders if digits(o.number) == wanted]
    return exact[0] if exact else None


def digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit()) or number


def moved(request: Request, order: Order) -> Request:
    """About this order now; what was chosen from another one is forgotten."""
    if request.order == order.number:
        return request
    if request.order is None:
        return request.but(order=order.number)
    return Request(request.id, request.kind, order=order.number, reason=request.reason)
