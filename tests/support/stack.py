"""A whole Steward, started as a shop starts it: bot, actions and desk from `steward run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from steward.checks import is_free

ROOT = Path(__file__).resolve().parents[2]
# Time for the training that a home without a fitting model begins with, on a busy machine.
_START_SECONDS = 600


@dataclass
class Stack:
    """A Steward that runs on `port`; `home` holds its database, models and logs."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path
    root: Path = ROOT

    @property
    def url(self) -> str:
        """The desk's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sign_in(self) -> tuple[str, str]:
        """The e-mail address and the password of the agent made on the first run."""
        email, password = (self.home / "sign-in").read_text(encoding="utf-8").split()
        return email, password

    def kill(self, port: int) -> None:
        """Kill, as a crash would, the process that listens on a port of this machine."""
        pid = _listener(port)
        assert pid is not None, f"nothing listens on {port}"
        self.kill_process(pid)

    def kill_process(self, pid: int | None) -> None:
        """Kill a process of this Steward."""
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill the runner, as the machine's memory guard may; what it started ends with it."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start what was killed, in the same home and on the same port, and wait until it is ready."""
        self.process = _run(self.home, self.port, self.output, self.root)
        _wait_until_ready(self)

    def process_of(self, model: str) -> int | None:
        """The process of the bot that was started with a model, whether or not it answers yet."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self.home / "models" / model / "model.tar.gz").encode() in words:
                return int(folder.name)
        return None

    def stop(self) -> None:
        """Stop everything, as Ctrl-C would."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)


def start(home: Path, root: Path = ROOT) -> Stack:
    """Start a Steward in `home` on free ports and wait until it says that it is ready."""
    home.mkdir(parents=True, exist_ok=True)
    output = home / "output.txt"
    port = _free_ports(3)
    stack = Stack(home, port, _run(home, port, output, root), output, root)
    _wait_until_ready(stack)
    return stack


def _run(home: Path, port: int, output: Path, root: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PORT": str(port), "STEWARD_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    env |= {"STEWARD_HOURS": "always", "STEWARD_ROOT": str(root)}
    with output.open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "steward", "run"], cwd=ROOT, env=env, stdout=sink, stderr=sink
        )


def _wait_until_ready(stack: Stack) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while "Steward is ready" not in (told := stack.output.read_text(encoding="utf-8", errors="replace")):
        if stack.process.poll() is not None or time.monotonic() > deadline:
            stack.process.kill()
            raise RuntimeError(f"Steward did not start:\n{told}")
        time.sleep(0.2)


def _free_ports(count: int) -> int:
    """The first of `count` neighbouring free ports."""
    for first in range(20000 + os.getpid() % 5000, 60000, count):
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError("no free ports")


def _listener(port: int) -> int | None:
    """The process that listens on a port, found through /proc as `ss -tlnp` does."""
    wanted = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(wanted) and row[3] == "0A"}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            links = {os.readlink(link) for link in folder.iterdir()}
        except OSError:
            continue
        if any(f"socket:[{inode}]" in links for inode in inodes):
            return int(folder.parent.name)
    return None
