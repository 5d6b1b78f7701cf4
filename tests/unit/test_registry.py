from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from steward.training.registry import (
    ARCHIVE,
    REPORT,
    Figures,
    Gate,
    ModelRecord,
    Reason,
    Registry,
    UnknownModel,
)

FIGURES = Figures(0.9, 0.88, 0.92, 1000, 12, 0.6, 0.85, 0.03, 0.05, 0.01, 12.5)
REASON = Reason("regression", "1 conversation goes wrong.", "improve")


def record(**changes: Any) -> ModelRecord:
    plain = ModelRecord(
        "", "", "made-of-this", "abc123", 1_000, "Robin", 21.0, FIGURES, Gate(False, (REASON,))
    )
    return replace(plain, **changes)


def added(home: Path, content: str, **changes: Any) -> ModelRecord:
    folder = home / "trainings" / "made"
    folder.mkdir(parents=True)
    (folder / ARCHIVE).write_text(content)
    (folder / REPORT).write_text("<p>fine</p>")
    return Registry(home).add(folder, record(**changes))


def test_a_model_is_kept_with_all_that_is_known_about_it(tmp_path: Path) -> None:
    new = added(tmp_path, "archive")

    assert new.id == new.hash[:12] and len(new.hash) == 64
    assert Registry(tmp_path).get(new.id) == new == record(id=new.id, hash=new.hash)
    assert Registry(tmp_path).kept(new.id, REPORT).read_text() == "<p>fine</p>"
    assert not (tmp_path / "trainings" / "made").exists()


def test_models_are_listed_the_newest_first(tmp_path: Path) -> None:
    names = [added(tmp_path, f"archive {at}", trained_at=at).id for at in (1, 3, 2)]

    assert [one.id for one in Registry(tmp_path).models()] == [names[1], names[2], names[0]]


def test_a_model_is_found_by_what_it_is_made_of_and_by_the_beginning_of_its_name(tmp_path: Path) -> None:
    older = added(tmp_path, "one", fingerprint="this", trained_at=1)
    newer = added(tmp_path, "two", fingerprint="this", trained_at=2)
    registry = Registry(tmp_path)

    assert registry.fitting("this") == newer
    assert registry.fitting("that") is None
    assert registry.find(older.id[:6]) == older
    with pytest.raises(UnknownModel, match="2 models begin"):
        registry.find("")


@pytest.mark.parametrize("name", ["0123456789ab", "../../secret", "", "model.tar.gz"])
def test_a_model_that_was_not_made_here_is_unknown(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownModel):
        Registry(tmp_path).verify(name)


def test_an_archive_that_somebody_changed_is_not_started(tmp_path: Path) -> None:
    new, registry = added(tmp_path, "archive"), Registry(tmp_path)
    assert registry.verify(new.id).read_text() == "archive"

    registry.archive(new.id).write_text("something that runs when it is loaded")
    with pytest.raises(UnknownModel, match="its hash differs"):
        registry.verify(new.id)

    registry.archive(new.id).unlink()
    with pytest.raises(UnknownModel, match="cannot be read"):
        registry.verify(new.id)


def test_an_archive_that_somebody_put_there_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "0123456789ab"
    folder.mkdir(parents=True)
    (folder / ARCHIVE).write_text("archive")
    (folder / "record.json").write_text(json.dumps({"id": "0123456789ab"}))

    assert Registry(tmp_path).models() == []
    with pytest.raises(UnknownModel):
        Registry(tmp_path).verify("0123456789ab")


def test_the_current_model_is_the_one_promoted_last_and_the_previous_the_other_before_it(
    tmp_path: Path,
) -> None:
    registry = Registry(tmp_path)
    one, two = added(tmp_path, "one"), added(tmp_path, "two")
    assert (registry.current(), registry.previous()) == (None, None)

    registry.promoted(one.id, by="steward", reason="", kind="first", at=1)
    registry.promoted(two.id, by="Robin", reason="better", kind="promote", at=2)
    assert (registry.current().id, registry.previous().id) == (two.id, one.id)

    registry.promoted(one.id, by="Robin", reason="worse", kind="rollback", at=3)
    assert (registry.current().id, registry.previous().id) == (one.id, two.id)
    assert [promotion.kind for promotion in registry.get(one.id).promotions] == ["first", "rollback"]


def test_of_many_models_the_newest_eight_and_those_that_customers_had_are_kept(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    names = [added(tmp_path, f"archive {at}", trained_at=at).id for at in range(12)]
    registry.promoted(names[1], by="Robin", reason="", kind="promote", at=1)
    registry.promoted(names[0], by="Robin", reason="", kind="promote", at=2)

    dropped = registry.prune(keep=(names[2],))

    assert sorted(dropped) == sorted([names[3]])
    assert {one.id for one in registry.models()} == {*names[:3], *names[4:]}
    assert not (tmp_path / "models" / names[3]).exists()


def test_a_model_whose_making_was_killed_half_way_is_no_model(tmp_path: Path) -> None:
    """Killed in the middle of taking a model in, wherever that is, the registry is as before."""
    known = added(tmp_path, "known")
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from steward.training import registry\n"
        "from steward.training.registry import ModelRecord, Registry\n"
        "home, place = Path(sys.argv[1]), sys.argv[2]\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if place == 'record': registry.write_json = die\n"
        "if place == 'rename': Path.rename = die\n"
        "folder = home / 'trainings' / 'half'\n"
        "folder.mkdir(parents=True)\n"
        "(folder / 'model.tar.gz').write_text('half')\n"
        "Registry(home).add(folder, ModelRecord('', '', 'x', None, 5, 'Robin', 1.0))\n"
    )
    for place in ("record", "rename"):
        done = subprocess.run([sys.executable, "-c", script, str(tmp_path), place], cwd=_root(), check=False)
        assert done.returncode == -signal.SIGKILL
        assert [one.id for one in Registry(tmp_path).models()] == [known.id]
        _remove(tmp_path / "trainings" / "half")


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    os.rmdir(folder)
