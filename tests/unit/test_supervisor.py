from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from steward.console import Console
from steward.errors import StewardError
from steward.run.supervisor import Service, StartError, Supervisor

ROOT = Path(__file__).resolve().parents[2]

# A service of a few lines: answers 200 on every path; its first argument is the port.
SERVER = """
import http.server, os, subprocess, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
{first}
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class Bench:
    """Makes fake services and the supervisor over them, and sees to it that nothing is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = io.StringIO()
        self.stopping = False
        self.hurry = False

    def service(self, name: str, first: str = "", *, rank: int = 0, grace: float = 5.0) -> Service:
        module = f"fake_{name}"
        (self.folder / f"{module}.py").write_text(SERVER.format(first=textwrap.dedent(first)))
        port = free_port()
        return Service(
            name=name,
            module=module,
            arguments=(str(port),),
            port=port,
            path="/",
            log=self.folder / f"{name}.log",
            folder=ROOT,
            env={"PYTHONPATH": str(self.folder)},
            rank=rank,
            grace=grace,
        )

    def supervisor(self, *services: Service) -> Supervisor:
        return Supervisor(
            services, Console(self.output), stopping=lambda: self.stopping, hurry=lambda: self.hurry
        )

    def watch_until(self, supervisor: Supervisor, happened: Callable[[], bool], seconds: float = 20) -> None:
        """Let the supervisor watch until something has happened."""
        deadline = time.monotonic() + seconds
        supervisor._stopping = lambda: happened() or time.monotonic() > deadline
        supervisor.watch()
        assert happened(), self.output.getvalue()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def stop_after() -> Iterator[list[Supervisor]]:
    supervisors: list[Supervisor] = []
    yield supervisors
    for supervisor in supervisors:
        supervisor.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(happened: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened()


def test_all_services_answer_when_start_returns(bench: Bench, stop_after: list[Supervisor]) -> None:
    first, second = bench.service("first"), bench.service("second")
    supervisor = bench.supervisor(first, second)
    stop_after.append(supervisor)

    assert supervisor.start(timeout=20)

    assert first.answers() and second.answers()
    assert "first is ready" in bench.output.getvalue()
    assert "second is ready" in bench.output.getvalue()


def test_a_service_that_dies_while_starting_is_reported_with_its_last_words(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    broken = bench.service("broken", "sys.exit('the domain has no responses')")
    supervisor = bench.supervisor(bench.service("sound"), broken)
    stop_after.append(supervisor)

    with pytest.raises(StartError) as raised:
        supervisor.start(timeout=20)

    assert "broken stopped while starting (exit code 1)" in str(raised.value)
    assert "the domain has no responses" in str(raised.value)
    assert str(broken.log) in str(raised.value)


def test_a_service_that_never_answers_is_reported_after_the_time_given(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    supervisor = bench.supervisor(bench.service("mute", "print('thinking', flush=True); time.sleep(60)"))
    stop_after.append(supervisor)

    with pytest.raises(StartError, match=r"mute did not answer within 2 s(.|\n)*thinking"):
        supervisor.start(timeout=2)


def test_waiting_ends_when_asked_to_stop(bench: Bench, stop_after: list[Supervisor]) -> None:
    supervisor = bench.supervisor(bench.service("mute", "time.sleep(60)"))
    stop_after.append(supervisor)
    bench.stopping = True

    assert supervisor.start(timeout=20) is False


def test_a_service_that_dies_is_started_again_and_both_are_said(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    service = bench.service("fragile")
    supervisor = bench.supervisor(service)
    stop_after.append(supervisor)
    supervisor.start(timeout=20)
    before = supervisor.pids["fragile"]

    os.kill(before, signal.SIGKILL)
    bench.watch_until(supervisor, lambda: "fragile is back" in bench.output.getvalue())

    assert "The fragile stopped (killed by SIGKILL); starting it again in 1 s" in bench.output.getvalue()
    assert supervisor.pids["fragile"] != before
    assert service.answers()


def test_a_service_that_keeps_dying_is_started_less_and_less_often(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    marker = bench.folder / "started-once"
    dies_later = f"""
        if os.path.exists({str(marker)!r}): sys.exit(3)
        open({str(marker)!r}, 'w').close()
    """
    supervisor = bench.supervisor(bench.service("hopeless", dies_later))
    stop_after.append(supervisor)
    supervisor.start(timeout=20)

    os.kill(supervisor.pids["hopeless"], signal.SIGKILL)
    bench.watch_until(supervisor, lambda: "again in 4 s" in bench.output.getvalue())

    said = bench.output.getvalue()
    assert said.index("again in 1 s") < said.index("again in 2 s") < said.index("again in 4 s")


def test_stopping_leaves_no_process_nor_what_it_started(bench: Bench) -> None:
    children = bench.folder / "grandchild.pid"
    with_child = f"""
        child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
        open({str(children)!r}, 'w').write(str(child.pid))
    """
    supervisor = bench.supervisor(bench.service("parent", with_child), bench.service("other"))
    supervisor.start(timeout=20)
    pids = [*supervisor.pids.values(), int(children.read_text())]

    supervisor.stop()

    assert wait_for(lambda: not any(alive(pid) for pid in pids))
    assert supervisor.pids == {}


def test_a_service_that_ignores_the_request_to_stop_is_killed(bench: Bench) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    supervisor = bench.supervisor(bench.service("deaf", deaf, grace=0.5))
    supervisor.start(timeout=20)
    pid = supervisor.pids["deaf"]

    supervisor.stop()

    assert not alive(pid)


def test_asking_twice_ends_everything_at_once(bench: Bench) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    supervisor = bench.supervisor(bench.service("deaf", deaf, grace=60))
    supervisor.start(timeout=20)
    bench.hurry = True
    began = time.monotonic()

    supervisor.stop()

    assert time.monotonic() - began < 5


def test_the_desk_is_gone_before_the_bot_is_told_to_stop(bench: Bench) -> None:
    order = bench.folder / "order"
    notes = """
        import signal
        def note(*_):
            open({order!r}, 'a').write({name!r} + ' '); os._exit(0)
        signal.signal(signal.SIGTERM, note)
    """
    slow = notes.replace("open(", "time.sleep(0.5); open(")
    supervisor = bench.supervisor(
        bench.service("bot", notes.format(order=str(order), name="bot"), rank=1),
        bench.service("desk", slow.format(order=str(order), name="desk"), rank=0),
    )
    supervisor.start(timeout=20)

    supervisor.stop()

    assert order.read_text().split() == ["desk", "bot"]


def test_a_service_that_comes_later_is_watched_and_one_that_leaves_is_gone_soon(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    supervisor = bench.supervisor(bench.service("first"))
    stop_after.append(supervisor)
    supervisor.start(timeout=20)

    late = supervisor.add(bench.service("late"))
    bench.watch_until(supervisor, late.service.answers)
    pid = supervisor.pids["late"]
    supervisor.retire(late)
    assert "late" not in supervisor.pids
    bench.watch_until(supervisor, lambda: not alive(pid))

    assert "late stopped" not in bench.output.getvalue()
    assert alive(supervisor.pids["first"])


def leaving_without_listening(bench: Bench, supervisor: Supervisor) -> int:
    """A service that is told to leave and does not hear it; its process."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    late = supervisor.add(bench.service("deaf", deaf, grace=0.3))
    bench.watch_until(supervisor, late.service.answers)
    pid = supervisor.pids["deaf"]
    supervisor.retire(late)
    return pid


def test_a_service_that_leaves_and_does_not_listen_is_killed(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    supervisor = bench.supervisor(bench.service("first"))
    stop_after.append(supervisor)
    supervisor.start(timeout=20)
    pid = leaving_without_listening(bench, supervisor)

    bench.watch_until(supervisor, lambda: not alive(pid))


def test_what_is_leaving_is_ended_with_the_rest(bench: Bench) -> None:
    supervisor = bench.supervisor(bench.service("first"))
    supervisor.start(timeout=20)
    pid = leaving_without_listening(bench, supervisor)

    supervisor.stop()

    assert not alive(pid)


def test_a_service_on_trial_stays_down_when_it_ends(bench: Bench, stop_after: list[Supervisor]) -> None:
    supervisor = bench.supervisor(bench.service("first"))
    stop_after.append(supervisor)
    supervisor.start(timeout=20)

    trial = supervisor.add(bench.service("trial", "sys.exit(3)"), tended=False)
    bench.watch_until(supervisor, lambda: trial.ended() is not None)
    looks = iter(range(20))
    bench.watch_until(supervisor, lambda: next(looks, None) is None)

    assert trial.ended() == "exit code 3"
    assert "again" not in bench.output.getvalue()


def test_a_service_that_may_not_start_any_more_stays_down_and_it_is_said_why(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    allowed = [True]

    def allow() -> None:
        if not allowed[0]:
            raise StewardError("Its archive was changed.")

    supervisor = bench.supervisor(replace(bench.service("bot"), allow=allow))
    stop_after.append(supervisor)
    supervisor.start(timeout=20)
    allowed[0] = False
    os.kill(supervisor.pids["bot"], signal.SIGKILL)

    bench.watch_until(supervisor, lambda: "The bot is not started." in bench.output.getvalue())

    assert "Its archive was changed." in bench.output.getvalue()
    assert supervisor.pids == {}


def test_a_secret_in_a_services_arguments_is_not_in_the_list_of_processes(
    bench: Bench, stop_after: list[Supervisor]
) -> None:
    shown = bench.folder / "shown"
    telling = bench.service("telling", f"open({str(shown)!r}, 'w').write(sys.argv[2])")
    env = {**telling.env, "A_SECRET": "hush"}
    telling = replace(telling, arguments=(*telling.arguments, "@A_SECRET"), env=env)
    supervisor = bench.supervisor(telling)
    stop_after.append(supervisor)
    supervisor.start(timeout=20)

    assert shown.read_text() == "hush"
    assert b"hush" not in Path(f"/proc/{supervisor.pids['telling']}/cmdline").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_services_end_when_the_runner_is_killed_outright(bench: Bench) -> None:
    service = bench.service("orphan")
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, service.module, str(service.port), str(bench.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout is not None
    pid = int(runner.stdout.readline())
    assert alive(pid)

    runner.kill()
    runner.wait()

    assert wait_for(lambda: not alive(pid))


RUNNER = """
import io, sys
from pathlib import Path
from steward.console import Console
from steward.errors import StewardError
from steward.run.supervisor import Service, Supervisor
module, port, folder = sys.argv[1:]
env = {"PYTHONPATH": folder}
service = Service("orphan", module, (port,), int(port), "/", Path(folder) / "log", Path("."), env=env)
supervisor = Supervisor([service], Console(io.StringIO()), stopping=lambda: False)
supervisor.start(20)
print(supervisor.pids["orphan"], flush=True)
supervisor.watch()
"""
