"""Looks at everything a Steward needs and says what to do about what is wrong."""

from __future__ import annotations

import argparse
import asyncio
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from steward import checks
from steward.cli import output
from steward.cli.command import DONE, WRONG, Command, add_json
from steward.errors import StewardError
from steward.settings import Settings

_FIND_WEIGHTS = """
import sys
from steward.errors import WeightsError
from steward.nlu.weights import check_weights, find_weights
try:
    folder = find_weights(sys.argv[1] if len(sys.argv) > 1 else None)
    check_weights(folder)
    print(folder)
except WeightsError as error:
    sys.exit(str(error))
"""
_SQLITE = b"SQLite format 3\0"
_LIBRARIES = ("rasa", "rasa-sdk", "spacy", "scikit-learn", "sanic", "sqlalchemy")
_PYTHON = (3, 10)
_LOCK = Path(__file__).resolve().parents[2] / "uv.lock"
_LOCKED = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)
# Each customer with an open chat holds a file handle, and so does each agent.
_FEW_FILES = 1024


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name, what was found or is to be done, and whether it is fine."""

    name: str
    text: str
    fine: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Look at all parts; nothing is started or changed apart from making the data folder."""
    parts: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("Versions", _versions),
        ("Files", _files),
        ("Data folder", _disk),
        ("Open files", _open_files),
        ("Ports", _ports),
        ("Services", _services),
        ("Models", _models),
        ("Encoder", _weights),
        ("Database", _database),
        ("E-mail", _mail),
        ("Git", _git),
    )
    return [_finding(name, look, settings) for name, look in parts]


def _finding(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, look(settings))
    except StewardError as error:
        return Finding(name, str(error), fine=False)


def _versions(settings: Settings) -> str:
    if sys.version_info[:2] != _PYTHON:
        wanted = ".".join(map(str, _PYTHON))
        raise StewardError(
            f"This is Python {platform.python_version()}; Rasa 3.6 needs {wanted}. `make run` sets it up."
        )
    locked = dict(_LOCKED.findall(_LOCK.read_text(encoding="utf-8"))) if _LOCK.is_file() else {}
    found = []
    for library in _LIBRARIES:
        try:
            version = metadata.version(library)
        except metadata.PackageNotFoundError:
            raise StewardError(f"{library} is not installed; `make run` installs what is locked.") from None
        if version != locked.get(library, version):
            raise StewardError(
                f"{library} is {version}, not the locked {locked[library]}; `make run` puts that right."
            )
        found.append(f"{library} {version}")
    return f"Python {platform.python_version()}, {', '.join(found)}"


def _files(settings: Settings) -> str:
    checks.check_files(settings)
    return f"all there and readable in {settings.root}"


def _disk(settings: Settings) -> str:
    checks.check_disk(settings)
    return f"{settings.home} can be written to, {shutil.disk_usage(settings.home).free / 1e9:.1f} GB are free"


def _open_files(settings: Settings) -> str:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FEW_FILES:
        raise StewardError(
            f"A process may open {soft} files; each open chat is one. Allow more with `ulimit -n 4096`."
        )
    return "as many as needed" if soft == resource.RLIM_INFINITY else f"{soft:,} for each process"


def _ports(settings: Settings) -> str:
    if checks.runs_in(settings.home):
        return f"a Steward runs with its data in {settings.home}, and has them"
    checks.check_ports(settings)
    return f"{settings.port}, {settings.bot_port} and {settings.actions_port} are free"


def _services(settings: Settings) -> str:
    """Whether what should run, when a Steward does, answers."""
    from steward.training.serving import Control

    if not checks.runs_in(settings.home):
        return "none runs; `steward run` starts them"
    serving = Control(settings.home).serving()
    parts = {"desk": f"http://{_here(settings.host)}:{settings.port}/health/ready"}
    if serving is not None:
        parts["bot"] = f"{serving.bot_url}/webhooks/rest/"
        parts["action server"] = f"{serving.actions_url}/health"
    silent = [name for name, address in parts.items() if not checks.answers(address)]
    if silent:
        raise StewardError(
            f"The {' and the '.join(silent)} of the Steward that runs {'does' if len(silent) == 1 else 'do'} "
            f"not answer. If PORT is the one it was started with, see the logs in {settings.home / 'logs'}."
        )
    return f"{', '.join(parts)} answer"


def _here(host: str) -> str:
    return "127.0.0.1" if host in ("", "0.0.0.0", "::", "localhost") else host


def _models(settings: Settings) -> str:
    """What is known of the models; raises UnknownModel when the archive of one is not the one made."""
    from steward.training import models
    from steward.training.registry import Registry

    registry = Registry(settings.home)
    known = registry.models()
    if not known:
        return "none yet; `steward run` trains one first"
    for record in known:
        registry.verify(record.id)
    current, fitting = registry.current(), registry.fitting(models.fingerprint(settings.root))
    says = [f"{len(known)} known, each with its hash"]
    says += [f"{current.id} is the one for customers"] if current else []
    if fitting is None:
        says.append("none fits the data as it is now: `steward train` makes one")
    elif current is None or fitting.id != current.id:
        says.append(f"{fitting.id} fits the data: `steward promote {fitting.id}` gives it to customers")
    return "; ".join(says)


