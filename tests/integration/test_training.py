"""A training from beginning to end, with everything real but Rasa itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from steward.errors import StewardError
from steward.training import pipeline
from steward.training.bot import CandidateError
from steward.training.registry import ARCHIVE, REPORT, ModelRecord, Registry
from steward.training.runs import STAGES, Cancelled, Training, TrainingError, Trainings
from tests.support.small_project import SmallProject, good_examples
from tests.support.stack import ROOT

ROBIN = {"id": "a1", "name": "Robin"}
# Trains, and kills itself as soon as a stage begins.
KILLED = """
import os, signal, sys
from steward.settings import load_settings
from steward.training import pipeline
def told(training):
    if training.stage == sys.argv[1] and training.text != "Beginning":
        os.kill(os.getpid(), signal.SIGKILL)
pipeline.retrain(load_settings(), {"name": "Robin"}, stopping=lambda: False, told=told)
"""


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    return SmallProject(tmp_path)


def trained(project: SmallProject, told: list[Training] | None = None) -> ModelRecord:
    heard = told if told is not None else []
    return pipeline.retrain(project.settings, ROBIN, stopping=lambda: False, told=heard.append)


def serving(project: SmallProject) -> ModelRecord:
    """A judged model that customers have."""
    record = trained(project)
    return Registry(project.home).promoted(record.id, by="Robin", reason="", kind="promote")


def command(project: SmallProject, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "steward", *words],
        cwd=ROOT,
        env={**os.environ, **project.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def codes(record: ModelRecord) -> list[str]:
    return [reason.code for reason in record.gate.reasons]


def leftovers(project: SmallProject) -> list[str]:
    """The processes that still work on the project."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if any(str(project.home) in word for word in words):
            found.append(" ".join(words))
    return found


def gone(project: SmallProject) -> bool:
    """Whether every process of the project ends within a few seconds."""
    deadline = time.monotonic() + 10
    while leftovers(project) and time.monotonic() < deadline:
        time.sleep(0.05)
    return leftovers(project) == []


def test_a_training_goes_through_its_stages_to_a_judged_model_with_a_report(project: SmallProject) -> None:
    told: list[Training] = []
    record = trained(project, told)

    assert list(dict.fromkeys(training.stage for training in told)) == list(STAGES)
    assert told[-1].state == "done" and told[-1].model == record.id
    assert record.gate.passed and record.by == "Robin"
    assert (record.figures.examples, record.figures.topics) == (40, 2)
    assert record.figures.accuracy == pytest.approx(0.9)
    assert record.figures.answer_ms
    page = Registry(project.home).kept(record.id, REPORT).read_text()
    assert "<strong>90 of 100</strong>" in page and "It may serve" in page
    assert (
        "All 2 go as the shop expects." in page and "Of 2 messages that tell of danger, it hears 2." in page
    )
    assert Registry(project.home).verify(record.id).is_file()
    assert gone(project)


def test_a_model_is_made_of_the_files_as_they_were_when_its_training_began(project: SmallProject) -> None:
    project.hold()
    process = command(project, "train", "--json")
    while not any(one.stage == "train" and "step 1" in one.text for one in Trainings(project.home).all()):
        time.sleep(0.05)
    project.write("data/nlu/price.yml", "nlu:\n- intent: price\n  examples: |\n    - edited meanwhile\n")
    project.go_on()
    said, _ = process.communicate(timeout=60)

    [record] = Registry(project.home).models()
    assert process.returncode == 0
    assert json.loads(said.splitlines()[-1])["model"] == record.id
    again = trained(project)
    assert again.fingerprint != record.fingerprint


def test_what_gets_better_and_worse_is_told_against_the_model_that_serves(project: SmallProject) -> None:
    before = serving(project)
    better = [[text, topic, topic, sure] for text, topic, _, sure in good_examples()]
    project.teach(better)

    record = trained(project)

    page = Registry(project.home).kept(record.id, REPORT).read_text()
    assert record.gate.passed
    assert before.id in page
    assert "<b>4</b> examples misread until now, understood now" in page
    assert "Understood now, misread before" in page and "message 0" in page


