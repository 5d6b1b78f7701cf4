"""The contents of files on disk, each under a random name of its own.

A file counts once the database knows it. As long as one is being written its writer holds a lock on it,
which ends with the writer however it ends; what is neither known nor locked is a remainder and is swept away.
Several desks may share the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_ROOM = 100


class Incoming:
    """A file that is being written; it vanishes on `discard`, and stays after `keep`."""

    def __init__(self, folder: Path) -> None:
        self.id = secrets.token_urlsafe(24)
        self.size = 0
        self._path = folder / self.id
        self._digest = hashlib.sha256()
        # Open for this process alone, and only where nothing is yet.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.file: BinaryIO = os.fdopen(descriptor, "w+b")
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Add to the file."""
        self.file.write(data)
        self._digest.update(data)
        self.size += len(data)

    def settle(self) -> None:
        """Bring everything to the disk; raises OSError when it cannot, or a sweep took the file."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if os.fstat(self.file.fileno()).st_nlink == 0:
            raise FileNotFoundError(self._path)

    def keep(self) -> None:
        """The file is known now."""
        self.file.close()

    def discard(self) -> None:
        """The file is not wanted."""
        self._path.unlink(missing_ok=True)
        self.file.close()


class Disk:
    """The folder of all files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make the folder if it is not there, for nobody but this user."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def free(self) -> int:
        """How many bytes are left on the disk."""
        return shutil.disk_usage(self._folder).free

    def begin(self) -> Incoming:
        """Start a new file."""
        return Incoming(self._folder)

    def read(self, file_id: str) -> BinaryIO:
        """The file's content; raises FileNotFoundError when it is not there."""
        return (self._folder / file_id).open("rb")

    def remove(self, *ids: str) -> None:
        """Delete files; those that are not there are no matter."""
        for file_id in ids:
            (self._folder / file_id).unlink(missing_ok=True)

    def batches(self) -> Iterator[list[str]]:
        """The names of everything in the folder, some at a time."""
        names: list[str] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) == _ROOM:
                    yield names
                    names = []
        if names:
            yield names

    def idle(self, names: list[str]) -> Locked:
        """Of these files those that nobody is writing, locked until the sweep is over."""
        return Locked(self._folder, names)


class Locked:
    """Files that nobody else writes. Use as a context manager; `names` are those that could be locked."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self._folder = folder
        self._wanted = names
        self._open: list[BinaryIO] = []
        self.names: list[str] = []

    def __enter__(self) -> Locked:
        """Lock what can be locked."""
        for name in self._wanted:
            with suppress(FileNotFoundError, BlockingIOError):
                file = (self._folder / name).open("rb")
                self._open.append(file)
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.names.append(name)
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of them."""
        for file in self._open:
            file.close()
