"""What one training leaves for the next is used only when it is whole and still true."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from steward.nlu import kept

NUMBERS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEWARD_KEPT", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_stored_is_there_for_the_same_key_only(folder: Path) -> None:
    kept.store("vectors", "these weights", numbers=NUMBERS)
    assert (kept.load("vectors", "these weights")["numbers"] == NUMBERS).all()
    assert kept.load("vectors", "other weights") == {}
    assert kept.load("encoder", "these weights") == {}


def test_only_the_latest_is_kept(folder: Path) -> None:
    kept.store("vectors", "first", numbers=NUMBERS)
    kept.store("vectors", "second", numbers=NUMBERS)
    assert kept.load("vectors", "first") == {}
    assert [file.name for file in folder.iterdir()] == ["vectors.npz"]


@pytest.mark.parametrize("damage", ["cut short", "another byte", "no archive", "empty"])
def test_a_damaged_file_is_as_good_as_none(folder: Path, damage: str) -> None:
    kept.store("vectors", "key", numbers=NUMBERS)
    file = folder / "vectors.npz"
    whole = file.read_bytes()
    place = whole.index(NUMBERS.tobytes())
    wrong = {
        "cut short": whole[: len(whole) // 2],
        "another byte": whole[:place] + b"\x01" + whole[place + 1 :],
        "no archive": b"what is this",
        "empty": b"",
    }
    file.write_bytes(wrong[damage])
    assert kept.load("vectors", "key") == {}


def test_a_file_that_could_not_be_written_to_its_end_replaces_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.store("vectors", "key", numbers=NUMBERS)

    def fail(stream: BinaryIO, **_: object) -> None:
        stream.write(b"the beginning")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="no space"):
        kept.store("vectors", "key", numbers=NUMBERS + 1)
    assert (kept.load("vectors", "key")["numbers"] == NUMBERS).all()
    assert [file.name for file in folder.iterdir()] == ["vectors.npz"]


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEWARD_KEPT", raising=False)
    monkeypatch.chdir(tmp_path)
    kept.store("vectors", "key", numbers=NUMBERS)
    assert kept.load("vectors", "key") == {}
    assert list(tmp_path.iterdir()) == []
