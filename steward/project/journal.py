"""Writing several files as one: all of them or none, whenever the process or the disk gives up.

First the new contents lie beside the files, and the old ones are held by a second name; then a journal says
so; then each file is replaced, which takes no space. Whoever finds the journal later can finish, or undo.
The journal's own file name says how far it has come.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from steward.edits import FOLDER
from steward.edits import READY as READY_SIGN
from steward.errors import ProjectError
from steward.project.changeset import FileChange

_NEW, _OLD = ".steward-new", ".steward-old"
_LOCK_SECONDS = 30.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class Stage(str, Enum):
    """How far an edit has come."""

    READY = READY_SIGN
    WRITTEN = "written"
    COMMITTED = "committed"
    DONE = "done"


@dataclass(frozen=True)
class Entry:
    """A file of an edit: its new and its old content beside it, and the digests of both; None for no file."""

    path: str
    before: str | None
    after: str | None
    new: str
    old: str


@dataclass(frozen=True)
class Journal:
    """An edit on its way, with what is needed to bring it to its end."""

    id: str
    entries: tuple[Entry, ...]
    rest: Mapping[str, Any]
    stage: Stage = Stage.READY


class Journals:
    """The edits of a project on their way."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who edits; raises ProjectError when somebody else is for long."""
        handle = os.open(self._root, os.O_RDONLY)
        try:
            self._wait(handle)
            yield
        finally:
            os.close(handle)

    def begin(self, files: Sequence[FileChange], rest: Mapping[str, Any]) -> Journal:
        """Lay everything ready; raises ProjectError, with nothing changed, where that cannot be done."""
        number = secrets.token_hex(6)
        journal = Journal(number, tuple(_entry(file, number) for file in files), rest)
        try:
            for file, entry in zip(files, journal.entries, strict=True):
                self._lay_ready(file, entry)
            self._save(journal)
        except OSError as error:
            self._sweep(journal)
            raise _told(error, self._root) from error
        return journal

    def write(self, journal: Journal) -> Journal:
        """Replace the files; raises ProjectError, with none of them replaced, where one cannot be."""
        try:
            for entry in journal.entries:
                self._replace(entry)
            return self.advance(journal, Stage.WRITTEN)
        except (OSError, ProjectError) as error:
            self.undo(journal)
            raise _told(error, self._root) if isinstance(error, OSError) else error from error

    def undo(self, journal: Journal) -> None:
        """Put back what was replaced and forget the edit."""
        for entry in journal.entries:
            path, old = self._root / entry.path, self._root / entry.old
            if digest(path) != entry.after or entry.before == entry.after:
                continue
            if entry.before is None:
                path.unlink(missing_ok=True)
            elif old.exists():
                os.replace(old, path)
        self.forget(journal)

    def advance(self, journal: Journal, stage: Stage) -> Journal:
        """Note how far the edit has come."""
        there, to = self._place(journal), self._place(journal, stage)
        os.replace(there, to)
        _sync(self._folder)
        if stage is Stage.WRITTEN:
            self._sweep(journal)
        return Journal(journal.id, journal.entries, journal.rest, stage)

    def note(self, journal: Journal, **rest: Any) -> Journal:
        """Note something else about the edit."""
        noted = Journal(journal.id, journal.entries, {**journal.rest, **rest}, journal.stage)
        try:
            self._save(noted)
        except OSError as error:
            raise _told(error, self._root) from error
        return noted

    def changes(self, journal: Journal) -> list[FileChange]:
        """What an edit that is laid ready is to change."""
        return [
            FileChange(one.path, _content(self._root / one.old), _content(self._root / one.new))
            for one in journal.entries
        ]

    def forget(self, journal: Journal) -> None:
        """The edit has come to its end."""
        self._sweep(journal)
        self._place(journal).unlink(missing_ok=True)

    def all(self) -> list[Journal]:
        """Every edit on its way, the oldest first."""
        found = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [_read(path) for path in found]

    def on_the_way(self) -> frozenset[str]:
        """The names of the edits on their way, without reading them."""
        return frozenset(path.name.partition(".")[0] for path in self._folder.glob("*.json"))

    def tidy(self) -> None:
        """Remove what was laid ready for edits that never began; only while nobody else edits."""
        for path in self._folder.glob("*.tmp"):
            path.unlink(missing_ok=True)
        known = {name for journal in self.all() for one in journal.entries for name in (one.new, one.old)}
        for folder in (self._root, *(path for path in (self._root / "data").rglob("*") if path.is_dir())):
            for path in folder.glob(".*.steward-*"):
                if str(path.relative_to(self._root)) not in known and path.suffix in (_NEW, _OLD):
                    path.unlink(missing_ok=True)

    def _lay_ready(self, file: FileChange, entry: Entry) -> None:
        path = self._root / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.after is not None:
            _write(self._root / entry.new, file.after)
            if file.before is not None:
                shutil.copymode(path, self._root / entry.new)
        if file.before is not None:
            _hold(path, self._root / entry.old)
        _sync(path.parent)

    def _replace(self, entry: Entry) -> None:
        path, new = self._root / entry.path, self._root / entry.new
        now = digest(path)
        if now == entry.after:
            return
        if now != entry.before or (entry.after is not None and digest(new) != entry.after):
            raise ProjectError("changed by somebody else meanwhile; plan the edit again", file=entry.path)
        if entry.after is None:
            path.unlink()
        else:
            os.replace(new, path)
        _sync(path.parent)

    def _save(self, journal: Journal) -> None:
        self._folder.mkdir(exist_ok=True)
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        stored = {"id": journal.id, "entries": [asdict(one) for one in journal.entries], "rest": journal.rest}
        temporary = self._folder / f"{journal.id}.tmp"
        _write(temporary, json.dumps(stored).encode())
        os.replace(temporary, self._place(journal))
        _sync(self._folder)

    def _place(self, journal: Journal, stage: Stage | None = None) -> Path:
        return self._folder / f"{journal.id}.{(stage or journal.stage).value}.json"

    def _sweep(self, journal: Journal) -> None:
        """Remove what lies beside the files, as far as the disk lets one; `tidy` removes the rest."""
        beside = [self._root / name for entry in journal.entries for name in (entry.new, entry.old)]
        for path in (*beside, self._folder / f"{journal.id}.tmp"):
            with suppress(OSError):
                path.unlink()

    def _wait(self, handle: int) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if time.monotonic() > deadline:
                raise ProjectError("somebody else is editing the files; try again in a minute")
            time.sleep(0.05)


