"""Kernel ridge regression: examples vote for their class by likeness, and can be left out at no cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

_BLOCK = 512


@dataclass(frozen=True)
class Votes:
    """What each example contributes to each class; `left_out` are the examples' scores without themselves."""

    weights: np.ndarray
    left_out: np.ndarray
    # The inverse of the likeness is this one's transpose by itself.
    _root: np.ndarray

    def without(self, rows: np.ndarray) -> np.ndarray:
        """The scores of some examples if none of them had been learned from."""
        columns = self._root[:, rows]
        inner = columns.T @ columns
        truth = self.left_out[rows] + self.weights[rows] / np.diag(inner)[:, None]
        _, solved, _ = lapack.sposv(inner, self.weights[rows], lower=1)
        result: np.ndarray = truth - solved
        return result


def fit(likeness: np.ndarray, targets: np.ndarray, penalty: float) -> Votes:
    """Solve for the votes that give the targets from the likeness of all examples to all.

    Of the likeness only the diagonal and what stands above it is read; an array of 32 bits is overwritten,
    so that nothing of its size is needed beside it. The scores without an example follow from the diagonal of
    the inverse: no fold has to be learned again (Rifkin and Lippert, Notes on Regularized Least Squares,
    2007). The inverse itself is never made: its Cholesky factor is less work and tells as much.
    """
    # The upper half of rows is the lower half of columns, which is how LAPACK reads it.
    matrix = np.ascontiguousarray(likeness, np.float32).T
    matrix.flat[:: len(matrix) + 1] += penalty
    factor, failed = lapack.spotrf(matrix, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the likeness of the examples is no proper kernel")
    targets = targets.astype(np.float32)
    weights, _ = lapack.spotrs(factor, targets, lower=1)
    root, _ = lapack.strtri(factor, lower=1, overwrite_c=1)
    return Votes(weights, targets - weights / _square_lengths(root)[:, None], root)


def _square_lengths(root: np.ndarray) -> np.ndarray:
    """Of the columns of a lower triangle, without anything of its size."""
    parts = [root.T[start : start + _BLOCK, start:] for start in range(0, len(root), _BLOCK)]
    return np.concatenate([np.einsum("ij,ij->i", part, part) for part in parts])
