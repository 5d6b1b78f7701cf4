"""The topic of a message, and whether it is sure enough to act on."""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rich.console import Console

from steward.nlu.encoder import STRANGE
from steward.nlu.fingerprint import code_fingerprint
from steward.nlu.matcher import MENTIONS, masked_text
from steward.nlu.readings import OUT_OF_SCOPE, HeldOut, Reading, Readings, Report
from steward.nlu.refusals import Refused

UNSURE = "nlu_fallback"
SAFETY = "safety"
ONLY_A_NAME = "inform"
VECTOR = "vector"
_HELD_OUT = "heldout.csv"
# So many of the encoder's numbers are the meaning of the sentence; the rest is its middle layer.
_MEANING = 384
_SHOWN = 10
_GUESS = 0.3
_FEW = 4
_FOREIGN = (OUT_OF_SCOPE, "other_language")
_WORD = re.compile(r"[^\W\d_]{2,}")
# A sign of money beside a name asks for the price.
_ONLY_PRODUCTS = re.compile(
    r"(?:(?:the|a|an|my|our|your|and|or|please|product)\b|(?![£€$])[\W_])*", re.IGNORECASE
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets `intent`, `intent_ranking` (before the gate) and `evidence`.

    Its one setting that an operator needs is `accepted_error_rate`: the share of the customers' messages that
    may get a wrong answer. The confidence that an answer needs follows from it in training.
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._readings: Readings | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """One wrong answer in twenty messages."""
        return {"accepted_error_rate": 0.05}

    @staticmethod
    def required_packages() -> list[str]:
        """What the model is fitted with."""
        return ["scipy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Other code learns another model."""
        return code_fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Called by Rasa before training; refused for an error rate that cannot be."""
        rate = config["accepted_error_rate"]
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate < 1:
            raise Refused(f"accepted_error_rate in config.yml must lie between 0 and 1; it is {rate!r}.")
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Called by Rasa with a trained model."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            if Path(folder, "readings.json").is_file():
                component._readings = Readings.load(Path(folder))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from examples with a text and an intent; fewer than two intents give no model."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        labels = [str(message.get(INTENT)) for message in examples]
        with self._storage.write_to(self._resource) as folder:
            if len(set(labels)) > 1:
                texts = [masked_text(message) for message in examples]
                vectors = np.vstack([_vector(message) for message in examples])
                rate = float(self._config["accepted_error_rate"])
                readings = Readings.learn(texts, labels, vectors, rate, progress=True)
                readings.save(Path(folder))
                _save_held_out(Path(folder), examples, labels, readings.held_out)
                _tell(readings.report)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads messages that have a text."""
        for message in messages:
            if self._readings and message.get(TEXT):
                text = masked_text(message)
                reading = self._readings.read(text, _vector(message))
                named, strange = bool(message.get(MENTIONS)), message.get(STRANGE) or []
                reading = put_right(reading, self._readings, text, named=named, strange=strange)
                _report(message, reading, self._readings.threshold)
        return messages


def put_right(
    reading: Reading, readings: Readings, text: str, *, named: bool, strange: Sequence[str]
) -> Reading:
    """The reading of a masked text, unless a rule knows better: a bare name informs, gibberish is a guess.

    `named` tells whether the message names a product, `strange` are its words that are no common English.
    """
    if named and is_only_a_name(text) and ONLY_A_NAME in readings.labels:
        return _named(reading)
    if is_gibberish(text, [word for word in strange if not readings.knows(word)], reading):
        return replace(reading, confidence=min(reading.confidence, _GUESS))
    return reading


def is_only_a_name(text: str) -> bool:
    """Whether nothing but products, and words that say nothing beside them, is left of a masked text."""
    return bool(_ONLY_PRODUCTS.fullmatch(text))


def is_gibberish(text: str, unknown: Sequence[str], reading: Reading) -> bool:
    """A few words, most of them unknown in English and to every example: it may mean anything.

    Where such words resemble a topic's, by a slip of the pen, the topic stands.
    """
    words = _WORD.findall(text)
    return reading.ranking[0][0] in _FOREIGN and len(words) <= _FEW and 2 * len(unknown) > len(words)


def _vector(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(TEXT)
    return np.zeros(0, np.float32) if sentence is None else np.asarray(sentence.features[0], np.float32)


def packed(vector: np.ndarray) -> str | None:
    """The meaning in 8 bits a number, as base64: enough to find messages that are alike."""
    meaning = vector[:_MEANING]
    strongest = float(np.abs(meaning).max(initial=0.0))
    if not strongest:
        return None
    return base64.b64encode(np.rint(meaning * (127 / strongest)).astype(np.int8).tobytes()).decode()


def _named(reading: Reading) -> Reading:
    """A message that is nothing but a product's name informs; no example needs to say so."""
    others = [(name, share * 0.01) for name, share in reading.ranking if name != ONLY_A_NAME]
    return replace(reading, ranking=[(ONLY_A_NAME, 0.99), *others], confidence=0.99)


def _report(message: Message, reading: Reading, threshold: float) -> None:
    name, _ = reading.ranking[0]
    ranking = [{"name": name, "confidence": reading.confidence}]
    # What the first reading leaves is shared among the others as the classifier sees them.
    left = (1 - reading.confidence) / max(1e-9, sum(share for _, share in reading.ranking[1:]))
    ranking += [
        {"name": other, "confidence": min(reading.confidence, share * left)}
        for other, share in reading.ranking[1:_SHOWN]
    ]
    intent = name if reading.confidence >= threshold else UNSURE
    message.set(INTENT, {"name": intent, "confidence": reading.confidence}, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)
    evidence = {
        "margin": reading.margin,
        "nearest": {"text": reading.nearest, "intent": name, "similarity": reading.similarity},
        "threshold": threshold,
        "readings": [[entry["name"], entry["confidence"]] for entry in ranking[:3]],
        "danger": reading.share(SAFETY),
        **reading.evidence,
        VECTOR: packed(_vector(message)),
    }
    message.set("evidence", evidence, add_to_output=True)


def _save_held_out(
    folder: Path, examples: list[Message], labels: list[str], held_out: Sequence[HeldOut]
) -> None:
    """Write heldout.csv: each example as it was written, and what it is read as without itself."""
    with (folder / _HELD_OUT).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("text", "topic", "predicted", "confidence"))
        for found in held_out:
            text, topic = examples[found.row].get(TEXT), labels[found.row]
            table.writerow((text, topic, found.predicted, f"{found.confidence:.4f}"))


def _tell(report: Report) -> None:
    Console(stderr=True).print(
        f"Learned {report.topics} intents from {report.examples} examples. On examples held out, "
        f"{report.accuracy:.1%} were understood; {report.answered:.1%} are sure enough to be answered "
        f"(confidence {report.threshold:.2f} or more; calibration error {report.calibration_error:.3f})."
    )
