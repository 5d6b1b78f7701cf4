"""The three services of a Steward, brought up, watched and taken down as one."""

from __future__ import annotations

import http.client
import json
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from steward.run import checks, models
from steward.run.console import Console
from steward.run.supervisor import Service, Supervisor
from steward.settings import Settings

_START_TIMEOUT = 180.0
_WARM_UP = ("hello", "how much does it cost")


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
            checks.check_files(settings)
            checks.check_ports(settings)
            model = _model(settings, console, interrupts)
            if model is None:
                console.say("Stopped.")
                return
            _run(settings, model, console, interrupts, began)


def _model(settings: Settings, console: Console, interrupts: Interrupts) -> Path | None:
    model = models.fitting(settings)
    if model is not None:
        model.touch()
        return model
    console.say("Training the model, since none fits the data yet.")
    return models.train(settings, console, stopping=interrupts.stopping)


def _run(settings: Settings, model: Path, console: Console, interrupts: Interrupts, began: float) -> None:
    supervisor = Supervisor(
        services_of(settings, model), console, stopping=interrupts.stopping, hurry=interrupts.hurry
    )
    console.say("Starting the desk, the bot and its actions.")
    try:
        if supervisor.start(_START_TIMEOUT):
            _welcome(settings, console, began)
            supervisor.watch()
        console.done()
        console.say("Stopping. Ctrl-C again ends everything at once.")
    finally:
        console.done()
        supervisor.stop()
    console.say("Stopped.")


def _welcome(settings: Settings, console: Console, began: float) -> None:
    console.progress("  asking the bot a first question")
    answered = warm_up(settings.bot_port)
    console.say(ready_message(settings, time.monotonic() - began))
    if not answered:
        console.say(
            f"\nThe bot gave no answer to a first question; the logs in {settings.home / 'logs'} tell why."
        )


def services_of(settings: Settings, model: Path) -> list[Service]:
    """The desk, the bot and the action server as children of the runner.

    The desk stops first, so that it never sees the bot fail on the way down.
    """
    logs = settings.home / "logs"
    actions = Service(
        name="action server",
        module="rasa_sdk",
        arguments=("--actions", "actions", "--port", str(settings.actions_port)),
        port=settings.actions_port,
        path="/health",
        log=logs / "actions.log",
        folder=settings.root,
        env={**models.rasa_environment(), "SANIC_HOST": "127.0.0.1"},
        rank=1,
    )
    bot = Service(
        name="bot",
        module="rasa",
        arguments=(
            *("run", "--quiet", "--interface", "127.0.0.1", "--port", str(settings.bot_port)),
            *("--model", str(model), "--credentials", str(settings.root / "credentials.yml")),
            *("--endpoints", str(write_endpoints(settings))),
        ),
        port=settings.bot_port,
        path="/webhooks/rest/",
        log=logs / "bot.log",
        folder=settings.root,
        env=models.rasa_environment(),
        rank=1,
    )
    desk = Service(
        name="desk",
        module="steward.desk",
        arguments=(),
        port=settings.port,
        path="/health/ready",
        host="127.0.0.1" if settings.host in ("", "0.0.0.0", "::", "localhost") else settings.host,
        log=logs / "desk.log",
        folder=settings.root,
        env={"PYTHONUNBUFFERED": "1", "SANIC_ACCESS_LOG": "false", "STEWARD_HOME": str(settings.home)},
        grace=10.0,
    )
    return [bot, desk, actions]


def write_endpoints(settings: Settings) -> Path:
    """Copy endpoints.yml into the data folder with the action server's address as this Steward has it."""
    source = settings.root / "endpoints.yml"
    endpoints = checks.read_yaml(source) or {}
    action_endpoint = {**(endpoints.get("action_endpoint") or {})}
    action_endpoint["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    target = settings.home / "endpoints.yml"
    content = yaml.safe_dump({**endpoints, "action_endpoint": action_endpoint}, sort_keys=False, width=10_000)
    target.write_text(
        f"# Written from {source} at every start; change that one.\n{content}", encoding="utf-8"
    )
    return target


def warm_up(bot_port: int) -> bool:
    """Have the bot do everything once, as a sender that no conversation has; whether it answered.

    The first message through a fresh bot takes several times as long as the next ones.
    """
    sender = f"warm-up-{secrets.token_hex(4)}"
    return all([_ask(bot_port, sender, text) for text in _WARM_UP])


def _ask(port: int, sender: str, text: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10.0)
    try:
        body = json.dumps({"sender": sender, "message": text})
        connection.request("POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status == 200 and bool(json.loads(response.read()))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


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
