"""Which topic a message has, and how sure that is: learned from examples, without any framework."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import Progress
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix

from steward.nlu.confidence import Bin, Confidence, calibration_error, reliability
from steward.nlu.regression import log_softmax
from steward.nlu.ridge import Votes, fit
from steward.nlu.threads import all_cores, cores, one_core
from steward.nlu.writing import Writing

EVIDENCE = ("odds", "score")
_REPORT = "report.json"
_PENALTY = 0.05
# How fast likeness in meaning fades with distance, and how much likeness in writing counts beside it.
_SHARPNESS = 2.0
_WRITING = 0.3
_BLOCK = 384
# Of the encoder's 768 numbers so many directions tell all that the topics need.
_DIRECTIONS = 256
_BLOCK_WEIGHTS = (1.0, 0.7)
# Beyond this many examples a sample of them, even over the topics, is learned from: time grows with the cube.
_MOST = 14_000
# The topic that stands for everything else. Examples without it are no guide to what else may come; then
# topics that are left out imitate it, counting as this share of the messages.
OUT_OF_SCOPE = "out_of_scope"
_UNFORESEEN = 0.15
_GROUPS = 5
# Examples are chosen to differ: each, left out, is a message unlike all others. Of what customers write about
# this share is; the rest says what an example says.
_UNLIKE = 0.75
# So many rows of the likeness are made at a time.
_STRIPE = 512


@dataclass(frozen=True)
class Reading:
    """What a message most likely is: all topics by probability, and the evidence for the first."""

    ranking: list[tuple[str, float]]
    confidence: float
    margin: float
    nearest: str
    similarity: float
    evidence: dict[str, float]

    def share(self, topic: str) -> float:
        """How likely a topic is beside all others, before any gate; 0 for an unknown one."""
        return dict(self.ranking).get(topic, 0.0)


@dataclass(frozen=True)
class Report:
    """How the model did on its own examples, each read without itself; report.json in the trained model.

    Of all examples the share `accuracy` was read right, `answered` was sure enough to be acted on, and
    `answered_wrongly` was so and wrong, where `accepted_error_rate` is accepted of customers' messages,
    of which only the share `unlike` says what no example says; `reliability` sets what confidence promised
    beside what became of it.
    """

    examples: int
    topics: int
    accuracy: float
    answered: float
    answered_wrongly: float
    accepted_error_rate: float
    threshold: float
    calibration_error: float
    reliability: tuple[Bin, ...]
    unlike: float = 1.0

    def save(self, folder: Path) -> None:
        """Writes report.json into a folder."""
        (folder / _REPORT).write_text(json.dumps(asdict(self), indent=2), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Report:
        """Reads what save wrote."""
        stored = json.loads((folder / _REPORT).read_text("utf-8"))
        return cls(**{**stored, "reliability": tuple(Bin(**part) for part in stored["reliability"])})


@dataclass(frozen=True)
class HeldOut:
    """The example in a `row` of what was learned from, as it is read when it was not learned from."""

    row: int
    predicted: str
    confidence: float


@dataclass(frozen=True)
class _Space:
    """Where meanings are compared: around their average, in the directions in which they differ most."""

    centre: np.ndarray
    basis: np.ndarray

    @classmethod
    def learn(cls, vectors: np.ndarray) -> _Space:
        centre = vectors.mean(0)
        spread = _blocks(vectors - centre)
        _, directions = np.linalg.eigh(spread.T @ spread) if spread.shape[1] else (None, np.zeros((0, 0)))
        return cls(centre, directions[:, -_DIRECTIONS:].astype(np.float32))

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """One row of length one for each vector."""
        rows = _blocks(vectors - self.centre) @ self.basis
        result: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        return result.astype(np.float32)


def _blocks(vectors: np.ndarray) -> np.ndarray:
    """The encoder's layers, each of a fixed length however strong it was."""
    blocks = []
    for number, start in enumerate(range(0, vectors.shape[1], _BLOCK)):
        block = vectors[:, start : start + _BLOCK]
        length = np.linalg.norm(block, axis=1, keepdims=True)
        blocks.append(_BLOCK_WEIGHTS[min(number, 1)] * block / np.maximum(length, 1e-6))
    return np.hstack(blocks) if blocks else vectors


@dataclass(frozen=True)
class _Examples:
    """What was learned from, as it was meant and as it was written."""

    texts: list[str]
    labels: np.ndarray
    meaning: np.ndarray
    writing: csr_matrix


@dataclass(frozen=True)
class _Model:
    """The topics, each example's votes for them, and the same for what was written, gram by gram."""

    topics: np.ndarray
    votes: np.ndarray
    written: np.ndarray
    base: np.ndarray
    scale: float


