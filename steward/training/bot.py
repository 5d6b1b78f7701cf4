"""How a model is served: the command lines of a bot and its action server, and a pair of them to ask."""

from __future__ import annotations

import http.client
import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from steward import checks
from steward.errors import StewardError
from steward.memory import THROW_AWAY
from steward.process import how_it_ended, last_lines, send, spawn
from steward.training.runs import Cancelled

_PATIENCE = 180.0
_ANSWER_SECONDS = 30.0
_GRACE = 5.0
_TICK = 0.1
_WARM_UP = ("hello", "how much does it cost")


class CandidateError(StewardError):
    """A model could not be started, or gave no answer that can be read."""


def actions_arguments(port: int) -> tuple[str, ...]:
    """What `rasa_sdk` is run with to answer with the shop's actions on a port."""
    return ("--actions", "actions", "--port", str(port))


def bot_arguments(root: Path, model: Path, port: int, endpoints: Path) -> tuple[str, ...]:
    """What `rasa` is run with to serve a model on a loopback port."""
    return (
        *("run", "--quiet", "--interface", "127.0.0.1", "--port", str(port)),
        *("--model", str(model), "--credentials", str(root / "credentials.yml")),
        *("--endpoints", str(endpoints)),
    )


def write_endpoints(root: Path, target: Path, actions_port: int, memory: Path | None = None) -> Path:
    """Copy a project's endpoints.yml to a place, with the address of an action server on this machine.

    The bot remembers conversations in the folder `memory`, else for as long as it runs.
    """
    source = root / "endpoints.yml"
    endpoints = checks.read_yaml(source) or {}
    action_endpoint = {**(endpoints.get("action_endpoint") or {})}
    action_endpoint["url"] = f"http://127.0.0.1:{actions_port}/webhook"
    endpoints = {**endpoints, "action_endpoint": action_endpoint}
    if memory is not None and endpoints.get("tracker_store"):
        endpoints["tracker_store"] = {**endpoints["tracker_store"], "folder": str(memory)}
    content = yaml.safe_dump(endpoints, sort_keys=False, width=10_000)
    target.write_text(
        f"# Written from {source} at every start; change that one.\n{content}", encoding="utf-8"
    )
    return target


@dataclass(frozen=True)
class Answer:
    """What a bot said to one message: the metadata of its replies, their words, and how long it took.

    `buttons` are the answers that it offers, `understood` is how it read the message, where it tells.
    """

    meta: tuple[Mapping[str, Any], ...]
    text: str
    seconds: float
    buttons: tuple[Mapping[str, str], ...] = ()
    understood: Mapping[str, Any] | None = None


class Asker:
    """A bot to put questions to, over one connection."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)

    def ask(self, sender: str, message: str) -> Answer:
        """What it says to a message; raises CandidateError when it says nothing that can be read."""
        began = time.perf_counter()
        body = json.dumps({"sender": sender, "message": message})
        try:
            self._connection.request(
                "POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
            )
            response = self._connection.getresponse()
            content = response.read()
            entries = json.loads(content) if response.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise CandidateError(f"The bot gave no answer to {message!r} ({_said(error)}).") from None
        if not isinstance(entries, list):
            raise CandidateError(f"The bot answered {message!r} with status {response.status}.")
        custom = [entry["custom"] for entry in entries if isinstance(entry.get("custom"), dict)]
        meta = tuple(part["meta"] for part in custom if isinstance(part.get("meta"), dict))
        text = "\n".join(entry["text"] for entry in entries if entry.get("text"))
        buttons = tuple(button for entry in entries for button in entry.get("buttons") or ())
        understood = next((part["understood"] for part in custom if part.get("understood")), None)
        return Answer(meta, text, time.perf_counter() - began, buttons, understood)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


@contextmanager
def candidate(
    root: Path,
    model: Path,
    folder: Path,
    environment: Mapping[str, str],
    *,
    stopping: Callable[[], bool],
    waited: Callable[[float], None],
) -> Iterator[Asker]:
    """A bot and an action server of its own for a model, while the block runs; they log into the folder.

    Nothing of it reaches a customer. `waited` is told now and then how many seconds the start has taken.
    Raises CandidateError when one of them does not start, and Cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bot_port, actions_port = _free_ports(2)
    endpoints = write_endpoints(root, folder / "endpoints.yml", actions_port)
    # What the bot remembers of its conversations must not meet what the serving one remembers.
    env = {**environment, "STEWARD_HOME": str(folder), "SANIC_HOST": "127.0.0.1"}
    with ExitStack() as started:
        parts = [
            _Part("action server", actions_port, "/health", "rasa_sdk", actions_arguments(actions_port)),
            _Part(
                "bot", bot_port, "/webhooks/rest/", "rasa", bot_arguments(root, model, bot_port, endpoints)
            ),
        ]
        running = [started.enter_context(_running(part, root, env, folder)) for part in parts]
        _wait(parts, running, folder, stopping, waited)
        asker = Asker(bot_port)
        started.callback(asker.close)
        for text in _WARM_UP:
            asker.ask(f"{THROW_AWAY}warm-up-{secrets.token_hex(4)}", text)
        yield asker


@dataclass(frozen=True)
class _Part:
    name: str
    port: int
    path: str
    module: str
    arguments: tuple[str, ...]

    def log(self, folder: Path) -> Path:
        return folder / f"{self.name.replace(' ', '-')}.log"

    def answers(self) -> bool:
        return checks.answers(f"http://127.0.0.1:{self.port}{self.path}", seconds=1.0)


@contextmanager
def _running(
    part: _Part, root: Path, env: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    process = spawn(part.module, part.arguments, folder=root, env=env, log=part.log(folder))
    try:
        yield process
    finally:
        send(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        send(process, signal.SIGKILL)
        process.wait()


def _wait(
    parts: Sequence[_Part],
    running: Sequence[subprocess.Popen[bytes]],
    folder: Path,
    stopping: Callable[[], bool],
    waited: Callable[[float], None],
) -> None:
    began, missing = time.monotonic(), list(parts)
    while missing:
        if stopping():
            raise Cancelled
        seconds = time.monotonic() - began
        waited(seconds)
        for part, process in zip(parts, running, strict=True):
            if (code := process.poll()) is not None:
                raise _not_started(part, folder, f"stopped while starting ({how_it_ended(code)})")
        if seconds > _PATIENCE:
            raise _not_started(missing[0], folder, f"did not answer within {_PATIENCE:.0f} s")
        missing = [part for part in missing if not part.answers()]
        if missing:
            time.sleep(_TICK)


def _not_started(part: _Part, folder: Path, what: str) -> CandidateError:
    words = last_lines(part.log(folder))
    return CandidateError(f"The {part.name} of the new model {what}. The end of its log:\n{words}")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
