"""The trained model: which one fits the data, and training one when none does."""

from __future__ import annotations

import hashlib
import platform
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import yaml

from steward.errors import StewardError
from steward.run.console import Console
from steward.run.process import how_it_ended, last_lines, send, spawn
from steward.settings import Settings

_KEPT = 3
_TICK = 0.2
# A model is made by this code and by these libraries out of this data; a change in any asks for a new one.
_SOURCES = ("domain.yml", "config.yml", "data/**/*", "steward/nlu/**/*", "steward/catalogue/**/*")
_LIBRARIES = ("rasa", "spacy", "scikit-learn", "numpy")
_STEP = re.compile(r"(?:Starting to train|Restored) component '(\w+)'")


class TrainingError(StewardError):
    """No model came out of the training; the sentence carries its last words."""


def fingerprint(root: Path) -> str:
    """A name for the data, code and libraries that a model is made of; equal means the model fits."""
    digest = hashlib.sha256(platform.python_version().encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    for path in _files(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def fitting(settings: Settings) -> Path | None:
    """The model that fits the project's files as they are now, or None."""
    path = _place(settings)
    return path if path.is_file() else None


def train(settings: Settings, console: Console, *, stopping: Callable[[], bool]) -> Path | None:
    """Train a model, put it in place in one step, and drop the oldest ones; None when asked to stop.

    Raises TrainingError when Rasa refuses the data or fails.
    """
    target = _place(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="training-") as folder:
        code = _run_training(settings, Path(folder), console, stopping)
        console.done()
        if code is None:
            return None
        made = next(Path(folder).glob("*.tar.gz"), None)
        if code != 0 or made is None:
            log = _log(settings)
            raise TrainingError(
                f"The training failed ({how_it_ended(code)}). The end of its log:\n{last_lines(log)}\n"
                f"  The whole log: {log}\n"
                "  Faults in domain.yml and data/ are told in full by: .venv/bin/rasa data validate"
            )
        made.replace(target)
    prune(target.parent, keep=target)
    console.say(f"  The model is trained ({time.monotonic() - began:.0f} s): {target}")
    return target


def prune(folder: Path, *, keep: Path) -> None:
    """Remove all but the newest few models, never the one to keep."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[_KEPT:]:
        if path != keep:
            path.unlink(missing_ok=True)


def training_steps(config: Path) -> list[str]:
    """The components that a training may go through, as config.yml names them, without modules."""
    content = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    parts = [*(content.get("pipeline") or ()), *(content.get("policies") or ())]
    return [str(part["name"]).rpartition(".")[2] for part in parts]


def how_far(log: str, steps: list[str]) -> str:
    """How far a training is, in words, from what it has logged and the steps it goes through."""
    seen = list(dict.fromkeys(_STEP.findall(log)))
    if not seen:
        return "starting Rasa and reading the data"
    # The graph has an order of its own, and components with nothing to learn are not heard of.
    return f"step {len(seen)} of at most {len(steps)}, {seen[-1]}"


def _run_training(
    settings: Settings, folder: Path, console: Console, stopping: Callable[[], bool]
) -> int | None:
    """Run `rasa train` into a folder and tell how far it is; its exit code, or None when stopped."""
    log = _log(settings)
    log.unlink(missing_ok=True)
    steps = training_steps(settings.root / "config.yml")
    began = time.monotonic()
    process = spawn("rasa", _arguments(folder), folder=settings.root, env=rasa_environment(), log=log)
    try:
        while (code := process.poll()) is None:
            if stopping():
                return None
            stage = how_far(log.read_text(encoding="utf-8", errors="replace"), steps)
            console.progress(f"  training: {stage}", f"{time.monotonic() - began:.0f} s")
            time.sleep(_TICK)
        return code
    finally:
        send(process, signal.SIGKILL)
        process.wait()


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
    return ("train", "--force", "--out", str(folder), "--fixed-model-name", "model")


def _place(settings: Settings) -> Path:
    return settings.home / "models" / f"{fingerprint(settings.root)}.tar.gz"


def _log(settings: Settings) -> Path:
    return settings.home / "logs" / "training.log"


def _files(root: Path) -> Iterator[Path]:
    for pattern in _SOURCES:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