class Readings:
    """Reads messages: `learn` from examples, or `load` what `save` wrote."""

    def __init__(
        self,
        model: _Model,
        examples: _Examples,
        writing: Writing,
        space: _Space,
        confidence: Confidence,
        report: Report,
        held_out: Sequence[HeldOut] = (),
    ) -> None:
        self._model = model
        self._examples = examples
        self._writing = writing
        self._space = space
        self._confidence = confidence
        self.report = report
        # What the report counts, one by one; a model that is loaded has the report alone.
        self.held_out = held_out
        # Every topic it knows, in order.
        self.labels = [str(name) for name in model.topics]
        self._rows = [np.flatnonzero(examples.labels == topic) for topic in model.topics]

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
        """Fit to the examples, and learn how far that can be trusted from each one read without itself."""
        with Progress(transient=True, disable=not progress) as bar:
            task = bar.add_task("Learning from the examples", total=3)
            drawn = _drawn(np.array(labels, object))
            kept = [texts[row] for row in drawn]
            writing = Writing.learn(kept)
            space = _Space.learn(vectors[drawn])
            meaning = space.place(vectors[drawn])
            examples = _Examples(kept, np.array(labels, object)[drawn], meaning, writing.vectors(kept))
            bar.advance(task)
            topics = np.array(sorted(set(labels)), object)
            targets = (examples.labels[:, None] == topics[None, :]).astype(np.float32)
            base = targets.mean(0)
            with one_core():
                likeness = _likeness(examples)
            with all_cores():
                votes = fit(likeness, targets - base, _PENALTY)
                bar.advance(task)
                scale, confidence, report, sure, best = _judged(
                    votes, topics, examples.labels, base, accepted_error
                )
            weight = _WRITING if meaning.shape[1] else 1.0
            written = weight * (examples.writing.T @ votes.weights)
            bar.advance(task)
        model = _Model(topics, votes.weights, written, base, scale)
        found = zip(drawn.tolist(), topics[best].tolist(), sure.tolist(), strict=True)
        held_out = [HeldOut(row, str(topic), share) for row, topic, share in found]
        return cls(model, examples, writing, space, confidence, report, held_out)

    def read(self, text: str, vector: np.ndarray) -> Reading:
        """One message; `vector` is its meaning, empty if the pipeline has no encoder."""
        with one_core():
            return self._read(text, vector)

    def _read(self, text: str, vector: np.ndarray) -> Reading:
        model, examples = self._model, self._examples
        grams, weights = self._writing.row(text)
        scores = model.base + weights @ model.written[grams]
        near = examples.meaning @ self._space.place(vector[None, :])[0]
        if len(vector):
            scores += np.exp(_SHARPNESS * (near - 1)) @ model.votes
        shares = log_softmax(model.scale * scores[None, :])[0]
        order = np.argsort(-shares, kind="stable")
        rows = self._rows[order[0]]
        likeness = near[rows] if len(vector) else _written_alike(examples.writing[rows], grams, weights)
        closest = int(np.argmax(likeness))
        values = _evidence(shares[None, :], scores[None, :])
        # Where not one word or letter is known, whatever is read out of the message is read into it.
        sure = float(self._confidence.of(values)[0]) if len(grams) else 0.0
        ranked = zip(order.tolist(), np.exp(shares[order]).tolist(), strict=True)
        return Reading(
            ranking=[(self.labels[index], share) for index, share in ranked],
            confidence=sure,
            margin=float(scores[order[0]] - scores[order[1]]) if len(order) > 1 else 0.0,
            nearest=examples.texts[rows[closest]],
            similarity=float(likeness[closest]),
            evidence=dict(zip(EVIDENCE, map(float, values[0]), strict=True)),
        )

    def knows(self, word: str) -> bool:
        """Whether an example has the word."""
        return word.lower() in self._writing

    def save(self, folder: Path) -> None:
        """Writes plain numbers and JSON into a folder: nothing that runs when it is read."""
        model, examples, confidence = self._model, self._examples, self._confidence
        self._writing.save(folder)
        self.report.save(folder)
        np.savez(
            folder / "readings.npz",
            votes=model.votes,
            written=model.written.astype(np.float16),
            base=model.base,
            centre=self._space.centre,
            basis=self._space.basis,
            meaning=examples.meaning.astype(np.float16),
            data=examples.writing.data.astype(np.float16),
            indices=examples.writing.indices,
            indptr=examples.writing.indptr,
            confidence_centre=confidence.centre,
            confidence_spread=confidence.spread,
            confidence_weights=confidence.weights,
        )
        stored = {
            "topics": self.labels,
            "texts": examples.texts,
            "labels": list(examples.labels),
            "scale": model.scale,
            "offset": confidence.offset,
            "threshold": confidence.threshold,
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
        meaning = np.ascontiguousarray(arrays["meaning"], np.float32)
        examples = _Examples(stored["texts"], np.array(stored["labels"], object), meaning, matrix)
        topics = np.array(stored["topics"], object)
        model = _Model(topics, arrays["votes"], written, arrays["base"], stored["scale"])
        confidence = Confidence(
            arrays["confidence_centre"],
            arrays["confidence_spread"],
            arrays["confidence_weights"],
            stored["offset"],
            stored["threshold"],
        )
        space = _Space(arrays["centre"], arrays["basis"])
        return cls(model, examples, Writing.load(folder), space, confidence, Report.load(folder))


def _likeness(examples: _Examples) -> np.ndarray:
    """Of every example to itself and those after it; what stands below the diagonal is not filled in.

    They are alike by what was written and, if there is an encoder, by what was meant.
    """
    count = len(examples.texts)
    likeness = np.empty((count, count), np.float32)

    def fill(start: int) -> None:
        rows = slice(start, start + _STRIPE)
        alike = (examples.writing[rows] @ examples.writing[start:].T).toarray()
        if examples.meaning.shape[1]:
            alike *= _WRITING
            meant = examples.meaning[rows] @ examples.meaning[start:].T
            meant -= 1
            meant *= _SHARPNESS
            alike += np.exp(meant, out=meant)
        likeness[rows, start:] = alike

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(fill, range(0, count, _STRIPE)))
    return likeness


