"""How likely a reading is right: evidence weighed by a calibrated model, and the bar it has to clear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steward.nlu.regression import fit_softmax

# A reading that is more likely wrong than right is never acted on, however much error is accepted.
LOWEST = 0.5


@dataclass(frozen=True)
class Confidence:
    """Weights for the evidence, learned on readings of messages that the model had not seen."""

    centre: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    offset: float
    threshold: float

    @classmethod
    def learn(
        cls,
        evidence: np.ndarray,
        right: np.ndarray,
        weights: np.ndarray,
        harmful: np.ndarray,
        accepted_error: float,
    ) -> Confidence:
        """For each held-out reading its `evidence`, if it was `right`, its weight, and if it does harm.

        `accepted_error` is the share of all messages that may be answered on a harmful reading.
        """
        centre, spread = evidence.mean(0), evidence.std(0) + 1e-6
        scaled = (evidence - centre) / spread
        # One imagined right and one wrong reading of average evidence keep a flawless fold from certainty.
        scaled = np.vstack([scaled, np.zeros((2, scaled.shape[1]))])
        shares = np.append(right, [True, False])
        targets = np.column_stack([~shares, shares])
        matrix, offsets = fit_softmax(scaled, targets, 1.0, np.append(weights, [1.0, 1.0]))
        found = cls(centre, spread, matrix[:, 1] - matrix[:, 0], float(offsets[1] - offsets[0]), LOWEST)
        threshold = threshold_for(found.of(evidence), harmful, weights, accepted_error)
        return cls(found.centre, found.spread, found.weights, found.offset, threshold)

    def of(self, evidence: np.ndarray) -> np.ndarray:
        """The probability, row by row, that the reading with this evidence is right."""
        score = (evidence - self.centre) / self.spread @ self.weights + self.offset
        probability: np.ndarray = 1 / (1 + np.exp(-score))
        return probability


def threshold_for(
    confidence: np.ndarray, harmful: np.ndarray, weights: np.ndarray, accepted_error: float
) -> float:
    """The lowest bar that keeps the harmful readings which clear it within the accepted share of all."""
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum((weights * harmful)[order]) / weights.sum()
    # Readings of one confidence clear the bar together or not at all.
    last = np.append(np.diff(confidence[order]) != 0, True)
    good = np.flatnonzero((share <= accepted_error) & last)
    if not len(good):
        return float(min(1.0, confidence.max() + 1e-6))
    return max(LOWEST, float(confidence[order][good[-1]]))


@dataclass(frozen=True)
class Bin:
    """Readings of about one confidence: their mean confidence, the share right, and their share of all."""

    confidence: float
    right: float
    share: float


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> list[Bin]:
    """What confidence promised and what became of it, from the least sure to the surest."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    groups = [places == place for place in np.unique(places)]
    return [
        Bin(float(confidence[group].mean()), float(right[group].mean()), float(group.mean()))
        for group in groups
    ]


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """How far confidence and success are apart on average (expected calibration error)."""
    found = reliability(confidence, right, bins)
    return sum(abs(part.confidence - part.right) * part.share for part in found)
