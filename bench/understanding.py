"""Measure understanding: our pipeline, and on request the stock one, on any two CSV files of `text,intent`.

    python bench/understanding.py TRAIN.csv TEST.csv [--peer stock|none] [--json FILE] [--plot FILE]

Both pipelines go through Rasa's own training and parsing. Messages whose intent is `out_of_scope` in the
test file must be rejected. `accuracy` is over in-scope messages, `auroc` and `rejection_at_5` compare the
confidence of in-scope and out-of-scope ones, coverage and calibration error are over all messages.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
UNKNOWN = "out_of_scope"

STEWARD = """
recipe: default.v1
assistant_id: bench
language: en
pipeline:
- name: steward.nlu.reader.Reader
- name: steward.nlu.encoder.SentenceEncoder
- name: steward.nlu.classifier.IntentClassifier
"""

STOCK = """
recipe: default.v1
assistant_id: bench
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: 100
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
"""


@dataclass(frozen=True)
class Row:
    """One message of a CSV file."""

    text: str
    intent: str


@dataclass(frozen=True)
class Scores:
    """What is reported of a pipeline; None where the test file has nothing to reject."""

    accuracy: float
    auroc: float | None
    rejection_at_5: float | None
    coverage_at_90: float
    coverage_at_95: float
    calibration_error: float
    train_seconds: float
    parse_ms: float


def read_rows(path: Path) -> list[Row]:
    """The messages of a CSV file with the columns text and intent."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(" ".join(row["text"].split()), row["intent"]) for row in csv.DictReader(file)]


def run(
    config: str, train: Sequence[Row], test: Sequence[Row], name: str
) -> tuple[Scores, np.ndarray, np.ndarray]:
    """Train a pipeline and parse every test message, one at a time; scores, confidence and rightness."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "config.yml").write_text(config, "utf-8")
        messages = [Message.build(row.text, row.intent) for row in train]
        TrainingData(messages).persist_nlu(str(folder / "nlu.yml"))
        started = time.perf_counter()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        seconds = time.perf_counter() - started
        if model is None:
            raise SystemExit(f"{name}: Rasa could not train a model.")
        agent = Agent.load(model)
        readings, parse_ms = asyncio.run(_parse(agent, test, name))
    names = np.array([reading for reading, _ in readings], object)
    confidence = np.array([sure for _, sure in readings])
    truth = np.array([row.intent for row in test], object)
    return _scores(names, confidence, truth, seconds, parse_ms), confidence, names == truth


async def _parse(agent: Any, test: Sequence[Row], name: str) -> tuple[list[tuple[str, float]], float]:
    await agent.parse_message("warming up")
    readings, times = [], []
    for row in track(test, f"{name}: parsing", transient=True):
        started = time.perf_counter()
        parsed = await agent.parse_message(row.text)
        times.append(time.perf_counter() - started)
        ranking = [entry for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback"]
        readings.append((ranking[0]["name"], float(ranking[0]["confidence"])))
    return readings, 1000 * float(np.median(times))


def _scores(
    names: np.ndarray, confidence: np.ndarray, truth: np.ndarray, train_seconds: float, parse_ms: float
) -> Scores:
    from steward.nlu.confidence import calibration_error

    inside = truth != UNKNOWN
    right = names == truth
    # A model that knows out_of_scope and says so rejects the message, however sure it is of that.
    acceptance = np.where(names == UNKNOWN, -confidence, confidence)
    return Scores(
        accuracy=float(right[inside].mean()),
        auroc=None if inside.all() else auroc(acceptance, inside),
        rejection_at_5=None
        if inside.all()
        else float((acceptance[~inside] < np.quantile(acceptance[inside], 0.05)).mean()),
        coverage_at_90=coverage_at(0.90, confidence, right),
        coverage_at_95=coverage_at(0.95, confidence, right),
        calibration_error=calibration_error(confidence, right),
        train_seconds=train_seconds,
        parse_ms=parse_ms,
    )


def auroc(score: np.ndarray, positive: np.ndarray) -> float:
    """The probability that a positive scores higher than a negative; a tie counts half."""
    from scipy.stats import rankdata

    ranks = rankdata(score)
    count = int(positive.sum())
    above = ranks[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(score) - count)))


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of messages answered, and of those the share answered wrongly, from the surest to all."""
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), 1 - np.cumsum(right[order]) / answered


def coverage_at(precision: float, confidence: np.ndarray, right: np.ndarray) -> float:
    """The largest share of messages that can be answered with at least this share right."""
    coverage, risk = risk_coverage(confidence, right)
    good = np.flatnonzero(risk <= 1 - precision + 1e-12)
    return float(coverage[good[-1]]) if len(good) else 0.0


def plot(curves: dict[str, tuple[np.ndarray, np.ndarray]], file: Path) -> None:
    """Draw the risk-coverage curves, one a pipeline."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name, (coverage, risk) in curves.items():
        axes.plot(coverage, risk, label=name)
    axes.set(
        xlabel="share of messages answered", ylabel="share of answers wrong", xlim=(0, 1), ylim=(0, None)
    )
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=150)


def show(scores: dict[str, Scores]) -> None:
    """Print a row a measure, a column a pipeline."""
    table = Table("measure", *scores)
    for key in Scores.__dataclass_fields__:
        values = [getattr(score, key) for score in scores.values()]
        table.add_row(key, *("–" if value is None else f"{value:.3f}" for value in values))
    Console().print(table)


def main() -> None:
    """The command line."""
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--peer", choices=("stock", "none"), default="stock")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    train, test = read_rows(options.train), read_rows(options.test)
    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    configs = {"steward": STEWARD} | ({"stock": STOCK} if options.peer == "stock" else {})
    scores: dict[str, Scores] = {}
    curves: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, config in configs.items():
        scores[name], confidence, right = run(config, train, test, name)
        curves[name] = risk_coverage(confidence, right)
    show(scores)
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(score) for name, score in scores.items()}, indent=2), "utf-8"
        )
    if options.plot:
        plot(curves, options.plot)


if __name__ == "__main__":
    main()
