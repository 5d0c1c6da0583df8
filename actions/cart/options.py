"""Options of a product: those still open, and those that the shopper has named."""

from __future__ import annotations

from actions.cart.lines import narrowed
from actions.stock import in_numbers
from actions.turn import Turn
from actions.wishes import from_slot
from shop.model import Product

OPTIONS = ("colour", "size")
NEW_GOODS = frozenset(  # what was said before these was about other goods
    {"utter_found", "utter_found_near", "utter_advised", "utter_similar", "utter_goes_with"}
) | {"utter_added"}


def open_axis(product: Product, options: dict[str, str]) -> str | None:
    """The first axis that is still undecided among what is in stock."""
    left = [v for v in narrowed(product, options) if v.stock > 0]
    axes = (axis for axis in product.axes if len({v.options[axis] for v in left}) > 1)
    return next(axes, None)


def labels_left(product: Product, options: dict[str, str], axis: str) -> dict[str, str]:
    """What can still be chosen of an axis, as the buttons say it."""
    left = [v for v in narrowed(product, options) if v.stock > 0]
    return {v.options[axis]: v.labels[axis] for v in left}


def options_said(turn: Turn) -> dict[str, str]:
    """Said before it is known of which product."""
    return {axis: str(turn.value(axis)) for axis in OPTIONS if turn.value(axis) is not None}


def heard_options(turn: Turn, product: Product) -> dict[str, str]:
    """Option values that the message names, by their ids, or by their labels as typed."""
    options = {}
    for axis in product.axes:
        ids = {v.options[axis]: v.labels[axis] for v in product.variants}
        said_ids = [str(e["value"]) for e in turn.entities(axis)]
        typed = turn.text.strip().casefold()
        match = [i for i in said_ids if i in ids]
        match += [i for i, label in ids.items() if typed in (i.casefold(), label.casefold())]
        match += [i for i, label in ids.items() if in_numbers(turn, label)]
        if match:
            options[axis] = match[0]
    return options


def said_lately(turn: Turn, product: Product) -> dict[str, str]:
    """Options named since these goods were shown ("is there a 43?"), and those looked for."""
    options: dict[str, str] = {}
    for earlier in since_shown(turn):
        options |= {a: i for a, i in heard_options(earlier, product).items() if a not in options}
    wishes = from_slot(turn.slot("wishes"))
    for axis, ids in (wishes.facets if wishes else {}).items():
        if axis in product.axes and len(ids) == 1:
            options.setdefault(axis, ids[0])
    kept: dict[str, str] = {}
    for axis, value in options.items():
        if any(v.stock > 0 for v in narrowed(product, {**kept, axis: value})):
            kept[axis] = value
    return kept


def since_shown(turn: Turn) -> list[Turn]:
    """The shopper's messages before this one, newest first, back to the last list or purchase."""
    found: list[Turn] = []
    mine = [i for i, event in enumerate(turn.tracker.events) if event["event"] == "user"]
    for event in reversed(turn.tracker.events[: mine[-1]] if mine else []):
        if (event.get("metadata") or {}).get("utter_action") in NEW_GOODS:
            break
        if event["event"] == "user":
            earlier = Turn(turn.dispatcher, turn.tracker, turn.domain)
            earlier.message = {**(event.get("parse_data") or {}), "text": event.get("text")}
            found.append(earlier)
    return found
