"""Customers get the facts that the files have now: the action server is never started again for them."""

from __future__ import annotations

import itertools
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from steward.process import send, spawn
from steward.project import Author, Project
from steward.project.changeset import ChangeSet, FileChange
from steward.training.bot import actions_arguments
from steward.training.models import rasa_environment
from tests.integration.desk_kit import free_port
from tests.support.project import a_project

OLGA = Author("Olga", "olga@example.org")
_SOON = 3.0


@dataclass
class ActionServer:
    """An action server of a shop, asked as the bot asks it."""

    root: Path
    http: httpx.Client
    log: Path

    def say(
        self, topic: str, *skus: str, product: str | None = None, action: str | None = None
    ) -> list[dict[str, Any]]:
        """What it answers on a topic to a message that names products, in a conversation about one."""
        mentions = [{"text": sku.lower(), "kind": "product", "skus": [sku], "end": 0} for sku in skus]
        message = {
            "text": "tell me",
            "intent": {"name": topic, "confidence": 0.9},
            "entities": [],
            "mentions": mentions,
        }
        slots = {
            "product": product,
            "discussed": [product] if product else None,
            "topic": None,
            "pending": None,
        }
        call = {
            "next_action": f"action_{action or topic}",
            "sender_id": "somebody",
            "tracker": {"sender_id": "somebody", "slots": slots, "latest_message": message, "events": []},
            "domain": {},
            "version": "3.6.21",
        }
        answer = self.http.post("/webhook", json=call)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["responses"])

    def price(self, sku: str = "RL-300") -> str:
        """The price that it tells."""
        (reply,) = self.say("price", sku)
        return str(reply["price"])

    def edit(self, name: str, old: str, new: str) -> None:
        """Edit a file of the catalogue by hand."""
        path = self.root / "data" / "catalogue" / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def said(self) -> str:
        """What it has written into its log."""
        return self.log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    folder = tmp_path_factory.mktemp("facts")
    with _running(a_project(folder), folder / "actions.log") as server:
        yield server


@pytest.fixture
def server(running: ActionServer) -> Iterator[ActionServer]:
    """An action server whose catalogue is as it was afterwards."""
    folder = running.root / "data" / "catalogue"
    before = {path: path.read_bytes() for path in folder.glob("*.csv")}
    price = running.price()
    yield running
    for path in set(folder.glob("*.csv")) - set(before):
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    until(lambda: running.say("price", "RL-300")[0].get("price") == price)
    time.sleep(_SOON)


