"""How long a text is for a platform, and where it may be cut. Pure functions.

Platforms count in different units: characters, UTF-16 units, UTF-8 bytes, SMS segments. A text
is never cut inside what a reader sees as one sign (a grapheme) nor inside a link.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import regex

Unit = Callable[[str], int]
"""The length of a text; never shorter than its beginning."""

LINK = regex.compile(r"(?:https?://|mailto:|tel:)\S+")
_BREAKS = (regex.compile(r"\n\s*\n"), regex.compile(r"\n"), regex.compile(r"(?<=[.!?…。])\s"))
_SPACE = regex.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = set("\f^{}\\[~]|€")


def utf16(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def segments(text: str) -> int:
    """The SMS that a text costs: 160 signs of GSM 03.38 (153 each if several), else 70 (67)."""
    if all(sign in _GSM or sign in _GSM_TWICE for sign in text):
        length, one, several = len(text) + sum(sign in _GSM_TWICE for sign in text), 160, 153
    else:
        length, one, several = utf16(text), 70, 67
    return 1 if length <= one else -(-length // several)


def split(text: str, limit: int, unit: Unit = len) -> list[str]:
    """`text` in parts of at most `limit`; nothing but white space at the cuts is lost.

    Only a link or a sign that is by itself over the limit is cut inside.
    """
    parts, rest = [], text.strip()
    while unit(rest) > limit:
        cut = _cut(rest, limit, unit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part]


def fit(text: str, limit: int, unit: Unit = len) -> str:
    """`text`, or as much of it as fits with an ellipsis."""
    if unit(text) <= limit:
        return text
    shown = _boundary(text, _longest(text, limit, lambda part: unit(part + "…")))
    return text[:shown].rstrip() + "…"


def _cut(text: str, limit: int, unit: Unit) -> int:
    """A place after which the next part begins, at least 1."""
    end = _longest(text, limit, unit)
    inside = (m for m in LINK.finditer(text) if m.start() < end < m.end())
    if (link := next(inside, None)) and link.start():
        end = link.start()
    places = set(accumulate(len(sign) for sign in _GRAPHEME.findall(text[: end + 64])))
    for breaks, least in [*((kind, end // 2) for kind in _BREAKS), (_SPACE, 1)]:
        found = [m.end() for m in breaks.finditer(text, 0, end + 1) if m.end() in places]
        if found and found[-1] >= max(least, 1):
            return int(found[-1])
    return max([place for place in places if place <= end], default=0) or max(end, 1)


def _longest(text: str, limit: int, unit: Unit) -> int:
    """The greatest n for which the first n signs are not over the limit."""
    low, high = 0, min(len(text), max(limit, 0) * 200)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if unit(text[:middle]) <= limit else (low, middle - 1)
    return low


def _boundary(text: str, end: int) -> int:
    """The last place up to `end` where a sign ends; 0 if none does."""
    place = 0
    for sign in _GRAPHEME.finditer(text[: end + 64]):
        if sign.end() > end:
            break
        place = sign.end()
    return place