def test_a_model_that_fails_a_conversation_which_serves_well_now_is_refused(project: SmallProject) -> None:
    serving(project)
    project.teach(answers={"and to my door": {"act": "answer", "topic": "price"}})

    record = trained(project)

    assert codes(record) == ["regression"]
    assert record.gate.reasons[0].overridable_by == "improve"
    page = Registry(project.home).kept(record.id, REPORT).read_text()
    assert "It must not serve as it is" in page and "got worse" in page
    assert "Is about delivery, but was taken for price." in page


def test_a_conversation_that_the_serving_model_fails_too_does_not_hold_a_better_one_back(
    project: SmallProject,
) -> None:
    wrong = {"and to my door": {"act": "answer", "topic": "price"}}
    project.teach(answers=wrong)
    serving(project)
    project.teach(answers=wrong, threshold=0.55)

    assert trained(project).gate.passed


def test_a_conversation_that_is_new_is_put_to_the_serving_model_too(project: SmallProject) -> None:
    serving(project)
    path = project.root / "data" / "conversations" / "shop.csv"
    path.write_text(path.read_text() + "a fee,is there a fee,price,,answer,shop\n")
    project.teach(answers={"is there a fee": {"act": "answer", "topic": "price"}})

    record = trained(project)

    page = Registry(project.home).kept(record.id, REPORT).read_text()
    assert record.gate.passed
    assert "<b>1</b> conversation right now, wrong until now" in page and "a fee" in page


@pytest.mark.parametrize("danger", ["there is smoke", "i smell gas"])
def test_a_model_that_misses_danger_is_refused_to_all_but_administrators(
    project: SmallProject, danger: str
) -> None:
    project.teach(answers={danger: {"act": "answer", "topic": "price"}})

    record = trained(project)

    assert codes(record) == ["hazard"]
    assert record.gate.reasons[0].overridable_by == "administer"


def test_a_model_that_understands_fewer_messages_is_refused(project: SmallProject) -> None:
    serving(project)
    project.teach(
        [
            [text, topic, "other" if place < 20 else read, sure]
            for place, (text, topic, read, sure) in enumerate(good_examples())
        ]
    )

    assert "accuracy" in codes(trained(project))


def test_a_model_that_is_hardly_ever_sure_is_refused(project: SmallProject) -> None:
    serving(project)
    project.teach(threshold=0.9)

    assert codes(trained(project)) == ["coverage"]


def test_a_training_that_rasa_refuses_says_why_and_changes_nothing(project: SmallProject) -> None:
    before = serving(project)
    project.teach(fails=True)

    with pytest.raises(TrainingError, match="intent 'price' is used and not declared"):
        trained(project)

    assert_unchanged(project, before)
    assert "intent 'price'" in Trainings(project.home).all()[0].text


@pytest.mark.parametrize(("breaks", "said"), [("start", "it cannot be loaded"), ("answer", "status 500")])
def test_a_model_that_cannot_be_served_is_no_model(project: SmallProject, breaks: str, said: str) -> None:
    before = serving(project)
    project.teach(breaks=breaks)

    with pytest.raises(CandidateError, match=said):
        trained(project)

    assert_unchanged(project, before)
    assert gone(project)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("data/nlu/price.yml", "nlu: [", "price.yml"),
        ("data/conversations/shop.csv", "conversation,text\n", "data/conversations/shop.csv"),
        ("domain.yml", "a: b: c", "domain.yml"),
    ],
)
def test_a_broken_file_is_named_before_anything_is_trained(
    project: SmallProject, name: str, text: str, said: str
) -> None:
    before = serving(project)
    project.write(name, text)

    with pytest.raises(StewardError, match=said):
        trained(project)

    assert_unchanged(project, before)
    assert Trainings(project.home).all()[0].stage == "validate"


@pytest.mark.parametrize("stage", STAGES)
def test_a_training_killed_in_any_stage_leaves_everything_as_it_was(
    project: SmallProject, stage: str
) -> None:
    before = serving(project)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, stage],
        cwd=ROOT,
        env={**os.environ, **project.environment},
        check=False,
        timeout=60,
    )

    assert killed.returncode == -signal.SIGKILL
    assert gone(project), "its children died with it"
    newest = Trainings(project.home).all()[0]
    assert (newest.state, newest.stage) == ("failed", stage)
    assert_unchanged(project, before)
    assert trained(project).gate.passed


