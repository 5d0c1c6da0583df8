"""What has a shape of its own: e-mails, phone numbers, postcodes, order numbers, codes, sizes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Found:
    """An entity at the characters `start` to `end` (exclusive) of the message."""

    entity: str
    value: Any
    start: int
    end: int


EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
PHONE = re.compile(
    r"(?<![\w-])(?:\+\d{1,3}[ ()/-]*(?:\d[ ()/.-]*){7,11}\d"
    r"|00\d{2}(?:[ -]?\d){8,11}|\d{3}[ -]\d{3}[ -]\d{3}"
    r"|\d{3}(?:[ -]\d{2}){3}|\d{2}[ -]\d{3}[ -]\d{2}[ -]\d{2}"
    r"|0\d{3,4} ?\d{3} ?\d{3,4}|0\d{2} \d{7}|[5-9]\d{8}|48\d{9}|34\d{9})(?![\w-])"
)
POSTCODE = re.compile(
    r"(?<![\w-])(?:\d{2}-\d{3}|[A-Za-z]{1,2}\d[A-Za-z\d]? \d[A-Za-z]{2}"
    r"|[A-Z]\d{2} [A-Z\d]{4})(?![\w-])"
    r"|(?<![\w-])\d{5}(?= [A-ZÁÉÍÓÚŁŚŻŹĆ]\w+)|(?<!\d{4}, )(?<=\w, )\d{5}(?![\w-])"
)
ORDER = re.compile(
    r"#\s?(?P<hash>[A-Za-z]{0,4}-?\d{3,12})|(?<!\w)(?P<letters>[A-Za-z]{1,3}-?\d{4,12}(?:-\d{2,8})?)(?!\w)"
    r"|(?<![\w.,+-])(?P<bare>\d{4,12})(?![\w-]|[.,]\d)"
)
CODE = re.compile(r"(?<![\w@.-])(?:[^\W\d_]{4,}[-_]?\d{2,4}|[A-Z]{3,}[-_]?\d{1,3})(?![\w@])")
AFTER_CODE_WORD = re.compile(r"\W{0,3}(?:[a-z]{1,4}\s+)?[\"'«„]?(?P<code>[A-Za-z0-9][\w-]{2,19})")
AFTER_PHONE_WORD = re.compile(r"(?:\W|[a-z]{2}\b){0,4}(?P<phone>\+?\d(?:[ -]?\d){6,12})")
CAPITALS = re.compile(r"(?<!\w)[A-Z]{4,}(?!\w)")
SIZE = re.compile(
    r"(?<![\w.,'’])(?:w ?\d{2} ?/? ?l ?\d{2}|\d{1,3} ?[x×] ?\d{1,3}(?: ?(?:cm|m)\b)?"
    r"|\d{1,4}(?:[.,]\d)? ?(?:cm|ml|mm|l)|\d{2}[-/]\d{2}|\d{2} 1/2|\d{2}½|\d{2,3}[a-f]"
    r"|\d{1,3}(?:[.,]5)?|xxs|xs|s|m|l|xl|xxl|xxxl|[2-6]xl)(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
HALF = re.compile(r" ?(?:½|1/2)")


def contacts(text: str) -> Iterator[Found]:
    """E-mail addresses, then phone numbers and postcodes outside of them."""
    taken: list[tuple[int, int]] = []
    for entity, pattern in (("email", EMAIL), ("phone", PHONE), ("postcode", POSTCODE)):
        for match in pattern.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield Found(entity, _contact(entity, match[0]), *match.span())


def _contact(entity: str, text: str) -> str:
    if entity == "email":
        return text.rstrip(".").lower()
    if entity == "phone":
        return re.sub(r"[^\d+]", "", text)
    return text.upper()


def spoken_email(text: str, signs: Mapping[str, Iterable[str]]) -> tuple[str, int, int] | None:
    """An address spelt out, as "anna at wp dot pl", with the words for the signs in one language.

    Gives the address and where it stands.
    """
    by_word = {word: sign for sign, words in signs.items() for word in words}
    words = "|".join(re.escape(w) for w in sorted(by_word, key=len, reverse=True))
    at = "|".join(re.escape(w) for w in signs["@"])
    dot = "|".join(re.escape(w) for w in signs["."])
    joint = rf"\s*(?:\.|_|-|\s(?:{words})\s)\s*"
    local = rf"(?<![\w+])[\w+]{{1,64}}(?:{joint}[\w+]{{1,64}}){{0,5}}"
    host = rf"\w{{1,63}}(?:\s*(?:\.|-|\s(?:{dot})\s)\s*\w{{1,63}}){{1,5}}"
    pattern = rf"(?P<local>{local})\s+(?:{at}|@)\s+(?P<host>{host})"
    match = re.search(pattern, text)
    if match is None:
        return None
    address = f"{_signs(match['local'], by_word)}@{_signs(match['host'], by_word)}"
    return address, match.start(), match.end()


def _signs(text: str, by_word: dict[str, str]) -> str:
    for word in sorted(by_word, key=len, reverse=True):
        text = re.sub(rf"\s{re.escape(word)}\s", by_word[word], f"{text}")
    return re.sub(r"\s", "", text)


def size_name(text: str) -> str:
    """A size as it is usually printed: "42 1/2" is "42.5", "w34 l32" is "W34/L32"."""
    plain = HALF.sub(".5", text).replace(",", ".").replace("×", "x")
    plain = re.sub(r"(?<=\d) (?=L\d)", "/", plain.upper()) if plain[0].isalpha() else plain
    return re.sub(r" ?([x/]) ?(?=\w)", r"\1", plain)
