"""Which topic a message has, and how sure that is: learned from examples, without any framework."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.progress import track
from scipy.sparse import csr_matrix

from steward.nlu.confidence import Confidence, calibration_error
from steward.nlu.regression import fit_softmax, log_softmax
from steward.nlu.writing import Writing

EVIDENCE = ("odds", "strength", "near_meaning", "near_writing")
_PENALTY = 0.1
# How much the written features weigh beside the meaning; which is better depends on the examples.
_SHARES = (0.5, 1.0)
_BLOCK = 384
_BLOCK_WEIGHTS = (1.0, 0.5)
_FOLDS = 5
# The topic that stands for everything else. Examples without it are no guide to what else may come; then
# topics kept out of a fold imitate it, counting as this share of the messages.
OUT_OF_SCOPE = "out_of_scope"
_UNFORESEEN = 0.15


@dataclass(frozen=True)
class Reading:
    """What a message most likely is: all topics by probability, and the evidence for the first."""

    ranking: list[tuple[str, float]]
    confidence: float
    margin: float
    nearest: str
    similarity: float
    evidence: dict[str, float]


@dataclass(frozen=True)
class Report:
    """How the model did on held-out folds of its own examples."""

    accuracy: float
    answered: float
    calibration_error: float
    threshold: float


@dataclass(frozen=True)
class _Examples:
    texts: np.ndarray
    labels: np.ndarray
    meaning: np.ndarray
    writing: csr_matrix
    projected: np.ndarray

    def weighing(self, share: float) -> _Examples:
        return replace(self, projected=share * self.projected)

    def __getitem__(self, rows: np.ndarray) -> _Examples:
        return _Examples(
            self.texts[rows], self.labels[rows], self.meaning[rows], self.writing[rows], self.projected[rows]
        )


@dataclass(frozen=True)
class _HeldOut:
    """Readings of messages that the model did not know: evidence, rightness and weight of each."""

    evidence: np.ndarray
    right: np.ndarray
    weights: np.ndarray
    seen: np.ndarray

    @property
    def accuracy(self) -> float:
        return float(self.right[self.seen].mean())


@dataclass(frozen=True)
class _Linear:
    """The fitted classes, with the examples that they were fitted to at hand for comparison."""

    classes: np.ndarray
    meaning: np.ndarray
    offsets: np.ndarray
    examples: _Examples
    written: np.ndarray

    def scores(self, meaning: np.ndarray, written: np.ndarray) -> np.ndarray:
        result: np.ndarray = meaning @ self.meaning + written @ self.written + self.offsets
        return result


class Readings:
    """Reads messages: `learn` from examples, or `load` what `save` wrote."""

    def __init__(
        self, linear: _Linear, writing: Writing, centre: np.ndarray, confidence: Confidence, report: Report
    ) -> None:
        self._linear = linear
        self._writing = writing
        self._centre = centre
        self._confidence = confidence
        self.report = report
        labels = linear.examples.labels
        self._rows = {index: np.flatnonzero(labels == name) for index, name in enumerate(linear.classes)}
        self._written = {index: linear.examples.writing[rows] for index, rows in self._rows.items()}

    @property
    def labels(self) -> list[str]:
        """Every topic it knows."""
        return [str(name) for name in self._linear.classes]

    @property
    def threshold(self) -> float:
        """The confidence that a reading needs to be acted on."""
        return self._confidence.threshold

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: np.ndarray,
        accepted_error: float,
        progress: bool = False,
    ) -> Readings:
        """Fit to the examples, then to folds of them to learn how far the fit can be trusted."""
        writing = Writing.learn(texts)
        written = writing.vectors(texts)
        directions = writing.directions(written)
        projected = written @ directions
        centre = vectors.mean(0)
        examples = _Examples(
            np.array(texts, object),
            np.array(labels, object),
            _centred(vectors, centre),
            written,
            projected,
        )
        trials = [(share, _held_out(examples.weighing(share), progress)) for share in _SHARES]
        share, held_out = max(trials, key=lambda trial: trial[1].accuracy)
        confidence, report = _judged(held_out, accepted_error)
        linear = _fit(examples.weighing(share))
        # The directions are folded in: at run time a message's grams meet the topics without a detour.
        folded = _Linear(
            linear.classes, linear.meaning, linear.offsets, examples, share * (directions @ linear.written)
        )
        return cls(folded, writing, centre, confidence, report)

    def read(self, text: str, vector: np.ndarray) -> Reading:
        """One message; `vector` is its meaning, empty if the pipeline has no encoder."""
        written = self._writing.vectors([text])
        meaning = _centred(vector[None, :], self._centre)
        scores = self._linear.scores(meaning, written)
        shares = log_softmax(scores)[0]
        order = np.argsort(-shares)
        best = int(order[0])
        by_meaning = self._linear.examples.meaning[self._rows[best]] @ meaning[0]
        by_writing = (self._written[best] @ written.T).toarray()[:, 0]
        values = _evidence_row(shares[best], scores[0, best], by_meaning.max(), by_writing.max())
        closest = int(np.argmax(by_meaning + by_writing))
        ranking = [(str(self._linear.classes[index]), float(np.exp(shares[index]))) for index in order]
        return Reading(
            ranking=ranking,
            confidence=float(self._confidence.of(values[None, :])[0]),
            margin=float(scores[0, best] - scores[0, order[1]]) if len(order) > 1 else 0.0,
            nearest=str(self._linear.examples.texts[self._rows[best][closest]]),
            similarity=float(by_meaning[closest] if meaning.shape[1] else by_writing[closest]),
            evidence=dict(zip(EVIDENCE, map(float, values), strict=True)),
        )

    def save(self, folder: Path) -> None:
        """Writes plain numbers and JSON into a folder: nothing that runs when it is read."""
        linear, examples, confidence = self._linear, self._linear.examples, self._confidence
        self._writing.save(folder)
        np.savez_compressed(
            folder / "readings.npz",
            meaning=linear.meaning,
            offsets=linear.offsets,
            written=linear.written.astype(np.float16),
            centre=self._centre,
            vectors=examples.meaning.astype(np.float16),
            data=examples.writing.data.astype(np.float16),
            indices=examples.writing.indices,
            indptr=examples.writing.indptr,
            confidence_centre=confidence.centre,
            confidence_spread=confidence.spread,
            confidence_weights=confidence.weights,
        )
        stored = {
            "classes": self.labels,
            "texts": list(examples.texts),
            "labels": list(examples.labels),
            "offset": confidence.offset,
            "threshold": confidence.threshold,
            "report": self.report.__dict__,
        }
        (folder / "readings.json").write_text(json.dumps(stored, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Readings:
        """Reads what save wrote."""
        stored = json.loads((folder / "readings.json").read_text("utf-8"))
        with np.load(folder / "readings.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        written = arrays["written"].astype(np.float32)
        matrix = csr_matrix(
            (arrays["data"].astype(np.float32), arrays["indices"], arrays["indptr"]),
            shape=(len(stored["texts"]), len(written)),
        )
        vectors = arrays["vectors"].astype(np.float32)
        examples = _Examples(
            np.array(stored["texts"], object),
            np.array(stored["labels"], object),
            vectors,
            matrix,
            np.zeros((len(vectors), 0), np.float32),
        )
        linear = _Linear(
            np.array(stored["classes"], object), arrays["meaning"], arrays["offsets"], examples, written
        )
        confidence = Confidence(
            arrays["confidence_centre"],
            arrays["confidence_spread"],
            arrays["confidence_weights"],
            stored["offset"],
            stored["threshold"],
        )
        return cls(linear, Writing.load(folder), arrays["centre"], confidence, Report(**stored["report"]))


def _centred(vectors: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """What sets each message apart from the average; the encoder's layers get fixed shares of it."""
    shifted = vectors - centre
    blocks = []
    for number, start in enumerate(range(0, shifted.shape[1], _BLOCK)):
        block = shifted[:, start : start + _BLOCK]
        length = np.linalg.norm(block, axis=1, keepdims=True)
        blocks.append(_BLOCK_WEIGHTS[min(number, 1)] * block / np.maximum(length, 1e-6))
    return np.hstack(blocks).astype(np.float32) if blocks else np.zeros((len(vectors), 0), np.float32)


