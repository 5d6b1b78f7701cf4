"""What a bot remembers of conversations, on the disk: a small file each, for the bot that comes after it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

THROW_AWAY = "~"
"""Senders whose names begin with it are nobody's conversation: what they say is never written down."""

Stamp = tuple[int, int]
"""Tells one version of what is remembered from another; the newer is the greater."""

_DAY = 86_400.0


class Memory:
    """A folder with a file for each sender. Several bots may use it, one at a time for each sender.

    A new version goes beside the old one, which is then removed: whoever reads finds one that is whole, and
    the file system need not put a file in another's place, for which it waits until it is on the disk. It is
    to outlive a process; what a power cut takes is no more than what product was talked about.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stamp(self, sender: str) -> Stamp | None:
        """The version of what is remembered; None where nothing is."""
        found = [_stamp(path) for path in self._files(sender)]
        return max((stamp for stamp in found if stamp), default=None)

    def read(self, sender: str) -> dict[str, Any] | None:
        """What is remembered of a sender, or None."""
        found = [(stamp, path) for path in self._files(sender) if (stamp := _stamp(path))]
        for _, path in sorted(found, reverse=True):
            # One that a bot was killed over is not whole; then the one before it is still there.
            with suppress(OSError, ValueError):
                value = json.loads(Path(path).read_bytes())
                if isinstance(value, dict):
                    return value
        return None

    def write(self, sender: str, value: dict[str, Any]) -> Stamp | None:
        """Remember a value, as the version returned; raises OSError when it cannot be written."""
        one, other = self._files(sender)
        new, old = (other, one) if os.path.exists(one) else (one, other)
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            written = _write(new, content)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            written = _write(new, content)
        _remove(old)
        return written

    def forget(self, sender: str) -> None:
        """Remove what is remembered of a sender."""
        for path in self._files(sender):
            _remove(path)

    def sweep(self, days: float) -> None:
        """Remove what nobody came back to for so many days."""
        limit = time.time() - days * _DAY
        with suppress(FileNotFoundError):
            for entry in os.scandir(self._folder):
                with suppress(FileNotFoundError):
                    if entry.stat().st_mtime < limit:
                        os.unlink(entry.path)

    def _files(self, sender: str) -> tuple[str, str]:
        # A sender's name may have any characters, and need not be told to who lists the folder.
        name = hashlib.sha256(sender.encode()).hexdigest()[:32]
        return f"{self._folder}/{name}.0", f"{self._folder}/{name}.1"


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _write(path: str, content: bytes) -> Stamp:
    """Write a file that only this user may read; what a full disk leaves half written is removed."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if os.write(handle, content) < len(content):
            raise OSError("only a part was written")
        found = os.fstat(handle)
    except OSError:
        _remove(path)
        raise
    finally:
        os.close(handle)
    return found.st_mtime_ns, found.st_ino


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
