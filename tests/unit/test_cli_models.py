from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from steward.cli import main
from steward.settings import Settings
from steward.training import models, pipeline, serving
from steward.training.compare import ConversationChange
from steward.training.judge import Judgement, TurnVerdict, Verdict, save
from steward.training.registry import ARCHIVE, JUDGED, REPORT, Gate, ModelRecord, Registry
from tests.support.kept_models import REASON, made

Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
    monkeypatch.delenv("BOT_URL", raising=False)
    monkeypatch.setattr(models, "fingerprint", lambda root: "as the files are now")
    return tmp_path


@pytest.fixture
def two(home: Path) -> tuple[ModelRecord, ModelRecord]:
    """A model that serves, and a newer one that the gate refused."""
    first = made(home, "first", 1_000_000, Gate(True))
    second = made(home, "second", 2_000_000, Gate(False, (REASON,)), "as the files are now")
    Registry(home).promoted(first.id, by="Robin", reason="it is good", kind="promote", at=1_500_000)
    return first, second


def test_without_a_model_the_list_says_how_one_comes(home: Path, capsys: Output) -> None:
    assert main(["models"]) == 0
    assert "`steward train` makes one" in capsys.readouterr().out
    assert main(["models", "newest"]) == 1
    assert main(["models", "serving"]) == 1


def test_models_are_listed_the_newest_first_with_what_they_are(
    two: tuple[ModelRecord, ModelRecord], capsys: Output
) -> None:
    first, second = two
    assert main(["models"]) == 0

    _, newer, older = capsys.readouterr().out.splitlines()
    assert newer.startswith(second.id) and "90.0%" in newer
    assert "refused" in newer and newer.endswith("fits the data")
    assert older.startswith(first.id) and "passed" in older and older.endswith("serving")


