"""How weights are learnt: a linear head on hashed n-grams, and its rounding to eight bits.

Used by the trainer of what ships (`tools/train`) and by `hueandcry train`. Only this module needs
scikit-learn, and only while it fits; scoring never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hueandcry.apps.detection.grams import grams
from hueandcry.apps.detection.model import Floats, own_buckets

_AT_ONCE = 512  #: texts hashed together
_ROUNDS = 100

Matrix = Any  #: scipy.sparse.csr_matrix of float32; scipy ships no types


@dataclass(frozen=True, slots=True)
class Linear:
    """One head for each column: weights of buckets, and intercepts."""

    weights: Floats  #: (buckets, columns)
    intercepts: Floats

    def score(self, matrix: Matrix) -> Floats:
        """(texts, columns)."""
        return np.asarray(matrix @ self.weights + self.intercepts)


def matrix(texts: Sequence[str], languages: Sequence[str], bits: int) -> Matrix:
    """One row a text: 1/√n in each of its n distinct buckets, and in those of its language."""
    from scipy.sparse import vstack

    parts = [slice(start, start + _AT_ONCE) for start in range(0, len(texts), _AT_ONCE)]
    return vstack([_rows(texts[part], languages[part], bits) for part in parts]).tocsr()


def _rows(texts: Sequence[str], languages: Sequence[str], bits: int) -> Matrix:
    from scipy.sparse import csr_matrix, hstack

    found = grams(texts, bits)
    pointers = np.concatenate(([0], np.cumsum(found.counts)))
    values = np.repeat(1 / np.sqrt(found.counts), found.counts).astype(np.float32)
    shape = (len(texts), 1 << bits)
    own = own_buckets(found, languages, bits) - (1 << bits)
    return hstack([csr_matrix((values, each, pointers), shape) for each in (found.buckets, own)])


def rarity(rows: Matrix) -> NDArray[np.float32]:
    """For each bucket 1 + ln((1 + texts) / (1 + texts that hold it)): rare runs say more."""
    holding = np.bincount(rows.indices, minlength=rows.shape[1])
    rare = np.log((1 + rows.shape[0]) / (1 + holding)) + 1
    return np.asarray(rare, np.float32)


def fit(
    rows: Matrix, labels: NDArray[Any], weights: Floats, rare: NDArray[np.float32], strength: float
) -> Linear:
    """A logistic regression on rows scaled by rarity, which is then part of its weights.

    Two labels give one column (that of the greater label), more give one each in sorted order.
    """
    from sklearn.linear_model import LogisticRegression

    used = np.unique(rows.indices)
    scaled = rows[:, used]
    scaled.data = scaled.data * rare[used][scaled.indices]
    found = LogisticRegression(C=strength, max_iter=_ROUNDS).fit(scaled, labels, weights)
    learnt = np.zeros((rows.shape[1], len(found.coef_)))
    learnt[used] = found.coef_.T * rare[used, None]
    return Linear(learnt, found.intercept_)


def fit_beside(
    rows: Matrix, known: Floats, labels: NDArray[Any], rare: NDArray[np.float32], strength: float
) -> tuple[float, Linear]:
    """A factor for a logit that is known of each row, and weights for what it leaves unsaid.

    Both labels weigh the same, so that the share of scams among the rows shifts nothing.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    scaled = rows.copy()
    scaled.data = scaled.data * rare[scaled.indices]
    beside = hstack([scaled, csr_matrix(known[:, None])]).tocsr()
    found = LogisticRegression(C=strength, max_iter=_ROUNDS, class_weight="balanced")
    found.fit(beside, labels)
    weights = found.coef_.T
    own = np.asarray(weights[:-1] * rare[:, None], np.float64)
    return float(weights[-1, 0]), Linear(own, found.intercept_)


def rounded(weights: Floats) -> tuple[NDArray[np.int8], float]:
    """Weights as steps of -127 to 127, and what one step is worth; the rarest extremes are cut."""
    used = np.abs(weights[weights != 0])
    most = float(np.quantile(used, 0.9999)) if used.size else 1.0
    step = most / 127
    return np.clip(np.rint(weights / step), -127, 127).astype(np.int8), step
