"""What is made of the shop's files and goes with them while it is used, without a restart.

Somebody may edit a file by hand, a program may replace several, and either may leave them broken. What is
served is always one that was made of whole files: the newest, or the last good one.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from steward.catalogue import Catalogue, load_catalogue
from steward.edits import under_way
from steward.errors import CatalogueError, StewardError
from steward.settings import Settings

T = TypeVar("T")

LOOK_SECONDS = 0.5
"""How often the files are looked at, and how long they must have been at rest before they are read."""

_EDIT_SECONDS = 5.0
_WAIT_SECONDS = 0.05
_LOG = logging.getLogger("steward.live")


class Live(Generic[T]):
    """Something made of files by `load`, and made anew when they have changed.

    `signature` is other after each change of the files; while they are `unsettled` nothing is made of them.
    The newest is swapped in whole. Where `load` raises a StewardError, the last good one stays, and `fault`
    says what is wrong. `patience` is how many seconds the first one waits for files that are unsettled.
    """

    def __init__(
        self,
        load: Callable[[], T],
        signature: Callable[[], object],
        unsettled: Callable[[], bool] = lambda: False,
        *,
        name: str = "files",
        patience: float = _EDIT_SECONDS,
    ) -> None:
        """Make the first one; raises what `load` raises."""
        self._load = load
        self._signature = signature
        self._unsettled = unsettled
        self._name = name
        self._over = threading.Event()
        deadline = time.monotonic() + patience
        while unsettled() and time.monotonic() < deadline:
            time.sleep(_WAIT_SECONDS)
        self._seen = signature()
        self.now: T = load()
        self.since = time.time()
        self.fault: StewardError | None = None
        # What was read while the files changed is read again as soon as they are at rest.
        self._made_of: object = self._seen if self._at_rest(self._seen) else None

    def look(self) -> bool:
        """Look at the files, and read them if they have changed and are at rest: whether `now` is new."""
        seen, before = self._signature(), self._seen
        self._seen = seen
        if seen == self._made_of or seen != before or self._unsettled():
            return False
        made, fault = self._attempt()
        if not self._at_rest(seen):
            return False
        self._made_of = seen
        self._heed(fault)
        if made is None:
            return False
        self.now, self.since = made, time.time()
        return True

    def watch(self, every: float = LOOK_SECONDS) -> None:
        """Keep looking in a thread, until `close` is called or nobody holds this object any more."""
        watcher = threading.Thread(
            target=_keep_looking, args=(weakref.ref(self), self._over, every), name="files", daemon=True
        )
        watcher.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()

    def _attempt(self) -> tuple[T | None, StewardError | None]:
        try:
            with _collecting_later():
                return self._load(), None
        except StewardError as error:
            return None, error
        except OSError as error:
            return None, StewardError(f"{error.filename} cannot be read: {error.strerror}.")

    def _at_rest(self, seen: object) -> bool:
        return not self._unsettled() and self._signature() == seen

    def _heed(self, fault: StewardError | None) -> None:
        if fault is None:
            _LOG.info("The %s have changed, and are used as they are now.", self._name)
        elif str(fault) != str(self.fault):
            _LOG.warning("The %s have changed, but the last good ones stay in use. %s", self._name, fault)
        self.fault = fault


def live_catalogue(settings: Settings) -> Live[Catalogue]:
    """The shop's facts as their files are; raises CatalogueError when these do not hold to begin with."""
    return Live(
        partial(_ready, settings.catalogue),
        partial(_signature, settings.catalogue),
        partial(under_way, settings.root),
        name="shop's facts",
    )


def faults_of(facts: Live[Catalogue]) -> list[str]:
    """What keeps the newest files from being served: a sentence for each fault, with its place."""
    if isinstance(facts.fault, CatalogueError):
        return [str(fault) for fault in facts.fault.faults]
    return [str(facts.fault)] if facts.fault else []


def _ready(folder: Path) -> Catalogue:
    """A catalogue that has worked out already what takes long in a large shop."""
    catalogue = load_catalogue(folder)
    catalogue.families()
    catalogue.categories()
    catalogue.named("")
    catalogue.asked_for(catalogue.shop("hours"), "when")
    return catalogue


def _signature(folder: Path) -> tuple[tuple[object, ...], ...]:
    """What changes with each change of the files: a new inode, size, or time of change."""
    try:
        files = sorted(folder.glob("*.csv"))
        states = [(path.name, path.stat()) for path in files]
    except OSError:
        # A file that was there is gone this instant.
        return ()
    return tuple((name, state.st_ino, state.st_size, state.st_ctime_ns) for name, state in states)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Make a lot without looking for garbage over and over: everybody else in this process waits for that."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _keep_looking(reference: weakref.ref[Live[T]], over: threading.Event, every: float) -> None:
    while not over.wait(every):
        live = reference()
        if live is None:
            return
        live.look()
        del live
