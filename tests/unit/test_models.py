from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from steward.settings import load_settings
from steward.training import models
from steward.training.files import snapshot


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "catalogue").mkdir()
    (tmp_path / "domain.yml").write_text("intents: []\n")
    (tmp_path / "config.yml").write_text("pipeline: []\n")
    (tmp_path / "data" / "nlu" / "price.yml").write_text("nlu: []\n")
    (tmp_path / "data" / "catalogue" / "products.csv").write_text("sku,name\n")
    (tmp_path / "data" / "catalogue" / "prices.csv").write_text("sku,price\n")
    return tmp_path


def test_a_model_fits_as_long_as_nothing_that_it_is_made_of_changes(project: Path) -> None:
    before = models.fingerprint(project)
    (project / "README.md").write_text("new")
    (project / "data" / "catalogue" / "prices.csv").write_text("sku,price\nRL-300,1\n")

    assert models.fingerprint(project) == before


@pytest.mark.parametrize(
    "name", ["domain.yml", "config.yml", "data/nlu/price.yml", "data/catalogue/products.csv"]
)
def test_a_model_no_longer_fits_once_a_file_it_is_made_of_changes(project: Path, name: str) -> None:
    before = models.fingerprint(project)
    (project / name).write_text("# changed\n")

    assert models.fingerprint(project) != before


def test_a_model_no_longer_fits_once_the_code_that_makes_it_changes(project: Path, tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "nlu" / "__pycache__").mkdir(parents=True)
    (code / "nlu" / "classifier.py").write_text("pass\n")
    before = models.fingerprint(project, code)
    (code / "nlu" / "__pycache__" / "classifier.pyc").write_bytes(b"new")
    assert models.fingerprint(project, code) == before
    (code / "nlu" / "classifier.py").write_text("pass  # changed\n")
    assert models.fingerprint(project, code) != before


def test_a_model_fits_the_same_shop_in_another_folder(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    for name in ("domain.yml", "config.yml"):
        (moved / name).parent.mkdir(exist_ok=True)
        (moved / name).write_bytes((project / name).read_bytes())
    shutil.copytree(project / "data", moved / "data")

    assert models.fingerprint(moved) == models.fingerprint(project)


def test_a_model_no_longer_fits_once_a_file_is_renamed(project: Path) -> None:
    before = models.fingerprint(project)
    (project / "data" / "nlu" / "price.yml").rename(project / "data" / "nlu" / "cost.yml")

    assert models.fingerprint(project) != before


def test_a_conversation_that_judges_models_does_not_make_one(project: Path) -> None:
    before = models.fingerprint(project)
    (project / "data" / "conversations").mkdir()
    (project / "data" / "conversations" / "shop.csv").write_text("conversation,text,topic,skus,act,source\n")

    assert models.fingerprint(project) == before


def test_a_snapshot_holds_the_files_as_they_were_and_points_to_all_others(project: Path) -> None:
    (project / "weights").mkdir()
    (project / ".venv").mkdir()
    settings = load_settings({"STEWARD_ROOT": str(project), "STEWARD_HOME": str(project / ".home")})
    taken = snapshot(settings, project / ".home" / "project").root
    before = models.fingerprint(taken)
    (project / "data" / "nlu" / "price.yml").write_text("# edited meanwhile\n")

    assert before == models.fingerprint(taken) != models.fingerprint(project)
    assert (taken / "data" / "nlu" / "price.yml").read_text() == "nlu: []\n"
    assert (taken / "weights").resolve() == project / "weights"
    assert not (taken / ".venv").exists()


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