def digest(path: Path) -> str | None:
    """What tells a file's content from another's; None for no file."""
    return _digest(_content(path))


def _content(path: Path) -> bytes | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        return path.read_bytes()
    return None


def _entry(file: FileChange, number: str) -> Entry:
    folder, _, name = file.path.rpartition("/")
    beside = f"{folder}/.{name}.{number}" if folder else f".{name}.{number}"
    return Entry(file.path, _digest(file.before), _digest(file.after), beside + _NEW, beside + _OLD)


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _hold(path: Path, name: Path) -> None:
    """A second name for a file; a copy where the disk knows no second names."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Journal:
    stored = json.loads(path.read_text(encoding="utf-8"))
    entries = tuple(Entry(**one) for one in stored["entries"])
    return Journal(stored["id"], entries, stored["rest"], Stage(path.suffixes[-2].removeprefix(".")))


def _told(error: OSError, root: Path) -> ProjectError:
    """What the disk said, as a person reads it."""
    place = Path(os.fsdecode(error.filename)) if error.filename else root
    shown = place.relative_to(root) if place.is_relative_to(root) else place
    if error.errno in _FULL:
        return ProjectError("the disk is full; free some space. Nothing was changed")
    if error.errno in _FORBIDDEN:
        folder = shown.parent if place != root else root
        return ProjectError(
            f"the folder {folder} cannot be written to; give the user that runs Steward the right to. "
            "Nothing was changed"
        )
    return ProjectError(f"{shown}: {error.strerror}. Nothing was changed")
