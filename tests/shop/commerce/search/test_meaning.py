from __future__ import annotations

import numpy as np

from shop.commerce.search import meaning
from shop.commerce.search.meaning import DIMENSIONS, Meanings, pack


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_a_product_without_a_vector_is_near_to_nothing() -> None:
    vector = unit(np.ones(DIMENSIONS, np.float32))
    near = Meanings(2, [(1, pack(vector))]).near(vector)
    assert near[0] == 0
    assert near[1] == np.float32(1) or abs(near[1] - 1) < 1e-3


def test_the_nearest_of_many_are_those_of_a_full_comparison() -> None:
    source = np.random.default_rng(1)
    kinds = unit(source.standard_normal((40, DIMENSIONS)))
    count = meaning.SMALL + 1_000
    vectors = unit(
        kinds[np.arange(count) % 40] + 0.02 * source.standard_normal((count, DIMENSIONS))
    )
    many = Meanings(count, ((row, pack(vector)) for row, vector in enumerate(vectors)))
    query = unit(kinds[3] + 0.02 * source.standard_normal(DIMENSIONS)).astype(np.float32)
    exact = vectors.astype(np.float16).astype(np.float32) @ query
    near = many.near(query)
    best = np.argsort(-exact)[:20]
    assert set(np.argsort(-near)[:20]) == set(best)
    assert np.allclose(near[best], exact[best], atol=1e-3)
