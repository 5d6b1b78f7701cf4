"""Measures a whole Steward beside a stock Rasa bot, one after the other on the same machine.

Steward: the public API in, the stored reply out, through desk, bot and action server. The stock bot is what
`rasa init` makes, on its bare REST channel. Each is started here, measured with one customer and with
several at once, and stopped before the other starts. A customer opens a conversation, sends a few messages,
each as soon as the last is answered, and is followed by another.

    .venv/bin/python bench/throughput.py --json bench/result.json

Making the stock bot takes some minutes, the first time; `--stock DIR` says where it is kept.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 900.0
QUIETLY = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
WARM_UP_SESSIONS = 6

SHOP_SESSIONS = (
    ("How much is the Rill 300?", "And how do I clean it?", "Thanks!"),
    ("What is the difference between the Dusty S1 and the Dusty S2 Max?", "Is the Dusty S1 in stock?"),
    ("When do you open?", "Do you deliver to islands?", "How do I send something back?"),
    ("My Splash 45 leaks, what can I do?", "How long is the warranty on it?"),
    ("How do I install the Portal 8?", "What does it cost?", "How do I dispose of it later?"),
    ("Hello", "Which ways to pay do you have?", "Where can I learn to use the Crema One?", "Bye"),
)
STOCK_SESSIONS = (
    ("hello", "I am very sad", "yes", "bye"),
    ("hi there", "wonderful", "goodbye"),
    ("are you a bot?", "good evening", "not very good", "no"),
)


@dataclass
class Level:
    """What was measured with so many customers at once; times in milliseconds."""

    at_once: int
    messages: int
    per_second: float
    p50: float
    p95: float
    p99: float
    faults: dict[str, int]
    kinds: dict[str, int]


@dataclass
class Result:
    """One bot's numbers."""

    name: str
    seconds_to_ready: float
    levels: list[Level] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)


class Fault(Exception):
    """A message that got no proper answer; the text says how."""


class ShopCustomer:
    """Talks to Steward over its public API."""

    def __init__(self, port: int, number: int) -> None:
        self._http = connect(port, number)
        opened = call(self._http, "POST", "/api/v1/conversations", {})
        self._base = f"/api/v1/conversations/{opened['id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    def ask(self, text: str) -> str:
        """Send a message and wait for the stored reply; what kind of reply it was."""
        headers = {**self._headers, "Idempotency-Key": uuid.uuid4().hex}
        seq = int(call(self._http, "POST", self._base, {"text": text}, headers)["seq"])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            news = call(self._http, "GET", f"{self._base}?after={seq}&wait=25", None, self._headers)
            for message in news["messages"]:
                if message["from"] == "bot":
                    return str((message.get("meta") or {}).get("act", "unmarked"))
                if message["from"] == "system":
                    raise Fault(f"handed over at {text!r}")
        raise Fault("no answer within 30 s")

    def leave(self) -> None:
        """Close the connection."""
        self._http.close()


class StockCustomer:
    """Talks to a Rasa server's REST channel."""

    def __init__(self, port: int, number: int) -> None:
        self._http = connect(port, number)
        self._sender = uuid.uuid4().hex

    def ask(self, text: str) -> str:
        """Send a message; the answer comes in the response."""
        body = {"sender": self._sender, "message": text}
        if not call(self._http, "POST", "/webhooks/rest/webhook", body):
            raise Fault("an empty answer")
        return "answer"

    def leave(self) -> None:
        """Close the connection."""
        self._http.close()


Customer = Callable[[int, int], Any]


def connect(port: int, number: int) -> http.client.HTTPConnection:
    """A connection of one customer's own; on Linux from a loopback address of its own as well.

    Steward limits what one address may do in a minute, and these are many customers.
    """
    source = (f"127.0.{1 + number // 250 % 250}.{1 + number % 250}", 0) if sys.platform == "linux" else None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40, source_address=source)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def call(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str] | None = None,
) -> Any:
    """One request and its JSON answer; raises Fault when the status is not a good one."""
    data = None if body is None else json.dumps(body)
    connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
    response = connection.getresponse()
    content = response.read()
    if response.status >= 300:
        raise Fault(f"status {response.status}")
    return json.loads(content)


