"""Which model customers get, and giving them another: the files between desk, commands and runner.

They lie in `home/control`. The runner alone writes `serving.json`, the desk alone `desk.json`. A rollout is
begun by whoever asks for it and carried on by the runner, `shadow.json` is what an operator wants beside it.
"""

from __future__ import annotations

import fcntl
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from steward import checks
from steward.clock import now
from steward.errors import StewardError
from steward.settings import Settings
from steward.training.disk import read_json, write_json
from steward.training.registry import Kind, ModelRecord, Reason, Registry

SHADOW_TOKEN = "STEWARD_SHADOW_TOKEN"
"""The variable in which the runner gives desk and shadow bot the word that lets one ask the other."""

State = Literal["starting", "warming", "probing", "switched", "draining", "done", "failed"]
T = TypeVar("T")

_FINAL = ("done", "failed")
_LOOK_EVERY = 0.2
_UNJUDGED = Reason("unjudged", "Nobody has judged this model: `steward train` makes one that is.", "improve")
_ELSEWHERE = (
    "The bot is not run by this Steward (BOT_URL names another), so its model cannot be changed here."
)


class RolloutRefused(StewardError):
    """A model that is not given to customers. `code` is a stable word: `gate`, `busy`, `serving`, ..."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Person:
    """Who asks for something; `id` is empty for somebody at the command line."""

    name: str
    id: str = ""


@dataclass(frozen=True)
class Rollout:
    """One change of the serving model: what was asked for, and how far it is. Times are milliseconds.

    `before` is the model that served when it was asked for; `overridden` are the codes of the gate's reasons
    that were set aside.
    """

    request: str
    model: str
    kind: Kind
    by: Person
    reason: str
    state: State
    text: str
    at: int
    asked_at: int
    before: str | None = None
    overridden: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in _FINAL


@dataclass(frozen=True)
class ShadowBot:
    """A candidate that reads along, and where it does."""

    model: str
    url: str


@dataclass(frozen=True)
class Serving:
    """What serves now: the model, and where its bot and action server answer.

    `generation` names this pair of processes; it changes with each switch and each start. `shadow` is None
    until a candidate answers. `managed` is false where another bot than the runner's is asked.
    """

    model: str
    generation: str
    bot_url: str
    actions_url: str
    since: int
    by: str
    shadow: ShadowBot | None = None
    managed: bool = True


@dataclass(frozen=True)
class ShadowWish:
    """The candidate that is to read along, or None; `text` says why it does not."""

    model: str | None
    by: Person
    at: int
    text: str = ""


@dataclass(frozen=True)
class DeskReport:
    """What a desk does with the bots: where new questions go, and where older ones are not yet answered."""

    pid: int
    generation: str
    busy: tuple[str, ...] = ()


class Control:
    """The files in a home's control folder; what is missing or unreadable reads as None."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "control"

    def serving(self) -> Serving | None:
        """What serves, as the runner last said; old news when no runner runs."""
        stored = self._read("serving")
        if stored and isinstance(shadow := stored.get("shadow"), dict):
            stored = {**stored, "shadow": _made(ShadowBot, shadow)}
        return _made(Serving, stored)

    def say_serving(self, serving: Serving) -> None:
        """Tell the desk where questions go from now on."""
        self._write("serving", serving)

    def rollout(self) -> Rollout | None:
        """The newest rollout."""
        stored = self._read("promotion")
        if stored and isinstance(stored.get("overridden"), list):
            stored = {**stored, "overridden": tuple(stored["overridden"])}
        return _made(Rollout, _with_person(stored))

    def say_rollout(self, rollout: Rollout) -> None:
        """Tell how far the rollout is."""
        self._write("promotion", rollout)

    def shadow(self) -> ShadowWish | None:
        """Which candidate is to read along."""
        return _made(ShadowWish, _with_person(self._read("shadow")))

    def say_shadow(self, wish: ShadowWish) -> None:
        """Ask for a candidate to read along, or tell why it does not."""
        self._write("shadow", wish)

    def desk(self) -> DeskReport | None:
        """What the desk last said."""
        stored = self._read("desk")
        if stored and isinstance(stored.get("busy"), list):
            stored = {**stored, "busy": tuple(stored["busy"])}
        return _made(DeskReport, stored)

    def say_desk(self, report: DeskReport) -> None:
        """Tell the runner which bots have questions."""
        self._write("desk", report)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else asks for something inside the block."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self, name: str) -> dict[str, Any] | None:
        return read_json(self._folder / f"{name}.json")

    def _write(self, name: str, value: Any) -> None:
        write_json(self._folder / f"{name}.json", asdict(value))


