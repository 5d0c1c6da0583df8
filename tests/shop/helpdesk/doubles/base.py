"""A help desk's double: takes requests as the vendor's documents say, refuses others, and keeps
tickets. Its staff answer with `reply` and `solve`."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from shop.helpdesk.kept import KeptHelpdesk
from tests.shop.helpdesk.doubles.shapes import faults
from tests.shop.vendor import Asked, Said

SECRET = "the-webhooks-own-secret"
NUMBERS = itertools.count(35436)  # of all doubles: tests share a store
NOBODY = "jan@localhost"
Call = tuple[dict[str, str], bytes]


@dataclass
class Person:
    id: int
    name: str
    contact: str
    kind: str


@dataclass
class Filed:
    """A ticket at the vendor. `private` is what only its staff see, `said` what a person wrote to
    the shopper."""

    number: int
    reference: str
    person: int
    question: str
    made: dict[str, Any]
    private: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    solved: bool = False


class DeskDouble(ABC):
    webhooks = True
    tells = True

    def __init__(self) -> None:
        self.tickets: dict[int, Filed] = {}
        self.people: dict[int, Person] = {}
        self.problems: list[str] = []  # of requests, against the vendor's documents
        self.lock = Lock()

    def answer(self, asked: Asked) -> Said:
        with self.lock:
            return self.serve(asked)

    @abstractmethod
    def serve(self, asked: Asked) -> Said: ...

    @abstractmethod
    def adapter(self, api: str, store: str) -> KeptHelpdesk: ...

    @abstractmethod
    def call(self, number: str, event: str = "answered") -> Call:
        """A proved webhook; event is "answered", "solved" or "other" (of no ticket)."""

    async def reply(self, number: str, words: str) -> None:
        self.tickets[int(number)].said.append(words)

    async def solve(self, number: str) -> None:
        self.tickets[int(number)].solved = True

    def check(self, asked: Asked, shape: Any) -> Said | None:
        """The refusal of an address without a domain, and of a body that the vendor's documents do
        not allow, which is our fault."""
        if (NOBODY + '"').encode() in asked.body:
            return Said(422, {"errors": ["email is invalid"]})
        found = [f"{asked.method} {asked.path} {why}" for why in faults(shape, asked.json)]
        self.problems += found
        return Said(400, {"errors": found}) if found else None

    def lost(self, asked: Asked) -> Said:
        self.problems.append(f"{asked.method} {asked.path}: no such path")
        return Said(404, {"error": "RecordNotFound"})

    def person(self, kind: str, contact: str, name: str) -> Person:
        known = next((p for p in self.people.values() if p.contact == contact), None)
        if known is None:
            known = Person(next(NUMBERS), name, contact, kind)
            self.people[known.id] = known
        return known

    def file(self, reference: str, person: int, question: str, made: dict[str, Any]) -> Filed:
        filed = Filed(next(NUMBERS), reference, person, question, made)
        self.tickets[filed.number] = filed
        return filed
