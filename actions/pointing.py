"""Which products a message points at: by name, by number, by a word of its title, by "it"."""

from __future__ import annotations

from collections.abc import Callable

from actions.aftersale.matching import named
from actions.turn import Turn
from shop import connect
from shop.model import Product

BY_PRICE: dict[str, Callable[..., Product]] = {"cheaper_one": min, "dearer_one": max}
TELLING = 5  # letters: shorter words stand in titles by chance


def meant(turn: Turn) -> list[str]:
    """Ids of the products that the message points at: named, counted ("the second one"), or "this
    one": the one talked about, the only one shown, the one on the page."""
    by_name = [entity["value"] for entity in turn.entities("product")]
    shown = turn.slot("shown") or []
    counted = [shown[i] for e in turn.entities("ordinal") if (i := position(e, shown)) is not None]
    if by_name or counted:
        return list(dict.fromkeys([*by_name, *counted]))
    page = (turn.metadata.get("page") or {}).get("product")
    current = turn.slot("product") or (shown[0] if len(shown) == 1 else None) or page
    return [current] if current else []


def position(entity: dict, shown: list[str]) -> int | None:
    place = int(entity["value"])
    place = place - 1 if place > 0 else len(shown) + place
    return place if 0 <= place < len(shown) else None


async def pointed(turn: Turn) -> tuple[list[str], bool]:
    """As `meant`, and whether the message tells which: also by a word that one title alone of those
    shown has ("the waxed one"). Goods called by more words than that are another search."""
    shown = turn.slot("shown") or []
    if turn.tapped or turn.entities("product") or turn.entities("ordinal"):
        return meant(turn), True
    if len(shown) > 1:
        products = [await connect("commerce").product(i, turn.locale) for i in shown]
        for reference, best in BY_PRICE.items():
            if reference in [entity["value"] for entity in turn.entities("reference")]:
                return [best(products, key=lambda product: product.price.amount).id], True
        found = named(turn.text, {product.id: [product.title] for product in products})
        kinds = [(e["start"], e["end"]) for e in turn.entities("category") if "end" in e]
        whole = all(any(m.start <= a and b <= m.end for m in found) for a, b in kinds)
        keys = {mention.key for mention in found if mention.end - mention.start >= TELLING}
        if len(keys) == 1 and whole:
            return list(keys), True
    return meant(turn), False


def offered(turn: Turn) -> dict[str, str]:
    """What the assistant's last words offered to put into the cart: product and variant."""
    said = [event for event in turn.tracker.events if event["event"] == "bot"][-1:]
    for event in said:
        asked = (event.get("text") or "").rstrip().endswith("?")
        for choice in (event.get("metadata") or {}).get("choices") or () if asked else ():
            if choice["intent"] == "add_to_cart":
                return choice["entities"]
    return {}