class Crowd:
    """Customers who follow one another on a number of threads until the time is up."""

    def __init__(self, customer: Customer, port: int, sessions: Sequence[Sequence[str]]) -> None:
        self._customer = customer
        self._port = port
        self._sessions = itertools.cycle(sessions)
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """A few sessions that do not count; raises Fault when they fail."""
        for _ in range(WARM_UP_SESSIONS):
            self._session([], Counter(), float("inf"))

    def measure(self, at_once: int, seconds: float) -> Level:
        """Run so many customers at once for so long."""
        times: list[float] = []
        kinds: Counter[str] = Counter()
        faults: Counter[str] = Counter()
        began = time.monotonic()
        arguments = (times, kinds, faults, began + seconds)
        threads = [threading.Thread(target=self._until, args=arguments, daemon=True) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - began
        cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
        return Level(
            at_once=at_once,
            messages=len(times),
            per_second=len(times) / elapsed,
            p50=1000 * cuts[49],
            p95=1000 * cuts[94],
            p99=1000 * cuts[98],
            faults=dict(faults),
            kinds=dict(kinds),
        )

    def _until(self, times: list[float], kinds: Counter[str], faults: Counter[str], end: float) -> None:
        while time.monotonic() < end:
            try:
                self._session(times, kinds, end)
            except Fault as fault:
                faults[str(fault)] += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                faults[type(error).__name__] += 1

    def _session(self, times: list[float], kinds: Counter[str], end: float) -> None:
        with self._lock:
            texts, number = next(self._sessions), next(self._numbers)
        customer = self._customer(self._port, number)
        try:
            for text in texts:
                if time.monotonic() >= end:
                    return
                began = time.monotonic()
                kind = customer.ask(text)
                times.append(time.monotonic() - began)
                kinds[kind] += 1
        finally:
            customer.leave()


def measure_steward(port: int, home: Path, levels: Sequence[int], seconds: float) -> Result:
    """Start Steward with `make run` (once more if it had to train first), measure it, and stop it."""
    env = {**os.environ, "PORT": str(port), "STEWARD_HOME": str(home)}

    def ready(output: str) -> bool:
        return "Steward is ready" in output

    with started(["make", "run"], ROOT, env, ready) as (_, _, output):
        trained = "Training the model" in output
    with started(["make", "run"], ROOT, env, ready) as (pid, waited, _):
        result = Result("Steward", waited)
        note(f"Steward is ready after {waited:.1f} s{' (trained once before)' if trained else ''}")
        _measure(result, Crowd(ShopCustomer, port, SHOP_SESSIONS), levels, seconds, pid)
    return result


def measure_stock(port: int, folder: Path, levels: Sequence[int], seconds: float) -> Result:
    """Start the stock bot, measure it, and stop it."""
    model = make_stock(folder)
    arguments = ["run", "--quiet", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]
    command = [sys.executable, "-m", "rasa", *arguments]

    def ready(output: str) -> bool:
        return answers(port, "/webhooks/rest/")

    with started(command, folder, QUIETLY, ready) as (pid, waited, _):
        result = Result("stock `rasa init` bot", waited)
        note(f"The stock bot is ready after {waited:.1f} s")
        _measure(result, Crowd(StockCustomer, port, STOCK_SESSIONS), levels, seconds, pid)
    return result


def _measure(result: Result, crowd: Crowd, levels: Sequence[int], seconds: float, pid: int) -> None:
    crowd.warm_up()
    for at_once in levels:
        level = crowd.measure(at_once, seconds)
        faults = f", {level.faults}" if level.faults else ""
        note(f"  {at_once} at once: {level.per_second:.1f} messages/s, p50 {level.p50:.0f} ms{faults}")
        result.levels.append(level)
    result.memory = memory_of(pid)


def make_stock(folder: Path) -> Path:
    """The stock bot's model, made with `rasa init` unless the folder has one already."""
    if (model := next((folder / "models").glob("*.tar.gz"), None)) is not None:
        return model
    folder.mkdir(parents=True, exist_ok=True)
    note(f"Making the stock bot in {folder} (some minutes)")
    command = [sys.executable, "-m", "rasa", "init", "--no-prompt", "--init-dir", str(folder)]
    with (folder / "init.log").open("wb") as log:
        subprocess.run(command, cwd=folder, env=QUIETLY, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    model = next((folder / "models").glob("*.tar.gz"), None)
    if model is None:
        sys.exit(f"`rasa init` made no model; {folder / 'init.log'} tells why.")
    return model


@contextmanager
def started(
    command: Sequence[str], folder: Path, env: dict[str, str], ready: Callable[[str], bool]
) -> Iterator[tuple[int, float, str]]:
    """Run a command until the block ends; gives its process id, the seconds to ready, and its output."""
    with tempfile.TemporaryFile("w+b") as output:

        def said() -> str:
            output.seek(0)
            return output.read().decode("utf-8", "replace")

        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not ready(said()):
                if process.poll() is not None or time.monotonic() - began > START_LIMIT:
                    sys.exit(f"{' '.join(command)} did not become ready:\n{said()}")
                time.sleep(0.05)
            yield process.pid, time.monotonic() - began, said()
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a command as Ctrl-C would, and the rest of its group should that take too long."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int, path: str) -> bool:
    """Whether a server answers a GET with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def memory_of(pid: int) -> dict[str, float]:
    """Resident megabytes of a process and all its descendants, by what they run; Linux only."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(status.parent.name))
    memory: dict[str, float] = {}
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        waiting += parents.get(current, [])
        try:
            pages = int(Path(f"/proc/{current}/statm").read_text().split()[1])
        except OSError:
            continue
        name = _what_it_runs(current)
        memory[name] = memory.get(name, 0.0) + pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return memory


def _what_it_runs(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    names = {"steward.desk": "desk", "rasa_sdk": "action server", "rasa": "bot", "steward": "runner"}
    return next((names[word] for word in words if word in names), "make and shell")


def note(text: str) -> None:
    """Tell how far the measuring is, on stderr: stdout is for the tables."""
    print(text, file=sys.stderr, flush=True)


def tables(results: Sequence[Result]) -> str:
    """The numbers as Markdown."""
    machine = (f"{os.cpu_count()} cores", _processor(), f"Python {platform.python_version()}")
    lines = [
        ", ".join([*machine, time.strftime("%Y-%m-%d")]),
        "",
        "| | at once | messages/s | p50 | p95 | p99 | without an answer |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        for level in result.levels:
            lines.append(
                f"| {result.name} | {level.at_once} | {level.per_second:.1f} | {level.p50:.0f} ms "
                f"| {level.p95:.0f} ms | {level.p99:.0f} ms | {sum(level.faults.values())} |"
            )
    lines += [
        "",
        "| | seconds to ready | memory of all processes | of these |",
        "| --- | ---: | ---: | --- |",
    ]
    for result in results:
        parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(result.memory.items()))
        total = sum(result.memory.values())
        lines.append(f"| {result.name} | {result.seconds_to_ready:.1f} | {total:.0f} MB | {parts} |")
    return "\n".join(lines)


def _processor() -> str:
    try:
        rows = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (row.partition(":")[2].strip() for row in rows if row.startswith("model name")), platform.machine()
    )


def main() -> None:
    """Read the options, measure, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--at", type=int, nargs="+", default=[1, 8], metavar="N", help="customers at once (1 8)"
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long each level lasts (20)")
    parser.add_argument("--port", type=int, default=18300, help="first of four free ports (18300)")
    parser.add_argument("--home", type=Path, help="Steward's data folder (a temporary one)")
    parser.add_argument("--stock", type=Path, help="where the stock bot is kept (a temporary folder)")
    parser.add_argument("--only", choices=["steward", "stock"], help="measure just one of the two")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    options = parser.parse_args()

    scratch = Path(tempfile.mkdtemp(prefix="steward-bench-"))
    try:
        results = []
        if options.only != "stock":
            home = options.home or scratch / "home"
            results.append(measure_steward(options.port, home.absolute(), options.at, options.seconds))
        if options.only != "steward":
            stock = options.stock or scratch / "stock"
            results.append(measure_stock(options.port + 3, stock.absolute(), options.at, options.seconds))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(tables(results))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
