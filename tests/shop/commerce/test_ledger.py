"""A vendor's orders as our rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shop.commerce.remote.ledger import housed, in_order
from shop.commerce.remote.vendor import TheirLine, TheirOrder
from shop.model import OrderState
from tests.shop.buying import HOME

THEIRS = TheirOrder(
    "1001", OrderState.PAID, 0, "ewa@example.org", None, "PLN", (), 0, "courier_pl", 0, 0, HOME
)


@pytest.mark.parametrize(
    ("delivery", "second", "flat", "point"),
    [
        ("courier_pl", "m. 5", "m. 5", None),
        ("", "m. 5", "m. 5", None),  # a way of delivery that the assistant does not offer
        ("courier_pl", None, None, None),
        ("locker_pl", "WAW314N", None, "WAW314N"),
        ("locker_pl", None, None, None),
    ],
)
def test_the_second_line_is_a_flat_or_a_locker(
    delivery: str, second: str | None, flat: str | None, point: str | None
) -> None:
    found = housed(replace(THEIRS, delivery=delivery, point=second))
    street = f"{HOME.street} {flat}" if flat else HOME.street
    assert (found.address, found.point) == (replace(HOME, street=street), point)
    assert housed(found) == found


def test_lines_stand_as_they_stood_in_the_cart() -> None:
    a, b, c = (TheirLine(f"p-{name}", name, 1, 100) for name in "abc")
    mixed = replace(THEIRS, lines=(c, a, b))
    assert in_order(mixed, (b, c, a)).lines == (b, c, a)
    assert in_order(mixed, (a, b)).lines == (a, b, c)
    assert in_order(mixed, ()).lines == mixed.lines
