"""The bots that a Steward runs: the one that serves, the one before it, one that comes in, and a shadow.

A generation is a bot with an action server of its own. A new one is started beside the one that serves,
warmed and probed; then the desk is told to send it new questions, and the old one finishes those it has.
Whatever goes wrong before that leaves the old one as it was. What served before stays warm for a while, so
that going back takes no start.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from steward.clock import now
from steward.console import Console
from steward.errors import StewardError
from steward.process import last_lines
from steward.run.supervisor import Running, Service, Supervisor, clock
from steward.training.registry import ModelRecord, Registry
from steward.training.serving import Control, Person, Rollout, Serving, ShadowBot, State

_START_SECONDS = 180.0
_LOOK_SECONDS = 0.2
_AGAIN_SECONDS = 30.0
_MB = 1_000_000
_STEWARD = Person("Steward")

DESK = "desk"
"""The name of the service that the bots answer."""


class Failed(StewardError):
    """A step of a rollout that did not come off."""


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds, and how much memory must be free, in megabytes.

    `drain`: for the answers that the old bot still owes, once the desk has switched; `notice`: for a desk
    that does not say that it has. `standby`: how long what served before is kept warm; it is not where less
    than `roomy` is free, and nothing is started where less than `room` is.
    """

    start: float = _START_SECONDS
    drain: float = 15.0
    notice: float = 120.0
    standby: float = 1800.0
    roomy: int = 1200
    room: int = 700


@dataclass
class Generation:
    """A bot and its action server, both of one model."""

    name: str
    model: str
    slot: int
    bot: Running
    actions: Running

    @property
    def parts(self) -> tuple[Running, Running]:
        """The action server first: a bot needs one."""
        return self.actions, self.bot

    @property
    def bot_url(self) -> str:
        """Where the bot answers."""
        return f"http://127.0.0.1:{self.bot.service.port}"

    @property
    def actions_url(self) -> str:
        """Where the action server answers."""
        return f"http://127.0.0.1:{self.actions.service.port}"

    def ended(self) -> str | None:
        """What of it has ended, and how; None while all of it runs."""
        for part in self.parts:
            if part.pid is None:
                return f"The {part.service.name} has ended."
            if (how := part.ended()) is not None:
                return f"The {part.service.name} stopped ({how})."
        return None


class Maker(Protocol):
    """Knows how the processes of this Steward are started and questioned."""

    def slot(self, taken: set[int]) -> int:
        """A pair of free ports by its number, none of those taken."""

    def services(self, model: str, slot: int) -> tuple[Service, Service]:
        """The bot and the action server of a model."""

    def shadow(self, model: str, slot: int) -> Service:
        """The bot of a model that only reads."""

    def warm(self, port: int) -> bool:
        """Have a bot do everything once; whether it answered."""

    def faults(self, port: int) -> list[str]:
        """What is wrong with a bot's answers to questions whose answers are known."""

    def free_memory(self) -> int | None:
        """How many megabytes are free; None where the system does not tell."""


