"""Measure understanding: our pipeline, and on request the stock one, on any two CSV files of `text,intent`.

    python bench/understanding.py TRAIN.csv TEST.csv [--peer stock|none] [--json FILE] [--plot FILE]

Both pipelines go through Rasa's own training and parsing. First all are trained, then each message is parsed
by one after the other, so that whatever else the machine does slows all of them. Messages whose intent is
`out_of_scope` in the test file must be rejected. `accuracy` is over in-scope messages, `auroc` and
`rejection_at_5` compare the confidence of in-scope and out-of-scope ones, coverage and calibration error are
over all messages, `parse_ms` is the median.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from steward.nlu.confidence import calibration_error, reliability

UNKNOWN = "out_of_scope"
_WARM_UP = 50
# A bin with fewer of the messages says more about chance than about confidence.
_RARE = 0.005

STEWARD = """
recipe: default.v1
assistant_id: bench
language: en
importers:
- name: steward.nlu.importer.ShopFiles
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


@dataclass(frozen=True)
class Outcome:
    """What a pipeline made of the test messages, and how long each took it."""

    names: np.ndarray
    confidence: np.ndarray
    truth: np.ndarray
    seconds: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Which messages were read as what they are."""
        result: np.ndarray = self.names == self.truth
        return result

    def scores(self, train_seconds: float) -> Scores:
        """The figures that are reported."""
        inside = self.truth != UNKNOWN
        # A model that knows out_of_scope and says so rejects the message, however sure it is of that.
        acceptance = np.where(self.names == UNKNOWN, -self.confidence, self.confidence)
        lost = np.quantile(acceptance[inside], 0.05)
        return Scores(
            accuracy=float(self.right[inside].mean()),
            auroc=None if inside.all() else auroc(acceptance, inside),
            rejection_at_5=None if inside.all() else float((acceptance[~inside] < lost).mean()),
            coverage_at_90=coverage_at(0.90, self.confidence, self.right),
            coverage_at_95=coverage_at(0.95, self.confidence, self.right),
            calibration_error=calibration_error(self.confidence, self.right),
            train_seconds=train_seconds,
            parse_ms=1000 * float(np.median(self.seconds)),
        )


def learn(config: str, train: Sequence[Row], name: str) -> tuple[Agent, float]:
    """Train a pipeline as `rasa train nlu` does, and load it; the agent and the seconds of training."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # With what an earlier run left behind, Rasa would train nothing.
        os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
        (folder / "config.yml").write_text(config, "utf-8")
        messages = [Message.build(row.text, row.intent) for row in train]
        TrainingData(messages).persist_nlu(str(folder / "nlu.yml"))
        started = time.perf_counter()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        seconds = time.perf_counter() - started
        if model is None:
            raise SystemExit(f"{name}: Rasa could not train a model.")
        return Agent.load(model), seconds


async def parse(
    agents: Mapping[str, Agent], test: Sequence[Row], warm_up: Sequence[str]
) -> dict[str, Outcome]:
    """Give each message to all pipelines, one after the other, each second message in reverse order."""
    read: dict[str, list[tuple[str, float, float]]] = {name: [] for name in agents}
    for text in warm_up:
        for agent in agents.values():
            await agent.parse_message(text)
    order = list(agents)
    for row in track(test, "Parsing", transient=True):
        for name in order:
            started = time.perf_counter()
            parsed = await agents[name].parse_message(row.text)
            seconds = time.perf_counter() - started
            first = next(entry for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback")
            read[name].append((first["name"], float(first["confidence"]), seconds))
        order.reverse()
    truth = np.array([row.intent for row in test], object)
    return {name: _outcome(readings, truth) for name, readings in read.items()}


def _outcome(readings: Sequence[tuple[str, float, float]], truth: np.ndarray) -> Outcome:
    names, confidence, seconds = zip(*readings, strict=True)
    return Outcome(np.array(names, object), np.array(confidence), truth, np.array(seconds))


def auroc(score: np.ndarray, positive: np.ndarray) -> float:
    """The probability that a positive scores higher than a negative; a tie counts half."""
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


def plot(outcomes: Mapping[str, Outcome], file: Path) -> None:
    """Draw for each pipeline how wrong its answers are the more it answers, and if its confidence holds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (risks, bins) = pyplot.subplots(1, 2, figsize=(9, 3.8))
    for name, outcome in outcomes.items():
        risks.plot(*risk_coverage(outcome.confidence, outcome.right), label=name)
        found = [part for part in reliability(outcome.confidence, outcome.right) if part.share >= _RARE]
        bins.plot([part.confidence for part in found], [part.right for part in found], "o-", label=name)
    bins.plot((0, 1), (0, 1), color="grey", linestyle=":", label="as promised")
    risks.set(title="Risk and coverage", xlabel="share of messages answered", ylabel="share of answers wrong")
    bins.set(title="Reliability", xlabel="confidence", ylabel="share right")
    risks.set(xlim=(0, 1), ylim=(0, None))
    bins.set(xlim=(0, 1), ylim=(0, 1))
    for axes in (risks, bins):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def show(scores: dict[str, Scores]) -> None:
    """Print a row a measure, a column a pipeline."""
    table = Table("measure", *scores)
    for key in Scores.__dataclass_fields__:
        values = [getattr(score, key) for score in scores.values()]
        table.add_row(key, *("–" if value is None else f"{value:.3f}" for value in values))
    Console().print(table)


def main() -> None:
    """The command line."""
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
    learned = {name: learn(config, train, name) for name, config in configs.items()}
    agents = {name: agent for name, (agent, _) in learned.items()}
    outcomes = asyncio.run(parse(agents, test, [row.text for row in train[:_WARM_UP]]))
    scores = {name: outcome.scores(learned[name][1]) for name, outcome in outcomes.items()}
    show(scores)
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(score) for name, score in scores.items()}, indent=2), "utf-8"
        )
    if options.plot:
        plot(outcomes, options.plot)


if __name__ == "__main__":
    main()
