"""Child processes: started in a group of their own, tied to this process's life, their words in a log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

_LOG_LIMIT = 5_000_000
# The frames of a traceback, what stands between two of them, and progress bars.
_NOISE = re.compile(r"  |Traceback|The above exception|During handling|.*\r|.*\d%\|")
_TAIL = 65_536


def spawn(
    module: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    roll: bool = True,
) -> subprocess.Popen[bytes]:
    """Run a Python module as a child that does not outlive this process, its output appended to a log.

    A log that has grown large is put aside first, unless it must not `roll`.
    """
    command = [sys.executable, "-m", "steward.run.child", str(os.getpid()), module, *arguments]
    with _open_log(log) if roll else log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a spawned process and everything it started; nothing happens when all have ended."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # PermissionError is what macOS says of a group in which only a zombie is left.
        return


def how_it_ended(code: int) -> str:
    """An exit status as a person says it."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log for showing to a person: indented, and of tracebacks only what the errors say."""
    kept = [line for line in last_text(log).splitlines() if line.strip() and not _NOISE.match(line)][-count:]
    return "\n".join(f"    {line}" for line in kept or ["(it wrote nothing)"])


def last_text(log: Path) -> str:
    """The end of a log as it is; nothing where there is no log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL))
            return stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one that has grown large becomes `<name>.1` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")
