"""Starts the services, waits until they answer, restarts what dies, and stops them all."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steward import checks
from steward.console import Console
from steward.errors import StewardError
from steward.process import how_it_ended, last_lines, send, spawn

_TICK = 0.1
_PROBE_EVERY = 0.25
_STEADY_AFTER = 60.0


class StartError(StewardError):
    """A service did not come up; the sentence carries its last words and the place of its log."""


@dataclass(frozen=True)
class Service:
    """One child: a Python module run with arguments, and the address that answers when it is ready.

    `grace` is how many seconds it gets to finish after SIGTERM. A service of a lower `rank` is stopped
    before those of a higher one are told to. `allow` is called before each start; a StewardError from it
    keeps the service from being started.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    port: int
    path: str
    log: Path
    folder: Path
    host: str = "127.0.0.1"
    env: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0
    grace: float = 5.0
    allow: Callable[[], object] | None = None

    def answers(self) -> bool:
        """Whether the service says that it is ready."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return checks.answers(f"http://{host}:{self.port}{self.path}", seconds=1.0)


class Running:
    """A service's process, over all its restarts. One that is not `tended` stays down when it ends."""

    def __init__(self, service: Service, *, tended: bool = True) -> None:
        self.service = service
        self.tended = tended
        self.ready = False
        self.failures = 0
        self.started = 0.0
        self.due = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._probe_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, or None while nothing runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process in a group of its own, its output appended to the log.

        Raises what `allow` raises.
        """
        service = self.service
        if service.allow is not None:
            service.allow()
        self._process = spawn(
            service.module, service.arguments, folder=service.folder, env=service.env, log=service.log
        )
        self.ready = False
        self.started = time.monotonic()
        self._probe_at = 0.0

    def ended(self) -> str | None:
        """How the process ended ("exit code 1"), or None while it runs or is not started."""
        code = self._process.poll() if self._process else None
        return None if code is None else how_it_ended(code)

    def look(self) -> bool:
        """Ask whether it is ready, not more often than makes sense; True the moment it first is."""
        now = time.monotonic()
        if self.ready or self._process is None or now < self._probe_at:
            return False
        self.ready = self.service.answers()
        self._probe_at = time.monotonic() + _PROBE_EVERY
        return self.ready

    def clear(self) -> None:
        """Forget a process that has ended, and end what it may have left behind in its group."""
        self.send(signal.SIGKILL)
        self._process = None
        self.ready = False

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and everything it started."""
        if self._process is not None:
            send(self._process, number)


class Supervisor:
    """Keeps a handful of services running. Everything happens in the caller's thread.

    `stopping` is asked all the time and ends the waiting; `hurry` ends the patience with which services
    are stopped.
    """

    def __init__(
        self,
        services: Sequence[Service],
        console: Console,
        *,
        stopping: Callable[[], bool],
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._all = [Running(service) for service in services]
        self._leaving: list[tuple[Running, float]] = []
        self._console = console
        self._stopping = stopping
        self._hurry = hurry

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each service that runs now."""
        return {running.service.name: running.pid for running in self._all if running.pid is not None}

    def running(self, name: str) -> Running:
        """The service of that name."""
        return next(running for running in self._all if running.service.name == name)

    def add(self, service: Service, *, tended: bool = True) -> Running:
        """Start one more service beside the others, without waiting until it answers."""
        running = Running(service, tended=tended)
        running.start()
        self._all.append(running)
        return running

    def retire(self, running: Running) -> None:
        """Have a service end, without waiting until it has."""
        if running in self._all:
            self._all.remove(running)
            running.send(signal.SIGTERM)
            self._leaving.append((running, time.monotonic() + running.service.grace))

    def start(self, timeout: float) -> bool:
        """Start all at once and wait until every one answers; False when asked to stop meanwhile.

        Raises StartError when one ends or does not answer in time. Call `stop` whatever happens.
        """
        began = time.monotonic()
        for running in self._all:
            running.start()
        while not all(running.ready for running in self._all):
            if self._stopping():
                return False
            waited = time.monotonic() - began
            for running in self._all:
                if (how := running.ended()) is not None:
                    raise StartError(_last_words(running.service, f"stopped while starting ({how})"))
                if running.look():
                    self._console.say(f"  {running.service.name} is ready ({waited:.0f} s)")
            missing = [running.service for running in self._all if not running.ready]
            if missing and waited > timeout:
                raise StartError(_last_words(missing[0], f"did not answer within {timeout:.0f} s"))
            if missing:
                names = " and ".join(", ".join(service.name for service in missing).rsplit(", ", 1))
                self._console.progress(f"  waiting for the {names}", f"{waited:.0f} s")
            time.sleep(_TICK)
        self._console.done()
        return True

    def watch(self, look: Callable[[], None] = lambda: None) -> None:
        """Restart whatever dies, each time a little later, until asked to stop; `look` is called often."""
        while not self._stopping():
            look()
            for running in self._all:
                self._tend(running)
            self._see_off()
            time.sleep(_TICK)

    def stop(self) -> None:
        """End every process, those of a lower rank first; returns when none is left."""
        self._all += [running for running, _ in self._leaving]
        self._leaving = []
        for rank in sorted({running.service.rank for running in self._all}):
            self._stop([running for running in self._all if running.service.rank == rank])

    def _tend(self, running: Running) -> None:
        now = time.monotonic()
        name = running.service.name
        if not running.tended:
            return
        if running.pid is None:
            if now >= running.due:
                self._start_again(running)
        elif (how := running.ended()) is not None:
            if running.ready and now - running.started > _STEADY_AFTER:
                running.failures = 0
            pause = _put_off(running)
            running.clear()
            self._console.say(f"{clock()}  The {name} stopped ({how}); starting it again in {pause} s.")
            self._console.say(f"          Its log: {running.service.log}")
        elif running.look():
            self._console.say(f"{clock()}  The {name} is back ({now - running.started:.0f} s).")

    def _start_again(self, running: Running) -> None:
        try:
            running.start()
        except StewardError as error:
            _put_off(running)
            self._console.say(f"{clock()}  The {running.service.name} is not started. {error}")

    def _see_off(self) -> None:
        """Collect what was told to end, and kill what does not."""
        for running, until in tuple(self._leaving):
            if running.pid is None or running.ended() is not None:
                running.clear()
                self._leaving.remove((running, until))
            elif time.monotonic() > until:
                running.send(signal.SIGKILL)

    def _stop(self, group: Iterable[Running]) -> None:
        alive = [running for running in group if running.pid is not None]
        for running in alive:
            running.send(signal.SIGTERM)
        began = time.monotonic()
        while any(running.ended() is None for running in alive):
            waited = time.monotonic() - began
            for running in alive:
                if self._hurry() or waited > running.service.grace:
                    running.send(signal.SIGKILL)
            time.sleep(_TICK / 2)
        for running in alive:
            running.clear()


def _put_off(running: Running) -> int:
    """Have the next start wait, longer each time; the seconds."""
    pause = min(30, 2**running.failures)
    running.failures += 1
    running.due = time.monotonic() + pause
    return pause


def _last_words(service: Service, what: str) -> str:
    return (
        f"The {service.name} {what}. The end of its log:\n{last_lines(service.log)}\n"
        f"  The whole log: {service.log}\n  Put right what it says, or run `make doctor`, then run again."
    )


def clock() -> str:
    """The time of day, as it stands before what happens while everything runs."""
    return time.strftime("%H:%M:%S")
