"""What is served goes with the shop's files, and is always whole."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from steward.catalogue import Catalogue
from steward.edits import FOLDER, under_way
from steward.errors import CatalogueError
from steward.live import Live, live_catalogue
from steward.project import Author, Project
from steward.project.changeset import ChangeSet, FileChange
from steward.project.journal import Journals
from steward.settings import Settings, load_settings
from tests.support.project import a_project

PRICES = "data/catalogue/prices.csv"
STOCK = "data/catalogue/stock.csv"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"STEWARD_ROOT": str(a_project(tmp_path)), "STEWARD_HOME": str(tmp_path / "home")})


def price(live: Live[Catalogue], sku: str = "RL-300") -> str:
    found = live.now.price(sku)
    assert found is not None
    return str(found.amount)


def written(root: Path, old: str, new: str, name: str = PRICES) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def settled(live: Live[Catalogue]) -> bool:
    """Look until there is nothing more to see; whether the facts are other than before."""
    return any([live.look() for _ in range(3)])


def until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def test_a_new_price_is_there_once_its_file_is_at_rest(settings: Settings) -> None:
    live = live_catalogue(settings)
    assert price(live) == "189.00"
    written(settings.root, "189.00", "179.00")
    assert not live.look()
    assert price(live) == "189.00"
    assert live.look()
    assert price(live) == "179.00"
    assert not settled(live)


def test_a_file_that_goes_on_changing_is_not_read_yet(settings: Settings) -> None:
    live = live_catalogue(settings)
    for amount in ("181.00", "182.00", "183.00"):
        path = settings.root / PRICES
        path.write_text(path.read_text().replace(price(live), amount, 1))
        path.write_text(path.read_text() + "\n")
        assert not live.look()
    assert price(live) == "189.00"


def test_a_broken_file_leaves_the_last_good_facts_and_is_told_of_once_with_its_place(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    live = live_catalogue(settings)
    with caplog.at_level(logging.INFO, "steward.live"):
        written(settings.root, "189.00", "189 euros")
        assert not settled(live)
        assert price(live) == "189.00"
        assert isinstance(live.fault, CatalogueError)
        (fault,) = live.fault.faults
        assert (fault.file, fault.column) == ("prices.csv", "amount")
        assert fault.line > 1
        os.utime(settings.root / PRICES)
        assert not settled(live)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert f"prices.csv:{fault.line}, amount" in caplog.text

        written(settings.root, "189 euros", "188.00")
        assert settled(live)
    assert price(live) == "188.00"
    assert "fault" not in str(live.fault)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_file_that_is_gone_and_comes_back_is_no_more_than_a_fault(settings: Settings) -> None:
    live = live_catalogue(settings)
    path = settings.root / PRICES
    aside = path.with_suffix(".aside")
    path.rename(aside)
    assert not settled(live)
    assert price(live) == "189.00"
    assert "prices.csv: missing" in str(live.fault)
    aside.rename(path)
    assert settled(live)
    assert live.fault is None


def test_a_folder_that_is_gone_leaves_the_facts_as_they_were(settings: Settings) -> None:
    live = live_catalogue(settings)
    shutil.rmtree(settings.catalogue)
    assert not settled(live)
    assert price(live) == "189.00"
    assert live.fault is not None


def test_a_file_with_the_same_size_and_an_older_date_is_still_another(settings: Settings) -> None:
    live = live_catalogue(settings)
    path = settings.root / PRICES
    before = path.stat()
    written(settings.root, "189.00", "198.00")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert settled(live)
    assert price(live) == "198.00"


def test_it_begins_only_with_whole_facts(settings: Settings) -> None:
    written(settings.root, "189.00", "cheap")
    with pytest.raises(CatalogueError, match="amount"):
        live_catalogue(settings)


def both(root: Path) -> tuple[FileChange, FileChange]:
    """A new product's price and stock in one edit: neither file is right without the other, and a third."""
    return (
        change(root, PRICES, b"189.00", b"150.00"),
        change(root, STOCK, b"RL-300,", b"RL-300,1"),
    )


def change(root: Path, name: str, old: bytes, new: bytes) -> FileChange:
    before = (root / name).read_bytes()
    assert old in before
    return FileChange(name, before, before.replace(old, new, 1))


