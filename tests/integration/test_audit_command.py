"""`steward audit` tells whether the log is whole."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest

from steward.cli import main
from steward.desk.accounts.audit import Entry
from steward.desk.store import Store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def written(home: Path, *actors: str) -> None:
    """A log with an entry of each of these."""

    async def write() -> None:
        store = Store(f"sqlite:///{home / 'steward.db'}")
        await store.open()
        for at, actor in enumerate(actors):
            await store.audit.record(Entry(at, "a", actor, "settings.changed", "settings"))
        await store.close()

    asyncio.run(write())


def test_a_log_that_nobody_touched_is_whole(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(home, "Alex", "Sam")
    assert main(["audit"]) == 0
    said = capsys.readouterr().out
    assert "2 entries, none changed, missing or moved" in said
    noted = re.search(r"--known (\S+)`", said)
    assert noted is not None
    assert main(["audit", "--known", noted[1]]) == 0
    written(home, "Robin")
    assert main(["audit", "--known", noted[1]]) == 0


def test_a_log_that_was_changed_is_told_with_the_place(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(home, "Alex", "Sam")
    with sqlite3.connect(home / "steward.db") as database:
        database.execute("DROP TRIGGER audit_is_not_changed")
        database.execute("UPDATE audit SET actor = 'Robin' WHERE seq = 2")
    assert main(["audit"]) == 1
    assert "tampered with: Entry 2 was changed." in capsys.readouterr().out


def test_a_log_written_anew_does_not_fit_what_was_noted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(home, "Alex")
    assert main(["audit", "--known", "1:" + "a" * 64]) == 1
    assert "Entry 1 is not the one that was noted" in capsys.readouterr().out


@pytest.mark.parametrize("known", ["nonsense", "1:short", "x:" + "a" * 64])
def test_what_cannot_have_been_noted_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], known: str
) -> None:
    written(home)
    assert main(["audit", "--known", known]) == 1
    assert "NUMBER:HASH" in capsys.readouterr().err


def test_without_a_database_none_is_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 1
    assert "no database yet" in capsys.readouterr().err
    assert not (home / "steward.db").exists()
