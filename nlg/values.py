"""Values as people of a language write them: money, dates, lists, opening hours, countries."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision

TERRITORY = {
    "en": "en_IE",
    "pl": "pl_PL",
    "es": "es_ES",
}  # which formats a language's shoppers expect
YEAR = re.compile(r",?( 'de')? y+$")


def locale(language: str) -> Locale:
    return Locale.parse(TERRITORY.get(language, language))


def show(value: Any, language: str) -> str:
    """A value of a response as text. Wire shapes: {"minor", "currency"}, {"date"}, {"datetime"},
    {"country"}, {"week": {day: [from, to] | None}}; lists are joined with "and"."""
    match value:
        case None:
            return ""
        case {"minor": minor, "currency": currency}:
            return money(minor, currency, language)
        case {"datetime": moment}:
            return day_and_time(datetime.fromisoformat(moment), language)
        case {"date": iso}:
            return day(date.fromisoformat(iso), "long", language)
        case {"country": code}:
            return str(locale(language).territories[code])
        case {"week": week}:
            return opening_hours(week, language)
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return format_decimal(value, locale=locale(language))
        case list():
            return format_list([show(item, language) for item in value], locale=locale(language))
        case _:
            return str(value)


def decimal(minor: int, currency: str) -> str:
    """The amount in the currency's major unit: "129.90"."""
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


def money(minor: int, currency: str, language: str) -> str:
    amount = Decimal(decimal(minor, currency))
    return format_currency(amount, currency, locale=locale(language), format_type="standard")


def day(moment: date, length: str, language: str) -> str:
    """A date without its year: "poniedziałek, 23 listopada", "23 de noviembre"."""
    pattern = locale(language).date_formats[length].pattern
    return format_date(moment, YEAR.sub("", pattern), locale=locale(language))


def day_and_time(moment: datetime, language: str) -> str:
    return (
        f"{day(moment, 'full', language)}, {format_time(moment, 'short', locale=locale(language))}"
    )


def opening_hours(week: dict[str, list[str] | None], language: str) -> str:
    """ "Mon-Fri 9:00-17:00, Sat 10:00-18:00": days in a row with the same hours are one span."""
    names = locale(language).days["stand-alone"]["abbreviated"]
    spans: list[tuple[int, int, list[str]]] = []
    for index, hours in enumerate(week.values()):
        if hours and spans and spans[-1][1] == index - 1 and spans[-1][2] == hours:
            spans[-1] = (spans[-1][0], index, hours)
        elif hours:
            spans.append((index, index, hours))
    return ", ".join(
        f"{names[first] if first == last else f'{names[first]}-{names[last]}'} "
        f"{clock(hours[0])}-{clock(hours[1])}"
        for first, last, hours in spans
    )


def clock(text: str) -> str:
    return f"{time.fromisoformat(text).hour}:{text[3:5]}"