def test_of_several_files_none_is_served_before_all_are_replaced(settings: Settings) -> None:
    root = settings.root
    live = live_catalogue(settings)
    stock = live.now.stock("RL-300")
    files = both(root)
    journals = Journals(root)
    journal = journals.begin(files, {"note": ""})
    assert under_way(root)
    # As it stands when the one who replaces them is killed after the first.
    os.replace(root / journal.entries[0].new, root / PRICES)
    assert not settled(live)
    assert (price(live), live.now.stock("RL-300")) == ("189.00", stock)

    os.replace(root / journal.entries[1].new, root / STOCK)
    assert not settled(live)
    Project(root).recover()
    assert not under_way(root)
    assert settled(live)
    assert price(live) == "150.00"
    assert live.now.stock("RL-300") != stock


def test_whoever_begins_in_the_middle_of_an_edit_reads_again_after_it(settings: Settings) -> None:
    root = settings.root
    journals = Journals(root)
    journal = journals.begin(both(root), {"note": ""})
    os.replace(root / journal.entries[0].new, root / PRICES)
    ended = threading.Timer(0.4, journals.write, (journal,))
    ended.start()
    live = live_catalogue(settings)
    ended.join()
    assert price(live) == "150.00"
    stock = live.now.stock("RL-300")
    assert stock is not None
    assert stock.count >= 10


def test_an_edit_that_begins_while_the_files_are_read_is_not_half_read(settings: Settings) -> None:
    root = settings.root
    journals = Journals(root)
    journal = journals.begin(both(root), {"note": ""})
    (folder := root / FOLDER).rename(aside := root / "aside")
    reads: list[str] = []

    def load() -> str:
        reads.append("read")
        if len(reads) == 2:
            aside.rename(folder)
            os.replace(root / journal.entries[0].new, root / PRICES)
        return (root / PRICES).read_text()

    live = Live(load, lambda: (root / PRICES).stat().st_mtime_ns, lambda: under_way(root))
    before = live.now
    os.utime(root / PRICES)
    for _ in range(3):
        assert not live.look()
    assert live.now == before
    journals.write(journal)
    assert any([live.look() for _ in range(3)])
    assert "150.00" in live.now


def test_what_operators_apply_is_served_by_itself(settings: Settings) -> None:
    root = settings.root
    live = live_catalogue(settings)
    live.watch(0.05)
    project = Project(root)
    project.apply(ChangeSet((), both(root), ()), Author("Olga", "olga@example.org"))
    until(lambda: price(live) == "150.00")


def test_facts_that_are_replaced_all_the_time_are_always_of_one_edit(settings: Settings) -> None:
    """Each edit gives the price and the stock the same number; no look may see two different ones."""
    root = settings.root
    live = live_catalogue(settings)
    live.watch(0.01)
    project, seen, over = Project(root), set(), threading.Event()

    def numbered(number: int) -> ChangeSet:
        files = []
        for name, column in ((PRICES, 1), (STOCK, 1)):
            before = (root / name).read_bytes()
            lines = before.decode().splitlines(keepends=True)
            row = next(place for place, line in enumerate(lines) if line.startswith("RL-300,"))
            cells = lines[row].split(",")
            cells[column] = f"{number}.00" if name == PRICES else str(number)
            lines[row] = ",".join(cells)
            files.append(FileChange(name, before, "".join(lines).encode()))
        return ChangeSet((), tuple(files), ())

    def read() -> None:
        while not over.is_set():
            facts = live.now
            cost, stock = facts.price("RL-300"), facts.stock("RL-300")
            assert cost is not None
            assert stock is not None
            seen.add((int(cost.amount), stock.count))

    project.apply(numbered(100), Author("Olga", "olga@example.org"))
    until(lambda: price(live) == "100.00")
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(101, 141):
            project.apply(numbered(number), Author("Olga", "olga@example.org"))
            time.sleep(0.03)
        until(lambda: price(live) == "140.00")
    finally:
        over.set()
        reader.join()
    assert {cost for cost, stock in seen if cost != stock} == set()
    assert len(seen) > 2


def test_nobody_goes_on_looking_for_what_nobody_uses(settings: Settings) -> None:
    live = live_catalogue(settings)
    live.watch(0.02)
    watchers = [thread for thread in threading.enumerate() if thread.name == "files" and thread.is_alive()]
    del live
    gc.collect()
    until(lambda: not any(thread.is_alive() for thread in watchers[-1:]))
