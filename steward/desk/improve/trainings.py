"""Training from the desk: begun as a process of its own that outlives this one, and watched in its files."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from typing import IO, Any

from steward.desk import shapes
from steward.desk.bus import OPERATORS, Bus
from steward.desk.metrics import Metrics
from steward.desk.store import Agent
from steward.errors import ConversationError
from steward.settings import Settings
from steward.training.runs import Training, Trainings, new_id

_LOOK_SECONDS = 0.4
_START_SECONDS = 60.0
_START_TICK = 0.1
_TEXT_LENGTH = 4000
# Customers go first, so the training is gentle with the machine.
_COMMAND = ("nice", "-n", "5", sys.executable, "-m", "steward", "train", "--json", "--force")


class Retraining:
    """Begins trainings, and tells the pages how far they are."""

    def __init__(self, settings: Settings, bus: Bus, metrics: Metrics) -> None:
        self._settings = settings
        self._bus = bus
        self._metrics = metrics
        self._trainings = Trainings(settings.home)
        self._told: Training | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def newest(self) -> Training | None:
        """The newest training, as it was a moment ago."""
        return self._told

    async def all(self) -> list[Training]:
        """The newest trainings, the newest first."""
        return await asyncio.to_thread(self._trainings.all)

    async def get(self, training_id: str) -> Training:
        """One training; raises ConversationError."""
        training = await asyncio.to_thread(self._trainings.get, training_id)
        if training is None:
            raise ConversationError("not_found", "There is no such training.", status=404)
        return training

    async def log(self, training_id: str) -> str:
        """The end of what a training wrote."""
        return await asyncio.to_thread(self._trainings.log, training_id)

    async def begin(self, agent: Agent) -> Training:
        """Begin a training; raises ConversationError where one is under way, or it cannot begin."""
        running = await asyncio.to_thread(self._trainings.running)
        if running is not None:
            raise ConversationError("running", f"{running.by['name']} began a training that is under way.")
        name = new_id()
        with tempfile.TemporaryFile() as words:
            process = await asyncio.to_thread(self._started, name, agent, words)
            waited = 0.0
            while waited < _START_SECONDS:
                if (training := await asyncio.to_thread(self._trainings.get, name)) is not None:
                    self._child = process
                    return training
                if process.poll() is not None:
                    # Whoever began one at the same moment was quicker, or something is not as it must be.
                    raise ConversationError("running", _last(words))
                await asyncio.sleep(_START_TICK)
                waited += _START_TICK
        process.terminate()
        raise ConversationError("unavailable", "The training did not begin in time; try again.", status=503)

    async def cancel(self, training_id: str) -> Training:
        """Ask a training to stop; raises ConversationError unless it is under way."""
        training = await self.get(training_id)
        if not await asyncio.to_thread(self._trainings.cancel, training_id):
            raise ConversationError("not_running", "This training is over already.")
        return training

    async def run(self) -> None:
        """Tell the pages what trainings do, also those begun at the command line, until cancelled."""
        self._told = await self._newest()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._child is not None and self._child.poll() is not None:
                self._child = None
            training = await self._newest()
            if training is not None and training != self._told:
                if training.state != "running":
                    self._metrics.trainings[training.state] += 1
                self._told = training
                frame = {"type": "training", "training": training_shape(training)}
                self._bus.publish(OPERATORS, shapes.encode(frame))

    async def _newest(self) -> Training | None:
        return next(iter(await asyncio.to_thread(self._trainings.all)), None)

    def _started(self, name: str, agent: Agent, words: IO[bytes]) -> subprocess.Popen[bytes]:
        """A process of its own: nothing ties it to this one, so that it outlives a restart of the desk."""
        settings = self._settings
        return subprocess.Popen(
            [*_COMMAND, f"--by={agent.name}", f"--by-id={agent.id}", f"--training={name}"],
            cwd=settings.root,
            env={**os.environ, "STEWARD_ROOT": str(settings.root), "STEWARD_HOME": str(settings.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            start_new_session=True,
        )


def training_shape(training: Training) -> dict[str, Any]:
    """A training as pages see it."""
    return {
        "id": training.id,
        "state": training.state,
        "stage": training.stage,
        "progress": training.progress,
        "text": training.text[:_TEXT_LENGTH],
        "started_at": shapes.time_text(training.started_at),
        "ended_at": shapes.time_text(training.ended_at),
        "by": {"id": training.by.get("id"), "name": training.by["name"]},
        "model": training.model,
    }


def _last(words: IO[bytes]) -> str:
    """What a training that did not begin said when it ended."""
    words.seek(0)
    text = words.read().decode("utf-8", "replace").strip().removeprefix("steward: ")
    return text[-_TEXT_LENGTH:] or "The training did not begin."