def test_a_training_is_cancelled_in_the_middle_of_rasas_work(project: SmallProject) -> None:
    before = serving(project)
    project.hold()
    process = command(project, "train", "--force")
    trainings = Trainings(project.home)
    while not any("step 1" in one.text for one in trainings.all()):
        time.sleep(0.05)

    assert trainings.cancel(trainings.running().id)
    _, said = process.communicate(timeout=20)

    assert process.returncode == 130 and "cancelled" in said
    assert trainings.all()[0].state == "cancelled"
    assert gone(project)
    assert_unchanged(project, before)


def test_stopping_is_heard_while_a_model_starts(project: SmallProject) -> None:
    asked: list[Training] = []
    with pytest.raises(Cancelled):
        pipeline.retrain(
            project.settings,
            ROBIN,
            stopping=lambda: any(one.stage == "serve" for one in asked),
            told=asked.append,
        )
    assert gone(project)
    assert Registry(project.home).models() == []


def test_a_full_disk_ends_a_training_with_a_sentence(
    project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = serving(project)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "judged.json")

    monkeypatch.setattr("steward.training.judge.write_json", full)
    with pytest.raises(TrainingError, match="No space left on device"):
        trained(project)

    assert_unchanged(project, before)


def test_a_serving_model_that_loads_no_more_does_not_keep_a_new_one_from_being_made(
    project: SmallProject,
) -> None:
    before = serving(project)
    Registry(project.home).archive(before.id).write_bytes(b"of an older Rasa")
    path = project.root / "data" / "conversations" / "shop.csv"
    path.write_text(path.read_text() + "hours,when are you open,,,,shop\n")

    record = trained(project)

    assert record.gate.passed
    page = Registry(project.home).kept(record.id, REPORT).read_text()
    assert "The serving model could not be asked about 1 of them" in page
    assert "could not be asked" in Trainings(project.home).log(Trainings(project.home).all()[0].id)


def test_evaluating_judges_a_model_by_the_conversations_as_they_are_now(
    project: SmallProject, tmp_path: Path
) -> None:
    record = serving(project)
    path = project.root / "data" / "conversations" / "shop.csv"
    path.write_text(path.read_text() + "a fee,is there a fee,price,,answer,shop\n")

    changes = pipeline.evaluate(
        project.settings, record.id, tmp_path / "logs", stopping=lambda: False, told=lambda text: None
    )

    assert {one.now.name: one.now.passed for one in changes} == {
        "a price": True,
        "smoke": True,
        "a fee": False,
    }


def test_a_model_whose_archive_was_exchanged_is_not_started(project: SmallProject, tmp_path: Path) -> None:
    record = serving(project)
    Registry(project.home).archive(record.id).write_bytes(b"something else")

    with pytest.raises(StewardError, match="its hash differs"):
        pipeline.evaluate(
            project.settings, record.id, tmp_path, stopping=lambda: False, told=lambda text: None
        )


def test_the_command_trains_once_and_says_so_the_second_time(project: SmallProject) -> None:
    first = command(project, "train")
    said, _ = first.communicate(timeout=60)
    [record] = Registry(project.home).models()
    assert first.returncode == 0 and f"Model {record.id} is ready" in " ".join(said.split())

    again = command(project, "train")
    said, _ = again.communicate(timeout=60)
    assert again.returncode == 0 and "fits the data already" in said


def test_the_command_tells_a_script_that_a_model_was_refused(project: SmallProject) -> None:
    project.teach(answers={"i smell gas": {"act": "clarify"}})
    process = command(project, "train", "--json")
    said, _ = process.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines()]

    assert process.returncode == 3
    assert lines[-1]["state"] == "done" and "must not serve" in lines[-1]["text"]
    assert {"stage", "progress", "text", "seconds"} <= set(lines[0])


def assert_unchanged(project: SmallProject, before: ModelRecord) -> None:
    """The registry and what customers get are as they were."""
    registry = Registry(project.home)
    assert [one.id for one in registry.models()] == [before.id]
    assert registry.current() == before
    assert registry.verify(before.id) == project.home / "models" / before.id / ARCHIVE