def _written_alike(examples: csr_matrix, grams: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How like a message each of some examples is written."""
    message = np.zeros(examples.shape[1], np.float32)
    message[grams] = weights
    likeness: np.ndarray = examples @ message
    return likeness


def _drawn(labels: np.ndarray) -> np.ndarray:
    """The rows to learn from: all, or of each topic its share of as many as can be."""
    if len(labels) <= _MOST:
        return np.arange(len(labels))
    rng = np.random.default_rng(0)
    rows = [rng.permutation(np.flatnonzero(labels == topic)) for topic in sorted(set(labels))]
    kept = [group[: max(1, int(len(group) * _MOST / len(labels)))] for group in rows]
    return np.sort(np.concatenate(kept))


def _evidence(log_shares: np.ndarray, scores: np.ndarray) -> np.ndarray:
    best = np.minimum(log_shares.max(1), -1e-7)
    odds = best - np.log(np.maximum(1e-6, -np.expm1(best)))
    return np.column_stack([odds, scores.max(1)])


def _judged(
    votes: Votes, topics: np.ndarray, labels: np.ndarray, base: np.ndarray, accepted_error: float
) -> tuple[float, Confidence, Report, np.ndarray, np.ndarray]:
    """What examples read without themselves teach: the scale from scores to shares, and the confidence.

    Then the report on it and, example by example, the confidence and the place of the topic that was read.
    """
    scores = votes.left_out + base
    places = np.searchsorted(topics.astype(str), labels.astype(str))
    scale = _scale(scores, places)
    best = scores.argmax(1)
    right = best == places
    # Taken for foreign, a message is not answered: no harm that the accepted error would have to cover.
    harmful = ~right & (topics[best] != OUT_OF_SCOPE)
    weights = np.ones(len(labels))
    seen = len(labels)
    if OUT_OF_SCOPE not in topics and len(topics) > 2:
        unforeseen = _unforeseen(votes, topics, labels, base)
        scores = np.vstack([scores, unforeseen])
        weights = np.append(weights, np.full(seen, _UNFORESEEN))
        right, harmful = np.append(right, np.zeros(seen, bool)), np.append(harmful, np.ones(seen, bool))
    evidence = _evidence(log_softmax(scale * scores), scores)
    confidence = Confidence.learn(evidence, right, weights, harmful, accepted_error / _UNLIKE)
    sure, right = confidence.of(evidence)[:seen], right[:seen]
    answered = sure >= confidence.threshold
    report = Report(
        examples=seen,
        topics=len(topics),
        accuracy=float(right.mean()),
        answered=float(answered.mean()),
        answered_wrongly=float((answered & harmful[:seen]).mean()),
        accepted_error_rate=accepted_error,
        threshold=confidence.threshold,
        calibration_error=calibration_error(sure, right),
        reliability=tuple(reliability(sure, right)),
        unlike=_UNLIKE,
    )
    return scale, confidence, report, sure, best


def _scale(scores: np.ndarray, places: np.ndarray) -> float:
    """How steeply scores become shares: what makes the right topics likeliest."""
    rows = np.arange(len(places))
    found = minimize_scalar(
        lambda scale: -log_softmax(scale * scores)[rows, places].mean(), bounds=(1, 60), method="bounded"
    )
    return float(found.x)


def _unforeseen(votes: Votes, topics: np.ndarray, labels: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The scores of each example when its topic, and some others, had never been heard of."""
    rng = np.random.default_rng(0)
    group = rng.permutation(len(topics)) % min(_GROUPS, len(topics))
    places = np.searchsorted(topics.astype(str), labels.astype(str))
    scores = np.zeros((len(labels), len(topics)), np.float32)
    for number in range(group.max() + 1):
        rows = np.flatnonzero(group[places] == number)
        scores[rows] = votes.without(rows) + base
        scores[np.ix_(rows, np.flatnonzero(group == number))] = scores[rows].min() - 1
    return scores
