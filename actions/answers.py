"""How typed answers are read: an e-mail, a name, an address. Shared by every form that asks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from babel import Locale as Territories

from actions.forms import Values
from actions.turn import Turn
from shop.policy import policy
from shop.text import fold

WORD = re.compile(r"[^\W_]+")
SHORTEST_INFLECTED, ENDING = 5, 2  # letters

NAME = re.compile(r"[^\W\d_][\w'’.\-]*(?: [^\W\d_][\w'’.\-]*){1,5}")
POSTCODE = re.compile(
    r"\b(\d{2}[- ]?\d{3}|\d{4}-\d{3}|\d{4,5}"  # most of the EU; Poland and Portugal with a dash
    r"|[A-Z]\d[\dW] ?[\dA-Z]{4})\b",  # Irish Eircode
    re.IGNORECASE,
)


def email(turn: Turn, values: Values) -> str | None:
    return turn.value("email")


def phone(turn: Turn, values: Values) -> str | None:
    return turn.value("phone")


def person(turn: Turn, values: Values) -> str | None:
    """Given and family name, in the order in which people write them."""
    text = " ".join(turn.text.split()).strip(" ,.!")
    return text if not turn.tapped and NAME.fullmatch(text) and len(text) <= 80 else None


def street(turn: Turn, values: Values) -> str | None:
    """Street, house and flat; villages have no streets, so any text with a number will do. A
    postcode in the same line belongs to the next question."""
    line, _ = split_address(turn.text)
    return line if not turn.tapped and re.search(r"\d", line) and 3 < len(line) <= 120 else None


def place(turn: Turn, values: Values) -> list[str] | None:
    """Postcode and town."""
    _, found = split_address(turn.text)
    return found if not turn.tapped else None


def split_address(text: str) -> tuple[str, list[str] | None]:
    """("ul. Długa 5/12", ["00-238", "Warszawa"]) of "ul. Długa 5/12, 00-238 Warszawa"."""
    text = " ".join(text.split())
    for match in reversed(list(POSTCODE.finditer(text))):
        before, after = text[: match.start()].strip(" ,"), text[match.end() :].strip(" ,.")
        if re.fullmatch(r"[^\d,]{2,60}(?:\([^)]*\))?", after):
            return before, [postcode(match.group()), after]
        if not after and before and not re.search(r"\d", before):
            return "", [postcode(match.group()), before]
    return text.strip(" ,"), None


def postcode(text: str) -> str:
    digits = re.sub(r"[^\dA-Za-z]", "", text).upper()
    dashed = "-" in text or " " in text
    return f"{digits[:2]}-{digits[2:]}" if dashed and re.fullmatch(r"\d{5}", digits) else digits


def country(turn: Turn, values: Values) -> str | None:
    """ISO 3166-1 code of a country named in any of our languages."""
    tapped = turn.value("country")
    return str(tapped) if tapped else country_named(turn.text)


def country_named(text: str) -> str | None:
    """One of those that we deliver to ("do Niemiec"), or any other by its plain name."""
    words = WORD.findall(fold(text))
    spaced = f" {' '.join(words)} "
    ours = {code: names for code, names in territories().items() if code in policy().countries}
    for code, names in ours.items():
        if spaced == f" {code.casefold()} " or any(is_form(w, n) for w in words for n in names):
            return code
    plain = ((code, name) for code, names in territories().items() for name in names)
    longest = sorted(plain, key=lambda each: -len(each[1]))
    return next((code for code, name in longest if f" {name} " in spaced), None)


def is_form(word: str, name: str) -> bool:
    """ "hiszpanii" is a form of "hiszpania"; short names stay as they are."""
    if len(name) < SHORTEST_INFLECTED:
        return word == name
    return word.startswith(name[:-1]) and len(word) <= len(name) + ENDING


@cache
def territories() -> dict[str, list[str]]:
    """The names of all countries in our languages, folded, and what else people call them."""
    named = {code: list(names) for code, names in also_called().items()}
    for language in policy().languages:
        for code, name in Territories(language).territories.items():
            if len(code) == 2 and code.isalpha():
                named.setdefault(code, []).append(" ".join(WORD.findall(fold(name))))
    return named


@cache
def also_called() -> dict[str, list[str]]:
    return yaml.safe_load(Path(__file__).with_name("countries.yml").read_text(encoding="utf-8"))


def yes_or_no(turn: Turn, values: Values) -> bool | None:
    """An explicit yes or no; a guess of the classifier is neither."""
    if not turn.sure:
        return None
    return {"affirm": True, "deny": False}.get(turn.intent)
