"""Amounts as vendors write them: whole numbers of a unit that need not be the currency's own."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from shop.model import Money, Unavailable


def digits(currency: object, whole: str, three: str = "") -> int:
    """How many decimal digits a vendor gives a currency; two, but for those in the two lists."""
    code = str(currency).upper()
    return 0 if code in whole.split() else 3 if code in three.split() else 2


def units(amount: Money, digits: int) -> int:
    """The amount with so many decimal digits, as a whole number: 12.30 with 2 is 1230."""
    scaled = Decimal(amount.minor).scaleb(digits - get_currency_precision(amount.currency))
    if scaled != scaled.to_integral_value():
        raise Unavailable(f"{amount.currency} has no such small part here")
    return int(scaled)


def from_units(number: object, digits: int, currency: object) -> Money:
    """The reverse, from what a vendor's answer holds; Unavailable for nonsense."""
    code = str(currency).upper()
    try:
        scaled = Decimal(str(number)).scaleb(get_currency_precision(code) - digits)
        if scaled == scaled.to_integral_value():
            return Money(int(scaled), code)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise Unavailable("an amount that is none")


def written(amount: Money, digits: int) -> str:
    """As a decimal: "12.30"; without digits "12"."""
    return str(Decimal(units(amount, digits)).scaleb(-digits))
