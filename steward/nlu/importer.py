"""The shop's files as Rasa is given them: the examples are read once, and copied and compared cheaply."""

from __future__ import annotations

import copy
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Example(Message):
    """A message of the training data.

    Rasa copies all of them a dozen times, to put them together with what comes from the stories, and takes a
    fingerprint of all after each component, down to every single token. With its own messages that would take
    as long as learning does.
    """

    _cached_fingerprint: str | None

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a property; a text that it has already changes nothing."""
        if add_to_output or not isinstance(info, str) or self.data.get(prop) != info:
            super().set(prop, info, add_to_output)

    def fingerprint(self) -> str:
        """A hash over all that it holds."""
        if self._cached_fingerprint is None:
            digest = hashlib.sha256(_written(self.data).encode())
            for features in self.features:
                digest.update(features.fingerprint().encode())
            self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        data = {
            name: value if isinstance(value, str) else copy.deepcopy(value, memo)
            for name, value in self.data.items()
        }
        other = Example(data, set(self.output_properties), self.time, list(self.features))
        other._cached_fingerprint = self._cached_fingerprint
        return other


def _plain(value: object) -> object:
    if isinstance(value, Token):
        return [value.text, value.start, value.end, value.lemma, value.data]
    return value.fingerprint() if hasattr(value, "fingerprint") else str(value)


_written = json.JSONEncoder(sort_keys=True, default=_plain).encode


class ShopFiles(RasaFileImporter):
    """Reads what Rasa's own importer reads.

    That one reads all examples again for each question about them, which is four times in a training.
    """

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of all files; whoever asks may change them."""
        stamps = [(str(file), Path(file).stat().st_mtime_ns) for file in self._nlu_files]
        return TrainingData().merge(_examples(tuple(stamps), language))


@lru_cache(maxsize=1)
def _examples(files: tuple[tuple[str, int], ...], language: str | None) -> TrainingData:
    """What stands in some files, each with the time of its last change."""
    parts = [load_data(name, language) for name, _ in files]
    for part in parts:
        part.training_examples = [
            Example(message.data, message.output_properties, message.time, message.features)
            for message in part.training_examples
        ]
    return TrainingData().merge(*parts)