def _fit(examples: _Examples) -> _Linear:
    classes = np.array(sorted(set(examples.labels)), object)
    targets = examples.labels[:, None] == classes[None, :]
    features = np.hstack([examples.meaning, examples.projected])
    matrix, offsets = fit_softmax(features, targets, _PENALTY)
    split = examples.meaning.shape[1]
    return _Linear(classes, matrix[:split], offsets, examples, matrix[split:])


def _evidence_row(log_share: float, score: float, by_meaning: float, by_writing: float) -> np.ndarray:
    odds = log_share - np.log(max(1e-6, -np.expm1(min(log_share, -1e-7))))
    return np.array([odds, score, by_meaning, by_writing])


def _held_out(examples: _Examples, progress: bool) -> _HeldOut:
    """Every example, read by a model that was fitted without it."""
    rng = np.random.default_rng(0)
    count = len(examples.labels)
    folds = _spread(examples.labels, _FOLDS, rng)
    topics = sorted(set(examples.labels))
    groups = dict(
        zip(rng.permutation(np.array(topics, object)), np.arange(len(topics)) % _FOLDS, strict=True)
    )
    group = np.array([groups[label] for label in examples.labels])
    imitate = OUT_OF_SCOPE not in topics and len(topics) > 2
    evidence, right, known = [], [], []
    steps: Iterable[int] = range(_FOLDS)
    for step in track(steps, "Checking how sure it can be", transient=True) if progress else steps:
        unseen = (group == step) if imitate else np.zeros(count, bool)
        learn, test = np.flatnonzero((folds != step) & ~unseen), np.flatnonzero((folds == step) | unseen)
        if not len(learn) or not len(test):
            continue
        rows, names = _tested(_fit(examples[learn]), examples[test])
        evidence.append(rows)
        right.append(names == examples.labels[test])
        known.append(~unseen[test])
    seen = np.concatenate(known)
    share = _UNFORESEEN * seen.sum() / max(1, (~seen).sum())
    weights = np.where(seen, 1.0, share)
    return _HeldOut(np.vstack(evidence), np.concatenate(right), weights, seen)


