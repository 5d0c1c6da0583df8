"""What is taken out of a message before anything keeps it. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

MAX_TEXT = 2_000
"""Characters of one message; a longer one stalls every shopper while it is understood."""

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but tab and line feed
    "\u2028\u2029"  # separators that end a line in JavaScript
    "\u202a-\u202e\u2066-\u2069"  # text direction overrides
    "\ud800-\udfff\ufeff\ufffe\uffff]"  # lone surrogates, byte order mark, no characters
)
_DIGITS = re.compile(r"(?<!\d)\d(?:[ \u00a0.-]{0,3}\d){12,}")
_CARD = re.compile(
    r"4\d{12}(\d{3}){0,2}|5[1-5]\d{14}|3[47]\d{13}|3(0[0-5]|[689]\d)\d{11,16}|35\d{14,17}"
    r"|(6|5[0678])\d{12,17}|\d{16}"
)
"""Lengths and first digits that card networks use; parcels and orders have long numbers too."""
_BLIK = re.compile(
    r"(?P<word>\bblik\w{0,8})(?P<gap>(?:(?!zam[oó]wie|order|pedido)\D){0,40}?)"
    r"(?<!\d)\d{3}[ \u00a0-]?\d{3}(?!\d)",
    re.IGNORECASE,
)
HIDDEN = "••••"


def clean_text(text: str, limit: int | None = None) -> str:
    """`text` in NFC without control characters, overrides and lone surrogates, cut at `limit`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", lines)).strip()[:limit]


def clean_data(data: Any, limit: int = 500) -> Any:
    """A JSON value with every string in it cleaned and cut at `limit` characters."""
    if isinstance(data, str):
        return clean_text(data, limit)
    if isinstance(data, list):
        return [clean_data(item, limit) for item in data]
    if isinstance(data, dict):
        return {clean_text(str(key), limit): clean_data(item, limit) for key, item in data.items()}
    return data


def plain(text: str) -> str:
    """Typed words as Rasa may have them: never the `/intent{...}` form, which only choices use."""
    return re.sub(r"^[\s/\u200b-\u200f\u2060-\u2064]+", "", text) or "?"


def mask(text: str) -> str:
    """`text` without card numbers (Luhn; the last four digits stay) and BLIK codes."""
    hidden = _DIGITS.sub(lambda run: _hide_cards(run.group()), text)
    return _BLIK.sub(rf"\g<word>\g<gap>{HIDDEN}", hidden)


def _hide_cards(run: str) -> str:
    """Digits in groups, such as `4111 1111 1111 1111 12/27`: a card begins and ends a group."""
    parts = re.split(r"(\D+)", run)
    first, out = 0, ""
    while first < len(parts):
        last, number = _card_at(parts, first)
        out += f"{HIDDEN} {number[-4:]}" if number else "".join(parts[first:last])
        out += "".join(parts[last : last + 1])
        first = last + 1
    return out


def _card_at(groups: list[str], first: int) -> tuple[int, str]:
    """The longest card that begins with this group, and where it ends; else "" and the next."""
    found, number = (first + 1, ""), ""
    for last in range(first, len(groups), 2):
        number += groups[last]
        if len(number) > 19:
            break
        if len(number) >= 13 and _is_card(number):
            found = (last + 1, number)
    return found


def _is_card(number: str) -> bool:
    if not _CARD.fullmatch(number):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
