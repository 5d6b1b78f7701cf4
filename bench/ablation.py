"""What each kind of evidence brings to the understanding: every one left out in turn, and others added.

    python bench/ablation.py TRAIN.csv TEST.csv [--json FILE]
    python bench/ablation.py --shop [--json FILE]

The first takes two CSV files of `text,intent` as bench/understanding.py does; the second holds out a fifth of
the project's own training examples, with its products' names masked as in the pipeline. The messages are
encoded once and go through the production code of the classifier, without Rasa around it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from understanding import Outcome, read_rows

from steward.catalogue import load_catalogue
from steward.nlu import classifier as rules
from steward.nlu import readings as production
from steward.nlu.brands import alike
from steward.nlu.confidence import Confidence
from steward.nlu.encoder import Encoder
from steward.nlu.matcher import _ordinary_words, mask, proper_names
from steward.nlu.mentions import Mentions
from steward.nlu.readings import Readings
from steward.nlu.regression import log_softmax
from steward.nlu.weights import build_graph, find_weights
from steward.nlu.writing import words_of
from steward.settings import load_settings

_MEASURES = ("accuracy", "auroc", "rejection_at_5", "coverage_at_95", "calibration_error")
_ALL = "everything"
_ERROR = 0.05
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Sample:
    """Messages as the classifier gets them: text, what it means as a vector, and its true intent.

    `named` tells which name a product, `strange` the words of each that are no common English.
    """

    texts: np.ndarray
    vectors: np.ndarray
    labels: np.ndarray
    named: np.ndarray
    strange: np.ndarray

    def part(self, rows: np.ndarray) -> Sample:
        """Some of the messages."""
        return Sample(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Change:
    """Something left out: of the vectors' numbers, or of the production code while the context lasts."""

    columns: slice = slice(None)
    context: Callable[[], AbstractContextManager[Any]] = nullcontext

    def outcome(self, train: Sample, test: Sample) -> Outcome:
        """What is read with it left out."""
        with self.context():
            learned = _learned(replace(train, vectors=train.vectors[:, self.columns]))
            return _read(learned, replace(test, vectors=test.vectors[:, self.columns]))


def _production(**changes: Any) -> Callable[[], AbstractContextManager[Any]]:
    def changed() -> AbstractContextManager[Any]:
        stack = ExitStack()
        for name, value in changes.items():
            stack.enter_context(patch.object(production, name, value))
        return stack

    return changed


def _evidence_alone(column: int) -> Callable[[], AbstractContextManager[Any]]:
    both = production._evidence
    return _production(
        EVIDENCE=production.EVIDENCE[column : column + 1],
        _evidence=lambda log_shares, scores: both(log_shares, scores)[:, column : column + 1],
    )


def _as_encoded(vectors: np.ndarray) -> production._Space:
    width = vectors.shape[1]
    return production._Space(np.zeros(width, np.float32), np.eye(width, dtype=np.float32))


_HALF = production._BLOCK
LEFT_OUT = {
    "words and pairs of words": Change(
        context=lambda: patch("steward.nlu.writing.phrases", lambda words: iter(()))
    ),
    "letter sequences": Change(context=lambda: patch("steward.nlu.writing.letters", lambda word: iter(()))),
    "all that was written": Change(context=_production(_WRITING=0.0)),
    "encoder, last layer": Change(slice(_HALF, None)),
    "encoder, layer before": Change(slice(None, _HALF)),
    "encoder": Change(slice(0, 0)),
    "centring and directions": Change(
        context=lambda: patch.object(production._Space, "learn", staticmethod(_as_encoded))
    ),
    "rule: only a name": Change(context=lambda: patch.object(rules, "is_only_a_name", return_value=False)),
    "rule: gibberish": Change(context=lambda: patch.object(rules, "is_gibberish", return_value=False)),
    "confidence: odds of the first": Change(context=_evidence_alone(1)),
    "confidence: its score": Change(context=_evidence_alone(0)),
    "confidence: imagined topics": Change(context=_production(_UNFORESEEN=0.0)),
}


