"""The desk goes with the shop's files: what it suggests, shows and promises, and what it says of a fault."""

from __future__ import annotations

import asyncio
import csv
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from steward.edits import under_way
from steward.project.changeset import FileChange
from steward.project.journal import Journals
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Agent, Bench, StandInRasa, a_setting
from tests.support.project import a_project

pytestmark = ON_SQLITE


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A desk whose shop is a copy, and which reads the files whenever they change."""
    rasa = StandInRasa()
    await rasa.start()
    settings = a_setting(tmp_path, database_url, rasa, root=a_project(tmp_path), always_open=False)
    bench = Bench(settings, ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


def edit(shop: Bench, name: str, old: str, new: str) -> None:
    path = shop.settings.catalogue / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


async def until(true: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.1)


async def shown(shop: Bench, sku: str) -> dict[str, str] | None:
    """A product as the shop's page has it."""
    products = (await shop.http.get("/api/v1/shop/products")).json()
    return next((one for one in products if one["sku"] == sku), None)


async def facts(agent: Agent) -> dict[str, Any]:
    """What the page of the models says about the facts."""
    return dict((await agent.call("GET", "improve/models")).json()["facts"])


async def test_a_new_price_is_suggested_and_shown_without_a_restart(shop: Bench) -> None:
    agent, customer = await shop.agent(), await shop.customer()
    await customer.ask("how much is the rill 300")

    async def suggested() -> str:
        answer = await agent.call("GET", f"conversations/{customer.id}/suggestions")
        return " ".join(one["text"] for one in answer.json()["suggestions"])

    assert "189" in await suggested()
    edit(shop, "prices.csv", "189.00", "171.00")

    async def new() -> bool:
        return "171" in await suggested()

    await until(new)
    product = await shown(shop, "RL-300")
    assert product is not None
    assert product["price"] == "€171.00"


async def test_a_product_that_is_gone_is_no_longer_shown_nor_a_fault_in_old_conversations(
    shop: Bench,
) -> None:
    agent, customer = await shop.agent(), await shop.customer()
    await customer.ask("how much is the rill 300")
    for path in shop.settings.catalogue.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("RL-300,")), encoding="utf-8")

    async def gone() -> bool:
        return await shown(shop, "RL-300") is None

    await until(gone)
    assert (await agent.call("GET", f"conversations/{customer.id}")).status_code == 200
    assert (await agent.call("GET", f"conversations/{customer.id}/suggestions")).status_code == 200


async def test_new_opening_hours_are_kept_to(shop: Bench) -> None:
    async def open_now() -> bool:
        return bool(shop.server.desk.promises.opening()["now"])

    before = await open_now()
    days = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    hours = shop.settings.catalogue / "hours.csv"
    header, first, *_ = hours.read_text(encoding="utf-8").splitlines()
    zone = next(cell for cell in first.split(",") if "/" in cell)
    opens, closes = ("0:00", "0:01") if before else ("0:00", "24:00")
    hours.write_text(
        f"{header}\n{days},{opens},{closes},{zone},Every day from {opens} to {closes}.\n", encoding="utf-8"
    )
    edit_times(shop)

    async def changed() -> bool:
        return await open_now() != before

    await until(changed)


def edit_times(shop: Bench) -> None:
    """Let what the shop says of its hours name no times, so that it cannot contradict them."""
    path = shop.settings.catalogue / "shop.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), list(reader.fieldnames or ())
    for row in rows:
        if row["topic"] == "hours":
            row["text"] = "Come by."
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


async def test_an_operator_sees_what_keeps_new_facts_from_customers(shop: Bench) -> None:
    operator = await shop.agent("Olga", "operator")
    fine = await facts(operator)
    assert (fine["faults"], fine["count"]) == ([], 0)
    edit(shop, "prices.csv", "189.00", "a lot")

    async def told() -> bool:
        return (await facts(operator))["count"] == 1

    await until(told)
    found = await facts(operator)
    assert found["since"] == fine["since"]
    assert found["faults"] == [
        'prices.csv:2, amount: "a lot"; expected an amount above 0 with two decimals, like 189.00'
    ]
    edit(shop, "prices.csv", "a lot", "188.00")

    async def mended() -> bool:
        return (await facts(operator))["count"] == 0

    await until(mended)
    assert (await facts(operator))["since"] > fine["since"]


async def test_an_edit_that_another_program_was_killed_in_is_finished_by_the_desk(shop: Bench) -> None:
    root = shop.settings.root
    path = "data/catalogue/prices.csv"
    before = (root / path).read_bytes()
    other = "data/catalogue/stock.csv"
    stock = (root / other).read_bytes()
    journals = Journals(root)
    files = (
        FileChange(path, before, before.replace(b"189.00", b"166.00", 1)),
        FileChange(other, stock, stock.replace(b"RL-300,", b"RL-300,1", 1)),
    )
    rest = {"author": {"name": "Olga", "email": "o@example.org"}, "message": "m", "note": ""}
    journal = journals.begin(files, rest)
    os.replace(root / journal.entries[0].new, root / path)
    assert under_way(root)

    async def served() -> bool:
        product = await shown(shop, "RL-300")
        return product is not None and product["price"] == "€166.00"

    await until(served, 15)
    assert not under_way(root)
    assert (root / other).read_bytes() != stock
