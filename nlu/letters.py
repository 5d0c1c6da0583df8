"""The surface of a text: its words and runs of letters, weighed by how rare they are."""

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix

from nlu.text import fold

COLUMNS = 2**18
RUN_SIZES = (2, 3, 4)
EVERYWHERE = 0.05  # a run in more than this share of the phrases tells nothing, and costs most
WORD = re.compile(r"\w+")


def runs(text: str) -> list[str]:
    """The runs of two to four letters of each word, which begin with `_`, and the words and
    pairs of words."""
    words = WORD.findall(fold(text))
    found = [*words, *map(" ".join, pairwise(words))]
    for word in words:
        framed = f" {word} "
        for size in RUN_SIZES:
            found += [f"_{framed[i : i + size]}" for i in range(max(1, len(framed) - size + 1))]
    return found


class Counted(NamedTuple):
    """The columns of a text, how much each is there, and which are letters, not words."""

    columns: np.ndarray
    values: np.ndarray
    is_letters: np.ndarray


def counted(text: str) -> Counted:
    counts = Counter(runs(text))
    columns = np.array([crc32(run.encode()) % COLUMNS for run in counts], dtype=np.int64)
    values = 1 + np.log(np.array(list(counts.values()), dtype=np.float32))
    return Counted(columns, values, np.array([run[0] == "_" for run in counts], dtype=bool))


def weighed(text: Counted, rarities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of a text: its letters and its words, each of length 1."""
    telling = rarities[text.columns] > 0
    columns, is_letters = text.columns[telling], text.is_letters[telling]
    values = text.values[telling] * rarities[columns]
    for block in (is_letters, ~is_letters):
        values[block] /= max(np.linalg.norm(values[block]), 1e-9)
    return columns, values


def rarity(columns: list[np.ndarray]) -> np.ndarray:
    """The weight of each column: the rarer, the more telling; nothing for what is everywhere."""
    seen = np.bincount(np.concatenate([np.unique(c) for c in columns]), minlength=COLUMNS)
    weights = np.log((1 + len(columns)) / (1 + seen)) + 1
    weights[seen > max(EVERYWHERE * len(columns), 20)] = 0
    return weights.astype(np.float32)


def matrix(rows: list[tuple[np.ndarray, np.ndarray]]) -> csr_matrix:
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows]).astype(np.float32)
    return csr_matrix((values, columns, ends), shape=(len(rows), COLUMNS))
