from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from steward import checks
from steward.cli import main
from steward.cli.output import Paint
from steward.cli.talk import Talk, as_object, evidence, lines_of
from steward.memory import THROW_AWAY
from steward.training import bot as served
from steward.training.bot import Answer
from steward.training.registry import ARCHIVE, Registry
from steward.training.runs import Cancelled
from steward.training.serving import Control, Serving
from tests.support.fake_bot import FakeBot, fake_bot, reply
from tests.support.kept_models import made

PLAIN = Paint(io.StringIO())
UNDERSTOOD = {
    "intent": "price",
    "confidence": 0.44,
    "threshold": 0.56,
    "ranking": [["price", 0.44], ["delivery", 0.3], ["hours", 0.1], ["returns", 0.05]],
    "nearest": {"text": "what does it\x1b[2J cost", "similarity": 0.81},
    "hazard": None,
    "vector": "AAAA",
}
META = {"act": "clarify", "topic": None, "skus": ["RL-300"], "sources": []}
BUTTONS = ({"title": "Price", "payload": "/price"}, {"title": "Delivery", "payload": "/delivery"})
ANSWER = Answer((META,), "Is it one of these?", 0.02, BUTTONS, UNDERSTOOD)


class Scripted:
    """A bot that answers everything alike and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def ask(self, sender: str, message: str) -> Answer:
        self.asked.append((sender, message))
        return ANSWER


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBot]:
    with fake_bot() as running:
        monkeypatch.setenv("BOT_URL", running.url)
        monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
        yield running


def test_the_evidence_says_how_sure_the_bot_was_and_what_else_it_could_have_been() -> None:
    assert list(evidence(ANSWER)) == [
        "· clarify  RL-300",
        "· confidence 0.44, not enough: it takes 0.56",
        "· read as price 0.44, delivery 0.30, hours 0.10",
        "· nearest example: “what does it [2J cost” (0.81 alike)",
    ]


def test_an_answer_has_its_buttons_with_numbers_and_its_evidence_only_if_wanted() -> None:
    assert list(lines_of(ANSWER, PLAIN, why=False)) == [
        "bot  Is it one of these?",
        "     [1] Price",
        "     [2] Delivery",
    ]
    assert "     · clarify  RL-300" in lines_of(ANSWER, PLAIN, why=True)


def test_for_a_script_the_vector_is_left_out() -> None:
    told = as_object("hi", ANSWER)

    assert told["understood"]["confidence"] == 0.44 and "vector" not in told["understood"]
    assert (told["answer"], told["buttons"]) == ("Is it one of these?", list(BUTTONS))


def test_a_number_presses_a_button_and_other_words_never_are_commands_for_the_bot() -> None:
    bot, said = Scripted(), list[str]()
    talk = Talk(bot, said.append)

    for typed in ("1", "hello", "2", "9", "/restart", "  "):
        assert talk.hear(typed)

    assert [message for _, message in bot.asked] == ["1", "hello", "/delivery", "9", "restart"]
    (sender,) = {sender for sender, _ in bot.asked}
    assert sender.startswith(THROW_AWAY), "what is said here is never stored"


def test_a_new_conversation_is_another_sender_and_evidence_can_be_hidden() -> None:
    bot, said = Scripted(), list[str]()
    talk = Talk(bot, said.append)

    talk.hear("hello")
    talk.hear(":new")
    talk.hear(":why")
    talk.hear("hello")

    assert len({sender for sender, _ in bot.asked}) == 2
    assert "confidence" in said[0] and "confidence" not in said[-1]
    talk.hear(":help")
    assert ":quit" in said[-1]
    assert talk.hear(":quit") is False


def test_one_question_is_answered_by_the_bot_that_runs(
    bot: FakeBot, capsys: pytest.CaptureFixture[str]
) -> None:
    bot.answers["how much is it"] = reply("It is €5.", "price", skus=["RL-300"])

    assert main(["talk", "how", "much", "is", "it"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "bot  It is €5.",
        "     · answer  price  RL-300",
        "     · confidence 0.90, enough: it takes 0.60",
        "     · read as price 0.90, delivery 0.05",
        "     · nearest example: “an example of price” (0.80 alike)",
    ]


def test_a_pipe_gives_a_line_of_json_for_each_message_of_one_conversation(
    bot: FakeBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bot.answers["hello"] = reply("Hi!", "greet")
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n\nwhat?\n"))

    assert main(["talk", "--json"]) == 0

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["text"], first["answer"], first["replies"][0]["topic"]) == ("hello", "Hi!", "greet")
    assert (second["answer"], second["understood"]) == ("Sorry?", None)
    assert len({sender for sender, _ in bot.asked}) == 1


def test_without_a_bot_and_without_a_model_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))

    assert main(["talk", "hello"]) == 1
    assert "`steward train` makes one" in capsys.readouterr().err


def test_at_the_terminal_a_failure_is_told_and_the_conversation_goes_on(
    bot: FakeBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed: Iterator[str | BaseException] = iter(["hello", "fails", KeyboardInterrupt(), "hello", EOFError()])
    bot.answers["hello"] = reply("Hi!", "greet")
    bot.answers["fails"] = None  # type: ignore[assignment]

    def answer(prompt: str) -> str:
        given = next(typed)
        if isinstance(given, str):
            return given
        raise given

    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("builtins.input", answer)

    assert main(["talk"]) == 0

    told = capsys.readouterr()
    assert told.out.count("bot  Hi!") == 2 and "Ctrl-D leaves" in told.out
    assert "status 404" in told.err
    assert (tmp_path / "talk-history").exists()


def test_of_a_steward_that_runs_the_bot_is_asked_that_serves(
    bot: FakeBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_URL", "http://127.0.0.1:9")
    bot.answers["hello"] = reply("Hi!", "greet")
    Control(tmp_path).say_serving(Serving("0123456789ab", "g1", bot.url, "http://127.0.0.1:9", 0, "Robin"))

    with checks.alone_in(tmp_path):
        assert main(["talk", "hello", "--no-why"]) == 0
    assert capsys.readouterr().out == "bot  Hi!\n"

    assert main(["talk", "hello"]) == 1, "what an earlier Steward said is old news"


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The archives of which a bot was started for a conversation."""
    archives: list[Path] = []

    @contextmanager
    def candidate(root: Path, model: Path, folder: Path, env: object, **more: Any) -> Iterator[Scripted]:
        archives.append(model)
        more["waited"](1.0)
        if more["stopping"]():
            raise Cancelled
        yield Scripted()

    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
    monkeypatch.setenv("BOT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(served, "candidate", candidate)
    return archives


def test_without_a_running_bot_one_is_started_of_the_model_for_customers_or_the_one_named(
    started: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = made(tmp_path, "older", 1_000, None)
    newer = made(tmp_path, "newer", 2_000, None)
    Registry(tmp_path).promoted(older.id, by="Robin", reason="", kind="first")

    assert main(["talk", "hello"]) == 0
    assert main(["talk", "hello", "--model", "newest"]) == 0

    assert [path.parent.name for path in started] == [older.id, newer.id]
    told = capsys.readouterr()
    assert told.out.count("bot  Is it one of these?") == 2 and "starting the bot" in told.err


def test_an_archive_that_is_not_the_one_made_is_not_started(
    started: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = made(tmp_path, "archive", 1_000, None)
    (tmp_path / "models" / model.id / ARCHIVE).write_text("something else")

    assert main(["talk", "hello", "--model", model.id]) == 1
    assert "its hash differs" in capsys.readouterr().err and started == []


def test_the_start_of_a_bot_can_be_interrupted(
    started: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "archive", 1_000, None)
    monkeypatch.setattr("steward.run.serve.Interrupts.stopping", lambda self: True)

    assert main(["talk", "hello", "--model", "newest"]) == 130
