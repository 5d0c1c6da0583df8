"""When nothing meets all wishes: which to give up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

# The least important first; the kind of goods is kept longest.
AKIN = "akin"  # what is near to an unwanted thing is unwanted too, as long as anything else is left
ORDER = (
    AKIN,
    "on_sale",
    "feature",
    "material",
    "brand",
    "purpose",
    "colour",
    "price_min",
    "price_max",
    "in_stock",
    "audience",
    "size",
    "text",
    "category",
)
TOGETHER = 3  # more wishes than this are given up one after the other

Mask = np.ndarray
Wish = tuple[str, Mask]


def relax(wishes: list[Wish], everything: Mask) -> tuple[Mask, tuple[str, ...]]:
    """The mask of what is left after dropping as few and as unimportant wishes as possible, and
    the names of those dropped."""
    names = sorted({name for name, _ in wishes}, key=ORDER.index)
    whole = np.packbits(everything)  # an eighth of the work
    packed = {name: together(wishes, name) for name in names}
    for dropped in attempts(names):
        mask = meet((bits for name, bits in packed.items() if name not in dropped), whole)
        if mask.any():
            found = np.unpackbits(mask, count=len(everything)).view(bool)
            return found, tuple(name for name in dropped if name != AKIN)
    return everything, tuple(name for name in names if name != AKIN)


def together(wishes: list[Wish], name: str) -> np.ndarray:
    masks = [mask for name_, mask in wishes if name_ == name]
    return np.packbits(meet(masks[1:], masks[0]))


def attempts(names: list[str]) -> Iterator[tuple[str, ...]]:
    for count in range(min(TOGETHER, len(names)) + 1):
        yield from combinations(names, count)
    for count in range(TOGETHER + 1, len(names)):
        yield tuple(names[:count])


def meet(masks: Iterable[Mask], everything: Mask) -> Mask:
    result = everything.copy()
    for mask in masks:
        result &= mask
    return result
