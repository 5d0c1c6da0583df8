"""Amounts that vendors write as decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

ONE = Decimal(1)


def minor(amount: Decimal | str, currency: str) -> int:
    """Exact, but for amounts that are kept with more places than the currency has; "" is 0."""
    scaled = Decimal(amount or "0").scaleb(get_currency_precision(currency))
    return int(scaled.quantize(ONE, ROUND_HALF_UP))