def _spread(labels: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """A fold for every example, with each topic's examples spread evenly."""
    result = np.zeros(len(labels), int)
    for offset, label in enumerate(sorted(set(labels))):
        rows = rng.permutation(np.flatnonzero(labels == label))
        result[rows] = (np.arange(len(rows)) + offset) % folds
    return result


def _tested(linear: _Linear, tests: _Examples) -> tuple[np.ndarray, np.ndarray]:
    scores = linear.scores(tests.meaning, tests.projected)
    shares = log_softmax(scores)
    best = scores.argmax(1)
    names = linear.classes[best]
    same = linear.examples.labels[None, :] == names[:, None]
    by_meaning = np.where(same, tests.meaning @ linear.examples.meaning.T, -1).max(1)
    by_writing = np.where(same, (tests.writing @ linear.examples.writing.T).toarray(), 0).max(1)
    rows = [
        _evidence_row(shares[row, best[row]], scores[row, best[row]], by_meaning[row], by_writing[row])
        for row in range(len(names))
    ]
    return np.array(rows), names


def _judged(held_out: _HeldOut, accepted_error: float) -> tuple[Confidence, Report]:
    confidence = Confidence.learn(held_out.evidence, held_out.right, held_out.weights, accepted_error)
    sure, seen = confidence.of(held_out.evidence), held_out.seen
    return confidence, Report(
        accuracy=held_out.accuracy,
        answered=float((sure[seen] >= confidence.threshold).mean()),
        calibration_error=calibration_error(sure[seen], held_out.right[seen]),
        threshold=confidence.threshold,
    )
