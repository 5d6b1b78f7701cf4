"""What must hold before anything is started: files that are there and parse, ports that are free."""

from __future__ import annotations

import errno
import fcntl
import http.client
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import yaml

from steward.catalogue import load_catalogue
from steward.errors import ConfigurationError
from steward.settings import Settings

_REQUIRED = (
    "domain.yml",
    "config.yml",
    "endpoints.yml",
    "credentials.yml",
    "data/nlu",
    "data/rules",
    "data/catalogue",
)
_PARSED = (
    "domain.yml",
    "config.yml",
    "endpoints.yml",
    "credentials.yml",
    "data/nlu/**/*.yml",
    "data/rules/**/*.yml",
)
_LOCK_TRIES = 10
_LOCK_PAUSE = 0.05
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_files(settings: Settings) -> None:
    """Raise ConfigurationError or CatalogueError naming every file that is missing or does not parse."""
    missing = [name for name in _REQUIRED if not (settings.root / name).exists()]
    if missing:
        raise ConfigurationError(
            f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing in {settings.root}. "
            "Bring it back with `git checkout -- NAME`, or set STEWARD_ROOT to the project's folder."
        )
    faults = [fault for path in _yaml_files(settings.root) if (fault := _yaml_fault(path, settings.root))]
    if faults:
        raise ConfigurationError(
            "Correct these files and run again:\n" + "\n".join(f"  {fault}" for fault in faults)
        )
    load_catalogue(settings.catalogue)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file; raises ConfigurationError with the place where it does not parse."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigurationError(f"{path.name}{place}: {error.problem or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None


def check_ports(settings: Settings) -> None:
    """Raise ConfigurationError when one of the three ports is taken: which, by whom, and what to type."""
    wanted = (
        (settings.host, settings.port, "desk"),
        ("127.0.0.1", settings.bot_port, "bot"),
        ("127.0.0.1", settings.actions_port, "action server"),
    )
    for host, port, name in wanted:
        if (problem := _binding_problem(host, port)) is None:
            continue
        if problem == "taken":
            raise ConfigurationError(
                f"Port {port}, wanted for the {name}, is taken{_by_whom(port)}. "
                f"Stop that, or choose another: PORT={_free_port(settings.port + 10)} make run "
                "(the bot and the action server take the next two)."
            )
        raise ConfigurationError(
            f"Port {port} on {host}, wanted for the {name}, cannot be used: {problem}. "
            "PORT and STEWARD_HOST choose them."
        )


def check_disk(settings: Settings, needed: int = 200_000_000) -> None:
    """Make the data folder; raises ConfigurationError when that fails or little room is left."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{settings.home} cannot be written to: {error.strerror}. STEWARD_HOME chooses another folder."
        ) from None
    room = os.statvfs(settings.home)
    free = room.f_bavail * room.f_frsize
    if free < needed:
        raise ConfigurationError(
            f"Only {free / 1e6:.0f} MB are free in {settings.home}, and {needed / 1e6:.0f} MB are needed. "
            "Make room, or choose another folder with STEWARD_HOME."
        )


def check_reachable(host: str, port: int, variable: str) -> None:
    """Raise ConfigurationError when nothing answers on an address that a variable names."""
    try:
        socket.create_connection((host, port), timeout=3.0).close()
    except OSError as error:
        raise ConfigurationError(
            f"Nothing answers on {host}:{port} ({error.strerror or error}), where {variable} points. "
            f"Start what should be there, or correct {variable}."
        ) from None


def answers(address: str, seconds: float = 2.0) -> bool:
    """Whether a server answers there with success."""
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port or 80, timeout=seconds)
    try:
        connection.request("GET", url.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Hold a data folder for this process; raises ConfigurationError when another Steward has it."""
    with (home / "lock").open("a+", encoding="utf-8") as lock:
        if not _locked(lock):
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise ConfigurationError(
                f"A Steward is already running with its data in {home} (process {holder}). "
                "Stop it first, or give this one a folder and a port of its own: "
                "STEWARD_HOME=.steward-2 PORT=8090 make run."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_free(port: int) -> bool:
    """Whether a TCP port of this machine can be listened on."""
    return _binding_problem("127.0.0.1", port) is None


def runs_in(home: Path) -> bool:
    """Whether a Steward runs with its data in a folder."""
    try:
        with (home / "lock").open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _locked(lock: TextIO) -> bool:
    """Whether the lock is this process's now; who only looks whether it is held has it for a moment."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE)
        else:
            return True
    return False


def holder_of(port: int) -> str | None:
    """Who listens on a TCP port ("nginx, process 4711"), as far as Linux tells this user."""
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(_inode(link) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()}, process {process.name}"
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                cells = row.split()
                if cells[3] == "0A" and int(cells[1].rpartition(":")[2], 16) == port:
                    yield cells[9]


def _inode(link: Path) -> str:
    with suppress(OSError):
        target = os.readlink(link)
        if target.startswith("socket:["):
            return target[8:-1]
    return ""


def _by_whom(port: int) -> str:
    holder = holder_of(port)
    return f" by {holder}" if holder else ""


def _binding_problem(host: str, port: int) -> str | None:
    """None when the port can be listened on, "taken", or the system's word for what is wrong."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror as error:
        return str(error.strerror)
    except OSError as error:
        return "taken" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
    return None


def _free_port(start: int) -> int:
    """The first port from a start on of which the next two are free too."""
    for port in range(start, 65_000, 10):
        if all(_binding_problem("127.0.0.1", port + step) is None for step in range(3)):
            return port
    return start


def _yaml_files(root: Path) -> Iterator[Path]:
    for pattern in _PARSED:
        yield from sorted(root.glob(pattern))


def _yaml_fault(path: Path, root: Path) -> str | None:
    try:
        read_yaml(path)
    except ConfigurationError as error:
        folder = path.parent.relative_to(root)
        return str(error) if str(folder) == "." else f"{folder}/{error}"
    return None


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