class Judged:
    """A model with all that its confidence was learned from, so that it can be learned with more evidence."""

    def __init__(self, train: Sample) -> None:
        judged = production._judged
        with patch.object(production, "_judged", side_effect=judged) as spy:
            self.readings = _learned(train)
        votes, topics, labels, base, _ = spy.call_args.args
        self._examples, self._topics = self.readings._examples, topics
        scores = votes.left_out + base
        best = topics[scores.argmax(1)]
        self._right = best == labels
        self._harmful = ~self._right & (best != production.OUT_OF_SCOPE)
        self._weights = np.ones(len(labels))
        self._texts = list(self._examples.texts)
        if production.OUT_OF_SCOPE not in topics:
            scores = np.vstack([scores, production._unforeseen(votes, topics, labels, base)])
            self._right = np.append(self._right, np.zeros(len(labels), bool))
            self._harmful = np.append(self._harmful, np.ones(len(labels), bool))
            self._weights = np.append(self._weights, np.full(len(labels), production._UNFORESEEN))
            self._texts *= 2
        meaning = self._examples.meaning @ self._examples.meaning.T
        writing = (self._examples.writing @ self._examples.writing.T).toarray()
        for likeness in (meaning, writing):
            np.fill_diagonal(likeness, -1)
        times = len(scores) // len(labels)
        self._held_out = self._evidence(
            scores, np.tile(meaning, (times, 1)), np.tile(writing, (times, 1)), self._texts
        )

    def outcome(self, test: Sample, more: str) -> Outcome:
        """The test messages as read, their confidence learned with one more kind of evidence."""
        read = _read(self.readings, test)
        columns = [*production.EVIDENCE, more]
        evidence = np.column_stack([self._held_out[name] for name in columns])
        confidence = Confidence.learn(evidence, self._right, self._weights, self._harmful, _ERROR)
        told = self._evidence_of(test)
        return replace(read, confidence=confidence.of(np.column_stack([told[name] for name in columns])))

    def _evidence_of(self, test: Sample) -> dict[str, np.ndarray]:
        model, space = self.readings._model, self.readings._space
        written = self.readings._writing.vectors(list(test.texts))
        meaning = space.place(test.vectors) @ self._examples.meaning.T
        scores = model.base + written @ model.written
        scores += np.exp(production._SHARPNESS * (meaning - 1)) @ model.votes
        writing = (written @ self._examples.writing.T).toarray()
        return self._evidence(scores, meaning, writing, list(test.texts))

    def _evidence(
        self, scores: np.ndarray, meaning: np.ndarray, writing: np.ndarray, texts: Sequence[str]
    ) -> dict[str, np.ndarray]:
        best = scores.argmax(1)
        shares = log_softmax(self.readings._model.scale * scores)
        used = production._evidence(shares, scores)
        second, first = np.sort(scores, axis=1)[:, -2:].T
        words = [words_of(text) for text in texts]
        unknown = [sum(not self.readings.knows(word) for word in said) / max(1, len(said)) for said in words]
        return {
            **dict(zip(production.EVIDENCE, used.T, strict=True)),
            "margin to the second": first - second,
            "nearest example, by meaning": self._nearest(best, meaning),
            "nearest example, by letters": self._nearest(best, writing),
            "length": np.log1p([len(said) for said in words]),
            "unknown words": np.array(unknown),
        }

    def _nearest(self, best: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        nearest = np.zeros(len(best))
        for topic in np.unique(best):
            rows = best == topic
            columns = self._examples.labels == self._topics[topic]
            nearest[rows] = likeness[np.ix_(rows, columns)].max(1)
        return nearest


ADDED = (
    "margin to the second",
    "nearest example, by meaning",
    "nearest example, by letters",
    "length",
    "unknown words",
)


def _learned(train: Sample) -> Readings:
    return Readings.learn(list(train.texts), list(train.labels), train.vectors, _ERROR)


def _read(learned: Readings, test: Sample) -> Outcome:
    readings = [
        rules.put_right(learned.read(text, vector), learned, text, named=named, strange=strange)
        for text, vector, named, strange in zip(
            test.texts, test.vectors, test.named, test.strange, strict=True
        )
    ]
    names = np.array([reading.ranking[0][0] for reading in readings], object)
    confidence = np.array([reading.confidence for reading in readings])
    return Outcome(names, confidence, test.labels, np.zeros(len(names)))


def encoded(
    texts: Sequence[str], labels: Sequence[str], encoder: Encoder, named: Sequence[bool] | None = None
) -> Sample:
    """Messages with their vectors."""
    vectors = encoder.encode(texts, "Encoding")
    strange = np.empty(len(texts), object)
    strange[:] = [[word for word in _WORD.findall(text) if not encoder.is_word(word)] for text in texts]
    names = np.array(named if named is not None else np.zeros(len(texts)), bool)
    return Sample(np.array(texts, object), vectors, np.array(labels, object), names, strange)


def from_file(file: Path, encoder: Encoder) -> Sample:
    """The messages of a CSV file."""
    rows = read_rows(file)
    return encoded([row.text for row in rows], [row.intent for row in rows], encoder)


def from_shop(encoder: Encoder, mentions: Mentions, prepare: Callable[[str], str]) -> tuple[Sample, Sample]:
    """The project's examples, a fifth of them held out; `prepare` makes what is read of each."""
    files = sorted(map(str, (load_settings().root / "data" / "nlu").glob("*.yml")))
    examples = [one for one in training_data_from_paths(files, "en").intent_examples if one.get(TEXT)]
    labels = [str(message.get(INTENT)) for message in examples]
    texts = [prepare(str(message.get(TEXT))) for message in examples]
    named = [bool(mentions.find(str(message.get(TEXT)))) for message in examples]
    sample = encoded(texts, labels, encoder, named)
    held_out = np.random.default_rng(0).permutation(len(labels)) % 5 == 0
    return sample.part(~held_out), sample.part(held_out)


def measured(train: Sample, test: Sample) -> Iterator[tuple[str, Outcome]]:
    """Everything, then each left out, then each added."""
    yield _ALL, Change().outcome(train, test)
    for name, change in LEFT_OUT.items():
        yield f"without {name}", change.outcome(train, test)
    judged = Judged(train)
    for name in ADDED:
        yield f"with {name}", judged.outcome(test, name)


def measured_on_shop(encoder: Encoder) -> Iterator[tuple[str, Outcome]]:
    """The same, and what only the shop's messages have: its products' names, and other makers'."""
    mentions = _mentions()

    def masked(text: str) -> str:
        return mask(text, mentions.find(text))

    yield from measured(*from_shop(encoder, mentions, lambda text: alike(masked(text))))
    yield "without names of products masked", Change().outcome(*from_shop(encoder, mentions, alike))
    yield "without names of brands read alike", Change().outcome(*from_shop(encoder, mentions, masked))


def _mentions() -> Mentions:
    catalogue = load_catalogue(load_settings().catalogue)
    proper = proper_names(catalogue)
    return Mentions(catalogue.names(), proper, _ordinary_words(TrainingData([]), proper))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--shop", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if len(options.files) != (0 if options.shop else 2):
        parser.error("give TRAIN.csv and TEST.csv, or --shop")
    weights = find_weights()
    encoder = Encoder(build_graph(weights), (weights / "tokenizer.json").read_text("utf-8"))
    found: dict[str, dict[str, float | None]] = {}
    table = Table("evidence", *_MEASURES)
    if options.shop:
        outcomes = measured_on_shop(encoder)
    else:
        outcomes = measured(*(from_file(file, encoder) for file in options.files))
    for name, outcome in outcomes:
        scores = outcome.scores(train_seconds=0)
        found[name] = {measure: getattr(scores, measure) for measure in _MEASURES}
        table.add_row(name, *("–" if value is None else f"{value:.3f}" for value in found[name].values()))
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
