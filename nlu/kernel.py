"""A kernel classifier: near in meaning and alike in letters means alike in intent.

Regularised least squares on the sum of a Gaussian kernel over sentence vectors and a linear one
over words and runs of letters. `docs/nlu.md` has the measurements that chose it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from nlu.text import fold

SHARPNESS = 2.0  # of the Gaussian kernel
SURFACE_SHARE = 0.25  # weight of letters, and of words, beside the meaning's 1
RIDGE = 0.05
COLUMNS = 2**18
RUN_SIZES = (1, 2, 3, 4)
EVERYWHERE = 0.05  # a run in more than this share of the phrases tells nothing, and costs most
BLOCK = 1000  # rows of the system that are filled at a time
WORD = re.compile(r"\w+")
TRIAL = 6000  # phrases at most that the classifier is calibrated on
HELD_OUT = 5  # every fifth phrase of a label calibrates


def runs(text: str) -> list[str]:
    """The runs of letters of each word, which begin with `_`, and the words and pairs of words."""
    words = WORD.findall(fold(text))
    found = [*words, *map(" ".join, pairwise(words))]
    for word in words:
        framed = f" {word} "
        for size in RUN_SIZES:
            found += [f"_{framed[i : i + size]}" for i in range(max(1, len(framed) - size + 1))]
    return found


def surface(text: str, rarities: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of a text: letters and words each of length 1, at their share."""
    counts = Counter(runs(text))
    columns = np.array([crc32(run.encode()) % COLUMNS for run in counts], dtype=np.int64)
    is_letters = np.array([run[0] == "_" for run in counts], dtype=bool)
    values = 1 + np.log(np.array(list(counts.values()), dtype=np.float32))
    if rarities is not None:
        values *= rarities[columns]
        telling = values > 0
        columns, values, is_letters = columns[telling], values[telling], is_letters[telling]
    for block in (is_letters, ~is_letters):
        values[block] *= np.sqrt(SURFACE_SHARE) / max(np.linalg.norm(values[block]), 1e-9)
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


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


@dataclass(frozen=True)
class KernelClassifier:
    """Scores of labels for texts and their sentence vectors. Deterministic."""

    labels: list[str]
    centre: np.ndarray
    vectors: np.ndarray
    rarities: np.ndarray
    postings: csr_matrix  # for each hashed run the phrases that have it
    duals: np.ndarray
    temperature: float = 1.0

    @classmethod
    def learn(
        cls, texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str]
    ) -> "KernelClassifier":
        names, index = np.unique(np.asarray(labels), return_inverse=True)
        part = _held_out(index)
        temperature = 1.0
        if part.any():
            rest = np.flatnonzero(part)
            kept = np.flatnonzero(~part)
            kept, rest = _thin(kept, TRIAL), _thin(rest, TRIAL // 4)
            trial = cls._solve(list(names), [texts[i] for i in kept], vectors[kept], index[kept])
            scores = trial.scores([texts[i] for i in rest], vectors[rest])
            temperature = _temperature(scores, index[rest])
        return cls._solve(list(names), texts, vectors, index, temperature)

    @classmethod
    def _solve(
        cls,
        names: list[str],
        texts: Sequence[str],
        vectors: np.ndarray,
        index: np.ndarray,
        temperature: float = 1.0,
    ) -> "KernelClassifier":
        centre = vectors.mean(axis=0)
        points = unit(vectors - centre)
        rarities = rarity([surface(text)[0] for text in texts])
        letters = matrix([surface(text, rarities) for text in texts])
        system = np.exp(SHARPNESS * (points @ points.T - 1))
        postings = letters.T.tocsr()
        for first in range(0, len(texts), BLOCK):
            system[first : first + BLOCK] += (letters[first : first + BLOCK] @ postings).toarray()
        system += 1 + 2 * SURFACE_SHARE  # a constant part, for the bias
        sizes = np.bincount(index, minlength=len(names))[index]
        ridge = np.sqrt(sizes) / np.mean(np.sqrt(sizes)) * RIDGE * (1 + 2 * SURFACE_SHARE)
        system[np.diag_indices_from(system)] += ridge.astype(np.float32)
        targets = np.eye(len(names), dtype=np.float32)[index] - 1 / len(names)
        factor = cho_factor(system, overwrite_a=True, check_finite=False)
        duals = cho_solve(factor, targets.astype(np.float32), check_finite=False)
        return cls(names, centre, points, rarities, postings, duals, temperature)

    def similarities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """How near each text is to each learnt phrase: 1 + 2 * SURFACE_SHARE for itself."""
        points = unit(vectors - self.centre)
        near = np.exp(SHARPNESS * (points @ self.vectors.T - 1))
        for row, text in zip(near, texts, strict=True):
            for column, value in zip(*surface(text, self.rarities), strict=True):
                start, end = self.postings.indptr[column : column + 2]
                row[self.postings.indices[start:end]] += value * self.postings.data[start:end]
        return np.asarray(near, dtype=np.float32)

    def scores(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """About 1 for the right label and 0 for the others."""
        near = self.similarities(texts, vectors) + (1 + 2 * SURFACE_SHARE)
        return near @ self.duals + 1 / len(self.labels)

    def judge(self, text: str, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """The probability of each label, and how near the nearest learnt phrase is (at most 1)."""
        near = self.similarities([text], vector[np.newaxis])
        scores = (near + (1 + 2 * SURFACE_SHARE)) @ self.duals + 1 / len(self.labels)
        likely = _softmax(self.temperature * scores)[0]
        return likely, float(near.max()) / (1 + 2 * SURFACE_SHARE)


def _held_out(index: np.ndarray) -> np.ndarray:
    """Marks every fifth phrase of each label, in the order in which they come."""
    turn = np.zeros(len(index), dtype=int)
    for label in range(index.max() + 1):
        mine = index == label
        turn[mine] = np.arange(1, mine.sum() + 1)
    return turn % HELD_OUT == 0


def _thin(chosen: np.ndarray, most: int) -> np.ndarray:
    """Every n-th, so that at most so many are left."""
    return chosen[:: -(-len(chosen) // most)]


def _softmax(scores: np.ndarray) -> np.ndarray:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def _temperature(scores: np.ndarray, index: np.ndarray) -> float:
    """The factor under which the right labels of held-out phrases are likeliest."""

    def loss(factor: float) -> float:
        right = _softmax(factor * scores)[np.arange(len(index)), index]
        return -float(np.log(np.maximum(right, 1e-9)).mean())

    return float(min(np.geomspace(2, 60, 60), key=loss))
