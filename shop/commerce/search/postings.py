"""Which rows of the catalogue have which term."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

NONE = np.empty(0, np.int32)


class Postings:
    """Terms are small numbers, rows come in order and each once a term."""

    def __init__(self, starts: np.ndarray, rows: np.ndarray) -> None:
        self._starts, self._rows = starts, rows

    def rows(self, term: int) -> np.ndarray:
        if term + 1 >= len(self._starts):
            return NONE
        return self._rows[self._starts[term] : self._starts[term + 1]]

    def terms(self) -> np.ndarray:
        """The terms that some row has."""
        return np.flatnonzero(np.diff(self._starts))


class PostingsBuilder:
    """Takes pairs in any order, any number of times."""

    def __init__(self) -> None:
        self._terms, self._rows = array("i"), array("i")

    def add(self, row: int, terms: Iterable[int]) -> None:
        before = len(self._terms)
        self._terms.extend(terms)
        self._rows.extend([row] * (len(self._terms) - before))

    def postings(self) -> Postings:
        terms = np.frombuffer(self._terms, np.int32) if self._terms else NONE
        rows = np.frombuffer(self._rows, np.int32) if self._rows else NONE
        width = int(rows.max(initial=0)) + 1
        pairs = np.unique(terms.astype(np.int64) * width + rows)
        kept, of = pairs // width, (pairs % width).astype(np.int32)
        count = int(kept.max(initial=-1)) + 2
        starts = np.searchsorted(kept, np.arange(count)).astype(np.int64)
        return Postings(starts, of)
