"""The runs of the training: one at a time, each with a state and a log that anybody may look at.

A run belongs to the process that holds the lock. The kernel lets go of it when that process ends, however
it ends, so a run that was killed cannot be mistaken for one that goes on.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TextIO

from steward.clock import now
from steward.errors import StewardError
from steward.process import last_text
from steward.training.disk import read_json, write_json

# Each stage with the share of a run that it takes of a shop's usual training.
STAGES: Mapping[str, float] = {
    "validate": 0.03,
    "train": 0.47,
    "evaluate": 0.04,
    "serve": 0.24,
    "judge": 0.14,
    "compare": 0.03,
    "report": 0.03,
    "gate": 0.02,
}
_KEPT = 20
_TRIES = 20
_PAUSE = 0.05
_EVERY = 0.25
# Bars that are drawn over themselves again and again.
_BAR = re.compile(r"\r|\d+%\|")
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_LOST = "It ended without a word, as if it had been killed. Nothing was changed by it."

State = Literal["running", "done", "failed", "cancelled"]


class TrainingError(StewardError):
    """No model came out of the training; the sentence carries its last words."""


class Busy(StewardError):
    """Another training is under way."""


class Cancelled(StewardError):
    """Somebody asked the training to stop."""

    def __init__(self) -> None:
        super().__init__("The training was cancelled. Everything is as it was.")


@dataclass(frozen=True)
class Training:
    """One run as it stands: `progress` goes from 0 to 1, `text` says what is done now or what came of it.

    `by` has a name, and an id where it is an account of the desk. Times are milliseconds since 1970.
    """

    id: str
    state: State
    stage: str
    progress: float
    text: str
    started_at: int
    ended_at: int | None
    by: Mapping[str, str]
    model: str | None
    pid: int

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took."""
        return round(((self.ended_at or now()) - self.started_at) / 1000, 1)


