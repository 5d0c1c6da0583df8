"""Which lines of an order a shopper means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actions.aftersale.matching import Mention, named, small_words, tokens
from actions.aftersale.model import Heard
from actions.aftersale.options import values_named
from shop.model import Order, OrderLine, Product

Products = dict[str, Product]
Span = tuple[int, int]


@dataclass(frozen=True)
class Pointed:
    """Lines meant for sure, and those between which the words do not decide."""

    lines: tuple[OrderLine, ...] = ()
    unsure: tuple[OrderLine, ...] = ()


def mentions(heard: Heard, lines: Iterable[OrderLine], products: Products) -> list[Mention]:
    """The lines named, by line id: by title, by kind of goods, or by the product's name."""
    lines = list(lines)
    taken = [span for line in lines for span in axis_names(heard, products.get(line.product_id))]
    names = {line.id: titles(line, products.get(line.product_id)) for line in lines}
    found = named(heard.text, names, taken)
    for entity in (*heard.all("product"), *heard.all("category")):
        owners = [li for li in lines if entity["value"] in (li.product_id, li.category)]
        start, end = entity.get("start", 0), entity.get("end", 0)
        if not any(m.start < end and start < m.end for m in found):
            found += [Mention(line.id, start, end, 1 / len(owners)) for line in owners]
    found = sorted(found, key=lambda m: m.start)
    return [m for m in found if not is_value(m, found, heard.text, by_line(lines, products))]


def by_line(lines: list[OrderLine], products: Products) -> Products:
    return {line.id: products[li] for line in lines if (li := line.product_id) in products}


def is_value(mention: Mention, found: list[Mention], text: str, products: Products) -> bool:
    """Whether the word is but an option of the thing named before it: a backpack for a laptop."""
    before = [m for m in found if m.end <= mention.start and m.key != mention.key]
    product = products.get(before[-1].key) if before else None
    if product is None or cut(text, before[-1].end, mention.start) != mention.start:
        return False
    word = [token.text for token in tokens(text[mention.start : mention.end])]
    labels = {label for variant in product.variants for label in variant.labels.values()}
    return any([token.text for token in tokens(label)] == word for label in labels)


def titles(line: OrderLine, product: Product | None) -> list[str]:
    return list(dict.fromkeys([line.title, product.title if product else line.title]))


def axis_names(heard: Heard, product: Product | None) -> list[range]:
    """Where an axis is named in two words or more: the water of "water resistance" is no bottle."""
    if product is None:
        return []
    words = tokens(heard.text)
    spans = []
    for name in product.axes.values():
        parts = [token.text for token in tokens(name)]
        for first in range(len(words) - len(parts) + 1) if len(parts) > 1 else ():
            if [w.text for w in words[first : first + len(parts)]] == parts:
                spans.append(range(words[first].start, words[first + len(parts) - 1].end))
    return spans


def pointed_at(heard: Heard, order: Order, products: Products) -> Pointed:
    """Named lines; "all", "all but the kettle", "the cheaper one", "the second"."""
    lines = order.lines
    found = mentions(heard, lines, products)
    but = heard.refers("all_but")
    if but:
        excluded = [m for m in found if m.start >= but.get("start", 0)]
        if excluded:
            out = {line.id for line in settled(heard, excluded, lines, products).lines}
            return Pointed(tuple(line for line in lines if line.id not in out) if out else ())
    if found:
        return settled(heard, found, lines, products)
    if heard.refers("all", "both") and heard.intent != "affirm":  # "yes, all correct"
        return Pointed(lines)
    return Pointed(compared(heard, lines) or placed(heard, lines))


def compared(heard: Heard, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    if heard.refers("cheaper_one"):
        return (min(lines, key=lambda line: line.price),)
    if heard.refers("dearer_one"):
        return (max(lines, key=lambda line: line.price),)
    return ()


def placed(heard: Heard, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    places = [int(value) for value in heard.values("ordinal")]
    chosen = [p - 1 if p > 0 else len(lines) + p for p in places]
    return tuple(lines[place] for place in chosen if 0 <= place < len(lines))


def settled(
    heard: Heard, found: list[Mention], lines: tuple[OrderLine, ...], products: Products
) -> Pointed:
    """The lines meant for sure; what words leave open is unsure."""
    sure: dict[str, OrderLine] = {}
    unsure: dict[str, OrderLine] = {}
    for chosen in owners(heard, found, lines, products).values():
        plural = len(chosen) > 1 and (identical(chosen) or heard.refers("both", "all"))
        target = sure if len(chosen) == 1 or plural else unsure
        target |= {line.id: line for line in chosen}
    left = {key: line for key, line in unsure.items() if key not in sure}
    return Pointed(in_order(sure, lines), in_order(left, lines))


def owners(
    heard: Heard, found: list[Mention], lines: tuple[OrderLine, ...], products: Products
) -> dict[Span, list[OrderLine]]:
    """Whose the words at each place are: where they fit several lines, the options said beside
    them decide, first those of the old thing."""
    by_id = {line.id: line for line in lines}
    spans = sorted({(m.start, m.end) for m in found})
    chosen: dict[Span, list[OrderLine]] = {}
    for span in spans:
        rivals = [by_id[m.key] for m in found if (m.start, m.end) == span]
        part = segment(heard, spans, span)
        old = Heard(part.text[: turning(part.text, heard.text[slice(*span)])], part.entities)
        scores = {
            line.id: (fitting(old, line, products), fitting(part, line, products))
            for line in rivals
        }
        top = max(scores.values())
        chosen[span] = [line for line in rivals if scores[line.id] == top]
    return chosen


def turning(text: str, name: str) -> int:
    """Where the new begins: "the 34 inch skateboard | for bamboo"."""
    after = text.find(name) + len(name)
    into = set(small_words()["into"])
    return next((t.start for t in tokens(text) if t.start >= after and t.text in into), len(text))


def identical(lines: list[OrderLine]) -> bool:
    return len({line.variant_id for line in lines}) == 1


def in_order(chosen: dict[str, Any], lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    return tuple(line for line in lines if line.id in chosen)


def fitting(part: Heard, line: OrderLine, products: Products) -> int:
    """How many of the line's own options are said."""
    product = products.get(line.product_id)
    variant = (
        next((v for v in product.variants if v.id == line.variant_id), None) if product else None
    )
    if product is None or variant is None:
        return 0
    said = {(v.axis, v.value) for v in values_named(part, product)}
    return len(said & set(variant.options.items()))


def segment(heard: Heard, spans: list[tuple[int, int]], span: tuple[int, int]) -> Heard:
    """The words that belong to one of several things named: up to the last comma or "and" before
    the next one."""
    place = spans.index(span)
    start = cut(heard.text, spans[place - 1][1], span[0]) if place else 0
    more = place + 1 < len(spans)
    end = cut(heard.text, span[1], spans[place + 1][0]) if more else len(heard.text)
    inside = [e for e in heard.entities if start <= e.get("start", 0) and e.get("end", 0) <= end]
    moved = [
        {**e, "start": e["start"] - start, "end": e["end"] - start} for e in inside if "start" in e
    ]
    return Heard(heard.text[start:end], tuple(moved), heard.intent, heard.sure)


def cut(text: str, start: int, end: int) -> int:
    """Where one thing's words end and the next one's begin."""
    joints = set(small_words()["joints"])
    places = [t.start for t in tokens(text) if start <= t.start < end and t.text in joints]
    places += [start + i + 1 for i, sign in enumerate(text[start:end]) if sign in ",;\n"]
    return max(places, default=end)
