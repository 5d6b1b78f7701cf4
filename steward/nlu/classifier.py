"""The topic of a message, and whether it is sure enough to act on."""

from __future__ import annotations

import re
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
from steward.nlu.readings import OUT_OF_SCOPE, Reading, Readings, Report
from steward.nlu.refusals import Refused

UNSURE = "nlu_fallback"
ONLY_A_NAME = "inform"
_SHOWN = 10
_GUESS = 0.3
_FEW = 4
_FOREIGN = (OUT_OF_SCOPE, "other_language")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ONLY_PRODUCTS = re.compile(r"(?:(?:the|a|an|my|our|your|and|or|please|product)\b|[\W_])*", re.IGNORECASE)


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
        return ["sklearn", "scipy"]

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
                _tell(readings.report)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads messages that have a text."""
        for message in messages:
            if self._readings and message.get(TEXT):
                text = masked_text(message)
                reading = self._readings.read(text, _vector(message))
                only_a_name = bool(message.get(MENTIONS)) and bool(_ONLY_PRODUCTS.fullmatch(text))
                if only_a_name and ONLY_A_NAME in self._readings.labels:
                    reading = _named(reading)
                elif self._is_gibberish(message, text, reading):
                    reading = replace(reading, confidence=min(reading.confidence, _GUESS))
                _report(message, reading, self._readings.threshold)
        return messages

    def _is_gibberish(self, message: Message, text: str, reading: Reading) -> bool:
        """A few words, most of them known neither in English nor from any example: it may mean anything.

        Where such words resemble a topic's, by a slip of the pen, the topic stands.
        """
        if reading.ranking[0][0] not in _FOREIGN or self._readings is None:
            return False
        words = _WORD.findall(text)
        strange = [word for word in message.get(STRANGE) or [] if not self._readings.knows(word)]
        return len(words) <= _FEW and 2 * len(strange) > len(words)


def _vector(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(TEXT)
    return np.zeros(0, np.float32) if sentence is None else np.asarray(sentence.features[0], np.float32)


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
        "nearest": {"text": reading.nearest, "similarity": reading.similarity},
        "threshold": threshold,
        "readings": [[entry["name"], entry["confidence"]] for entry in ranking[:3]],
        **reading.evidence,
    }
    message.set("evidence", evidence, add_to_output=True)


def _tell(report: Report) -> None:
    Console(stderr=True).print(
        f"Learned {report.topics} intents from {report.examples} examples. On examples held out, "
        f"{report.accuracy:.1%} were understood; {report.answered:.1%} are sure enough to be answered "
        f"(confidence {report.threshold:.2f} or more; calibration error {report.calibration_error:.3f})."
    )
