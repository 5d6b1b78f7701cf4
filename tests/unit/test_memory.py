from __future__ import annotations

import os
import time
from pathlib import Path

from steward.memory import Memory


def test_what_one_bot_wrote_another_reads(tmp_path: Path) -> None:
    stamp = Memory(tmp_path / "trackers").write("a/b", {"slots": {"product": "RL-300"}})

    other = Memory(tmp_path / "trackers")

    assert other.read("a/b") == {"slots": {"product": "RL-300"}}
    assert other.stamp("a/b") == stamp
    assert other.read("a/c") is None


def test_each_writing_is_another_version(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    stamps = {memory.write("a", {"slots": {}}) for _ in range(20)}

    assert len(stamps) == 20


def test_what_is_forgotten_is_gone_and_can_be_forgotten_again(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.write("a", {"slots": {}})
    memory.forget("a")
    memory.forget("a")

    assert (memory.read("a"), memory.stamp("a"), list(tmp_path.iterdir())) == (None, None, [])


def test_one_file_is_kept_for_each_conversation_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    for number in range(3):
        memory.write("a", {"slots": {"product": f"RL-{number}"}})

    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert memory.read("a") == {"slots": {"product": "RL-2"}}


def test_a_bot_that_is_killed_while_it_writes_leaves_what_was_there_before(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.write("a", {"slots": {"product": "RL-300"}})
    (whole,) = tmp_path.iterdir()
    half = whole.with_suffix(".1" if whole.suffix == ".0" else ".0")
    half.write_text('{"slots": {"prod')

    assert memory.read("a") == {"slots": {"product": "RL-300"}}
    memory.write("a", {"slots": {"product": "RL-500"}})
    assert memory.read("a") == {"slots": {"product": "RL-500"}}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_bot_that_is_killed_before_it_removes_the_old_version_leaves_the_new_one(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.write("a", {"slots": {"product": "RL-300"}})
    (old,) = tmp_path.iterdir()
    kept = old.read_bytes()
    written = memory.write("a", {"slots": {"product": "RL-500"}})
    old.write_bytes(kept)
    os.utime(old, (0, 0))

    assert memory.read("a") == {"slots": {"product": "RL-500"}}
    assert memory.stamp("a") == written


def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.write("a", {"slots": {}})
    next(tmp_path.iterdir()).write_text("{")

    assert memory.read("a") is None


def test_the_name_of_a_conversation_is_not_told_by_its_file(tmp_path: Path) -> None:
    Memory(tmp_path).write("the-conversations-id", {"slots": {}})

    assert "the-conversations-id" not in "".join(path.name for path in tmp_path.iterdir())


def test_what_nobody_came_back_to_is_swept(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    for name in ("old", "new"):
        memory.write(name, {"slots": {"product": name}})
    week_ago = time.time() - 8 * 86_400
    old = next(path for path in tmp_path.iterdir() if b"old" in path.read_bytes())
    os.utime(old, (week_ago, week_ago))

    memory.sweep(days=7)

    assert memory.read("old") is None
    assert memory.read("new") == {"slots": {"product": "new"}}
    assert len(list(tmp_path.iterdir())) == 1


def test_sweeping_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    Memory(tmp_path / "none").sweep(days=7)
