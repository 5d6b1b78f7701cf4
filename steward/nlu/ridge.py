"""Kernel ridge regression: examples vote for their class by likeness, and can be left out at no cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack


@dataclass(frozen=True)
class Votes:
    """What each example contributes to each class; `left_out` are the examples' scores without themselves."""

    weights: np.ndarray
    left_out: np.ndarray
    _inverse: np.ndarray

    def without(self, rows: np.ndarray) -> np.ndarray:
        """The scores of some examples if none of them had been learned from."""
        inner = self._inverse[np.ix_(rows, rows)]
        truth = self.left_out[rows] + self.weights[rows] / np.diag(inner)[:, None]
        result: np.ndarray = truth - np.linalg.solve(inner, self.weights[rows])
        return result


def fit(likeness: np.ndarray, targets: np.ndarray, penalty: float) -> Votes:
    """Solve for the votes that give the targets from the likeness of all examples to all (overwritten).

    The scores without an example follow from the inverse that the solution needs anyway, so that no fold has
    to be learned again.
    """
    matrix = np.asfortranarray(likeness, np.float32)
    matrix.flat[:: len(matrix) + 1] += penalty
    factor, failed = lapack.spotrf(matrix, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the likeness of the examples is no proper kernel")
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    for row in range(len(inverse) - 1):
        inverse[row, row + 1 :] = inverse[row + 1 :, row]
    targets = targets.astype(np.float32)
    weights = inverse @ targets
    return Votes(weights, targets - weights / np.diag(inverse)[:, None], inverse)
