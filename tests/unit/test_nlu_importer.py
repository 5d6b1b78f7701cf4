"""The examples come to Rasa as its own importer brings them, read once."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.nlu import importer
from steward.nlu.importer import Example, ShopFiles

_NLU = """version: "3.1"
nlu:
- intent: price
  examples: |
    - what does it cost
    - the price of a [rill](product)
- synonym: rill
  examples: |
    - the small one
"""
_GREET = "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "price.yml").write_text(_NLU)
    (tmp_path / "data" / "greet.yml").write_text(
        "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n"
    )
    (tmp_path / "domain.yml").write_text("intents: [price, greet]\nentities: [product]\n")
    (tmp_path / "config.yml").write_text(
        "recipe: default.v1\nimporters:\n- name: steward.nlu.importer.ShopFiles\n"
    )
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []

    def noted(name: str, language: str | None) -> TrainingData:
        names.append(Path(name).name)
        return load_data(name, language)

    monkeypatch.setattr(importer, "load_data", noted)
    importer._examples.cache_clear()
    return names


def files(project: Path, kind: Callable[..., RasaFileImporter] = ShopFiles) -> RasaFileImporter:
    return kind(str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")])


def content(data: TrainingData) -> list[dict[str, object]]:
    return sorted((message.as_dict() for message in data.training_examples), key=str)


def test_it_reads_what_rasas_own_importer_reads(project: Path) -> None:
    ours, rasas = (files(project, kind).get_nlu_data() for kind in (ShopFiles, RasaFileImporter))
    assert len(ours.training_examples) == 4
    assert content(ours) == content(rasas)
    assert ours.entity_synonyms == rasas.entity_synonyms == {"the small one": "rill"}


def test_all_that_rasa_asks_for_in_a_training_reads_each_file_once(project: Path, read: list[str]) -> None:
    for _ in range(2):
        config = TrainingDataImporter.load_from_config(
            str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")]
        )
        config.get_domain()
        assert len(config.get_nlu_data().intent_examples) == 4
    assert sorted(read) == ["greet.yml", "price.yml"]


def test_a_file_that_has_changed_is_read_again(project: Path) -> None:
    assert len(files(project).get_nlu_data().training_examples) == 4
    greet = project / "data" / "greet.yml"
    greet.write_text(greet.read_text() + "    - good morning\n")
    os.utime(greet, ns=(1, 1))
    assert len(files(project).get_nlu_data().training_examples) == 5


def test_what_one_reader_does_to_the_examples_no_other_sees(project: Path) -> None:
    data = files(project).get_nlu_data()
    for message in data.training_examples:
        message.set("masked_text", "changed")
        message.data.get("entities", []).clear()
    again = files(project).get_nlu_data()
    assert not any(message.get("masked_text") for message in again.training_examples)
    assert [message.get("entities") for message in again.training_examples if message.get("entities")]


def test_a_copy_of_an_example_is_equal_until_one_of_them_changes() -> None:
    example = Example({"text": "hello", "intent": "greet", "entities": [{"value": "x"}]})
    other = copy.deepcopy(example)
    assert other == example and other.fingerprint() == example.fingerprint()
    other.set("intent", "goodbye")
    assert other != example
    assert example.get("intent") == "greet"


@pytest.mark.parametrize(
    "change",
    [
        lambda message: message.set("text", "hallo"),
        lambda message: message.set("text_tokens", [Token("hello", 1)]),
        lambda message: message.add_features(
            Features(np.ones((1, 2), np.float32), FEATURE_TYPE_SENTENCE, TEXT, "encoder")
        ),
    ],
)
def test_every_change_of_an_example_changes_its_fingerprint(change: Callable[[Message], None]) -> None:
    example = Example({"text": "hello", "text_tokens": [Token("hello", 0)]})
    before = example.fingerprint()
    change(example)
    assert example.fingerprint() != before


def test_setting_what_is_there_already_marks_it_as_output_all_the_same() -> None:
    example = Example({"text": "hello", "intent": "greet"})
    example.set("intent", "greet", add_to_output=True)
    assert "intent" in example.output_properties
