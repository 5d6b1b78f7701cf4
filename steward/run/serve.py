"""A Steward, brought up, watched and taken down as one: the desk, the bot and its actions."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from steward import checks
from steward.console import Console
from steward.edits import under_way
from steward.project import Project
from steward.run.generations import Generation, Generations, Patience, a_name, serving_of, settle
from steward.run.services import Services
from steward.run.supervisor import Supervisor
from steward.settings import Settings
from steward.training import models
from steward.training.registry import ModelRecord, Registry
from steward.training.serving import Control

_START_TIMEOUT = 180.0
# A question is given up after the bot's own time limit; its answer has to be stored, too.
_DRAIN_MORE = 5.0
_CHANGED = (
    "  The shop's files or Steward itself have changed since it was trained: `steward train` makes a model "
    "of them, `steward promote` has it served."
)


class Interrupts:
    """Counts the requests to stop (Ctrl-C, SIGTERM, SIGHUP) while it is entered."""

    def __init__(self) -> None:
        self._count = 0

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._count > 0

    def hurry(self) -> bool:
        """Whether somebody asked again."""
        return self._count > 1

    @contextmanager
    def caught(self) -> Iterator[Interrupts]:
        """Turn the signals into counts inside the block."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._note) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: object) -> None:
        self._count += 1


def serve(settings: Settings, console: Console) -> None:
    """Run a Steward until it is asked to stop.

    Raises a StewardError, with nothing left running, when something it needs is missing or does not start.
    """
    began = time.monotonic()
    with Interrupts().caught() as interrupts:
        console.progress("Checking files and ports")
        checks.check_disk(settings)
        with checks.alone_in(settings.home):
            if under_way(settings.root):
                # It was cut off in the middle, perhaps, and the files do not go together.
                Project(settings.root).recover()
            checks.check_files(settings)
            checks.check_ports(settings)
            model = _model(settings, console, interrupts)
            if model is None:
                console.say("Stopped.")
                return
            _run(settings, model, console, interrupts, began)


def _model(settings: Settings, console: Console, interrupts: Interrupts) -> ModelRecord | None:
    """What is to be served: what somebody promoted, else what fits the data, trained first if need be."""
    registry = Registry(settings.home)
    current, fingerprint = registry.current(), models.fingerprint(settings.root)
    if current is not None and (chosen := current.promotions[-1]).kind != "first":
        console.say(f"Serving model {current.id}, which {chosen.by} promoted on {_day(chosen.at)}.")
        if current.fingerprint != fingerprint:
            console.say(_CHANGED)
        return current
    if current is not None and current.fingerprint == fingerprint:
        return current
    found = registry.fitting(fingerprint)
    if found is not None and found.gate is not None and not found.gate.passed:
        if current is not None:
            console.say(f"Serving model {current.id}: the one made of the newest data did not pass the gate.")
            return current
    elif found is None:
        console.say("Training the model, since none fits the data yet.")
        archive = models.train(settings, console, stopping=interrupts.stopping)
        found = registry.get(archive.parent.name) if archive else None
    current = registry.current()
    if found is not None and (current is None or current.id != found.id):
        reason = "fits the data, and nobody chose another"
        found = registry.promoted(found.id, by=models.BY_STEWARD, reason=reason, kind="first")
    return found


def _run(
    settings: Settings, model: ModelRecord, console: Console, interrupts: Interrupts, began: float
) -> None:
    control, registry, services = Control(settings.home), Registry(settings.home), Services(settings)
    settle(control, model)
    bot, actions = services.services(model.id, 0)
    supervisor = Supervisor(
        [bot, services.desk(), actions], console, stopping=interrupts.stopping, hurry=interrupts.hurry
    )
    first = Generation(a_name(), model.id, 0, supervisor.running(bot.name), supervisor.running(actions.name))
    serving = serving_of(first, model.promotions[-1].by if model.promotions else models.BY_STEWARD, None)
    control.say_serving(replace(serving, managed=settings.bot_is_own))
    console.say("Starting the desk, the bot and its actions.")
    try:
        if supervisor.start(_START_TIMEOUT):
            _welcome(settings, services, console, began)
            patience = Patience(drain=settings.bot_timeout + _DRAIN_MORE)
            generations = Generations(supervisor, services, control, registry, console, first, patience)
            supervisor.watch(generations.look if settings.bot_is_own else lambda: None)
        console.done()
        console.say("Stopping. Ctrl-C again ends everything at once.")
    finally:
        console.done()
        supervisor.stop()
    console.say("Stopped.")


def _welcome(settings: Settings, services: Services, console: Console, began: float) -> None:
    console.progress("  asking the bot a first question")
    answered = services.warm(settings.bot_port)
    console.say(ready_message(settings, time.monotonic() - began))
    if not answered:
        console.say(
            f"\nThe bot gave no answer to a first question; the logs in {settings.home / 'logs'} tell why."
        )


def ready_message(settings: Settings, seconds: float) -> str:
    """What the person reads once everything answers: the addresses and how to sign in."""
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0", "::") else settings.host
    base = f"http://{host}:{settings.port}"
    lines = [
        f"Steward is ready ({seconds:.0f} s).",
        f"  Demo shop    {base}/",
        f"  Agent desk   {base}/desk",
    ]
    if (sign_in := read_sign_in(settings.home / "sign-in")) is not None:
        lines.append(f"  Sign in      {sign_in[0]}  /  {sign_in[1]}")
    return "\n".join([*lines, "  Stop         Ctrl-C"])


def read_sign_in(path: Path) -> tuple[str, str] | None:
    """The e-mail address and password that the desk made on its first start; None once they are removed."""
    try:
        email, password = path.read_text(encoding="utf-8").split("\n")[:2]
    except (FileNotFoundError, ValueError):
        return None
    return email, password


def _day(at: int) -> str:
    return time.strftime("%d %B %Y, %H:%M", time.localtime(at / 1000)).lstrip("0")
