"""What one training leaves for the next to be quicker: numbers, in a folder that the environment names.

A file is used when it was made for the same key and is whole; otherwise it is made again. Without a folder
nothing is kept.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

KEPT = "STEWARD_KEPT"
_KEY = "key"


def load(name: str, key: str) -> dict[str, np.ndarray]:
    """What `store` kept for this key; nothing where that was for another, or is damaged."""
    file = _file(name)
    if file is None or not file.is_file():
        return {}
    try:
        with np.load(file, allow_pickle=False) as stored:
            # Whatever is read is checked against its checksum in the file.
            return (
                {part: stored[part] for part in stored.files if part != _KEY} if stored[_KEY] == key else {}
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def store(name: str, key: str, **arrays: np.ndarray) -> None:
    """Keep arrays for the next training, in place of what was kept under this name."""
    file = _file(name)
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with part.open("wb") as stream:
            np.savez(stream, **{_KEY: np.array(key)}, **arrays)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _file(name: str) -> Path | None:
    folder = os.environ.get(KEPT)
    return Path(folder, f"{name}.npz") if folder else None
