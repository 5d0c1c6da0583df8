"""Prices in a text whose slips were put right: what a misspelt "under 50 euros" hides before."""

from __future__ import annotations

import re
from functools import cache

from shop.commerce.search.small import small
from shop.model import Money
from shop.text import fold

NUMBER = r"(\d+(?:[.,]\d\d?)?)"


def bounds(text: str) -> tuple[Money | None, Money | None]:
    """The least and the most that something may cost, as far as the text says so with a
    currency."""
    plain = fold(text)
    for currency, (between, least, most) in patterns().items():
        if match := between.search(plain):
            return money(match[1], currency), money(match[2], currency)
        low, high = least.search(plain), most.search(plain)
        if low or high:
            return (
                money(low[1], currency) if low else None,
                money(high[1], currency) if high else None,
            )
    return None, None


def money(amount: str, currency: str) -> Money:
    return Money(round(float(amount.replace(",", ".")) * 100), currency)


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Currency -> patterns of a range, a least and a most."""
    file, found = small(), dict[str, tuple[re.Pattern[str], ...]]()
    for currency, sign in file["currencies"].items():
        end = rf"{NUMBER} ?{sign}(?!\w)"
        between = rf"\b{file['between']} {NUMBER} ?{sign}? ?{file['joint']} ?{end}"
        each = (rf"\b{file[name]} {end}" for name in ("least", "most"))
        found[currency] = tuple(re.compile(pattern) for pattern in (between, *each))
    return found
