"""`steward shadow`: a model reads along, none does, and what it found."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from steward import checks
from steward.cli import main
from steward.desk.conversation import Conversation
from steward.desk.improve.shadow import Counts
from steward.desk.store import Difference, Origin, Store
from steward.settings import load_settings
from steward.training.registry import ARCHIVE, Gate, ModelRecord, Registry
from steward.training.serving import Control, Person, Serving, ShadowBot, ShadowWish
from tests.support.kept_models import made

Output = pytest.CaptureFixture[str]
PRICE: dict[str, Any] = {"topic": "price", "skus": ["RL-300"], "confidence": 0.97}
UNSURE: dict[str, Any] = {"topic": None, "skus": ["RL-300"], "confidence": 0.31}
OTHER: dict[str, Any] = {"topic": "price", "skus": ["RL-500"], "confidence": 0.9}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
    for name in ("BOT_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def two(home: Path) -> tuple[ModelRecord, ModelRecord]:
    """A model that serves, and a newer one."""
    first, second = made(home, "first", 1_000_000, Gate(True)), made(home, "second", 2_000_000, Gate(True))
    Registry(home).promoted(first.id, by="Robin", reason="", kind="promote", at=1_500_000)
    return first, second


def runs(home: Path, serving: str, shadow: str | None = None) -> Control:
    """A Steward seems to run, with this model and this shadow."""
    control = Control(home)
    bot = ShadowBot(shadow, "http://127.0.0.1:9") if shadow else None
    url = "http://127.0.0.1:9"
    control.say_serving(Serving(serving, "generation", url, url, 1, "Robin", bot))
    return control


def has_found(home: Path, model: str, differences: list[Difference], counts: Counts) -> None:
    """The desk has written down what a candidate read."""

    async def write() -> None:
        store = Store(load_settings().database_url)
        await store.open()
        await store.settings.write("shadow", asdict(counts))
        conversation = Conversation(id="one", created_at=1, updated_at=1)
        await store.conversations.create(conversation, "hash", Origin(None, None, None))
        for one in differences:
            await store.differences.add(one)
        await store.close()

    asyncio.run(write())


def test_without_anything_it_says_how_to_begin(home: Path, capsys: Output) -> None:
    assert main(["shadow"]) == 0
    said = capsys.readouterr().out
    assert "No model reads along." in said
    assert "`steward shadow newest`" in said
    assert main(["shadow", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["model"], told["seen"], told["differences"]) == ("off", None, 0, [])


def test_where_no_steward_runs_the_next_one_has_it_read(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    _, second = two
    assert main(["shadow", second.id[:5], "--by", "Mia"]) == 0
    assert "the next one has it read along" in capsys.readouterr().err
    wish = Control(home).shadow()
    assert wish is not None
    assert (wish.model, wish.by) == (second.id, Person("Mia"))


def test_the_model_that_serves_has_nothing_to_be_compared_with(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    assert main(["shadow", "serving"]) == 1
    assert "nothing to compare it with" in capsys.readouterr().err
    assert Control(home).shadow() is None


def test_a_changed_archive_does_not_read_along(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    (home / "models" / two[1].id / ARCHIVE).write_text("something else")
    assert main(["shadow", "newest"]) == 1
    assert "its hash differs" in capsys.readouterr().err
    assert Control(home).shadow() is None


def test_a_model_and_off_at_once_is_a_question_back(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    assert main(["shadow", "newest", "--off"]) == 1
    assert "leave one of MODEL and --off away" in capsys.readouterr().err
    assert Control(home).shadow() is None


def test_it_waits_until_the_model_reads_and_tells_what_it_found(
    two: tuple[ModelRecord, ModelRecord], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first, second = two
    runs(home, first.id)
    has_found(home, second.id, [], Counts())
    waited: list[float] = []
    monkeypatch.setattr(checks, "runs_in", lambda home: True)

    def step(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            runs(home, first.id, second.id)

    monkeypatch.setattr("steward.cli.shadow.time.sleep", step)
    assert main(["shadow", "newest", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(waited) == 3
    assert (told["model"], told["of"], told["state"], told["seen"]) == (second.id, second.id, "reading", 0)


def test_a_model_that_does_not_start_is_told_with_the_reason(
    two: tuple[ModelRecord, ModelRecord], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first, _ = two
    control = runs(home, first.id)
    monkeypatch.setattr(checks, "runs_in", lambda home: True)

    def step(_: float) -> None:
        control.say_shadow(ShadowWish(None, Person("Mia"), 5, "The bot stopped while starting."))

    monkeypatch.setattr("steward.cli.shadow.time.sleep", step)
    assert main(["shadow", "newest"]) == 1
    assert "No model reads along. The bot stopped while starting." in capsys.readouterr().out


def test_the_differences_are_counted_by_what_they_are_and_shown(
    two: tuple[ModelRecord, ModelRecord], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first, second = two
    texts = [("is it dear?", PRICE, UNSURE), ("what is it?", PRICE, UNSURE), ("the 500?", PRICE, OTHER)]
    differences = [
        Difference(second.id, "one", 2_000_000 + at, text, serving, candidate)
        for at, (text, serving, candidate) in enumerate(texts)
    ]
    has_found(home, second.id, differences, Counts(second.id, 1_000_000, seen=60, dropped=2))
    Control(home).say_shadow(ShadowWish(second.id, Person("Mia"), 1_000_000))
    monkeypatch.setattr(checks, "runs_in", lambda home: True)
    runs(home, first.id, second.id)

    assert main(["shadow"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Model {second.id} reads along" in said
    assert "60 messages, 3 of them understood differently (5.0%). 2 were skipped" in said
    assert "Of the newest 3 it is not sure of 2 that the serving model is sure of" in said
    assert "sure of 0 that the serving model is not, and 1 it takes for something else." in said
    assert "2 price not sure" in said
    assert "price (RL-300) price (RL-500) the 500?" in said

    assert main(["shadow", "--most", "1"]) == 0
    assert "and 2 more" in capsys.readouterr().out
    assert main(["shadow", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["seen"], told["dropped"], told["different"]) == ("reading", 60, 2, 3)
    assert told["differences"][0] == {
        "at": "1970-01-01T00:33:20.002Z",
        "text": "the 500?",
        "conversation_id": "one",
        "serving": PRICE,
        "candidate": OTHER,
    }


def test_off_ends_it_and_what_was_found_stays(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    _, second = two
    found = [Difference(second.id, "one", 2_000_000, "is it dear?", PRICE, UNSURE)]
    has_found(home, second.id, found, Counts(second.id, 1_000_000, seen=4))
    Control(home).say_shadow(ShadowWish(second.id, Person("Mia"), 1_000_000))
    assert main(["shadow", "--off"]) == 0
    said = capsys.readouterr().out
    assert "No model reads along." in said
    assert "is it dear?" in said
    wish = Control(home).shadow()
    assert wish is not None
    assert wish.model is None
