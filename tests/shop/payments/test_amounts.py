from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.model import Money, Unavailable
from shop.payments.amounts import digits, from_units, units, written

CURRENCIES = {"PLN": 2, "EUR": 2, "JPY": 0, "KWD": 3, "HUF": 2, "TWD": 2}


@given(st.integers(0, 10**12), st.sampled_from(sorted(CURRENCIES)), st.integers(0, 2))
def test_an_amount_comes_back_as_it_went(minor: int, currency: str, finer: int) -> None:
    amount, scale = Money(minor, currency), CURRENCIES[currency] + finer
    assert from_units(units(amount, scale), scale, currency) == amount
    assert from_units(written(amount, scale), 0, currency.lower()) == amount


def test_amounts_as_vendors_write_them() -> None:
    assert units(Money(1230, "PLN"), 2) == 1230
    assert units(Money(500, "JPY"), 2) == 50000  # PayU
    assert units(Money(150000, "TWD"), 0) == 1500  # LINE Pay, PayPal
    assert written(Money(5, "EUR"), 2) == "0.05"
    assert written(Money(150000, "TWD"), 0) == "1500"


def test_no_part_of_an_amount_is_lost() -> None:
    with pytest.raises(Unavailable):
        units(Money(150050, "TWD"), 0)
    with pytest.raises(Unavailable):
        from_units("0.001", 0, "EUR")


@pytest.mark.parametrize("number", [None, "", "x", [], {}, "1e400x", True, "NaN", "Infinity"])
def test_what_is_no_number_is_no_amount(number: object) -> None:
    with pytest.raises(Unavailable):
        from_units(number, 2, "EUR")


def test_digits_are_two_but_for_the_lists() -> None:
    assert [digits(code, "JPY KRW", "KWD") for code in ("jpy", "KWD", "PLN", None)] == [0, 3, 2, 2]
