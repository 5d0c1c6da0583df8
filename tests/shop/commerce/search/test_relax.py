from __future__ import annotations

import numpy as np
import pytest

from shop.commerce.search.relax import relax

ALL = np.ones(4, bool)


def mask(*rows: int) -> np.ndarray:
    found = np.zeros(4, bool)
    found[list(rows)] = True
    return found


@pytest.mark.parametrize(
    ("wishes", "left", "dropped"),
    [
        ([], [0, 1, 2, 3], ()),
        ([("category", mask(0, 1)), ("colour", mask(1, 2))], [1], ()),
        # nothing is red and a tent: the kind of goods stays
        ([("category", mask(0, 1)), ("colour", mask(2))], [0, 1], ("colour",)),
        # a feature is given up before the price
        (
            [("price_max", mask(1)), ("category", mask(0, 1)), ("feature", mask(0))],
            [1],
            ("feature",),
        ),
        # dropping the feature would not help, dropping the brand does
        ([("brand", mask(3)), ("category", mask(0)), ("feature", mask(0))], [0], ("brand",)),
        (
            [("brand", mask(3)), ("category", mask(0)), ("size", mask(1))],
            [0],
            ("brand", "size"),
        ),
        ([("category", mask()), ("colour", mask(2))], [2], ("category",)),
        ([("category", mask())], [0, 1, 2, 3], ("category",)),
    ],
)
def test_the_least_important_wishes_go_first(
    wishes: list[tuple[str, np.ndarray]], left: list[int], dropped: tuple[str, ...]
) -> None:
    found, given_up = relax(wishes, ALL)
    assert (list(np.flatnonzero(found)), given_up) == (left, dropped)


def test_many_impossible_wishes_end() -> None:
    names = ("on_sale", "feature", "material", "brand", "purpose", "colour", "category")
    wishes = [(name, mask(0) if name == "category" else mask()) for name in names]
    found, given_up = relax(wishes, ALL)
    assert list(np.flatnonzero(found)) == [0]
    assert given_up == names[:-1]
