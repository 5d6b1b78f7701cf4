"""Nothing changes the shop's files without an entry in the audit log, whoever is killed when."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from steward.cli import main
from steward.clock import now
from steward.desk.improve.applied import Note, entry_of, note_of
from steward.project import Author, ChangeSet, Project
from steward.project import operations as wishes
from steward.project.journal import Journals
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Agent, Bench, StandInRasa, a_setting
from tests.support.project import a_project, git

pytestmark = ON_SQLITE
OLGA = Author("Olga", "olga@example.org")
MORE = wishes.AddExamples("price", ["what would it take to take two home"])


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A desk whose shop is a copy, in a git repository of its own."""
    rasa = StandInRasa()
    await rasa.start()
    settings = a_setting(tmp_path, database_url, rasa, root=a_project(tmp_path, committed=True))
    bench = Bench(settings, ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


async def entries(admin: Agent) -> list[dict[str, Any]]:
    """What the log says of edits, the newest first."""
    found = (await admin.call("GET", "audit")).json()["entries"]
    return [one for one in found if one["action"] == "changes.applied"]


async def logged(admin: Agent) -> list[dict[str, Any]]:
    """The log once it says something, and had the time to say it twice."""
    deadline = time.monotonic() + 20
    while not await entries(admin):
        assert time.monotonic() < deadline, "it was not logged"
        await asyncio.sleep(0.1)
    await asyncio.sleep(5)
    return await entries(admin)


def planned(root: Path) -> tuple[ChangeSet, Note]:
    plan = Project(root).plan([MORE])
    return plan, note_of(entry_of(plan, now(), "Olga", address="command line"))


def killed_while(root: Path, method: str) -> None:
    """Apply an edit in a process that is killed when its journal is about to do something."""

    def work() -> None:
        def die(*_: object, **__: object) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(Journals, method, die)
        plan, note = planned(root)
        Project(root).apply(plan, OLGA, "", note.text)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def head(shop: Bench) -> str:
    return git(shop.settings.root, "rev-parse", "HEAD").strip()


async def test_who_is_killed_after_the_files_were_written_leaves_an_entry(shop: Bench) -> None:
    admin, root = await shop.agent("Ada", role="admin"), shop.settings.root
    plan, note = planned(root)
    Project(root).apply(plan, OLGA, "", note.text)
    (entry,) = await logged(admin)
    assert entry["detail"] == {
        "commit": head(shop),
        "files": ["data/nlu/price.yml"],
        "changes": ["1 example more for price"],
    }
    assert (entry["actor"]["name"], entry["address"]) == ("Olga", "command line")
    assert Project(root).unsettled() == ()


@pytest.mark.parametrize("method", ["write", "advance"])
async def test_who_is_killed_in_the_middle_leaves_an_edit_that_is_finished_and_an_entry(
    shop: Bench, method: str
) -> None:
    admin, root = await shop.agent("Ada", role="admin"), shop.settings.root
    await asyncio.to_thread(killed_while, root, method)
    (entry,) = await logged(admin)
    assert entry["detail"]["commit"] == head(shop)
    assert MORE.texts[0] in (root / "data/nlu/price.yml").read_text()
    assert git(root, "status", "--porcelain", "--", "data") == ""


async def test_an_edit_is_logged_once_however_often_it_is_settled(shop: Bench) -> None:
    admin, changes = await shop.agent("Ada", role="admin"), shop.server.desk.changes
    plan, note = planned(shop.settings.root)
    for _ in range(2):
        await changes._settle(note.text, "abc")
    _, other = planned(shop.settings.root)
    await changes._settle(other.text, "def")
    assert [one["detail"]["commit"] for one in await entries(admin)] == ["def", "abc"]
    assert plan.files


async def test_facts_that_come_in_from_the_command_line_are_logged(
    shop: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    admin, settings = await shop.agent("Ada", role="admin"), shop.settings
    for name, value in {
        "STEWARD_ROOT": str(settings.root),
        "STEWARD_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
    }.items():
        monkeypatch.setenv(name, value)
    prices = tmp_path / "prices.csv"
    prices.write_text((settings.catalogue / "prices.csv").read_text().replace("189.00", "179.00", 1))
    typed = ["catalogue", "import", str(prices), "--yes", "--by", "Mia <mia@example.org>"]
    assert await asyncio.to_thread(main, typed) == 0
    (entry,) = await entries(admin)
    assert (entry["actor"]["name"], entry["subject"], entry["address"]) == ("Mia", "1 file", "command line")
    assert entry["detail"] == {
        "commit": head(shop),
        "files": ["data/catalogue/prices.csv"],
        "changes": ["Take prices.csv from prices.csv"],
    }
    assert (await shop.http.get("/health/live")).status_code == 200


async def test_without_a_database_the_next_desk_logs_it(
    shop: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    admin, settings = await shop.agent("Ada", role="admin"), shop.settings
    monkeypatch.setenv("STEWARD_ROOT", str(settings.root))
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    prices = tmp_path / "prices.csv"
    prices.write_text((settings.catalogue / "prices.csv").read_text().replace("189.00", "178.00", 1))
    await shop.server.stop()
    assert await asyncio.to_thread(main, ["catalogue", "import", str(prices), "--yes"]) == 0
    await shop.start_anew()
    assert len(await entries(admin)) == 1
