"""The trained model: which one fits the data, and training one when none does."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from steward.clock import now
from steward.console import Console
from steward.process import how_it_ended, last_lines, send, spawn
from steward.settings import Settings
from steward.training import heldout
from steward.training.files import fingerprint as fingerprint
from steward.training.files import snapshot
from steward.training.registry import ARCHIVE, DOMAIN, HELD_OUT, ModelRecord, Registry
from steward.training.runs import Cancelled, Run, Training, TrainingError, Trainings
from steward.training.serving import in_use

BY_STEWARD = "steward"
_TICK = 0.2
_DATA = ("domain.yml", "config.yml", "data")
_STEP = re.compile(r"(?:Starting to train|Restored) component '(\w+)'")


def fitting(settings: Settings) -> Path | None:
    """The newest model that fits the project's files as they are now, or None."""
    registry = Registry(settings.home)
    record = registry.fitting(fingerprint(settings.root))
    return registry.archive(record.id) if record else None


def train(settings: Settings, console: Console, *, stopping: Callable[[], bool]) -> Path | None:
    """Train a model without judging it, and take it into the registry; None when asked to stop.

    The very first is promoted at once: it is better than none. Raises TrainingError when Rasa refuses the
    data or fails, and Busy when another training is under way.
    """
    trainings, registry = Trainings(settings.home), Registry(settings.home)
    began = time.monotonic()

    def told(training: Training) -> None:
        if training.state == "running":
            console.progress(f"  {training.text}", f"{time.monotonic() - began:.0f} s")

    try:
        with trainings.begin({"name": BY_STEWARD}, stopping=stopping, told=told) as run:
            new = made(settings, run)
            record = registry.add(new.folder, new.record)
            run.end("done", "The model is trained. Nobody has judged it.", record.id)
    except Cancelled:
        return None
    finally:
        console.done()
    if registry.current() is None:
        reason = "the first model of this Steward"
        registry.promoted(record.id, by=BY_STEWARD, reason=reason, kind="first")
    registry.prune(keep=(record.id, *in_use(settings.home)))
    console.say(f"  The model is trained ({time.monotonic() - began:.0f} s): {record.id}")
    return registry.archive(record.id)


@dataclass(frozen=True)
class Made:
    """A model that was just made: a folder with its archive and readings, and the project as it was.

    Its record has neither name nor hash yet; they come with the registry.
    """

    folder: Path
    project: Settings
    record: ModelRecord


def made(settings: Settings, run: Run) -> Made:
    """Train a model of a copy of the files.

    Raises Cancelled, and TrainingError when Rasa refuses the data or fails.
    """
    run.stage("train", "starting Rasa and reading the data")
    project, commit = snapshot(settings, run.work / "project"), data_commit(settings.root)
    folder = run.work / "made"
    folder.mkdir()
    code = _run_training(project, folder, run)
    archive = folder / ARCHIVE
    if code != 0 or not archive.is_file():
        raise TrainingError(
            f"The training failed ({how_it_ended(code)}). The end of its log:\n{last_lines(run.log)}\n"
            f"  The whole log: {run.log}\n"
            "  Faults in domain.yml and data/ are told in full by: .venv/bin/rasa data validate"
        )
    found = heldout.from_archive(archive)
    if found is not None:
        heldout.write(folder / HELD_OUT, found[0])
    shutil.copyfile(project.domain, folder / DOMAIN)
    record = ModelRecord(
        id="",
        hash="",
        fingerprint=fingerprint(project.root),
        data_commit=commit,
        trained_at=now(),
        by=run.training.by["name"],
        seconds=run.training.seconds,
        figures=heldout.figures(*found) if found else None,
    )
    return Made(folder, project, record)


def data_commit(root: Path) -> str | None:
    """The git commit that the files are of, with a + where they differ from it; None outside of git."""
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    if commit is None:
        return None
    changed = _git(root, "status", "--porcelain", "--", *_DATA)
    return f"{commit}+" if changed else commit


def training_steps(config: Path) -> list[str]:
    """The components that a training may go through, as config.yml names them, without modules."""
    content = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    parts = [*(content.get("pipeline") or ()), *(content.get("policies") or ())]
    return [str(part["name"]).rpartition(".")[2] for part in parts]


def how_far(log: str, steps: list[str]) -> str:
    """How far a training is, in words, from what it has logged and the steps it goes through."""
    seen = _steps(log)
    if not seen:
        return "starting Rasa and reading the data"
    # The graph has an order of its own, and components with nothing to learn are not heard of.
    return f"step {len(seen)} of at most {len(steps)}, {seen[-1]}"


def steps_done(log: str) -> int:
    """How many steps a training has begun, from what it has logged."""
    return len(_steps(log))


def _steps(log: str) -> list[str]:
    return list(dict.fromkeys(_STEP.findall(log)))


def _run_training(settings: Settings, folder: Path, run: Run) -> int:
    """Run `rasa train` into a folder and tell how far it is; its exit code."""
    steps = training_steps(settings.root / "config.yml")
    written = run.log.stat().st_size
    # What Rasa would leave for the next training is never used: `--force` learns everything anew. The encoder
    # keeps what it made of the examples: that depends on nothing but themselves.
    env = {**rasa_environment(), "RASA_MAX_CACHE_SIZE": "0", "STEWARD_KEPT": str(settings.home / "kept")}
    process = spawn("rasa", _arguments(folder), folder=settings.root, env=env, log=run.log, roll=False)
    try:
        while (code := process.poll()) is None:
            log = _from(run.log, written)
            run.tell(steps_done(log) / len(steps), f"training: {how_far(log, steps)}")
            time.sleep(_TICK)
        return code
    finally:
        send(process, signal.SIGKILL)
        process.wait()


def _from(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode("utf-8", "replace")


def _git(root: Path, *arguments: str) -> str | None:
    """What git says, or None where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def rasa_environment() -> dict[str, str]:
    """What every Rasa process is told: no telemetry, no chatter, one thread for small matrices."""
    return {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "SANIC_ACCESS_LOG": "false",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _arguments(folder: Path) -> tuple[str, ...]:
    # --force: Rasa's cache knows the source of each component, not that of the modules it uses.
    return ("train", "--force", "--out", str(folder), "--fixed-model-name", ARCHIVE.partition(".")[0])
