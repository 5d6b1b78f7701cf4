from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from steward import checks
from steward.cli import doctor, main
from steward.cli.doctor import Finding, examine
from steward.settings import Settings, load_settings
from steward.training.registry import ARCHIVE
from steward.training.serving import Control, Serving
from tests.support.fake_bot import fake_bot
from tests.support.kept_models import made
from tests.support.project import a_project, git

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_weights", lambda settings: "not looked for here")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def found(home: Path, **env: str) -> dict[str, Finding]:
    settings = load_settings({"STEWARD_HOME": str(home), **env})
    return {finding.name: finding for finding in examine(settings)}


def test_doctor_ends_with_code_1_when_something_must_be_put_right(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    findings = [Finding("Versions", "as locked"), Finding("Ports", "8080 is taken\n  by nginx", fine=False)]
    monkeypatch.setattr(doctor, "examine", lambda settings: findings)

    assert main(["doctor"]) == 1
    good, bad, more = capsys.readouterr().out.splitlines()
    assert good.startswith("ok") and "as locked" in good
    assert bad.startswith("FIX") and "8080 is taken" in bad and more.strip() == "by nginx"

    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["fine"] is False and told["findings"][1]["name"] == "Ports"


def test_doctor_says_what_becomes_of_answers_without_a_mail_server_and_looks_for_one_that_is_named(
    home: Path,
) -> None:
    without = found(home)["E-mail"]
    assert without.fine and "STEWARD_SMTP_URL is not set" in without.text
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"smtp://help%40alder.example@127.0.0.1:{unused.getsockname()[1]}"
    named = found(home, STEWARD_SMTP_URL=url)["E-mail"]
    assert not named.fine and "where STEWARD_SMTP_URL points" in named.text


def test_another_version_than_the_locked_one_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(home)["Versions"].fine
    monkeypatch.setattr("importlib.metadata.version", lambda library: "0.1")
    assert found(home)["Versions"].text.startswith("rasa is 0.1, not the locked 3.6")
    monkeypatch.setattr(doctor, "_PYTHON", (2, 7))
    assert "Rasa 3.6 needs 2.7" in found(home)["Versions"].text


def test_too_few_open_files_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda kind: (256, 256))
    assert "ulimit -n" in found(home)["Open files"].text and not found(home)["Open files"].fine


def test_a_database_is_asked_for_its_schema_and_its_health(home: Path, capsys: Output) -> None:
    assert found(home)["Database"].text == "none yet; the desk makes it on its first start"
    path = home / "steward.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('0001')")
    older = found(home)["Database"]
    assert older.fine and "whole, schema 0001 (older" in older.text

    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = found(home)["Database"]
    assert not newer.fine and "a newer Steward has written it" in newer.text

    path.write_bytes(b"this is a letter to my aunt")
    assert "is not a SQLite database" in found(home)["Database"].text


def test_a_damaged_database_is_told(home: Path) -> None:
    path = home / "steward.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE words (word TEXT)")
        database.executemany("INSERT INTO words VALUES (?)", [("x" * 500,)] * 500)
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 30] = b"\xff" * 4096 * 10
    path.write_bytes(content)

    finding = found(home)["Database"]
    assert (not finding.fine and "backup" in finding.text) or "cannot be used" in finding.text


def test_models_are_known_by_their_hash(home: Path) -> None:
    assert "none yet" in found(home)["Models"].text
    model = made(home, "archive", 1_000, None)
    assert found(home)["Models"].text == (
        "1 known, each with its hash; none fits the data as it is now: `steward train` makes one"
    )

    (home / "models" / model.id / ARCHIVE).write_text("something else")
    changed = found(home)["Models"]
    assert not changed.fine and "its hash differs" in changed.text


@pytest.fixture
def running(home: Path) -> Iterator[Settings]:
    """A Steward that holds its data folder, with a bot and without a desk."""
    settings = load_settings({"STEWARD_HOME": str(home), "PORT": "21650"})
    with checks.alone_in(home), fake_bot() as bot:
        serving = Serving("0123456789ab", "g1", bot.url, "http://127.0.0.1:9", 0, "Robin")
        Control(home).say_serving(serving)
        yield settings


def test_the_services_of_a_steward_that_runs_are_asked_whether_they_answer(running: Settings) -> None:
    with socket.socket() as desk:
        desk.bind(("127.0.0.1", running.port))
        findings = {finding.name: finding for finding in examine(running)}
    assert findings["Ports"].fine and "has them" in findings["Ports"].text
    silent = findings["Services"]
    assert not silent.fine
    assert silent.text.startswith("The desk and the action server of the Steward that runs do not answer.")


def test_it_says_whether_what_is_changed_has_a_history(tmp_path: Path, home: Path) -> None:
    root = a_project(tmp_path)
    assert "is not in git" in found(home, STEWARD_ROOT=str(root))["Git"].text
    root = a_project(tmp_path / "other", committed=True)
    assert found(home, STEWARD_ROOT=str(root))["Git"].text == "branch main, nothing to commit"
    (root / "domain.yml").write_text((root / "domain.yml").read_text() + "\n")
    assert "1 changed and not committed" in found(home, STEWARD_ROOT=str(root))["Git"].text
    assert git(root, "status", "--porcelain").split() == ["M", "domain.yml"]
