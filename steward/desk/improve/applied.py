"""What an edit of the shop's files means for the desk, noted with the edit itself.

The note lies in the edit's journal. So whoever finds an edit that is done, and whose maker was stopped right
after it, still knows what it was about: nothing changes the files without an entry in the audit log.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from steward.desk.accounts.audit import Entry
from steward.project import ChangeSet
from steward.project.operations import summary

_TOLD = 50


@dataclass(frozen=True)
class Note:
    """One edit by its `id`: the wishes and labels that come into the files with it, and what the log says."""

    id: str
    changes: tuple[str, ...]
    labels: tuple[str, ...]
    entry: Entry

    @property
    def text(self) -> str:
        """The note as it is left."""
        return json.dumps(asdict(self))


def note_of(entry: Entry, changes: Sequence[str] = (), labels: Sequence[str] = ()) -> Note:
    """A note for an edit that is about to be made."""
    return Note(secrets.token_hex(8), tuple(changes), tuple(labels), entry)


def read(text: str, commit: str | None) -> Note:
    """The note of an edit that is done, with its commit in the entry."""
    stored = json.loads(text)
    entry = Entry(**stored["entry"])
    entry = replace(entry, detail={"commit": commit or "", **entry.detail})
    return Note(stored["id"], tuple(stored["changes"]), tuple(stored["labels"]), entry)


def entry_of(plan: ChangeSet, at: int, name: str, agent_id: str = "", address: str = "") -> Entry:
    """What the audit log says of an edit that is about to be made."""
    files = [file.path for file in plan.files]
    told = [summary(one) for one in plan.operations]
    detail = {"files": files[:_TOLD], "changes": told[:_TOLD]}
    subject = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    return Entry(at, agent_id, name, "changes.applied", subject, detail, address)
