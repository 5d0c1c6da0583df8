"""What a task's shopper wants, read from its instruction with the patterns of the set's README."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

WHO = re.compile(r"Your name is (.*?) and your (?:zip code is (\d+)|email is (\S+))\.")
RETURN = re.compile(r"Return (#W\d+) via (\w+): ((?:[^;#]+; )+)")
EXCHANGE = re.compile(r"For (#W\d+), exchange (.*?); via (\w+)\.")
CHANGE = re.compile(r"For (#W\d+), modify (.*?); via (\w+)\.")
CANCEL = re.compile(r"Cancel order (#W\d+) because ([\w ]+)\.")
PAYMENT = re.compile(r"For (#W\d+), change payment to (\w+)\.")
ADDRESS = re.compile(r"For (#W\d+), change address to (\{.*?\}) \(same as (#W\d+)\)\.")
ITEM = re.compile(r"(.+?) (\{.*?\}) to (\{.*?\})(?:; |$)")


@dataclass(frozen=True)
class Who:
    name: str
    postcode: str = ""
    email: str = ""


@dataclass(frozen=True)
class Item:
    """`has` is what tells the item from others; `gets` the options that shall be different."""

    name: str
    has: dict[str, str]
    gets: dict[str, str]


@dataclass(frozen=True)
class Wish:
    """`kind`: return, exchange, items, cancel, payment or address. `method` is a payment method's
    id; `same_as` the order whose address it shall be."""

    kind: str
    order: str
    items: tuple[Item, ...] = ()
    method: str = ""
    reason: str = ""
    address: dict[str, str] | None = None
    same_as: str = ""


def who(instruction: str) -> Who:
    match = WHO.match(instruction)
    if match is None:
        raise ValueError(f"nobody speaks in {instruction!r}")
    return Who(match[1], match[2] or "", match[3] or "")


def wishes(instruction: str) -> list[Wish]:
    """In the order in which they stand there."""
    found: list[tuple[int, Wish]] = []
    for pattern, make in PATTERNS.items():
        found += [(match.start(), make(match)) for match in pattern.finditer(instruction)]
    return [wish for _, wish in sorted(found, key=lambda pair: pair[0])]


def to_return(match: re.Match[str]) -> Wish:
    said = [part for part in match[3].split("; ") if part.strip()]
    return Wish("return", match[1], tuple(map(to_item, said)), method=match[2])


def to_item(said: str) -> Item:
    """A name, and the options of one that the order has twice."""
    name, brace, has = said.partition(" {")
    return Item(name, ast.literal_eval(brace.strip() + has) if brace else {}, {})


def to_exchange(match: re.Match[str]) -> Wish:
    return Wish("exchange", match[1], items(match[2]), method=match[3])


def to_change(match: re.Match[str]) -> Wish:
    return Wish("items", match[1], items(match[2]), method=match[3])


def to_cancel(match: re.Match[str]) -> Wish:
    return Wish("cancel", match[1], reason=match[2])


def to_payment(match: re.Match[str]) -> Wish:
    return Wish("payment", match[1], method=match[2])


def to_address(match: re.Match[str]) -> Wish:
    address: dict[str, Any] = ast.literal_eval(match[2])
    address.pop("order_id")
    return Wish("address", match[1], address=address, same_as=match[3])


def items(said: str) -> tuple[Item, ...]:
    return tuple(
        Item(name, ast.literal_eval(has), ast.literal_eval(gets))
        for name, has, gets in ITEM.findall(said)
    )


PATTERNS = {
    RETURN: to_return,
    EXCHANGE: to_exchange,
    CHANGE: to_change,
    CANCEL: to_cancel,
    PAYMENT: to_payment,
    ADDRESS: to_address,
}
