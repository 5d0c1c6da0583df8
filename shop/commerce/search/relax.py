"""When nothing meets all wishes: which to give up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

# The least important first; the kind of goods is kept longest.
ORDER = (
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
    for dropped in attempts(names):
        mask = meet((m for name, m in wishes if name not in dropped), everything)
        if mask.any():
            return mask, dropped
    return everything, tuple(names)


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
