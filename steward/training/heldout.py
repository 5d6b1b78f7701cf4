"""How well a model understands messages that it was not trained on, from its own examples.

Each example is read as if it had not been learned from; the model carries these readings. Everything here
is arithmetic on them.
"""

from __future__ import annotations

import csv
import io
import json
import math
import tarfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steward.training.registry import Figures

OUT_OF_SCOPE = "out_of_scope"
_CERTAINTY = 1.96
_POINTS = 120
_SHOWN = 3


@dataclass(frozen=True)
class Example:
    """A training example and what it was read as without itself."""

    text: str
    topic: str
    predicted: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether it was read as what it is."""
        return self.predicted == self.topic


@dataclass(frozen=True)
class Confusion:
    """How often examples of one topic were taken for another, with a few of them."""

    topic: str
    predicted: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Bin:
    """Readings of about one confidence: how many, their mean confidence, and the share that was right.

    The true share lies between `lowest` and `highest` with 95% certainty.
    """

    count: int
    confidence: float
    right: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class TopicFigures:
    """How many of a topic's examples were read right."""

    topic: str
    right: int
    total: int


def from_archive(archive: Path) -> tuple[list[Example], dict[str, Any]] | None:
    """The readings that a model carries, and its report on them; None for a model that learned no topics."""
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            name = member.name.rpartition("/")[2]
            if name in ("heldout.csv", "report.json") and (file := opened.extractfile(member)):
                found[name] = file.read()
    if len(found) < 2:
        return None
    return _examples(found["heldout.csv"].decode("utf-8")), json.loads(found["report.json"])


def read(path: Path) -> list[Example]:
    """The readings kept beside a model."""
    return _examples(path.read_text(encoding="utf-8"))


def write(path: Path, examples: Sequence[Example]) -> None:
    """Keep the readings beside a model."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("text", "topic", "predicted", "confidence"))
        table.writerows((e.text, e.topic, e.predicted, f"{e.confidence:.4f}") for e in examples)


def figures(examples: Sequence[Example], report: dict[str, Any]) -> Figures:
    """The numbers that stand for a model."""
    right = sum(example.right for example in examples)
    low, high = wilson(right, len(examples))
    return Figures(
        accuracy=right / max(1, len(examples)),
        low=low,
        high=high,
        examples=len(examples),
        topics=int(report["topics"]),
        threshold=float(report["threshold"]),
        coverage=float(report["answered"]),
        answered_wrongly=float(report["answered_wrongly"]),
        accepted_error=float(report["accepted_error_rate"]),
        accepted_here=float(report["accepted_error_rate"]) / float(report.get("unlike", 1.0)),
        calibration_error=float(report["calibration_error"]),
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """Between which shares the truth lies with 95% certainty, when so many of so many were right."""
    if total == 0:
        return 0.0, 1.0
    share, squared = right / total, _CERTAINTY**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    reach = (
        _CERTAINTY * math.sqrt(share * (1 - share) / total + squared / (4 * total**2)) / (1 + squared / total)
    )
    return max(0.0, middle - reach), min(1.0, middle + reach)


def confusions(examples: Sequence[Example]) -> list[Confusion]:
    """Which topics are taken for which, the most frequent first; the surest mistakes are the examples."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        if not example.right:
            groups[example.topic, example.predicted].append(example)
    found = [
        Confusion(topic, predicted, len(group), tuple(e.text for e in _surest(group)[:_SHOWN]))
        for (topic, predicted), group in groups.items()
    ]
    return sorted(found, key=lambda confusion: (-confusion.count, confusion.topic, confusion.predicted))


def topics(examples: Sequence[Example]) -> list[TopicFigures]:
    """Every topic, by name."""
    total = Counter(example.topic for example in examples)
    right = Counter(example.topic for example in examples if example.right)
    return [TopicFigures(topic, right[topic], count) for topic, count in sorted(total.items())]


def calibration(examples: Sequence[Example], bins: int = 10) -> list[Bin]:
    """What confidence promised and what became of it, from the least sure to the surest."""
    groups: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        groups[min(bins - 1, int(example.confidence * bins))].append(example)
    found = []
    for _, group in sorted(groups.items()):
        right = sum(example.right for example in group)
        mean = sum(example.confidence for example in group) / len(group)
        found.append(Bin(len(group), mean, right / len(group), *wilson(right, len(group))))
    return found


def risk_coverage(examples: Sequence[Example]) -> list[tuple[float, float]]:
    """For ever more answers, the surest first: the share of messages answered, and the share of all that is
    answered wrongly. A message taken for something foreign gets no answer that could be wrong.
    """
    points, wrong, total = [(0.0, 0.0)], 0, len(examples)
    step = max(1, total // _POINTS)
    for count, example in enumerate(_surest(examples), start=1):
        wrong += not example.right and example.predicted != OUT_OF_SCOPE
        if count % step == 0 or count == total:
            points.append((count / total, wrong / total))
    return points


def _surest(examples: Sequence[Example]) -> list[Example]:
    return sorted(examples, key=lambda example: -example.confidence)


def _examples(text: str) -> list[Example]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [Example(r["text"], r["topic"], r["predicted"], float(r["confidence"])) for r in rows]
