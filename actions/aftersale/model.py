"""A wish about an order as it grows from words to a write."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from actions.turn import Turn

Entity = dict[str, Any]
# What a clause about money is taken for that only says how: with which card, to which account.
HOW = frozenset(
    {"my_account", "change_payment", "refund_status", "payment_status", "faq", "inform"}
)

STAYS = frozenset({"undo", "stop", "deny"})  # "the kettle stays as it is"


@dataclass(frozen=True)
class Heard:
    """One clause of a message: its words, and its entities with places in these words."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    intent: str = ""
    sure: bool = False

    def all(self, kind: str) -> list[Entity]:
        return [entity for entity in self.entities if entity["entity"] == kind]

    def values(self, kind: str) -> list[Any]:
        return [entity["value"] for entity in self.all(kind)]

    def value(self, kind: str) -> Any:
        return next(iter(self.values(kind)), None)

    def refers(self, *kinds: str) -> Entity | None:
        """The first reference of these kinds: "the other one", "all but"."""
        return next((e for e in self.all("reference") if e["value"] in kinds), None)


def heard(turn: Turn) -> Heard:
    """The whole message; a tapped choice has entities and no words."""
    entities = tuple(turn.message.get("entities") or ())
    return Heard("" if turn.tapped else turn.text, entities, turn.intent, turn.sure)


def clauses(turn: Turn, least: float) -> list[Heard]:
    """The message cut into its wishes by the NLU; in one piece where it was not cut."""
    parts = turn.message.get("clauses") or []
    if len(parts) < 2 or turn.tapped:
        return [heard(turn)]
    return [clause(turn, part, least) for part in parts]


def clause(turn: Turn, part: dict[str, Any], least: float) -> Heard:
    first, last = part["start"], part["end"]
    entities = tuple(
        {**entity, "start": entity["start"] - first, "end": entity["end"] - first}
        for entity in turn.message.get("entities") or []
        if first <= entity.get("start", -1) and entity.get("end", last + 1) <= last
    )
    return Heard(turn.text[first:last], entities, part["intent"], part["confidence"] >= least)


def with_details(parts: list[Heard]) -> list[Heard]:
    """ "Any difference goes on my gift card" says how of the wish before it, and is none itself."""
    found: list[Heard] = []
    for part in parts:
        how = part.intent in HOW and part.values("method") and not part.values("order_number")
        if found and (how or part.intent in STAYS or says_where(found[-1], part)):
            found[-1] = together(found[-1], part)
        else:
            found.append(part)
    return found


def says_where(wish: Heard, part: Heard) -> bool:
    """ "It has the wrong address. It goes where order 10234 went.": one wish, two orders."""
    both = wish.intent == part.intent == "change_address"
    told = any(wish.values(kind) for kind in ("place", "postcode"))
    return both and not told and bool(part.values("order_number")) and not part.values("postcode")


def together(first: Heard, second: Heard) -> Heard:
    """Words said of one wish in two places."""
    gap = len(first.text) + 2
    moved = [
        {**e, "start": e.get("start", 0) + gap, "end": e.get("end", 0) + gap}
        for e in second.entities
    ]
    text, entities = f"{first.text}; {second.text}", (*first.entities, *moved)
    return Heard(text, entities, first.intent, first.sure)


@dataclass(frozen=True)
class Request:
    """One wish. `id` makes its write happen once; `items` are pieces by line id, `variants` new
    variant ids by line id. What has not been said is None. `read_at` is when (seconds) it was read
    back, `read_as` what was said then: a yes counts only while it still is so."""

    id: str
    kind: str
    said: dict[str, Any] | None = None  # words to take up once the orders are known
    order: str | None = None
    items: dict[str, int] | None = None
    variants: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    reason: str | None = None
    address: dict[str, str] | None = None
    point: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None
    remedy: str | None = None
    photo: str | None = None
    undoes: dict[str, Any] | None = None
    asked: str = ""
    read_at: float | None = None
    read_as: dict[str, Any] | None = None
    before: dict[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    codes: int = 0  # one-time codes typed so far
    uncertain: bool = False  # the write was sent, and no answer came

    def but(self, **changes: Any) -> Request:
        return replace(self, **changes)

    @property
    def words(self) -> Heard:
        data = self.said or {}
        return Heard(**{**data, "entities": tuple(data.get("entities", ()))})

    def to_slot(self) -> dict[str, Any]:
        return asdict(self)


def from_slot(data: dict[str, Any]) -> Request:
    known = {field.name for field in fields(Request)}
    return Request(**{name: value for name, value in data.items() if name in known})