class Generations:
    """Carries out what is asked for in the control files, a little with each `look`; it never waits."""

    def __init__(
        self,
        supervisor: Supervisor,
        maker: Maker,
        control: Control,
        registry: Registry,
        console: Console,
        first: Generation,
        patience: Patience | None = None,
    ) -> None:
        self._supervisor = supervisor
        self._maker = maker
        self._control = control
        self._registry = registry
        self._console = console
        self._patience = patience or Patience()
        self._serving = first
        self._candidate: Generation | None = None
        self._old: Generation | None = None
        self._standby: Generation | None = None
        self._standby_until = 0.0
        self._rollout: Rollout | None = None
        self._step: Callable[[], None] = self._pick_up
        self._since = 0.0
        self._look_at = 0.0
        self._noted = True
        self._unsaid: Rollout | None = None
        self._asking: Future[list[str]] | None = None
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self.shadow = Shadow(supervisor, maker, control, registry, console, self._taken)

    def look(self) -> None:
        """Do what can be done now."""
        moment = time.monotonic()
        if moment < self._look_at:
            return
        self._look_at = moment + _LOOK_SECONDS
        try:
            self._step()
        except StewardError as error:
            self._fail(str(error))
        except OSError as error:
            # With two bots up and a full disk nothing is given up: it is tried again.
            if self._old is None:
                self._fail(str(error))
        self._mind_standby()
        self.shadow.look(self._serving)

    # One step after the other

    def _pick_up(self) -> None:
        if self._unsaid is not None:
            self._control.say_rollout(self._unsaid)
            self._unsaid = None
        rollout = self._control.rollout()
        if rollout is None or rollout.over:
            return
        self._rollout = rollout
        model = rollout.model
        if model == self._serving.model:
            raise Failed(f"Model {model} serves already.")
        if self._standby is not None and self._standby.model == model and self._standby.ended() is None:
            self._candidate, self._standby = self._standby, None
            self._begin(self._probe, "probing", "The model is still warm; asking it questions.")
            return
        self._make_room()
        self._candidate = self._started(model)
        self._begin(self._start, "starting", "Starting the bot and its actions beside those that serve.")

    def _start(self) -> None:
        candidate = self._incoming()
        if candidate.ended() is not None:
            raise Failed(_last_words(candidate))
        for part in candidate.parts:
            part.look()
        if all(part.ready for part in candidate.parts):
            self._asking = self._aside.submit(self._warmed, candidate.bot.service.port)
            self._begin(self._warm, "warming", "The bot is up; it does everything once.")
        elif self._waited() > self._patience.start:
            missing = next(part for part in candidate.parts if not part.ready)
            name = missing.service.name
            raise Failed(f"The {name} did not answer within {self._patience.start:.0f} s.{_log_of(missing)}")

    def _warm(self) -> None:
        if self._answered_well():
            self._begin(self._probe, "probing", "Asking it questions whose answers are known.")

    def _probe(self) -> None:
        if self._asking is None:
            self._asking = self._aside.submit(self._maker.faults, self._incoming().bot.service.port)
        if self._answered_well():
            self._switch(self._incoming())

    def _switch(self, candidate: Generation) -> None:
        rollout = self._under_way()
        self._say_serving(candidate, rollout.by.name)
        self._old, self._serving, self._candidate = self._serving, candidate, None
        for part in self._old.parts:
            part.tended = False
        for part in candidate.parts:
            part.tended = True
        self._noted = False
        self._begin(self._drain, "switched", "New questions go to the new model.")
        self._note()

    def _drain(self) -> None:
        """Wait until the old bot owes no answer; switch back if the new one does not live so long."""
        if (how := self._serving.ended()) is not None:
            self._switch_back(how)
            return
        if not self._noted:
            self._note()
            return
        rollout, old = self._under_way(), self._leaving()
        if rollout.state != "draining":
            self._begin(self._drain, "draining", "The old model finishes the questions it has.")
        report = self._control.desk()
        desk = self._supervisor.pids.get(DESK)
        told = report is not None and report.pid == desk and report.generation == self._serving.name
        busy = told and report is not None and old.name in report.busy
        late = self._patience.drain if told else self._patience.notice
        if (told and not busy) or self._waited() > late:
            self._finish(old)

    def _finish(self, old: Generation) -> None:
        rollout = self._under_way()
        if self._standby is not None:
            self._retire(self._standby)
        self._standby = self._old = None
        if old.ended() is None and self._roomy():
            self._standby, self._standby_until = old, time.monotonic() + self._patience.standby
        else:
            self._retire(old)
        seconds = (now() - rollout.asked_at) / 1000
        self._end("done", f"Model {self._serving.model} serves since {seconds:.0f} s after it was asked for.")

    # When it does not come off

    def _switch_back(self, how: str) -> None:
        """The new bot ended while the old one still runs: customers get the old one again."""
        new, old = self._serving, self._leaving()
        if old.ended() is not None:
            # Nothing to go back to: the new one is started again, as whatever serves is.
            self._finish(old)
            return
        self._say_serving(old, _STEWARD.name)
        self._serving, self._candidate, self._old = old, new, None
        for part in old.parts:
            part.tended = True
        if self._noted:
            kept = "The new bot ended right after it had taken over."
            self._registry.promoted(old.model, by=_STEWARD.name, reason=kept, kind="rollback")
        raise Failed(f"{how} It had just taken over.{_log_of(new.bot)}")

    def _fail(self, text: str) -> None:
        """End the rollout; whatever serves goes on."""
        self._asking = None
        if self._candidate is not None:
            self._retire(self._candidate)
            self._candidate = None
        if self._old is not None:
            self._retire(self._old)
            self._old = None
        if self._rollout is None:
            # What was told of the last one cannot be written yet; it is tried again.
            return
        self._end("failed", f"{text} Model {self._serving.model} goes on serving.")

    def _end(self, state: State, text: str) -> None:
        self._say(state, text)
        self._rollout = None
        self._step = self._pick_up
        self._console.say(f"{clock()}  {text}")

    # Parts

    def _started(self, model: str) -> Generation:
        """A generation whose processes are on their way; one that dies is not started again."""
        slot = self._maker.slot(self._taken())
        bot, actions = self._maker.services(model, slot)
        # The bot first: it is the one that may be refused, and then nothing is left running.
        started = self._supervisor.add(bot, tended=False)
        return Generation(a_name(), model, slot, started, self._supervisor.add(actions, tended=False))

    def _retire(self, generation: Generation) -> None:
        for part in generation.parts:
            self._supervisor.retire(part)

    def _taken(self) -> set[int]:
        known = (self._serving, self._candidate, self._old, self._standby)
        slots = {one.slot for one in known if one is not None}
        return slots | ({self.shadow.slot} if self.shadow.slot is not None else set())

    def _make_room(self) -> None:
        free = self._maker.free_memory()
        if free is not None and free < self._patience.room and self._standby is not None:
            self._retire(self._standby)
            self._standby = None
        elif free is not None and free < self._patience.room:
            needed = f"{self._patience.room} MB are needed"
            raise Failed(f"Only {free} MB of memory are free, and {needed} to start a model beside another.")

    def _roomy(self) -> bool:
        free = self._maker.free_memory()
        return free is None or free >= self._patience.roomy

    def _mind_standby(self) -> None:
        standby = self._standby
        if standby is not None and (
            time.monotonic() > self._standby_until or standby.ended() is not None or not self._roomy()
        ):
            self._retire(standby)
            self._standby = None

    def _warmed(self, port: int) -> list[str]:
        return [] if self._maker.warm(port) else ["The bot gave no answer to a first question."]

    def _answered_well(self) -> bool:
        """Whether the questions under way were answered as they should be; raises Failed when not."""
        candidate = self._incoming()
        if candidate.ended() is not None:
            raise Failed(_last_words(candidate))
        if self._asking is None or not self._asking.done():
            return False
        faults, self._asking = self._asking.result(), None
        if faults:
            raise Failed(" ".join(faults))
        return True

    def _say_serving(self, generation: Generation, by: str) -> None:
        self._control.say_serving(serving_of(generation, by, self.shadow.bot))

    def _note(self) -> None:
        """Write into the model's history that it serves; with a full disk, as soon as that can be."""
        rollout = self._under_way()
        try:
            self._registry.promoted(
                rollout.model, by=rollout.by.name, reason=rollout.reason, kind=rollout.kind
            )
        except OSError as error:
            self._say("switched", f"It serves, but that cannot be written down yet ({error.strerror}).")
        else:
            self._noted = True

    def _begin(self, step: Callable[[], None], state: State, text: str) -> None:
        self._step, self._since = step, time.monotonic()
        self._say(state, text)

    def _say(self, state: State, text: str) -> None:
        self._rollout = replace(self._under_way(), state=state, text=text, at=now())
        try:
            self._control.say_rollout(self._rollout)
            self._unsaid = None
        except OSError:
            # With a full disk what is told comes late; what is done does not wait for it.
            self._unsaid = self._rollout

    def _waited(self) -> float:
        return time.monotonic() - self._since

    def _under_way(self) -> Rollout:
        assert self._rollout is not None
        return self._rollout

    def _incoming(self) -> Generation:
        assert self._candidate is not None
        return self._candidate

    def _leaving(self) -> Generation:
        assert self._old is not None
        return self._old