class Run:
    """The run that this process does: it tells how far it is and keeps its files."""

    def __init__(
        self,
        folder: Path,
        training: Training,
        stopping: Callable[[], bool],
        told: Callable[[Training], None],
    ) -> None:
        self.training = training
        self.folder = folder
        self.log = folder / "log.txt"
        self.work = folder / "work"
        self._stopping = stopping
        self._told = told
        self._next = 0.0

    def stage(self, name: str, text: str) -> None:
        """The next stage begins. Raises Cancelled when somebody asked to stop."""
        self._next = 0.0
        self.note(f"{name}: {text}")
        self.training = replace(self.training, stage=name)
        self.tell(0.0, text)

    def tell(self, share: float, text: str) -> None:
        """How much of the stage is done, and in words. Raises Cancelled when somebody asked to stop."""
        if self._stopping():
            raise Cancelled
        moment = time.monotonic()
        if moment < self._next:
            return
        self._next = moment + _EVERY
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(self.training.stage)])
        progress = before + STAGES[self.training.stage] * min(1.0, max(0.0, share))
        self._set(replace(self.training, progress=round(max(progress, self.training.progress), 3), text=text))

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping()

    def note(self, text: str) -> None:
        """Add a line to the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%H:%M:%S')}  {text}\n")

    def end(self, state: State, text: str, model: str | None = None) -> None:
        """It is over: nothing more is told."""
        self.note(text)
        progress = 1.0 if state == "done" else self.training.progress
        ended = replace(self.training, state=state, text=text, progress=progress, ended_at=now(), model=model)
        self._set(ended)

    def _set(self, training: Training) -> None:
        self.training = training
        write_json(self.folder / "state.json", asdict(training))
        self._told(training)


class Trainings:
    """The runs of one Steward, in `home/trainings`. Any number of processes may look."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "trainings"

    def all(self) -> list[Training]:
        """The newest runs, the newest first."""
        under_way = self._holder()
        names = sorted((path.name for path in self._folder.glob("*-*-*")), reverse=True)
        found = [self._read(name, under_way) for name in names[:_KEPT]]
        # The names tell the second, the states the millisecond.
        return sorted(filter(None, found), key=lambda training: training.started_at, reverse=True)

    def get(self, training_id: str) -> Training | None:
        """One run, or None."""
        return self._read(training_id, self._holder())

    def running(self) -> Training | None:
        """The run that is under way, if one is."""
        return self.get(self._holder())

    def log(self, training_id: str) -> str:
        """The end of what a run wrote."""
        if not _ID.fullmatch(training_id):
            return ""
        lines = last_text(self._folder / training_id / "log.txt").split("\n")
        return "\n".join(line for line in lines if not _BAR.search(line))

    def cancel(self, training_id: str) -> bool:
        """Ask a run to stop; whether it was under way. It stops within a second or so."""
        training = self.get(training_id)
        if training is None or training.state != "running":
            return False
        with suppress(ProcessLookupError):
            os.kill(training.pid, signal.SIGTERM)
        return True

    @contextmanager
    def begin(
        self,
        by: Mapping[str, str],
        *,
        stopping: Callable[[], bool],
        told: Callable[[Training], None],
        training_id: str | None = None,
    ) -> Iterator[Run]:
        """Do a run inside the block; raises Busy when one is under way.

        The block calls `run.end` when it is done. What it raises is written down as how the run ended; an
        OSError, as of a full disk, becomes a TrainingError.
        """
        if training_id is not None and not _ID.fullmatch(training_id):
            raise TrainingError(f"{training_id!r} is no name for a training.")
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock() as lock:
            name = training_id or new_id()
            folder = self._folder / name
            self._tidy()
            (folder / "work").mkdir(parents=True)
            lock.truncate(0)
            lock.write(name)
            lock.flush()
            first = "Beginning"
            training = Training(name, "running", "validate", 0.0, first, now(), None, by, None, os.getpid())
            run = Run(folder, training, stopping, told)
            try:
                run._set(training)
                yield run
            except Cancelled as stop:
                _end(run, "cancelled", str(stop))
                raise
            except StewardError as error:
                _end(run, "failed", str(error))
                raise
            except OSError as error:
                message = f"The training failed: {error.strerror or error} ({error.filename or 'no file'})."
                _end(run, "failed", message)
                raise TrainingError(message) from error
            finally:
                shutil.rmtree(folder / "work", ignore_errors=True)

    @contextmanager
    def _lock(self) -> Iterator[TextIO]:
        with (self._folder / "lock").open("a+", encoding="utf-8") as lock:
            # Whoever looks holds the lock for an instant.
            for _ in range(_TRIES):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_PAUSE)
            else:
                raise Busy(self._busy())
            yield lock

    def _busy(self) -> str:
        other = self.running()
        if other is None:
            return "Another training is under way."
        began = time.strftime("%H:%M", time.localtime(other.started_at / 1000))
        return f"{other.by['name']} began a training at {began}, and it is still under way."

    def _holder(self) -> str:
        """The id of the run that is under way, or nothing."""
        with suppress(FileNotFoundError), (self._folder / "lock").open("r", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read().strip()
        return ""

    def _read(self, training_id: str, under_way: str) -> Training | None:
        stored = read_json(self._folder / training_id / "state.json") if _ID.fullmatch(training_id) else None
        if stored is None:
            return None
        training = _training(stored)
        if training and training.state == "running" and training.id != under_way:
            ended = int((self._folder / training_id / "state.json").stat().st_mtime * 1000)
            return replace(training, state="failed", text=_LOST, ended_at=ended)
        return training

    def _tidy(self) -> None:
        """Remove the oldest runs, and what a run that was killed could not."""
        for folder in sorted(self._folder.glob("*-*-*"), reverse=True)[_KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)
        for work in self._folder.glob("*-*-*/work"):
            shutil.rmtree(work, ignore_errors=True)


def new_id() -> str:
    """A name for a run that is about to begin: the moment, and something to tell two of a moment apart."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"


def _training(stored: dict[str, Any]) -> Training | None:
    try:
        return Training(**stored)
    except TypeError:
        return None


def _end(run: Run, state: State, text: str) -> None:
    # On a full disk not even this can be written; the lock that is let go says it then.
    with suppress(OSError):
        run.end(state, text)
