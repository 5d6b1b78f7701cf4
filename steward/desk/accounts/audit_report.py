"""The check of the audit log for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from steward.desk.accounts.audit import Head
from steward.desk.store import Store
from steward.errors import ConfigurationError
from steward.settings import Settings


@dataclass(frozen=True)
class Report:
    """What the check found, in lines to read; `whole` when nothing is wrong."""

    lines: Sequence[str]
    whole: bool


async def check(settings: Settings, known: str | None) -> Report:
    """Check the whole chain. `known` is what an earlier report told to note, as `NUMBER:HASH`.

    Raises ConfigurationError when `known` is not that or there is no database.
    """
    noted = _noted(known) if known else None
    _expect_database(settings.database_url)
    store = Store(settings.database_url)
    try:
        head, faults = await store.audit.verify(noted)
    finally:
        await store.close()
    if faults:
        return Report([f"The audit log was tampered with: {fault}" for fault in faults], False)
    entries = "1 entry" if head.seq == 1 else f"{head.seq} entries"
    lines = [f"The audit log is whole: {entries}, none changed, missing or moved."]
    if head.seq:
        lines.append(f"Note this elsewhere, for a later `steward audit --known {head.seq}:{head.hash}`.")
    return Report(lines, True)


def _noted(known: str) -> Head:
    number, _, digest = known.partition(":")
    if not number.isascii() or not number.isdigit() or len(digest) != 64:
        raise ConfigurationError(f"--known must be NUMBER:HASH as an earlier check told; it is {known!r}.")
    return Head(int(number), digest)


def _expect_database(address: str) -> None:
    """To look at a SQLite database that is not there would make an empty one."""
    url = urlsplit(address)
    if url.scheme.startswith("sqlite") and not Path(url.path.removeprefix("/")).is_file():
        raise ConfigurationError("There is no database yet; `steward run` makes one.")
