"""What a line of an order shall become: options read from words, the variant they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from actions.aftersale.matching import Token, alike, tokens
from actions.aftersale.model import Heard
from shop.model import OrderLine, Product, Variant

SMALL = 3  # letters, and words


@dataclass(frozen=True)
class Value:
    """A value of one of a product's axes, named in words[start:end]."""

    axis: str
    value: str
    start: int
    end: int


def values_named(heard: Heard, product: Product) -> list[Value]:
    """Longest first where they overlap; the same words for two axes stay, unless the axis is named
    beside them."""
    words = tokens(heard.text)
    found = [*from_entities(heard, product), *from_labels(words, product)]
    kept: list[Value] = []
    for value in sorted(set(found), key=lambda v: (v.start - v.end, v.start)):
        rivals = [k for k in kept if k.start < value.end and value.start < k.end]
        if all((k.start, k.end) == (value.start, value.end) for k in rivals):
            kept.append(value)
    kept = [v for v in kept if not in_passing(v, heard, words, product)]
    return told_apart(sorted(kept, key=lambda v: v.start), words, product)


def in_passing(value: Value, heard: Heard, words: list[Token], product: Product) -> bool:
    """The yes of "yes, please" is no option, though one may be called so: such a small word counts
    only beside its axis's name, or as the whole answer."""
    label = known_values(product)[value.axis][value.value]
    if len(label) > SMALL or not label.isalpha() or label.isupper() or not value.end:
        return False
    whole = len(words) <= SMALL and heard.intent not in ("affirm", "deny")
    return not whole and not beside(value, words, product)


def known_values(product: Product) -> dict[str, dict[str, str]]:
    """Axis id to value id to its name in the shopper's language."""
    return {
        axis: {v.options[axis]: v.labels[axis] for v in product.variants if axis in v.options}
        for axis in product.axes
    }


def from_entities(heard: Heard, product: Product) -> Iterator[Value]:
    """What the catalogue's own words say: "czerwona" is the colour red."""
    for axis, names in known_values(product).items():
        for entity in heard.all(axis):
            if entity["value"] in names and entity.get("role") != "not":
                yield Value(axis, entity["value"], entity.get("start", 0), entity.get("end", 0))


def from_labels(words: list[Token], product: Product) -> Iterator[Value]:
    for axis, names in known_values(product).items():
        for value, label in names.items():
            name = [token.text for token in tokens(label)]
            for first in range(len(words) - len(name) + 1) if name else ():
                stretch = words[first : first + len(name)]
                if all(alike(word.text, part) for word, part in zip(stretch, name, strict=True)):
                    yield Value(axis, value, stretch[0].start, stretch[-1].end)


def told_apart(found: list[Value], words: list[Token], product: Product) -> list[Value]:
    """ "black frame color": of the axes that know black, the one most of whose name stands near."""
    kept = []
    for value in found:
        rivals = [v for v in found if (v.start, v.end) == (value.start, value.end)]
        near = {rival.axis: beside(rival, words, product) for rival in rivals}
        top = max(near.values())
        clear = list(near.values()).count(top) == 1
        if not clear or near[value.axis] == top:
            kept.append(value)
    return kept


def beside(value: Value, words: list[Token], product: Product) -> int:
    """How many words of the axis's name stand within two words of the value."""
    name = {t.text for t in tokens(f"{value.axis} {product.axes[value.axis]}")}
    before = [word for word in words if word.end <= value.start]
    after = [word for word in words if word.start >= value.end]
    near = [*before[-2:], *after[:2]] if value.end else []  # a tapped value stands nowhere
    return sum(any(alike(word.text, part) for word in near) for part in name)


def wanted(heard: Heard, product: Product, now: dict[str, str]) -> dict[str, str]:
    """The options that differ from those of `now`: what is said of the old thing is equal to it,
    of two new values for an axis the later one counts. Values that two axes know are left out."""
    named = values_named(heard, product)
    clear = [
        v
        for v in named
        if len({o.axis for o in named if (o.start, o.end) == (v.start, v.end)}) == 1
    ]
    return {v.axis: v.value for v in clear if now.get(v.axis) != v.value}


def variant_with(product: Product, options: dict[str, str]) -> Variant | None:
    return next((v for v in product.variants if v.options == options), None)


def nearest(product: Product, asked: dict[str, str], now: dict[str, str]) -> list[Variant]:
    """Variants in stock, those with most of what was asked for and least of other changes first."""

    def distance(variant: Variant) -> tuple[int, int]:
        missed = sum(variant.options.get(axis) != value for axis, value in asked.items())
        changed = sum(variant.options.get(axis) != value for axis, value in now.items())
        return missed, changed

    stocked = [v for v in product.variants if v.stock > 0 and v.options != now]
    return sorted(stocked, key=distance)


def line_variant(product: Product, line: OrderLine) -> Variant | None:
    return next((v for v in product.variants if v.id == line.variant_id), None)
