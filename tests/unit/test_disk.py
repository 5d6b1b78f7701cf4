"""Files on disk: whole or not at all, whatever happens to the one who writes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from steward.desk.workspace.disk import Disk

_WRITER = """
import sys, time
from pathlib import Path
from steward.desk.workspace.disk import Disk
incoming = Disk(Path(sys.argv[1])).begin()
incoming.write(b"half of it")
incoming.file.flush()
print(incoming.id, flush=True)
time.sleep(60)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "files")
    disk.open()
    return disk


def names(disk: Disk) -> list[str]:
    return [name for batch in disk.batches() for name in batch]


def idle(disk: Disk) -> list[str]:
    with disk.idle(names(disk)) as locked:
        return locked.names


def test_a_kept_file_is_read_back(disk: Disk) -> None:
    incoming = disk.begin()
    incoming.write(b"hello ")
    incoming.write(b"there")
    incoming.settle()
    incoming.keep()
    assert (incoming.size, len(incoming.digest)) == (11, 64)
    with disk.read(incoming.id) as file:
        assert file.read() == b"hello there"


def test_nobody_else_on_the_machine_reads_it(disk: Disk, tmp_path: Path) -> None:
    incoming = disk.begin()
    incoming.keep()
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "files" / incoming.id).stat().st_mode) == 0o600


def test_a_discarded_file_leaves_nothing(disk: Disk) -> None:
    incoming = disk.begin()
    incoming.write(b"unwanted")
    incoming.discard()
    assert names(disk) == []


def test_a_file_that_is_being_written_is_not_idle(disk: Disk) -> None:
    incoming = disk.begin()
    assert idle(disk) == []
    incoming.keep()
    assert idle(disk) == [incoming.id]


def test_a_file_whose_writer_was_killed_is_idle(disk: Disk, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path / "files")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as writer:
        assert writer.stdout is not None
        name = writer.stdout.readline().strip()
        try:
            assert names(disk) == [name]
            assert idle(disk) == []
        finally:
            os.kill(writer.pid, signal.SIGKILL)
        writer.wait(10)
    assert idle(disk) == [name]


def test_a_file_that_a_sweep_took_cannot_be_settled(disk: Disk) -> None:
    incoming = disk.begin()
    disk.remove(incoming.id)
    with pytest.raises(FileNotFoundError):
        incoming.settle()
    incoming.discard()


def test_removing_what_is_not_there_is_no_matter(disk: Disk) -> None:
    disk.remove("nothing", "at-all")
    with pytest.raises(FileNotFoundError):
        disk.read("nothing")


def test_many_files_are_listed_some_at_a_time(disk: Disk) -> None:
    for _ in range(250):
        disk.begin().keep()
    assert [len(batch) for batch in disk.batches()] == [100, 100, 50]