@contextmanager
def _running(root: Path, log: Path) -> Iterator[ActionServer]:
    port = free_port()
    env = {**rasa_environment(), "STEWARD_ROOT": str(root), "SANIC_HOST": "127.0.0.1"}
    process = spawn(
        "rasa_sdk",
        actions_arguments(port),
        folder=Path(__file__).parents[2],
        env=env,
        log=log,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            until(lambda: _answers(http), 60)
            yield ActionServer(root, http, log)
    finally:
        send(process, signal.SIGKILL)
        process.wait()


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], object], seconds: float = _SOON + 7) -> float:
    """Wait until something is so; the seconds that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "it did not come"
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_new_price_is_told_within_seconds(server: ActionServer) -> None:
    assert server.price() == "€189.00"
    server.edit("prices.csv", "189.00", "179.00")
    time.sleep(_SOON)
    assert server.price() == "€179.00"


def test_the_first_customer_after_a_quiet_hour_gets_the_new_price(server: ActionServer) -> None:
    """Nobody has asked since the change: the files are looked at all the same."""
    server.edit("prices.csv", "189.00", "177.00")
    time.sleep(_SOON)
    (reply,) = server.say("price", "RL-300")
    assert reply["price"] == "€177.00"


def test_a_broken_file_changes_no_answer_and_its_place_is_in_the_log(server: ActionServer) -> None:
    server.edit("prices.csv", "189.00", "about 180")
    until(lambda: "prices.csv:" in server.said())
    assert server.price() == "€189.00"
    time.sleep(1)
    assert server.said().count("about 180") == 1
    server.edit("prices.csv", "about 180", "180.00")
    until(lambda: server.price() == "€180.00")


def test_what_an_operator_applies_is_told(server: ActionServer) -> None:
    project = Project(server.root)
    changed = replaced(server.root, "prices.csv", "189.00", "170.00")
    project.apply(ChangeSet((), (changed,), ()), OLGA)
    until(lambda: server.price() == "€170.00")


def test_a_product_that_the_model_does_not_know_is_answered_by_a_button(server: ActionServer) -> None:
    copy_product(server.root, "RL-300", "RL-900", "Rill 900")
    until(lambda: server.say("price", "RL-900")[0]["response"] == "utter_price")
    (reply,) = server.say("price", "RL-900")
    assert (reply["product"], reply["custom"]["meta"]["skus"]) == ("Rill 900", ["RL-900"])
    (asked,) = server.say("price")
    assert asked["response"] == "utter_ask_which_product"


def test_a_product_that_was_taken_out_of_the_shop_is_forgotten_and_not_sold(server: ActionServer) -> None:
    (known,) = server.say("price", product="RL-300")
    assert known["product"] == "Rill 300"
    drop_product(server.root, "RL-300")
    until(lambda: server.say("price", "RL-300")[0]["response"] == "utter_unknown_product")
    (named,) = server.say("price", "RL-300")
    assert (named["name"], named["custom"]["meta"]["skus"]) == ("rl-300", [])
    (remembered,) = server.say("price", product="RL-300")
    assert remembered["response"] == "utter_ask_which_product"
    for topic in ("product", "comparison", "availability", "installation", "inform", "clarify", "safety"):
        for turn in ({"product": "RL-300"}, {}):
            named_too = () if turn else ("RL-300",)
            for reply in server.say(topic, *named_too, **turn):
                meta, offered = reply["custom"]["meta"], json.dumps(reply["buttons"])
                assert "RL-300" not in meta["skus"], (topic, reply)
                assert "RL-300" not in offered, (topic, reply)


def test_an_own_topic_that_comes_into_the_catalogue_is_answered_without_a_restart(
    server: ActionServer,
) -> None:
    folder = server.root / "data" / "catalogue"
    (folder / "topics.csv").write_text("topic,title,product_needed\ngift_wrap,Gift wrapping,yes\n")
    (folder / "topic_facts.csv").write_text("topic,sku,answer\ngift_wrap,RL-300,It comes in paper.\n")

    until(lambda: server.say("gift_wrap", "RL-300", action="own_topic")[0]["response"] == "utter_gift_wrap")
    (reply,) = server.say("gift_wrap", "RL-300", action="own_topic")
    assert reply["answer"] == "It comes in paper."


def test_no_answer_mixes_two_catalogues_while_files_are_replaced(server: ActionServer) -> None:
    """Price and offer change together while customers ask: each answer has both from one edit."""
    root, faults, seen = server.root, [], set()
    over = threading.Event()

    def ask() -> None:
        try:
            with httpx.Client(base_url=server.http.base_url, timeout=20) as http:
                customer = ActionServer(root, http, server.log)
                while not over.is_set():
                    (price,) = customer.say("price", "RL-300")
                    (stock,) = customer.say("availability", "RL-300")
                    number = price["price"].removeprefix("€").removesuffix(".00")
                    if number != "189":
                        seen.add(number)
                        if f"offer {number}" not in price["details"]:
                            faults.append(f"{price['price']} with {price['details']}")
                    assert stock["response"].startswith("utter_")
        except Exception as error:  # whatever it is, the test must hear of it
            faults.append(repr(error))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        project = Project(root)
        for number in range(200, 206):
            project.apply(ChangeSet((), (numbered(root, number),), ()), OLGA)
            time.sleep(1.2)
        until(lambda: "205" in seen)
    finally:
        over.set()
        for asker in askers:
            asker.join()
    assert not faults, faults[:3]
    assert len(seen) > 2


def replaced(root: Path, name: str, old: str, new: str) -> FileChange:
    path = f"data/catalogue/{name}"
    before = (root / path).read_bytes()
    assert old.encode() in before
    return FileChange(path, before, before.replace(old.encode(), new.encode(), 1))


def numbered(root: Path, number: int) -> FileChange:
    """The price list in which a number stands for both the price and the offer of a product."""
    path = "data/catalogue/prices.csv"
    before = (root / path).read_bytes()
    lines = before.decode().splitlines(keepends=True)
    row = next(place for place, line in enumerate(lines) if line.startswith("RL-300,"))
    currency = lines[row].split(",")[2]
    lines[row] = f"RL-300,{number}.00,{currency},offer {number},,\n"
    return FileChange(path, before, "".join(lines).encode())


def copy_product(root: Path, sku: str, new: str, name: str) -> None:
    """Put another product like one into every file, by hand and one file after the other."""
    for path in sorted((root / "data" / "catalogue").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        rows = [line for line in lines if line.startswith(f"{sku},")]
        made = [line.replace(sku, new, 1) for line in rows]
        if path.name == "products.csv":
            cells = made[0].split(",")
            made = [",".join([new, name, *cells[2:4], "", *cells[5:]])]
        path.write_text("".join(itertools.chain(lines, made)), encoding="utf-8")


def drop_product(root: Path, sku: str) -> None:
    """Take a product out of every file."""
    for path in sorted((root / "data" / "catalogue").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{sku},") and f",{sku}," not in line]
        path.write_text("".join(kept), encoding="utf-8")