def promote(
    settings: Settings,
    model: str,
    by: Person,
    reason: str = "",
    *,
    may: Collection[str] = ("improve", "administer"),
) -> Rollout:
    """Have customers get a model, and tell how it begins; `wait` tells how it ends.

    Where no Steward runs, the next one will serve it. `may` are the permissions of who asks: what the gate
    holds against the model can be set aside by whom it says, with a reason. Raises RolloutRefused, or
    UnknownModel.
    """
    record = Registry(settings.home).get(model)
    overridden = set_aside(record, may, reason)
    return _ask(settings, record, "promote", by, reason, overridden)


def rollback(settings: Settings, by: Person, reason: str = "") -> Rollout:
    """Have customers get the model again that they had before; otherwise as `promote`."""
    record = Registry(settings.home).previous()
    if record is None:
        raise RolloutRefused("no_previous", "No other model served before this one.")
    return _ask(settings, record, "rollback", by, reason, ())


def wait(settings: Settings, request: str, seconds: float = 300.0) -> Rollout:
    """The rollout once it is over, or as far as it is when the time is up or the runner has gone."""
    control = Control(settings.home)
    deadline = time.monotonic() + seconds
    while True:
        running = checks.runs_in(settings.home)
        found = control.rollout()
        if found is None or found.request != request:
            raise RolloutRefused("gone", "This rollout is not the newest any more.")
        if found.over or not running or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK_EVERY)


def read_along(settings: Settings, model: str | None, by: Person) -> ShadowWish:
    """Have a candidate read what customers write beside the model that serves, or none.

    Where no Steward runs, the next one does so. Raises RolloutRefused, or UnknownModel.
    """
    registry, control = Registry(settings.home), Control(settings.home)
    with control.alone():
        if model is not None:
            registry.verify(model)
            if model == _serving_now(control, registry, checks.runs_in(settings.home)):
                raise RolloutRefused("serving", f"Model {model} serves; there is nothing to compare it with.")
        wish = ShadowWish(model, by, now())
        control.say_shadow(wish)
    return wish


def in_use(home: Path) -> set[str]:
    """The models that somebody counts on just now: what serves, what is brought in, what reads along."""
    control = Control(home)
    serving, rollout, wish = control.serving(), control.rollout(), control.shadow()
    coming = rollout.model if rollout and not rollout.over else None
    found = (serving.model if serving else None, coming, wish.model if wish else None)
    return {model for model in found if model is not None}


def set_aside(record: ModelRecord, may: Collection[str], reason: str) -> tuple[str, ...]:
    """The codes of what the gate holds against a model and is set aside; raises RolloutRefused if it is not.

    That needs a reason, and each permission that the gate names.
    """
    against = (_UNJUDGED,) if record.gate is None else () if record.gate.passed else record.gate.reasons
    held = [one for one in against if one.overridable_by not in may]
    if held or (against and not reason.strip()):
        told = " ".join(one.text for one in held or against)
        who = (
            "An administrator can set that aside, with a reason." if held else "Promoting it needs a reason."
        )
        raise RolloutRefused("gate", f"{told} {who}")
    return tuple(one.code for one in against)


def _ask(
    settings: Settings, record: ModelRecord, kind: Kind, by: Person, reason: str, overridden: tuple[str, ...]
) -> Rollout:
    """Write the rollout for the runner, or do all that is to be done where none runs."""
    registry, control = Registry(settings.home), Control(settings.home)
    with control.alone():
        running = checks.runs_in(settings.home)
        known = control.rollout()
        if running and known and not known.over:
            message = f"Model {known.model} is just being brought in, asked for by {known.by.name}."
            raise RolloutRefused("busy", message)
        before = _serving_now(control, registry, running)
        if before == record.id:
            raise RolloutRefused("serving", f"Model {record.id} serves already.")
        registry.verify(record.id)
        at = now()
        rollout = Rollout(
            request=secrets.token_hex(8),
            model=record.id,
            kind=kind,
            by=by,
            reason=reason.strip(),
            state="starting",
            text="The model is about to be started.",
            at=at,
            asked_at=at,
            before=before,
            overridden=overridden,
        )
        if not running:
            with checks.alone_in(settings.home):
                registry.promoted(record.id, by=by.name, reason=rollout.reason, kind=kind, at=at)
            rollout = replace(rollout, state="done", text="No Steward runs; the next one serves this model.")
        control.say_rollout(rollout)
    return rollout


def _serving_now(control: Control, registry: Registry, running: bool) -> str | None:
    if not running:
        current = registry.current()
        return current.id if current else None
    serving = control.serving()
    if serving is None or not serving.managed:
        raise RolloutRefused("unmanaged", _ELSEWHERE)
    return serving.model


def _made(kind: type[T], stored: dict[str, Any] | None) -> T | None:
    """An object of what was stored; None where a newer or older Steward stored something else."""
    if stored is None:
        return None
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in stored.items() if name in known})
    except TypeError:
        return None


def _with_person(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    by = stored.get("by")
    return {**stored, "by": _made(Person, by) if isinstance(by, dict) else None}
