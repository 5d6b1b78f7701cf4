"""The sign, among the shop's files, that several of them are being replaced as one."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".steward-edits"
"""The folder, below the shop's root, in which edits on their way are noted."""

READY = "ready"
"""The stage of an edit from before its first file is replaced until its last one has been."""


def under_way(root: Path) -> bool:
    """Whether some of an edit's files may be new while others are still old."""
    return any((root / FOLDER).glob(f"*.{READY}.json"))
