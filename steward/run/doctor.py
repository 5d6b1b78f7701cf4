"""Looks at everything a Steward needs and says what to do about what is wrong."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from steward.errors import StewardError
from steward.run import checks, models
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


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name, what was found, and whether it is as it must be."""

    name: str
    text: str
    fine: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Look at all parts; nothing is started or changed apart from making the data folder."""
    parts: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("Versions", _versions),
        ("Files", _files),
        ("Data folder", _disk),
        ("Ports", _ports),
        ("Model", _model),
        ("Encoder", _weights),
        ("Database", _database),
        ("E-mail", _mail),
    )
    return [_finding(name, look, settings) for name, look in parts]


def _finding(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, look(settings))
    except StewardError as error:
        return Finding(name, str(error), fine=False)


def _versions(settings: Settings) -> str:
    found = []
    for library in _LIBRARIES:
        try:
            found.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            raise StewardError(f"{library} is not installed; `make run` installs what is locked.") from None
    return f"Python {platform.python_version()}, {', '.join(found)}"


def _files(settings: Settings) -> str:
    checks.check_files(settings)
    return f"all there and readable in {settings.root}"


def _disk(settings: Settings) -> str:
    checks.check_disk(settings)
    return f"{settings.home} can be written to and has room"


def _ports(settings: Settings) -> str:
    checks.check_ports(settings)
    return f"{settings.port}, {settings.bot_port} and {settings.actions_port} are free"


def _model(settings: Settings) -> str:
    model = models.fitting(settings)
    return f"{model} fits the data" if model else "none fits the data yet; `make run` trains one first"


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
    address = urlsplit(settings.database_url)
    if not address.scheme.startswith("sqlite"):
        host, port = address.hostname or "127.0.0.1", address.port or 5432
        checks.check_reachable(host, port, "DATABASE_URL")
        return f"something answers on {host}:{port}"
    path = Path(address.path.removeprefix("/"))
    if not path.is_file():
        return "none yet; the desk makes it on its first start"
    with path.open("rb") as database:
        if database.read(len(_SQLITE)) not in (_SQLITE, b""):
            raise StewardError(f"{path} is not a SQLite database. Put a copy from a backup in its place.")
    return f"{path}, {path.stat().st_size / 1e6:.1f} MB"


def _mail(settings: Settings) -> str:
    server = settings.mail
    if server is None:
        return "none (STEWARD_SMTP_URL is not set); who has left is answered in the chat or by telephone only"
    checks.check_reachable(server.host, server.port, "STEWARD_SMTP_URL")
    return f"something answers on {server.host}:{server.port}; customers get e-mail from {server.sender}"
