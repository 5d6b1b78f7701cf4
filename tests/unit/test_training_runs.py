from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from steward.errors import StewardError
from steward.training.runs import STAGES, Busy, Cancelled, Training, TrainingError, Trainings

ROOT = Path(__file__).resolve().parents[2]
ROBIN = {"id": "a1", "name": "Robin"}
# A run in a process of its own that stays in one stage until it is stopped or killed.
OTHER = """
import sys, time
from pathlib import Path
from steward.run.serve import Interrupts
from steward.training.runs import Cancelled, Trainings
with Interrupts().caught() as interrupts:
    begun = Trainings(Path(sys.argv[1])).begin(
        {"name": "Sam"}, stopping=interrupts.stopping, told=lambda training: None
    )
    try:
        with begun as run:
            (run.work / "half a model").write_text("half")
            run.stage(sys.argv[2], "at it")
            print(run.training.id, flush=True)
            while True:
                time.sleep(0.05)
                run.tell(0.5, "still at it")
    except Cancelled:
        sys.exit(9)
"""


def begin(home: Path, told: list[Training] | None = None, stopping: bool = False):
    heard = told if told is not None else []
    return Trainings(home).begin(ROBIN, stopping=lambda: stopping, told=heard.append)


def other(home: Path, stage: str = "train") -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", OTHER, str(home), stage]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_run_tells_its_stages_in_order_and_how_far_it_is(tmp_path: Path) -> None:
    told: list[Training] = []
    with begin(tmp_path, told) as run:
        for stage in STAGES:
            run.stage(stage, f"doing {stage}")
        run.end("done", "Model x is ready.", "x")

    stages = list(dict.fromkeys(training.stage for training in told))
    assert stages == list(STAGES)
    shares = [training.progress for training in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert Trainings(tmp_path).all() == [told[-1]]
    assert (told[-1].state, told[-1].model, dict(told[-1].by)) == ("done", "x", ROBIN)


def test_what_is_told_many_times_a_second_is_written_a_few_times(tmp_path: Path) -> None:
    told: list[Training] = []
    with begin(tmp_path, told) as run:
        run.stage("train", "begun")
        for step in range(10_000):
            run.tell(step / 10_000, f"step {step}")
        run.end("done", "done")

    assert len(told) < 30


def test_only_one_training_runs_at_a_time_and_the_second_hears_of_the_first(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.stage("train", "begun")
        assert Trainings(tmp_path).running().id == run.training.id
        with pytest.raises(Busy, match="Robin began a training"), begin(tmp_path):
            pass
        run.end("done", "done")

    assert Trainings(tmp_path).running() is None
    with begin(tmp_path) as again:
        again.end("done", "done")
    assert [one.state for one in Trainings(tmp_path).all()] == ["done", "done"]


def test_a_run_that_fails_says_why_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    with pytest.raises(StewardError), begin(tmp_path) as run:
        (run.work / "half a model").write_text("half")
        run.stage("train", "begun")
        raise StewardError("Rasa refuses the data.")

    [training] = Trainings(tmp_path).all()
    assert (training.state, training.text, training.stage) == ("failed", "Rasa refuses the data.", "train")
    assert training.ended_at is not None
    assert not run.work.exists()
    assert "Rasa refuses the data." in Trainings(tmp_path).log(training.id)


def test_a_full_disk_fails_a_run_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="No space left on device"), begin(tmp_path) as run:
        run.stage("train", "begun")
        raise OSError(28, "No space left on device", "model.tar.gz")

    [training] = Trainings(tmp_path).all()
    assert training.state == "failed" and "No space left on device" in training.text


def test_a_run_that_is_asked_to_stop_ends_as_cancelled(tmp_path: Path) -> None:
    with pytest.raises(Cancelled), begin(tmp_path, stopping=True) as run:
        run.stage("train", "begun")

    [training] = Trainings(tmp_path).all()
    assert training.state == "cancelled" and "Everything is as it was" in training.text


def test_cancelling_stops_the_run_of_another_process(tmp_path: Path) -> None:
    process, name = other(tmp_path)

    assert Trainings(tmp_path).cancel(name)
    assert process.wait(10) == 9
    assert Trainings(tmp_path).get(name).state == "cancelled"
    assert not Trainings(tmp_path).cancel(name)


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_was_killed_is_shown_as_failed_and_blocks_nobody(tmp_path: Path, stage: str) -> None:
    process, name = other(tmp_path, stage)
    trainings = Trainings(tmp_path)
    assert (trainings.get(name).state, trainings.get(name).stage) == ("running", stage)
    with pytest.raises(Busy, match="Sam began"), begin(tmp_path):
        pass

    process.kill()
    process.wait()

    killed = trainings.get(name)
    assert killed.state == "failed" and "without a word" in killed.text and killed.ended_at is not None
    assert trainings.running() is None and not trainings.cancel(name)
    with begin(tmp_path) as run:
        assert not (tmp_path / "trainings" / name / "work").exists()
        run.end("done", "done")


def test_looking_at_the_runs_never_keeps_one_from_beginning(tmp_path: Path) -> None:
    looking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom pathlib import Path\nfrom steward.training.runs import Trainings\n"
            "trainings = Trainings(Path(sys.argv[1]))\nprint('looking', flush=True)\n"
            "while True: trainings.all()",
            str(tmp_path),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert looking.stdout is not None and looking.stdout.readline()
    try:
        for _ in range(20):
            with begin(tmp_path) as run:
                run.end("done", "done")
    finally:
        looking.kill()
        looking.wait()


def test_the_log_of_a_run_is_shown_without_bars_that_are_drawn_over_themselves(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        with run.log.open("a") as log:
            log.write("Processed:   0%|   | 0/1\rProcessed: 100%|###| 1/1\nEpochs: 100%|###| 1/1\nfine\n")
        run.end("done", "The end.")

    shown = Trainings(tmp_path).log(run.training.id)
    assert "fine" in shown and "The end." in shown and "Processed" not in shown and "Epochs" not in shown


@pytest.mark.parametrize("name", ["", "..", "../../secret", "20260101-000000-zzzzzz"])
def test_a_run_that_never_was_is_not_there(tmp_path: Path, name: str) -> None:
    assert Trainings(tmp_path).get(name) is None
    assert Trainings(tmp_path).log(name) == ""


def test_old_runs_are_forgotten(tmp_path: Path) -> None:
    for number in range(30):
        folder = tmp_path / "trainings" / f"20260101-0000{number:02}-abcdef"
        folder.mkdir(parents=True)
        (folder / "log.txt").write_text("old")
    with begin(tmp_path) as run:
        run.end("done", "done")

    assert len(list((tmp_path / "trainings").glob("*-*-*"))) <= 21