def test_a_model_is_shown_with_its_figures_its_gate_its_history_and_its_report(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    first, second = two
    assert main(["models", second.id[:5]]) == 0
    said = capsys.readouterr().out
    assert "90.0% of 1000 examples" in said and "(88.0% to 92.0%)" in said
    assert "- 1 conversation goes wrong." in said and str(home / "models" / second.id / REPORT) in said

    assert main(["models", "serving"]) == 0
    assert "by Robin: it is good" in capsys.readouterr().out
    assert main(["models", "serving", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["serving"], told["fits_data"]) == (first.id, True, False)
    assert told["gate"] == {"passed": True, "reasons": []}


def test_what_the_gate_refused_is_promoted_with_a_reason_only(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    _, second = two
    assert main(["promote", "newest"]) == 3
    assert "1 conversation goes wrong." in capsys.readouterr().err
    assert main(["promote", "newest", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["code"] == "gate"

    assert main(["promote", "newest", "--reason", "the names matter more", "--by", "Mia"]) == 0
    assert "the next one serves this model" in capsys.readouterr().out
    promotion = Registry(home).get(second.id).promotions[-1]
    assert (promotion.by, promotion.reason, promotion.kind) == ("Mia", "the names matter more", "promote")


def test_rolling_back_gives_the_model_before_and_is_written_down(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    first, second = two
    assert main(["rollback"]) == 1
    assert "No other model served" in capsys.readouterr().err

    Registry(home).promoted(second.id, by="Robin", reason="", kind="promote", at=1_800_000)
    assert main(["rollback", "--reason", "prices are misread", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["kind"], told["state"]) == (first.id, "rollback", "done")
    assert Registry(home).current() == Registry(home).get(first.id)


def test_an_archive_that_was_changed_is_not_promoted(
    two: tuple[ModelRecord, ModelRecord], home: Path, capsys: Output
) -> None:
    (home / "models" / two[1].id / ARCHIVE).write_text("something else")

    assert main(["promote", "newest", "--reason", "because"]) == 1
    assert "its hash differs" in capsys.readouterr().err


def test_a_promotion_under_way_is_followed_until_it_is_over(
    two: tuple[ModelRecord, ModelRecord], monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def at(state: Any, text: str) -> serving.Rollout:
        by = serving.Person("Mia")
        return serving.Rollout("r1", two[1].id, "promote", by, "", state, text, 0, 0)

    steps = iter([at("warming", "It is warmed up."), at("failed", "It gave no answer. The old one goes on.")])
    monkeypatch.setattr(serving, "promote", lambda *asked, **more: at("starting", "It starts."))
    monkeypatch.setattr(serving, "wait", lambda settings, request, seconds: next(steps))

    assert main(["promote", "newest"]) == 1

    told = capsys.readouterr()
    assert told.out == f"Model {two[1].id}: It gave no answer. The old one goes on.\n"
    assert "It starts." in told.err and "It is warmed up." in told.err


def test_who_does_not_wait_is_told_how_it_begins(
    two: tuple[ModelRecord, ModelRecord], monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    begun = serving.Rollout(
        "r1", two[1].id, "promote", serving.Person("Mia"), "", "starting", "It starts.", 0, 0
    )
    monkeypatch.setattr(serving, "promote", lambda *asked, **more: begun)

    assert main(["promote", "newest", "--no-wait", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "starting"


def test_an_evaluation_tells_each_conversation_that_goes_wrong_and_why(
    two: tuple[ModelRecord, ModelRecord], monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def verdict(name: str, wrong: str) -> Verdict:
        turn = TurnVerdict("how much", ("price",), (), ("answer",), "€5", wrong)
        return Verdict(name, "", "d", False, False, (turn,))

    right, wrong = verdict("greeting", ""), verdict("prices", "is about price, but was taken for delivery")
    asked = []

    def evaluated(settings: Settings, model: str, folder: Path, **more: Any) -> list[ConversationChange]:
        asked.append(model)
        return [ConversationChange(right, None), ConversationChange(wrong, verdict("prices", ""))]

    monkeypatch.setattr(pipeline, "evaluate", evaluated)

    assert main(["evaluate"]) == 3
    said = capsys.readouterr().out
    assert "wrong  prices  (the serving model gets it right)" in said
    assert "“how much”: is about price, but was taken for delivery" in said
    assert said.splitlines()[-1].endswith("1 of 2 conversations go as the shop expects.")
    assert main(["evaluate", "serving", "--json"]) == 3
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["conversations"]] == [
        "greeting",
        "prices",
    ]
    assert asked == [two[1].id, two[0].id]


def test_an_evaluation_tells_each_danger_that_is_not_heard(
    two: tuple[ModelRecord, ModelRecord], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first, _ = two
    registry = Registry(home)
    save(registry.place(first.id, JUDGED), Judgement((), 5, ("it hums oddly",), 9.0))

    def misses(*texts: str) -> None:
        def evaluated(settings: Settings, model: str, folder: Path, **more: Any) -> list[ConversationChange]:
            save(registry.place(model, JUDGED), Judgement((), 5, texts, 9.0))
            return []

        monkeypatch.setattr(pipeline, "evaluate", evaluated)

    misses("it smells of gas", "it hums oddly")
    assert main(["evaluate"]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "danger  “it smells of gas” is not heard"
    assert said[1] == "danger  “it hums oddly” is not heard (the serving model does not hear it either)"
    assert said[-1] == "It hears the danger in 3 of 5 messages that tell of one."
    assert main(["evaluate", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)["dangers"]
    assert told == {
        "messages": 5,
        "missed": ["it smells of gas", "it hums oddly"],
        "worse": ["it smells of gas"],
    }

    misses("it hums oddly")
    assert main(["evaluate"]) == 0
    misses()
    assert main(["evaluate"]) == 0
    assert "in each of 5 messages" in capsys.readouterr().out
    misses("it hums oddly")
    assert main(["evaluate", "serving"]) == 3
