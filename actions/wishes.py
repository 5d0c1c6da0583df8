"""From what was said to what is looked for, and back to words."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn, said
from shop.model import Money, Sort, Wishes

FACETS = ("category", "colour", "size", "brand", "material", "audience", "feature", "purpose")


def heard(turn: Turn, text: str | None = None) -> Wishes:
    """The wishes of this message alone."""
    return Wishes(
        text=turn.text if text is None else text,
        facets=values(turn, without=False),
        without=values(turn, without=True),
        price_min=bound(turn, "price_min"),
        price_max=bound(turn, "price_max"),
        in_stock=bool(turn.entities("in_stock")),
        on_sale=bool(turn.entities("on_sale")),
        sort=Sort(turn.value("sort") or Sort.RELEVANCE),
    )


def values(turn: Turn, without: bool) -> dict[str, tuple[str, ...]]:
    found = {kind: [e["value"] for e in turn.entities(kind, without)] for kind in FACETS}
    return {kind: tuple(dict.fromkeys(ids)) for kind, ids in found.items() if ids}


def bound(turn: Turn, kind: str) -> Money | None:
    value = turn.value(kind)
    if value is None:
        return None
    return Money(value["minor"], value.get("currency") or turn.locale.currency)


def refined(before: Wishes, now: Wishes) -> Wishes:
    """`before` narrowed by `now`: a facet named again replaces its old value."""
    facets = {**before.facets, **now.facets}
    without = {**before.without, **now.without}
    for kind, ids in now.without.items():
        facets[kind] = tuple(i for i in facets.get(kind, ()) if i not in ids)
    for kind, ids in now.facets.items():
        without[kind] = tuple(i for i in without.get(kind, ()) if i not in ids)
    return Wishes(
        text=before.text,
        facets={kind: ids for kind, ids in facets.items() if ids},
        without={kind: ids for kind, ids in without.items() if ids},
        price_min=now.price_min or (None if now.price_max else before.price_min),
        price_max=now.price_max or before.price_max,
        in_stock=now.in_stock or before.in_stock,
        on_sale=now.on_sale or before.on_sale,
        sort=now.sort if now.sort != Sort.RELEVANCE else before.sort,
    )


def bare(wishes: Wishes) -> bool:
    """Whether nothing but free text was said."""
    return wishes == Wishes(text=wishes.text)


def to_slot(wishes: Wishes) -> dict[str, Any]:
    return {
        **{name: getattr(wishes, name) for name in ("text", "in_stock", "on_sale")},
        "facets": {kind: list(ids) for kind, ids in wishes.facets.items()},
        "without": {kind: list(ids) for kind, ids in wishes.without.items()},
        "price_min": price_to_slot(wishes.price_min),
        "price_max": price_to_slot(wishes.price_max),
        "sort": wishes.sort.value,
    }


def price_to_slot(money: Money | None) -> list[Any] | None:
    return [money.minor, money.currency] if money else None


def from_slot(slot: dict[str, Any] | None) -> Wishes | None:
    if not slot:
        return None
    return Wishes(
        text=slot["text"],
        facets={kind: tuple(ids) for kind, ids in slot["facets"].items()},
        without={kind: tuple(ids) for kind, ids in slot["without"].items()},
        price_min=Money(*slot["price_min"]) if slot["price_min"] else None,
        price_max=Money(*slot["price_max"]) if slot["price_max"] else None,
        in_stock=slot["in_stock"],
        on_sale=slot["on_sale"],
        sort=Sort(slot["sort"]),
    )


def in_words(names: dict[str, Any], wishes: Wishes, which: tuple[str, ...], language: str) -> list:
    """The wishes named in `which` as values for a response: "colour: black", "up to 300 zł"."""
    words = []
    for kind in which:
        if kind in FACETS:
            ids = wishes.facets.get(kind, ())
            labels = [
                names["facets"][kind][i][language][0] for i in ids if i in names["facets"][kind]
            ]
            words.append(said(f"utter_name_{kind}", value=labels))
        elif kind in ("price_min", "price_max"):
            words.append(said(f"utter_name_{kind}", value=getattr(wishes, kind)))
        else:
            words.append(said(f"utter_name_{kind}"))
    return words
