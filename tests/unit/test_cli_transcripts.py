from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from steward.cli import main
from tests.support.fake_bot import FakeBot, fake_bot, reply
from tests.support.project import a_project, git

Output = pytest.CaptureFixture[str]
CHAT = """\
# price and post
Customer: how much is the rill 300?
Agent: It is 189 euros.
Customer: and post it to ann@example.org
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = a_project(tmp_path, committed=True)
    monkeypatch.setenv("STEWARD_ROOT", str(project))
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BOT_URL", "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    Path("chat.txt").write_text(CHAT)
    return project


@pytest.fixture
def bot(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBot]:
    with fake_bot() as running:
        running.answers["how much is the rill 300?"] = reply("€189.00", "price", skus=["RL-300"])
        running.answers["and post it to ann@example.org"] = reply("By car?", "disposal", 0.4)
        monkeypatch.setenv("BOT_URL", running.url)
        yield running


def test_without_a_bot_the_conversation_is_shown_alone(root: Path, capsys: Output) -> None:
    assert main(["import", "chat.txt"]) == 0

    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "price and post",
        "customer 1  how much is the rill 300?",
        "agent       It is 189 euros.",
        "customer 2  and post it to ann@example.org",
        "",
    ]
    assert "No bot runs" in told.err


def test_the_bot_that_runs_is_asked_turn_by_turn_in_one_conversation(bot: FakeBot, capsys: Output) -> None:
    assert main(["import", "chat.txt"]) == 0

    said = capsys.readouterr().out
    assert said.index("bot now     €189.00") < said.index("agent       It is 189 euros.")
    assert "            · confidence 0.40, not enough: it takes 0.60" in said
    assert len({sender for sender, _ in bot.asked}) == 1 and len(bot.asked) == 2


def test_for_a_script_each_turn_comes_with_what_the_bot_says_now(bot: FakeBot, capsys: Output) -> None:
    assert main(["import", "chat.txt", "--json"]) == 0

    (chat,) = json.loads(capsys.readouterr().out)["transcripts"]
    assert [turn["from"] for turn in chat["turns"]] == ["customer", "agent", "customer"]
    assert chat["turns"][0]["now"]["replies"][0]["topic"] == "price"
    assert "now" not in chat["turns"][1]


def test_what_is_kept_becomes_a_regression_conversation_without_personal_data(
    bot: FakeBot, root: Path, capsys: Output
) -> None:
    typed = [
        "import",
        "chat.txt",
        "--keep",
        "price and post",
        "--expect",
        "2=delivery:rl-300,RL-500",
        "--yes",
    ]
    assert main([*typed, "--by", "Mia <mia@shop.example>"]) == 0

    rows = (root / "data" / "conversations" / "added.csv").read_text().splitlines()
    assert rows[-2:] == [
        "price and post,how much is the rill 300?,price,RL-300,answer,transcript",
        "price and post,and post it to [email],delivery,RL-300|RL-500,,transcript",
    ]
    assert git(root, "log", "-1", "--format=%an <%ae>").strip() == "Mia <mia@shop.example>"
    assert git(root, "status", "--porcelain") == ""
    assert "Every new model is tried on it." in capsys.readouterr().out


def test_nothing_is_kept_without_a_yes_a_bot_or_a_right_expectation(
    bot: FakeBot, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    assert main(["import", "chat.txt", "--keep", "post"]) == 1
    assert "Nothing was kept" in capsys.readouterr().err
    for wrong, said in {
        "2": "write NUMBER=TOPIC",
        "3=delivery": "the customer has 2 messages in it",
        "2=flying": 'there is no topic "flying"',
        "2=delivery:XX-1": 'unknown sku "XX-1"',
    }.items():
        assert main(["import", "chat.txt", "--keep", "post", "--yes", "--expect", wrong]) == 1
        assert said in capsys.readouterr().err
    monkeypatch.setenv("BOT_URL", "http://127.0.0.1:9")
    assert main(["import", "chat.txt", "--keep", "post", "--yes"]) == 1
    assert "needs a bot" in capsys.readouterr().err
    assert git(root, "status", "--porcelain") == ""


def test_several_conversations_are_kept_under_names_of_their_own_or_one_is_chosen(
    bot: FakeBot, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    two = "from,text,conversation\ncustomer,how much is the rill 300?,a\ncustomer,hello,b\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(two))
    assert main(["import", "-", "--keep", "mine", "--yes"]) == 0
    kept = (root / "data" / "conversations" / "added.csv").read_text()
    assert "\nmine,how much" in kept and "\nmine 2,hello" in kept

    Path("two.csv").write_text(two)
    capsys.readouterr()
    assert main(["import", "two.csv", "--only", "2"]) == 0
    assert "hello" in capsys.readouterr().out
    assert main(["import", "two.csv", "--only", "3"]) == 1
    assert main(["import", "two.csv", "--keep", "again", "--yes", "--expect", "1=price"]) == 1
    assert "choose it with --only" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_told_with_its_line(root: Path, capsys: Output) -> None:
    Path("odd.jsonl").write_text('{"from": "customer", "text": "hi"}\n{"from": "martian", "text": "hi"}\n')
    assert main(["import", "odd.jsonl"]) == 1
    assert "line 2" in capsys.readouterr().err
    Path("odd.txt").write_bytes(b"Customer: \xff\n")
    assert main(["import", "odd.txt"]) == 1
    assert "not UTF-8" in capsys.readouterr().err
    assert main(["import", "none.txt"]) == 1
    assert "No such file" in capsys.readouterr().err
