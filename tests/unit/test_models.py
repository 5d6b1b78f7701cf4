from __future__ import annotations

import os
from pathlib import Path

import pytest

from steward.run import models


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "steward" / "nlu" / "__pycache__").mkdir(parents=True)
    (tmp_path / "domain.yml").write_text("intents: []\n")
    (tmp_path / "config.yml").write_text("pipeline: []\n")
    (tmp_path / "data" / "nlu" / "price.yml").write_text("nlu: []\n")
    (tmp_path / "steward" / "nlu" / "classifier.py").write_text("pass\n")
    return tmp_path


def test_a_model_fits_as_long_as_nothing_that_it_is_made_of_changes(project: Path) -> None:
    before = models.fingerprint(project)
    (project / "README.md").write_text("new")
    (project / "steward" / "nlu" / "__pycache__" / "classifier.pyc").write_bytes(b"new")

    assert models.fingerprint(project) == before


@pytest.mark.parametrize(
    "name", ["domain.yml", "config.yml", "data/nlu/price.yml", "steward/nlu/classifier.py"]
)
def test_a_model_no_longer_fits_once_a_file_it_is_made_of_changes(project: Path, name: str) -> None:
    before = models.fingerprint(project)
    (project / name).write_text("# changed\n")

    assert models.fingerprint(project) != before


def test_a_model_no_longer_fits_once_a_file_is_renamed(project: Path) -> None:
    before = models.fingerprint(project)
    (project / "data" / "nlu" / "price.yml").rename(project / "data" / "nlu" / "cost.yml")

    assert models.fingerprint(project) != before


def test_only_the_newest_models_and_the_one_in_use_are_kept(tmp_path: Path) -> None:
    for age, name in enumerate(["newest", "newer", "new", "old", "oldest"]):
        path = tmp_path / f"{name}.tar.gz"
        path.touch()
        os.utime(path, (1_000_000 - age, 1_000_000 - age))

    models.prune(tmp_path, keep=tmp_path / "oldest.tar.gz")

    assert {path.name for path in tmp_path.iterdir()} == {
        "newest.tar.gz",
        "newer.tar.gz",
        "new.tar.gz",
        "oldest.tar.gz",
    }


def test_the_steps_of_a_training_are_the_components_of_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: steward.nlu.linear.Classifier\npolicies:\n- name: RulePolicy\n")

    assert models.training_steps(config) == ["Classifier", "RulePolicy"]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("", "starting Rasa and reading the data"),
        ("INFO  hooks - Starting to train component 'Classifier'.\n", "step 1 of at most 3, Classifier"),
        (
            "Starting to train component 'Classifier'.\nFinished training component 'Classifier'.\n"
            "Starting to train component 'RulePolicy'.\n",
            "step 2 of at most 3, RulePolicy",
        ),
    ],
)
def test_how_far_a_training_is_follows_from_its_log(log: str, said: str) -> None:
    assert models.how_far(log, ["Tokenizer", "Classifier", "RulePolicy"]) == said