def _weights(settings: Settings) -> str:
    config = settings.root / "config.yml"
    pipeline = (checks.read_yaml(config) or {}).get("pipeline") if config.is_file() else None
    encoder = next((part for part in pipeline or () if part["name"].endswith(".SentenceEncoder")), None)
    if encoder is None:
        return "not in the pipeline of config.yml; messages are read by their words and letters alone"
    folder = [str(encoder["weights"])] if encoder.get("weights") else []
    # In a process of its own, since reading them brings in libraries that nothing else here needs.
    done = subprocess.run(
        [sys.executable, "-c", _FIND_WEIGHTS, *folder], cwd=settings.root, capture_output=True, text=True
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"The check ended with exit code {done.returncode}."]
        raise StewardError(lines[-1])
    return f"the published weights, in {done.stdout.strip()}"


def _database(settings: Settings) -> str:
    from steward.desk.store.database import Database

    address = urlsplit(settings.database_url)
    path = Path(address.path.removeprefix("/"))
    where = f"{address.hostname}:{address.port or 5432}"
    if address.scheme.startswith("sqlite"):
        if not path.is_file():
            return "none yet; the desk makes it on its first start"
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) not in (_SQLITE, b""):
                raise StewardError(f"{path} is not a SQLite database. Put a copy from a backup in its place.")
        written = [path, path.with_name(f"{path.name}-wal")]
        where = f"{path}, {sum(one.stat().st_size for one in written if one.exists()) / 1e6:.1f} MB"
    else:
        checks.check_reachable(address.hostname or "127.0.0.1", address.port or 5432, "DATABASE_URL")
    condition = asyncio.run(Database(settings.database_url).condition())
    if condition.faults:
        raise StewardError(
            f"{where}: it is damaged ({'; '.join(condition.faults)}). Put a copy from a backup in its place."
        )
    if condition.revision and not condition.known:
        raise StewardError(
            f"{where}: a newer Steward has written it (schema {condition.revision}). Update this one, or put "
            "a copy from before in its place."
        )
    age = "up to date" if condition.newest else "older, the next start brings it up to date"
    return f"{where}, whole, schema {condition.revision or 'not made yet'} ({age})"


def _mail(settings: Settings) -> str:
    server = settings.mail
    if server is None:
        return "none (STEWARD_SMTP_URL is not set); who has left is answered in the chat or by telephone only"
    checks.check_reachable(server.host, server.port, "STEWARD_SMTP_URL")
    return f"something answers on {server.host}:{server.port}; customers get e-mail from {server.sender}"


def _git(settings: Settings) -> str:
    """Whether what is changed at the desk can be written, and becomes a commit."""
    from steward.project import Project

    state = Project(settings.root).state()
    if not state.writable:
        raise StewardError(
            f"The files in {settings.root} cannot be written to, so nothing can be improved at the desk. "
            "Give this user the right to, or set STEWARD_ROOT to a copy."
        )
    if state.git is None:
        return f"{settings.root} is not in git; `git init` gives what is changed at the desk a history"
    branch = f"branch {state.git.branch}" if state.git.branch else "on no branch"
    shops = [path for path in state.git.dirty if path.startswith("data/") or path == "domain.yml"]
    changed = f"of the shop's files {len(shops)} changed and not committed" if shops else "nothing to commit"
    return f"{branch}, {changed}"


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    findings = examine(settings)
    fine = all(finding.fine for finding in findings)
    if options.json:
        output.print_json({"fine": fine, "findings": findings})
    else:
        print("\n".join(_lines(findings)))
    return DONE if fine else WRONG


def _lines(findings: list[Finding]) -> Iterator[str]:
    colours = output.paint()
    for finding in findings:
        sign = colours("ok  ", "green") if finding.fine else colours("FIX ", "red", "bold")
        first, *more = finding.text.splitlines() or [""]
        yield output.wrapped(first, " " * 18, f"{sign} {finding.name:<12} ")
        for line in more:
            yield f"{'':<18}{line.rstrip()}"


DOCTOR = Command(
    name="doctor",
    help="check everything that Steward needs, and say what to do",
    description=(
        "Check versions, files, disk, ports, services, models, encoder, database, e-mail and git, and\n"
        "say what to do about what is wrong. Nothing is started or changed."
    ),
    run=_doctor,
    arguments=add_json,
    examples=(
        ("steward doctor", "before the first start, and when something is odd"),
        ("steward doctor --json", "for what watches over the machine"),
    ),
    exit_codes={WRONG: "something must be put right"},
)
