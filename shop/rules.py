"""What the policy allows to be done to an order: pure, asked beforehand and again at the write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from shop.model import Money, Order, OrderLine, PaymentMethod, Refused, Variant
from shop.policy import policy

CHANGES = ("cancel", "change_items", "change_payment", "change_address")
SENT_BACK = ("return", "exchange")
GIFT_CARD = "gift_card"


def refusal(order: Order, what: str, at: datetime) -> Refused | None:
    """Why not: `what` is cancel, change_items, change_payment, change_address, return, exchange or
    problem/<kind>. Details: number, state, and `until` (date) where a window is over."""
    details: dict[str, object] = {"number": order.number, "state": order.state.value}
    if what.startswith("problem/"):
        settled = may_report(order, what.partition("/")[2])
        return None if settled else Refused("cannot_settle", **details)
    if order.state not in policy().after_sale.allowed(what).states:
        return Refused(f"cannot_{what}", **details)
    if what in CHANGES:
        reason = change_refused(order, what)
        return Refused(reason, **details) if reason else None
    if what == "exchange" and not policy().returns.exchange:
        return Refused("cannot_exchange", **details)
    until = window_end(order, what)
    if until and policy().local(at).date() > until:
        return Refused(f"{what}_window_over", until=until, **details)
    return None


def change_refused(order: Order, what: str) -> str:
    """The reason where an earlier change stands in the way, or ""."""
    if order.items_changed:
        return "items_changed_already"
    if what == "change_payment" and len(order.transactions) != 1:
        return "several_payments" if order.transactions else "cannot_change_payment"
    return ""


def may_report(order: Order, kind: str) -> bool:
    problem = policy().after_sale.problems.get(kind)
    return problem is not None and (not problem.states or order.state in problem.states)


def window_end(order: Order, what: str) -> date | None:
    """The last day to announce a return or exchange; None where the delivery's day is unknown."""
    if order.delivered is None:
        return None
    terms = policy().returns
    days = terms.window_days if what == "return" else terms.exchange_days
    return policy().local(order.delivered).date() + timedelta(days=days)


def allowed(order: Order, at: datetime) -> tuple[str, ...]:
    """All that may be done with the order now, in the words of `refusal`."""
    problems = (f"problem/{kind}" for kind in policy().after_sale.problems)
    wishes = (*CHANGES, *SENT_BACK, *problems)
    return tuple(what for what in wishes if refusal(order, what, at) is None)


def line_of(order: Order, line_id: str) -> OrderLine | None:
    return next((line for line in order.lines if line.id == line_id), None)


def goods(order: Order, changes: Mapping[str, Variant] | None = None) -> Money:
    """The price of the lines, some of them (by id) as other variants."""
    total = Money(0, order.total.currency)
    for line in order.lines:
        variant = (changes or {}).get(line.id)
        total += variant.price.amount * line.quantity if variant else line.total
    return total


def discount_after(order: Order, changes: Mapping[str, Variant]) -> Money:
    """The discount on changed lines: of cheaper goods its share, rounded to the shopper's favour;
    it does not grow."""
    before, after = goods(order).minor, goods(order, changes).minor
    if after >= before:
        return order.discount
    return Money(-(-order.discount.minor * after // before), order.discount.currency)


def difference(order: Order, changes: Mapping[str, Variant]) -> Money:
    """What the order costs more with lines (by id) as other variants; less is negative."""
    less = goods(order) + discount_after(order, changes) + order.discount * -1
    return goods(order, changes) + less * -1


def coverage(method: PaymentMethod, amount: Money) -> Refused | None:
    """Whether a gift card can pay this much; what is not a gift card can always."""
    if method.kind != GIFT_CARD:
        return None
    balance = method.balance or Money(0, amount.currency)
    if balance.currency != amount.currency:
        return Refused("other_currency", balance=balance, needed=amount)
    if amount.minor > balance.minor:
        return Refused("gift_card_too_small", balance=balance, needed=amount)
    return None


def paid_with(order: Order) -> dict[str, tuple[PaymentMethod, Money]]:
    """By method id: what it has paid and not got back, of those with anything left; the first
    paid first."""
    left: dict[str, Money] = {}
    methods: dict[str, PaymentMethod] = {}
    for moved in order.transactions:
        nothing = Money(0, moved.amount.currency)
        amount = moved.amount * (-1 if moved.refund else 1)
        left[moved.method.id] = left.get(moved.method.id, nothing) + amount
        methods.setdefault(moved.method.id, moved.method)
    return {id_: (methods[id_], amount) for id_, amount in left.items() if amount.minor > 0}


def original(order: Order) -> PaymentMethod | None:
    """The order's own payment method: the first that paid and was not paid back."""
    return next((method for method, _ in paid_with(order).values()), None)


def split(
    order: Order, amount: Money, method: PaymentMethod | None = None
) -> tuple[tuple[PaymentMethod, Money], ...]:
    """Where money goes back to: the method, as far as it has paid, then the others that paid, the
    first of them first. What has not paid, a gift card, takes all of it."""
    paid_by, parts = paid_with(order), []
    if method is not None and method.id not in paid_by:
        return ((method, amount),)
    for id_ in dict.fromkeys((*([method.id] if method else []), *paid_by)):
        part = min(amount, paid_by[id_][1])
        if part.minor > 0:
            parts.append((paid_by[id_][0], part))
            amount += part * -1
    return tuple(parts)


def may_refund_to(order: Order, method: PaymentMethod) -> bool:
    places = policy().after_sale.return_.refund_to
    return method.id in paid_with(order) or (GIFT_CARD in places and method.kind == GIFT_CARD)


def paid(order: Order) -> Money:
    """What was paid and not paid back; the order's total where no payment is known."""
    if not order.transactions:
        return order.total
    amounts = (amount.minor for _, amount in paid_with(order).values())
    return Money(sum(amounts), order.total.currency)


def refund(order: Order, quantities: Mapping[str, int]) -> Money:
    """What pieces (by line id) bring back: their price less their share of the discount, rounded
    to the shopper's favour; of all that was bought with the delivery; never more than was paid."""
    pieces = [(line, quantities.get(line.id, 0)) for line in order.lines]
    if all(count >= line.quantity for line, count in pieces):
        return min(order.total, paid(order))
    back = sum(line.price.minor * count for line, count in pieces)
    discount = order.discount.minor * back // goods(order).minor if back else 0
    return min(Money(back - discount, order.total.currency), paid(order))
