"""A kernel classifier: near in meaning and alike in letters means alike in intent.

Regularised least squares on the sum of a Gaussian kernel over sentence vectors and a linear one
over words and runs of letters. docs/nlu.md has the measurements that chose it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotri
from scipy.sparse import csr_matrix

from nlu.letters import counted, matrix, rarity, weighed

SHARPNESS = 2.0  # of the Gaussian kernel
RIDGE = 0.05
FEW_SHARE, SHARE = 0.15, 0.4  # what letters weigh, and words, beside the meaning's 1
NEIGHBOURS = 3  # phrases that say how familiar a text is
FEW = 3000  # phrases below which letters tell less, and there are fewer directions to tell apart
FEW_DIMENSIONS, DIMENSIONS = 128, 192  # that are kept: the rest says nothing, and takes time
TRIAL = 4000  # phrases at most that the temperature is chosen on
BLOCK = 1000  # rows of the system that are filled at a time


@dataclass(frozen=True)
class KernelClassifier:
    """Scores of labels for texts and their sentence vectors. Deterministic."""

    labels: list[str]
    alphabet: str  # the letters of the phrases
    centre: np.ndarray
    basis: np.ndarray  # the directions in which the phrases differ most
    vectors: np.ndarray
    rarities: np.ndarray
    postings: csr_matrix  # for each hashed run the phrases that have it
    duals: np.ndarray
    share: float
    temperature: float

    @classmethod
    def learn(
        cls, texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str]
    ) -> "KernelClassifier":
        names, index = np.unique(np.asarray(labels), return_inverse=True)
        centre = vectors.mean(axis=0)
        basis = directions(vectors - centre)
        points = unit((vectors - centre) @ basis)
        share = FEW_SHARE if len(texts) < FEW else SHARE
        shares = [counted(text) for text in texts]
        rarities = rarity([each.columns for each in shares])
        letters = matrix([weighed(each, rarities) for each in shares])
        some = np.arange(0, len(texts), -(-len(texts) // TRIAL))
        temperature = tune(points[some], letters[some], index[some], share)
        duals = cho_solve(_factor(points, letters, index, share), targets(index))
        postings = letters.T.tocsr()
        known = (centre, basis, points, rarities, postings, duals)
        alphabet = "".join(sorted({letter for text in texts for letter in text.lower()}))
        return cls(list(names), alphabet, *known, share, temperature)

    def judge(self, text: str, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """The probability of each label if it is one of them, and how like the text the nearest
        phrases are, 0 to 1."""
        point = unit(((vector - self.centre) @ self.basis)[np.newaxis])[0]
        near = np.exp(SHARPNESS * (self.vectors @ point - 1))
        near += self.share * self._alike(text)
        most = _bias(self.share if self._spells(text) else 0)
        familiar = np.partition(near, -NEIGHBOURS)[-NEIGHBOURS:].mean() / most
        scores = (near + _bias(self.share)) @ self.duals
        sharpness = self.temperature * _bias(self.share) / most
        return softmax(sharpness * scores[np.newaxis])[0], float(familiar)

    def _alike(self, text: str) -> np.ndarray:
        """How alike the text is to each phrase in words and runs of letters: the weighed sum of its
        columns of the phrases, whose entries are gathered first."""
        columns, values = weighed(counted(text), self.rarities)
        first = self.postings.indptr[columns]
        sizes = self.postings.indptr[columns + 1] - first
        before = np.cumsum(sizes) - sizes
        at = np.arange(sizes.sum()) + np.repeat(first - before, sizes)
        weights = self.postings.data[at] * np.repeat(values, sizes)
        return np.bincount(self.postings.indices[at], weights, len(self.vectors))

    def _spells(self, text: str) -> bool:
        """Whether the text is in a script of the phrases; else it has only its meaning."""
        return 2 * sum(letter in self.alphabet for letter in text.lower()) >= len(text)


def tune(points: np.ndarray, letters: csr_matrix, index: np.ndarray, share: float) -> float:
    """The temperature that suits phrases left out of the learning, one at a time."""
    scores = leave_one_out(_factor(points, letters, index, share), index)
    return float(min(np.geomspace(2, 60, 60), key=lambda t: surprise(t * scores, index)))


def leave_one_out(factor: tuple[np.ndarray, bool], index: np.ndarray) -> np.ndarray:
    """The scores of each phrase as learnt from all the others, in closed form; the factor is
    used up."""
    wanted = targets(index)
    duals = cho_solve(factor, wanted)
    inverse, _ = spotri(factor[0], lower=factor[1], overwrite_c=True)
    return wanted - duals / np.diag(inverse)[:, np.newaxis]


def surprise(scores: np.ndarray, index: np.ndarray) -> float:
    """Mean negative log-likelihood of the right labels."""
    right = softmax(scores)[np.arange(len(index)), index]
    return -float(np.log(np.maximum(right, 1e-9)).mean())


def _factor(
    points: np.ndarray, letters: csr_matrix, index: np.ndarray, share: float
) -> tuple[np.ndarray, bool]:
    """The Cholesky factor of how near the phrases are to one another, with a constant part that
    serves as bias, and the ridge: small labels are held to their phrases more closely, or large
    ones would swallow them."""
    count = len(points)
    system = np.zeros((count, count), dtype=np.float32, order="F")
    for first in range(0, count, BLOCK):
        rows, known = slice(first, first + BLOCK), slice(0, first + BLOCK)
        near = np.exp(SHARPNESS * (points[rows] @ points[known].T - 1)) + _bias(share)
        near += share * (letters[rows] @ letters[known].T).toarray()
        system[rows, known] = near
    sizes = np.sqrt(np.bincount(index)[index])
    system[np.diag_indices_from(system)] += sizes / sizes.mean() * RIDGE * _bias(share)
    return cho_factor(system, lower=True, overwrite_a=True, check_finite=False)


def _bias(share: float) -> float:
    """As much as a phrase is like itself."""
    return 1 + 2 * share


def directions(centred: np.ndarray) -> np.ndarray:
    """The first principal components, as columns."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    kept = FEW_DIMENSIONS if len(centred) < FEW else DIMENSIONS
    return vectors[:, -kept:].astype(np.float32)


def targets(index: np.ndarray) -> np.ndarray:
    labels = index.max() + 1
    return np.eye(labels, dtype=np.float32)[index] - np.float32(1 / labels)


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)
