"""What a person who takes over should know of a conversation: facts, as it has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from actions.turn import Turn
from shop import connect
from shop.model import NotFound, Unavailable

MOST = 5


def wanted(turn: Turn) -> tuple[str, ...]:
    """The last wishes by their intents, newest first; which of them are worth telling, the help
    desk's words say (shop/helpdesk/words.yml)."""
    intents = ((heard(event).get("intent") or {}).get("name") for event in said(turn))
    return first(intents, 2 * MOST)


def order_number(turn: Turn) -> str | None:
    """The order that the shopper named last."""
    entities = (entity for event in said(turn) for entity in heard(event).get("entities") or ())
    numbers = (str(e["value"]) for e in entities if e.get("entity") == "order_number")
    return next(numbers, None)


async def products(turn: Turn) -> tuple[str, ...]:
    """The titles of the products that were talked about last, newest first."""
    events = reversed(turn.tracker.events)
    slots = (e.get("value") for e in events if e["event"] == "slot" and e["name"] == "product")
    titles = []
    for product_id in first(slots, MOST):
        try:
            titles.append((await connect("commerce").product(product_id, turn.locale)).title)
        except (NotFound, Unavailable):  # a message must arrive without it, too
            continue
    return tuple(titles)


def said(turn: Turn) -> Iterator[dict[str, Any]]:
    """What the shopper said, newest first."""
    return (event for event in reversed(turn.tracker.events) if event["event"] == "user")


def heard(event: dict[str, Any]) -> dict[str, Any]:
    return event.get("parse_data") or {}


def first(values: Iterable[Any], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))[:most]
