"""What the person at the terminal sees: lasting lines, and one line that tells what is going on now."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

_PLAIN_EVERY = 5.0


class Console:
    """Writes lines to a stream; on a terminal the progress line is replaced in place.

    Elsewhere (a log, CI) progress is printed as plain lines, at most one every few seconds unless its
    stage changes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown = False
        self._stage = ""
        self._next = 0.0

    def say(self, text: str = "") -> None:
        """Print a lasting line (or several)."""
        self._clear()
        self._write(f"{text}\n")

    def progress(self, stage: str, detail: str = "") -> None:
        """Tell what is going on: the stage in words, the detail (a count, seconds) behind it."""
        text = f"{stage}  {detail}".rstrip()
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[2K{text[:width]}")
            self._shown = True
            return
        now = time.monotonic()
        if stage != self._stage or now >= self._next:
            self._stage, self._next = stage, now + _PLAIN_EVERY
            self._write(f"{text}\n")

    def done(self) -> None:
        """Remove the progress line: what it told of is over."""
        self._clear()
        self._stage = ""

    def _clear(self) -> None:
        if self._shown:
            self._write("\r\x1b[2K")
            self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
