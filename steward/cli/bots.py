"""The bot that a command asks: the one that runs, else one started for as long as the command takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from steward import checks
from steward.console import Console
from steward.errors import ConfigurationError, StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.training.bot import Asker
    from steward.training.registry import ModelRecord, Registry


@dataclass(frozen=True)
class Found:
    """A bot to ask, and in words which one it is."""

    asker: Asker
    which: str


def wanted_model(registry: Registry, wanted: str) -> ModelRecord:
    """The model that somebody typed: the beginning of its name, `newest`, or `serving`."""
    if wanted == "newest":
        found = next(iter(registry.models()), None)
    elif wanted == "serving":
        found = registry.current()
    else:
        return registry.find(wanted)
    if found is None:
        raise StewardError("There is no such model yet. `steward train` makes one.")
    return found


@contextmanager
def running_bot(settings: Settings) -> Iterator[Found | None]:
    """The bot that answers customers now, or None when none runs."""
    from steward.training.bot import Asker

    model, address = _serving(settings)
    url = urlsplit(address)
    host, port = url.hostname or "127.0.0.1", url.port or 80
    if not checks.answers(f"http://{host}:{port}/webhooks/rest/"):
        yield None
        return
    asker = Asker(port, host)
    try:
        yield Found(asker, f"the bot that customers talk to ({model or address})")
    finally:
        asker.close()


@contextmanager
def some_bot(settings: Settings, console: Console, model: str | None = None) -> Iterator[Found]:
    """The bot that runs; else, or for a certain model, one that is started for the block.

    Raises ConfigurationError when there is no model to start, CandidateError when it does not start, and
    Cancelled when it is interrupted.
    """
    with ExitStack() as stack:
        found = None if model else stack.enter_context(running_bot(settings))
        yield found or stack.enter_context(_started(settings, console, model))


@contextmanager
def _started(settings: Settings, console: Console, model: str | None) -> Iterator[Found]:
    from steward.run.serve import Interrupts
    from steward.training import models
    from steward.training.bot import candidate
    from steward.training.registry import Registry

    registry = Registry(settings.home)
    fitting = registry.fitting(models.fingerprint(settings.root))
    record = wanted_model(registry, model) if model else registry.current() or fitting
    if record is None:
        raise ConfigurationError("No bot runs and there is no model to start. `steward train` makes one.")
    archive = registry.verify(record.id)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steward-talk-")))
        # Only the start can be interrupted so: afterwards Ctrl-C is the conversation's.
        with Interrupts().caught() as interrupts:
            asker = stack.enter_context(
                candidate(
                    settings.root,
                    archive,
                    folder,
                    models.rasa_environment(),
                    stopping=interrupts.stopping,
                    waited=lambda seconds: console.progress("  starting the bot", f"{seconds:.0f} s"),
                )
            )
        console.done()
        yield Found(asker, f"model {record.id}, started for this conversation")


def _serving(settings: Settings) -> tuple[str, str]:
    """The model in words, if it is known, and the address of the bot that should be there."""
    from steward.training.serving import Control

    serving = Control(settings.home).serving() if checks.runs_in(settings.home) else None
    if serving is None:
        return "", settings.bot_url
    return f"model {serving.model}" if serving.model else "", serving.bot_url
