"""Stock of vendors that take no idempotency key: what is to become of it is noted at the order
before it is done, so that the repeat of a write whose answer was lost knows where it began."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

NOTE = re.compile(r"stock of (\S+): (-?\d+) to (-?\d+) \[([0-9a-f]{12})\]")


@dataclass(frozen=True)
class Level:
    """What lies at one place of the vendor, and what shall lie there."""

    place: str
    before: int
    after: int

    def note(self, key: str) -> str:
        return f"stock of {self.place}: {self.before} to {self.after} [{mark(key)}]"


def mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def undone(wanted: Iterable[Level], notes: Iterable[str], key: str) -> tuple[list[Level], str]:
    """Which of the levels are still to be written, and what is to be noted first ("": nothing). One
    that was noted under this key and has moved since counts as written: whether it was us, or a
    sale at the same moment, nobody can tell, and twice is worse than not at all."""
    begun = {found[1]: int(found[2]) for found in noted(notes) if found[4] == mark(key)}
    wanted = list(wanted)
    left = [one for one in wanted if begun.get(one.place, one.before) == one.before]
    return left, "; ".join(one.note(key) for one in left if one.place not in begun)


def noted(notes: Iterable[str]) -> Iterable[re.Match[str]]:
    return (found for note in notes for found in NOTE.finditer(note))
