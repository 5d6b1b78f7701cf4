"""Edits of the shop's files from the command line, told in the audit log as those from the desk are."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from steward.cli.author import author_of
from steward.cli.inbox_desk import HERE, opened
from steward.clock import now
from steward.errors import ConfigurationError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.project import ChangeSet, Commit


def apply(
    settings: Settings, options: argparse.Namespace, planned: ChangeSet, message: str = ""
) -> Commit | None:
    """Write a plan's files, all or none, and commit them in the name of who types this.

    The entry for the audit log is noted with the edit. Where the desk's database is not there or cannot be
    written now, the next desk finds the note. Raises ProjectError, with nothing changed.
    """
    from steward.desk.improve.applied import entry_of, note_of
    from steward.project import Project

    author = author_of(settings, options)
    entry = entry_of(planned, now(), author.name, address=HERE)
    if not planned.operations:
        entry = replace(entry, detail={**entry.detail, "changes": [message]})
    commit = Project(settings.root).apply(planned, author, message, note_of(entry).text)
    asyncio.run(_logged(settings))
    return commit


async def _logged(settings: Settings) -> None:
    from steward.desk.store import StoreUnavailable

    with suppress(ConfigurationError, StoreUnavailable):
        async with opened(settings) as desk:
            await desk.changes.open()
