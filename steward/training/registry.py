"""The models that this Steward has made: each kept with its hash, its figures, its report and its history.

Loading a model runs code that it carries, so nothing is started that this registry does not know.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from steward.clock import now
from steward.errors import StewardError
from steward.training.disk import read_json, settle, write_json

ARCHIVE = "model.tar.gz"
REPORT = "report.html"
HELD_OUT = "heldout.csv"
JUDGED = "judged.json"
DOMAIN = "domain.yml"
_RECORD = "record.json"
_ID = re.compile(r"[0-9a-f]{12}")
_ID_LENGTH = 12
_KEPT = 8
_CHUNK = 1 << 20

Kind = Literal["promote", "rollback", "first"]


class UnknownModel(StewardError):
    """No such model was made here, or its archive is not the one that was made."""


@dataclass(frozen=True)
class Figures:
    """How a model did on its own examples, each read as if it had not been learned from.

    Shares from 0 to 1: `accuracy` was read right, with 95% certainty between `low` and `high`; `coverage` is
    sure enough to be answered; `answered_wrongly` is so and wrong. The shop accepts that `accepted_error` of
    customers' messages are; of examples, which say nothing twice, that makes `accepted_here`. `answer_ms` is
    the median of what one message took, None where no one asked.
    """

    accuracy: float
    low: float
    high: float
    examples: int
    topics: int
    threshold: float
    coverage: float
    answered_wrongly: float
    accepted_error: float
    calibration_error: float
    accepted_here: float = 0.0
    answer_ms: float | None = None


@dataclass(frozen=True)
class Reason:
    """Why a model must not be promoted; `overridable_by` is the permission that may do it all the same."""

    code: str
    text: str
    overridable_by: str


@dataclass(frozen=True)
class Gate:
    """What was decided about a model before anybody could promote it."""

    passed: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Promotion:
    """That customers were given a model: when (milliseconds since 1970), by whom, and why."""

    at: int
    by: str
    reason: str
    kind: Kind


@dataclass(frozen=True)
class ModelRecord:
    """One model: `id` names it, `hash` is its archive's sha256, `fingerprint` says what it was made of.

    `trained_at` is in milliseconds since 1970, `seconds` is what its making took from first to last. The
    `gate` is None for a model that nobody has judged, as the first one of a new Steward.
    """

    id: str
    hash: str
    fingerprint: str
    data_commit: str | None
    trained_at: int
    by: str
    seconds: float
    figures: Figures | None = None
    gate: Gate | None = None
    promotions: tuple[Promotion, ...] = ()

    @classmethod
    def read(cls, stored: dict[str, Any]) -> ModelRecord:
        """The record that `asdict` made these values of; KeyError, TypeError or ValueError for others."""
        figures, gate = stored.get("figures"), stored.get("gate")
        reasons = tuple(Reason(**reason) for reason in gate["reasons"]) if gate else ()
        return cls(
            **{
                **stored,
                "figures": Figures(**figures) if figures else None,
                "gate": Gate(bool(gate["passed"]), reasons) if gate else None,
                "promotions": tuple(Promotion(**promotion) for promotion in stored["promotions"]),
            }
        )


class Registry:
    """The models in `home/models`. Any number of processes may use it at once."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "models"

    def models(self) -> list[ModelRecord]:
        """All models, the newest first."""
        found = [self._read(folder.name) for folder in self._folders()]
        return sorted((record for record in found if record), key=lambda record: -record.trained_at)

    def get(self, model_id: str) -> ModelRecord:
        """One model; raises UnknownModel."""
        record = self._read(model_id)
        if record is None:
            raise UnknownModel(
                f"There is no model {model_id}. `steward models` lists the models that there are."
            )
        return record

    def find(self, beginning: str) -> ModelRecord:
        """The model whose id begins so; raises UnknownModel when there is none, or more than one."""
        found = [record for record in self.models() if record.id.startswith(beginning)]
        if len(found) > 1:
            raise UnknownModel(f"{len(found)} models begin with {beginning}; give more of the name.")
        return found[0] if found else self.get(beginning)

    def fitting(self, fingerprint: str) -> ModelRecord | None:
        """The newest model made of exactly this data, code and libraries."""
        return next((record for record in self.models() if record.fingerprint == fingerprint), None)

    def current(self) -> ModelRecord | None:
        """The model that somebody promoted last: the one that customers are meant to get."""
        history = self._history()
        return self._read(history[0]) if history else None

    def previous(self) -> ModelRecord | None:
        """The model that customers were given before the current one."""
        history = self._history()
        return next((self._read(name) for name in history[1:] if name != history[0]), None)

    def archive(self, model_id: str) -> Path:
        """Where a model's archive is; `verify` says whether it may be started."""
        return self._folder / self.get(model_id).id / ARCHIVE

    def place(self, model_id: str, name: str) -> Path:
        """Where one of the files kept with a model (REPORT, HELD_OUT, JUDGED, DOMAIN) belongs."""
        return self._folder / self.get(model_id).id / name

    def kept(self, model_id: str, name: str) -> Path | None:
        """One of the files kept with a model, or None where it has none."""
        path = self.place(model_id, name)
        return path if path.is_file() else None

    def verify(self, model_id: str) -> Path:
        """The archive of a model, looked at byte by byte; raises UnknownModel if it is not the one made."""
        record, path = self.get(model_id), self.archive(model_id)
        try:
            found = sha256_of(path)
        except OSError as error:
            raise UnknownModel(
                f"The archive of model {model_id} cannot be read ({error.strerror})."
            ) from None
        if found != record.hash:
            raise UnknownModel(
                f"{path} is not the archive that was made as model {model_id}: its hash differs. "
                "It is not started, since loading a model runs code. Train again, or promote another."
            )
        return path

    def add(self, folder: Path, record: ModelRecord) -> ModelRecord:
        """Take in a folder with an archive and what is kept with it, in one step; the record gets its name.

        The folder must lie on the same disk, and is gone afterwards.
        """
        named = name(record, folder / ARCHIVE)
        write_json(folder / _RECORD, asdict(named))
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            target = self._folder / named.id
            if not target.exists():
                folder.rename(target)
                settle(self._folder)
        shutil.rmtree(folder, ignore_errors=True)
        return self.get(named.id)

    def promoted(
        self, model_id: str, *, by: str, reason: str, kind: Kind, at: int | None = None
    ) -> ModelRecord:
        """Write into a model's history that it was promoted, now unless said otherwise."""
        promotion = Promotion(at if at is not None else now(), by, reason, kind)
        with self._alone():
            record = self.get(model_id)
            changed = replace(record, promotions=(*record.promotions, promotion))
            write_json(self._folder / model_id / _RECORD, asdict(changed))
        return changed

    def prune(self, keep: Iterable[str] = ()) -> list[str]:
        """Drop all but the newest eight, the current, the previous and those to keep; the names dropped."""
        wanted = {record.id for record in (self.current(), self.previous()) if record}
        wanted |= {*keep, *(record.id for record in self.models()[:_KEPT])}
        dropped = [record.id for record in self.models() if record.id not in wanted]
        for name in dropped:
            # Without its record it is no model any more, even if the rest takes until the next time.
            (self._folder / name / _RECORD).unlink(missing_ok=True)
        for folder in self._folders():
            if self._read(folder.name) is None:
                shutil.rmtree(folder, ignore_errors=True)
        for stray in self._folder.glob("*.tar.gz"):
            stray.unlink(missing_ok=True)
        return dropped

    def _folders(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_dir()] if self._folder.is_dir() else []

    def _read(self, model_id: str) -> ModelRecord | None:
        if not _ID.fullmatch(model_id):
            return None
        stored = read_json(self._folder / model_id / _RECORD)
        try:
            return ModelRecord.read(stored) if stored else None
        except (KeyError, TypeError, ValueError):
            return None

    def _history(self) -> list[str]:
        """The ids of the promoted models, the last promotion first."""
        known = self.models()
        found = [(promotion.at, record.id) for record in known for promotion in record.promotions]
        return [name for _, name in sorted(found, key=lambda pair: -pair[0])]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the registry inside the block."""
        with (self._folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def name(record: ModelRecord, archive: Path) -> ModelRecord:
    """The record with the hash of its archive, and the id that follows from it."""
    digest = sha256_of(archive)
    return replace(record, id=digest[:_ID_LENGTH], hash=digest)
