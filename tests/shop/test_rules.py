"""The rules, on orders made for the purpose: no store, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop import rules
from shop.model import (
    Address,
    DeliveryMethod,
    Money,
    Order,
    OrderLine,
    OrderState,
    PaymentMethod,
    Price,
    Transaction,
    Variant,
)
from shop.policy import policy

S = OrderState
NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
CARD = PaymentMethod("card-1", "card", "Visa", "4242")
PAYPAL = PaymentMethod("paypal-1", "paypal")
GIFT = PaymentMethod("gift-1", "gift_card", balance=Money(5000, "PLN"))
HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL")


def zl(minor: int) -> Money:
    return Money(minor, "PLN")


def line(id_: str, price: int, quantity: int = 1) -> OrderLine:
    return OrderLine(f"v{id_}", f"p{id_}", "Thing", {}, quantity, zl(price), "", id=id_)


def order(
    *lines: OrderLine, state: OrderState = S.PAID, discount: int = 0, delivery: int = 1500
) -> Order:
    lines = lines or (line("0", 10000),)
    total = zl(sum(one.total.minor for one in lines) - discount + delivery)
    return Order(
        "10001",
        state,
        NOW - timedelta(days=3),
        "shopper",
        "ewa@example.org",
        lines,
        DeliveryMethod("courier_pl", "Courier", zl(delivery), (1, 2)),
        HOME,
        zl(discount),
        total,
        transactions=(Transaction(total, CARD),),
    )


def variant(price: int) -> Variant:
    return Variant("new", {}, {}, Price(zl(price)), 5, "")


WHAT = ("cancel", "change_items", "change_payment", "change_address", "return", "exchange")
MAY = {  # the policy's states, written out a second time on purpose
    "cancel": {S.AWAITING_PAYMENT, S.PAYMENT_FAILED, S.PAID},
    "change_items": {S.PAID},
    "change_payment": {S.PAID},
    "change_address": {S.AWAITING_PAYMENT, S.PAYMENT_FAILED, S.PAID, S.PACKED},
    "return": {S.DELIVERED},
    "exchange": {S.DELIVERED},
    "problem/damaged": {S.DELIVERED},
    "problem/late": {S.SHIPPED, S.READY_TO_COLLECT},
    "problem/lost": {S.SHIPPED, S.DELIVERED, S.LOST},
    "problem/forgot_code": {S.AWAITING_PAYMENT, S.PAYMENT_FAILED, S.PAID},
    "problem/other": set(S),
    "problem/no-such-thing": set(),
}


@pytest.mark.parametrize("what", MAY)
@pytest.mark.parametrize("state", S)
def test_what_may_be_done_in_which_state(what: str, state: OrderState) -> None:
    refused = rules.refusal(order(state=state), what, NOW)
    assert (refused is None) is (state in MAY[what])
    if refused:
        reason = "cannot_settle" if what.startswith("problem/") else f"cannot_{what}"
        assert refused.reason == reason
        assert refused.details == {"number": "10001", "state": state.value}


def test_allowed_names_all_that_is_not_refused() -> None:
    problems = ("problem/forgot_code", "problem/other")
    assert rules.allowed(order(), NOW) == (*WHAT[:4], *problems)
    delivered = rules.allowed(order(state=S.DELIVERED), NOW)
    assert {"return", "exchange", "problem/damaged"} <= set(delivered)
    assert not set(WHAT[:4]) & set(delivered)


@pytest.mark.parametrize("what", WHAT[:4])
def test_after_a_change_of_items_nothing_else_changes_the_order(what: str) -> None:
    changed = replace(order(), items_changed=True)
    refused = rules.refusal(changed, what, NOW)
    assert refused is not None
    assert refused.reason == "items_changed_already"
    sent = rules.refusal(replace(changed, state=S.SHIPPED), what, NOW)
    assert sent is not None
    assert sent.reason == f"cannot_{what}"


def test_only_one_payment_can_move() -> None:
    one = order()
    for moved, reason in (
        ((*one.transactions, Transaction(zl(100), GIFT)), "several_payments"),
        ((), "cannot_change_payment"),
    ):
        refused = rules.refusal(replace(one, transactions=moved), "change_payment", NOW)
        assert refused is not None
        assert refused.reason == reason


@pytest.mark.parametrize("what", ["return", "exchange"])
def test_the_window_ends_with_its_last_day_where_the_shop_is(what: str) -> None:
    """Delivered on 1 October at 23:30 UTC, which in Kraków is 2 October; 30 days on: 1 November."""
    at = datetime(2026, 10, 1, 23, 30, tzinfo=timezone.utc)
    delivered = replace(order(state=S.DELIVERED), delivered=at)
    last = datetime(2026, 11, 1, 22, 59, tzinfo=timezone.utc)
    assert rules.refusal(delivered, what, last) is None
    late = rules.refusal(delivered, what, last + timedelta(minutes=1))
    assert late is not None
    assert late.reason == f"{what}_window_over"
    assert late.details["until"] == date(2026, 11, 1)


def test_without_a_day_of_delivery_there_is_no_window() -> None:
    assert rules.refusal(order(state=S.DELIVERED), "return", NOW + timedelta(days=999)) is None


def test_no_exchange_where_the_shop_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    without = policy().model_copy(
        update={"returns": policy().returns.model_copy(update={"exchange": False})}
    )
    monkeypatch.setattr(rules, "policy", lambda: without)
    refused = rules.refusal(order(state=S.DELIVERED), "exchange", NOW)
    assert refused is not None
    assert refused.reason == "cannot_exchange"


def test_a_difference_counts_every_piece() -> None:
    two = order(line("0", 10000, 2), line("1", 5000))
    assert rules.difference(two, {"0": variant(12000)}) == zl(4000)
    assert rules.difference(two, {"0": variant(12000), "1": variant(1)}) == zl(4000 - 4999)
    assert rules.difference(two, {}) == zl(0)


@pytest.mark.parametrize(
    ("method", "needed", "reason"),
    [
        (CARD, zl(999999), None),
        (PAYPAL, Money(1, "EUR"), None),
        (GIFT, zl(5000), None),
        (GIFT, zl(5001), "gift_card_too_small"),
        (GIFT, Money(1, "EUR"), "other_currency"),
        (PaymentMethod("g", "gift_card"), zl(1), "gift_card_too_small"),
    ],
)
def test_a_gift_card_must_cover_it(method: PaymentMethod, needed: Money, reason: str) -> None:
    refused = rules.coverage(method, needed)
    assert (refused.reason if refused else None) == reason
    if refused:
        assert refused.details["needed"] == needed


def test_the_original_method_is_the_first_with_money_left_in_the_order() -> None:
    one = order()
    total = one.total
    moved = (
        Transaction(total, CARD),
        Transaction(total, GIFT),
        Transaction(total, CARD, refund=True),
    )
    assert rules.original(one) == CARD
    assert rules.original(replace(one, transactions=moved)) == GIFT
    assert rules.original(replace(one, transactions=())) is None
    assert rules.paid_with(replace(one, transactions=moved)) == {GIFT.id: (GIFT, total)}


def test_a_refund_may_go_where_it_came_from_or_to_a_gift_card() -> None:
    places = [rules.may_refund_to(order(), method) for method in (CARD, GIFT, PAYPAL)]
    assert places == [True, True, False]


def test_a_refund_is_less_the_discount_and_all_of_it_with_the_delivery() -> None:
    both = order(line("0", 10000, 2), line("1", 5000), discount=2500)
    assert rules.refund(both, {"0": 1}) == zl(9000)
    assert rules.refund(both, {"0": 2, "1": 1}) == both.total
    assert rules.refund(both, {}) == zl(0)


pieces = st.integers(1, 4)
amounts = st.integers(1, 200_000)
bought = st.lists(st.tuples(amounts, pieces), min_size=1, max_size=4)


@given(bought, st.data())
def test_refunds_of_parts_never_add_up_to_more_than_was_paid(
    lines: list[tuple[int, int]], data: st.DataObject
) -> None:
    """In whatever parts it all goes back; what is kept is the delivery and less than a grosz a
    piece."""
    goods = sum(price * count for price, count in lines)
    discount = data.draw(st.integers(0, goods))
    left = order(
        *(line(str(n), price, count) for n, (price, count) in enumerate(lines)), discount=discount
    )
    back = 0
    for one in left.lines:
        for _ in range(one.quantity):
            amount = rules.refund(left, {one.id: 1})
            assert 0 <= amount.minor <= rules.paid(left).minor
            moved = Transaction(amount, CARD, refund=True)
            left = replace(left, transactions=(*left.transactions, moved))
            back += amount.minor
    assert back <= left.total.minor
    assert rules.paid(left).minor == left.total.minor - back


@given(bought, amounts, st.data())
def test_a_change_of_items_never_brings_back_more_than_was_paid(
    lines: list[tuple[int, int]], price: int, data: st.DataObject
) -> None:
    goods = sum(price * count for price, count in lines)
    discount = data.draw(st.integers(0, goods))
    one = order(*(line(str(n), p, c) for n, (p, c) in enumerate(lines)), discount=discount)
    changes = {"0": variant(price)}
    difference = rules.difference(one, changes)
    after = rules.goods(one, changes).minor
    assert 0 <= rules.discount_after(one, changes).minor <= min(discount, after)
    assert one.total.minor + difference.minor == (
        after - rules.discount_after(one, changes).minor + one.delivery.price.minor
    )
    assert one.total.minor + difference.minor >= one.delivery.price.minor


moved = st.lists(st.tuples(st.sampled_from([CARD, PAYPAL, GIFT]), st.integers(1, 9000)), max_size=5)


@given(moved=moved, share=st.floats(0, 1), method=st.sampled_from([None, CARD, PAYPAL, GIFT]))
def test_money_goes_back_to_whoever_paid_it(
    moved: list[tuple[PaymentMethod, int]], share: float, method: PaymentMethod | None
) -> None:
    paid = tuple(Transaction(zl(minor), by) for by, minor in moved)
    bought = replace(order(), transactions=paid)
    held = rules.paid_with(bought)
    amount = zl(int(sum(minor for _, minor in moved) * share))
    parts = rules.split(bought, amount, method)
    if method and method.id not in held:
        assert parts == ((method, amount),)
        return
    assert sum(part.minor for _, part in parts) == amount.minor
    assert all(0 < part.minor <= held[to.id][1].minor for to, part in parts)
    assert len({to.id for to, _ in parts}) == len(parts)
    if method and parts:
        assert parts[0][0] == method
