"""Logistic regression over several classes: convex, deterministic, a second for thousands of examples."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def fit_softmax(
    features: np.ndarray,
    targets: np.ndarray,
    penalty: float,
    weights: np.ndarray | None = None,
    iterations: int = 150,
) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and offsets that make `targets` (rows of class shares) likeliest; the matrix kept small."""
    features, targets = features.astype(np.float32), targets.astype(np.float32)
    count, classes = features.shape[1], targets.shape[1]
    importance = (
        np.ones((len(features), 1), np.float32) if weights is None else weights[:, None].astype(np.float32)
    )

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        matrix = flat.astype(np.float32).reshape(count + 1, classes)
        log_shares = log_softmax(features @ matrix[:-1] + matrix[-1])
        value = -(importance * targets * log_shares).sum() + penalty / 2 * np.square(matrix[:-1]).sum()
        error = importance * (np.exp(log_shares) - targets)
        slope = np.vstack([features.T @ error + penalty * matrix[:-1], error.sum(0, keepdims=True)])
        return float(value), slope.ravel().astype(np.float64)

    start = np.zeros((count + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "ftol": 1e-5})
    solution = found.x.astype(np.float32).reshape(count + 1, classes)
    return solution[:-1], solution[-1]


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """The logarithms of the classes' probabilities, row by row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    result: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