class Shadow:
    """The bot of a candidate that reads what customers write and answers nobody.

    Nothing depends on it: one that does not start is given up, and the wish for it with it.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        maker: Maker,
        control: Control,
        registry: Registry,
        console: Console,
        taken: Callable[[], set[int]],
    ) -> None:
        self._supervisor = supervisor
        self._maker = maker
        self._control = control
        self._registry = registry
        self._console = console
        self._taken = taken
        self._running: Running | None = None
        self._model = ""
        self._told = False
        self._began = 0.0
        self._look_at = 0.0
        self.slot: int | None = None

    @property
    def bot(self) -> ShadowBot | None:
        """Where it answers, once it does."""
        if self._running is None or not self._told:
            return None
        return ShadowBot(self._model, f"http://127.0.0.1:{self._running.service.port}")

    def look(self, serving: Generation) -> None:
        """Start, end or heed the shadow as it is wished for."""
        if time.monotonic() < self._look_at:
            return
        wish = self._control.shadow()
        wanted = wish.model if wish else None
        try:
            if wanted == serving.model:
                raise Failed(f"Model {wanted} serves now.")
            if self._running is not None and wanted != self._model:
                self._stop(serving)
            if wanted is not None and self._running is None:
                self._start(wanted)
            elif self._running is not None and not self._told:
                self._await(self._running, serving)
        except (StewardError, OSError) as error:
            self._give_up(serving, str(error))

    def _start(self, model: str) -> None:
        slot = self._maker.slot(self._taken())
        self._running = self._supervisor.add(self._maker.shadow(model, slot), tended=False)
        self._model, self.slot, self._began = model, slot, time.monotonic()

    def _await(self, running: Running, serving: Generation) -> None:
        if (how := running.ended()) is not None:
            raise Failed(f"The bot stopped while starting ({how}).{_log_of(running)}")
        if running.look():
            self._told = running.tended = True
            self._tell(serving)
            self._console.say(f"{clock()}  Model {self._model} reads along.")
        elif time.monotonic() - self._began > _START_SECONDS:
            raise Failed(f"The bot did not answer within {_START_SECONDS:.0f} s.{_log_of(running)}")

    def _stop(self, serving: Generation) -> None:
        if self._running is not None:
            self._supervisor.retire(self._running)
        told, self._told = self._told, False
        self._running, self.slot, self._model = None, None, ""
        if told:
            self._tell(serving)

    def _give_up(self, serving: Generation, text: str) -> None:
        wish = self._control.shadow()
        try:
            self._stop(serving)
            if wish is not None and wish.model is not None:
                self._control.say_shadow(replace(wish, model=None, text=text))
        except OSError:
            # The disk is full: the wish stands, and is looked at again a while later.
            self._look_at = time.monotonic() + _AGAIN_SECONDS
        self._console.say(f"{clock()}  No model reads along: {text}")

    def _tell(self, serving: Generation) -> None:
        known = self._control.serving()
        by = known.by if known else _STEWARD.name
        self._control.say_serving(serving_of(serving, by, self.bot, known.since if known else None))


def serving_of(
    generation: Generation, by: str, shadow: ShadowBot | None, since: int | None = None
) -> Serving:
    """What is told to the desk of a generation that serves."""
    return Serving(
        model=generation.model,
        generation=generation.name,
        bot_url=generation.bot_url,
        actions_url=generation.actions_url,
        since=since if since is not None else now(),
        by=by,
        shadow=shadow,
    )


def settle(control: Control, current: ModelRecord) -> None:
    """End a rollout that a runner before this one did not: it came off if its model is the current one."""
    rollout = control.rollout()
    if rollout is None or rollout.over:
        return
    text = f"Steward was stopped in the middle. Model {current.id} serves."
    came_off = rollout.model == current.id
    control.say_rollout(replace(rollout, state="done" if came_off else "failed", text=text, at=now()))


def a_name() -> str:
    """A name that no generation had before."""
    return secrets.token_hex(6)


def free_memory(table: Path = Path("/proc/meminfo")) -> int | None:
    """How many megabytes a new process can have without another one suffering; None if that is not told."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(found.split()[1]) * 1024 // _MB if found else None


def _last_words(generation: Generation) -> str:
    ended = next((part for part in generation.parts if part.ended() is not None), generation.bot)
    return f"{generation.ended()}{_log_of(ended)}"


def _log_of(running: Running) -> str:
    return f" The end of its log:\n{last_lines(running.service.log, 6)}\n  "
