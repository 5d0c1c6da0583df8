"""A kernel classifier: near in meaning and alike in letters means alike in intent.

Regularised least squares on the sum of a Gaussian kernel over sentence vectors and a linear one
over words and runs of letters. docs/nlu.md has the measurements that chose it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from nlu.letters import matrix, rarity, surface

SHARPNESS = 2.0  # of the Gaussian kernel
RIDGE = 0.05
SHARE = 0.2  # what letters weigh, and words, beside the meaning's 1
CONSTANT = 1 + 2 * SHARE  # of the kernel: the bias; as much as a phrase is like itself
TRIAL = 4000  # phrases at most that the temperature is chosen on
BLOCK = 1000  # rows of the system that are filled at a time


@dataclass(frozen=True)
class KernelClassifier:
    """Scores of labels for texts and their sentence vectors. Deterministic."""

    labels: list[str]
    centre: np.ndarray
    vectors: np.ndarray
    rarities: np.ndarray
    postings: csr_matrix  # for each hashed run the phrases that have it
    duals: np.ndarray
    temperature: float

    @classmethod
    def learn(
        cls, texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str]
    ) -> "KernelClassifier":
        names, index = np.unique(np.asarray(labels), return_inverse=True)
        centre = vectors.mean(axis=0)
        points = unit(vectors - centre)
        rarities = rarity([surface(text)[0] for text in texts])
        letters = matrix([surface(text, rarities) for text in texts])
        some = np.arange(0, len(texts), -(-len(texts) // TRIAL))
        temperature = tune(points[some], letters[some], index[some])
        system = _system(points, letters)
        system[np.diag_indices_from(system)] += _ridge(index)
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        duals = cho_solve(factor, targets(index), check_finite=False)
        postings = letters.T.tocsr()
        return cls(list(names), centre, points, rarities, postings, duals, temperature)

    def judge(self, text: str, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """The probability of each label, and how near in meaning the nearest phrase is (to 1)."""
        point = unit((vector - self.centre)[np.newaxis])[0]
        near = np.exp(SHARPNESS * (self.vectors @ point - 1))
        nearest = float(near.max())
        for column, value in zip(*surface(text, self.rarities), strict=True):
            start, end = self.postings.indptr[column : column + 2]
            alike = self.postings.data[start:end] * (SHARE * value)
            near[self.postings.indices[start:end]] += alike
        scores = (near + CONSTANT) @ self.duals
        return softmax(self.temperature * scores[np.newaxis])[0], nearest


def tune(points: np.ndarray, letters: csr_matrix, index: np.ndarray) -> float:
    """The temperature that suits phrases left out of the learning, one at a time."""
    scores = leave_one_out(_system(points, letters), index)
    return float(min(np.geomspace(2, 60, 60), key=lambda t: surprise(t * scores, index)))


def leave_one_out(system: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The scores of each phrase as learnt from all the others, in closed form."""
    system[np.diag_indices_from(system)] += _ridge(index)
    inverse = np.linalg.inv(system)
    wanted = targets(index)
    return wanted - (inverse @ wanted) / np.diag(inverse)[:, np.newaxis]


def surprise(scores: np.ndarray, index: np.ndarray) -> float:
    """Mean negative log-likelihood of the right labels."""
    right = softmax(scores)[np.arange(len(index)), index]
    return -float(np.log(np.maximum(right, 1e-9)).mean())


def _system(points: np.ndarray, letters: csr_matrix) -> np.ndarray:
    """How near the phrases are to one another, and a constant part that serves as bias."""
    system = points @ points.T
    system -= 1
    system *= SHARPNESS
    np.exp(system, out=system)
    system += CONSTANT
    columns = letters.T.tocsr()
    for first in range(0, len(points), BLOCK):
        rows = slice(first, first + BLOCK)
        system[rows] += SHARE * (letters[rows] @ columns).toarray()
    return system


def _ridge(index: np.ndarray) -> np.ndarray:
    """Small labels are held to their phrases more closely, or large ones would swallow them."""
    sizes = np.sqrt(np.bincount(index)[index])
    return (sizes / sizes.mean() * RIDGE * CONSTANT).astype(np.float32)


def targets(index: np.ndarray) -> np.ndarray:
    labels = index.max() + 1
    return np.eye(labels, dtype=np.float32)[index] - np.float32(1 / labels)


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)
