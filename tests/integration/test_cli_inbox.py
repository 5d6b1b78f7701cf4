"""`steward inbox` beside a desk that runs, on the same database."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from steward.cli import main
from steward.cli.inbox import since_when
from steward.clock import now
from steward.errors import StewardError
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench
from tests.integration.test_desk_inbox import RENTAL, groups, unsure
from tests.support.fake_bot import fake_bot, reply
from tests.support.project import a_project, git


class Shell:
    """What a person types, and what they read."""

    def __init__(self) -> None:
        self.out = ""
        self.err = ""

    async def types(self, *words: str) -> int:
        """Run a command as a process of its own would, and return its exit code."""

        def run() -> int:
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                code = main(words)
            self.out, self.err = out.getvalue(), err.getvalue()
            return code

        return await asyncio.to_thread(run)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_project(tmp_path, committed=True)


@pytest.fixture
def shell(bench: Bench, root: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("DATABASE_URL", bench.settings.database_url)
    monkeypatch.setenv("STEWARD_HOME", str(bench.settings.home))
    monkeypatch.setenv("STEWARD_ROOT", str(root))
    return Shell()


async def operator(bench: Bench, name: str, role: str = "operator") -> tuple[Agent, str]:
    """Somebody at the desk, with the e-mail address."""
    agent = await bench.agent(name, role=role)
    accounts = await bench.server.desk.store.agents.accounts(now())
    return agent, next(one.agent.email for one in accounts if one.agent.id == agent.id)


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """Let a person at a terminal type these lines and then press Ctrl-D; the prompts they see."""
    waiting: Iterator[str] = iter(lines)
    prompts: list[str] = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("builtins.input", answer)
    return prompts


async def test_groups_are_listed_with_why_and_what_was_understood(bench: Bench, shell: Shell):
    await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    await unsure(bench, "can i rent a drill", meaning=RENTAL)

    assert await shell.types("inbox", "list") == 0
    assert "2 ×" in shell.out and "“do you sell vouchers”" in shell.out
    assert "why: unsure" in shell.out
    assert "understood: delivery 0.31 of 0.60 needed, nearest example “do you deliver”" in shell.out
    assert "suggested: delivery, like “do you deliver”" in shell.out
    assert shell.out.splitlines()[-1] == "3 messages are open: 3 unsure."

    assert await shell.types("inbox", "list", "--words", "drill", "--json") == 0
    (group,) = json.loads(shell.out)["groups"]
    assert group["text"] == "can i rent a drill"
    assert await shell.types("inbox", "list", "--min-confidence", "0.5") == 0
    assert shell.out == "3 messages are open: 3 unsure.\n"


@ON_SQLITE
async def test_a_group_is_shown_with_its_conversation_by_the_beginning_of_its_id(bench: Bench, shell: Shell):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers")
    (group,) = await groups(olga)

    assert await shell.types("inbox", "show", group["id"].lstrip("-")[:6]) == 0
    assert shell.out.splitlines()[-2:] == [
        "  customer  do you sell vouchers",
        "  bot       What do you mean?",
    ]
    assert await shell.types("inbox", "show", "none!") == 1
    assert "no group 'none!'" in shell.err


@ON_SQLITE
async def test_a_label_is_given_in_a_persons_name_and_taken_back(bench: Bench, shell: Shell):
    olga, email = await operator(bench, "Olga")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    (group,) = await groups(olga)

    typed = ("inbox", "label", group["id"].lstrip("-"), "--means", "delivery", "--json", "--as", email)
    assert await shell.types(*typed) == 0
    label = json.loads(shell.out)
    assert label["by"]["name"] == "Olga" and len(label["items"]) == 2
    assert await groups(olga) == []
    assert await shell.types("inbox", "list", "--state", "labelled") == 0
    assert "delivery by Olga" in shell.out

    assert await shell.types("inbox", "undo", "--json", "--as", email, "--", label["id"]) == 0
    assert len((await groups(olga))[0]["item_ids"]) == 2


@ON_SQLITE
async def test_whose_name_it_is_must_be_clear_and_allowed(bench: Bench, shell: Shell):
    await unsure(bench, "do you sell vouchers")
    assert await shell.types("inbox", "label", "none!", "--ignore") == 1
    assert "no group 'none!'" in shell.err, "the only one who may is meant"
    _, robin = await operator(bench, "Robin", role="agent")
    olga, email = await operator(bench, "Olga")
    await operator(bench, "Ann", role="admin")
    assert await shell.types("inbox", "label", "none!", "--ignore") == 1
    assert "--as EMAIL" in shell.err and email in shell.err and robin not in shell.err
    assert await shell.types("inbox", "label", "none!", "--ignore", "--as", robin) == 1
    assert "no account that may improve the bot" in shell.err
    (group,) = await groups(olga)
    assert await shell.types("inbox", "label", group["id"].lstrip("-"), "--as", email) == 1
    assert "Say what it means" in shell.err


@ON_SQLITE
async def test_one_group_after_another_is_labelled_by_what_is_typed(
    bench: Bench, shell: Shell, monkeypatch: pytest.MonkeyPatch
):
    olga, email = await operator(bench, "Olga")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher", "voucher please")
    await unsure(bench, "can i rent a drill", "renting a drill", meaning=RENTAL)
    await unsure(bench, "sing me a song", meaning=5)
    prompts = typing(monkeypatch, "?", "flying", "ordering RL-300", "m", "", "o", "u", "i")

    assert await shell.types("inbox", "label", "--as", email) == 0

    assert [prompt.strip() for prompt in prompts] == ["1/3>"] * 3 + ["2/3>"] * 2 + ["3/3>"]
    assert "out of scope: the bot shall say" in shell.out and "there is none of this name" in shell.out
    assert "bot       What do you mean?" in shell.out
    assert "6 messages labelled" in shell.out
    done = {group["size"]: group["label"] for group in await groups(olga, state="labelled")}
    assert (done[3]["topic"], done[3]["skus"]) == ("ordering", ["RL-300"])
    assert done[2]["topic"] == "delivery", "Enter takes what is suggested"
    assert done[1]["kind"] == "out_of_scope"


@ON_SQLITE
async def test_what_was_labelled_last_can_be_taken_back_and_a_colleague_who_was_faster_is_named(
    bench: Bench, shell: Shell, monkeypatch: pytest.MonkeyPatch
):
    olga, email = await operator(bench, "Olga")
    ann, _ = await operator(bench, "Ann")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    await unsure(bench, "can i rent a drill", meaning=RENTAL)
    (_, rental) = await groups(olga)
    prompts = typing(monkeypatch, "delivery", "u", "price", "s")
    mine = await shell.types("inbox", "label", "--as", email, "--words", "voucher")
    assert (mine, len(prompts)) == (0, 1)
    assert (await groups(olga, state="labelled"))[0]["size"] == 2

    def faster(prompt: str) -> str:
        asyncio.run_coroutine_threadsafe(
            ann.call(
                "POST", "inbox/labels", {"items": rental["item_ids"], "kind": "topic", "topic": "ordering"}
            ),
            loop,
        ).result()
        return "price"

    loop = asyncio.get_running_loop()
    monkeypatch.setattr("builtins.input", faster)
    assert await shell.types("inbox", "label", "--as", email) == 0
    assert "Ann labelled this already" in shell.out and "0 messages labelled" in shell.out


@ON_SQLITE
async def test_an_undo_at_the_prompt_opens_what_was_labelled_before(
    bench: Bench, shell: Shell, monkeypatch: pytest.MonkeyPatch
):
    olga, email = await operator(bench, "Olga")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    await unsure(bench, "can i rent a drill", meaning=RENTAL)
    typing(monkeypatch, "u", "delivery", "u", "s")

    assert await shell.types("inbox", "label", "--as", email) == 0

    assert "no label of yours to take back" in shell.out and "Taken back" in shell.out
    assert [group["size"] for group in await groups(olga)] == [2, 1]


@ON_SQLITE
async def test_labels_become_examples_in_the_shops_files_in_the_operators_name(
    bench: Bench, shell: Shell, root: Path
):
    olga, email = await operator(bench, "Olga")
    await unsure(bench, "could i purchase gift vouchers from you")
    (group,) = await groups(olga)
    await shell.types("inbox", "label", group["id"].lstrip("-"), "--means", "ordering", "--as", email)

    assert await shell.types("inbox", "apply", "--as", email) == 1
    assert "+    - could i purchase gift vouchers from you" in shell.out
    assert (
        "1 labelled messages become examples of ordering" in shell.out and "Nothing was written" in shell.err
    )
    assert git(root, "status", "--porcelain") == ""

    assert await shell.types("inbox", "apply", "--yes", "--message", "Week 47", "--json", "--as", email) == 0
    done = json.loads(shell.out)
    assert done["files"] == ["data/nlu/ordering.yml"]
    assert git(root, "log", "-1", "--format=%H %an: %s").strip() == f"{done['commit']} Olga: Week 47"
    (label,) = [one["label"] for one in await groups(olga, state="labelled")]
    assert label["applied"] is True
    assert await shell.types("inbox", "undo", "--as", email, "--", label["id"]) == 1
    assert "in the shop's data already" in shell.err
    assert await shell.types("inbox", "apply", "--yes", "--as", email) == 1
    assert "Nothing waits" in shell.err
    assert await shell.types("audit") == 0


@ON_SQLITE
async def test_without_a_terminal_nothing_is_gone_through(bench: Bench, shell: Shell):
    _, email = await operator(bench, "Olga")
    assert await shell.types("inbox", "label", "--as", email) == 1
    assert "Nobody is at the terminal" in shell.err


def test_without_a_database_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["inbox", "list"]) == 1
    assert "no database yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_moment_is_so_long_ago_or_a_day():
    from datetime import datetime

    now = datetime(2026, 11, 22, 12)
    assert since_when("3d", now) == int(datetime(2026, 11, 19, 12).timestamp() * 1000)
    assert since_when("2w", now) < since_when("12h", now)
    assert since_when("2026-11-20", now) == int(datetime(2026, 11, 20).timestamp() * 1000)
    with pytest.raises(StewardError, match="write 3d, 12h"):
        since_when("yesterday", now)


async def test_a_conversation_of_the_desk_is_tried_and_kept_without_personal_data(
    bench: Bench, shell: Shell, root: Path
):
    customer = await bench.customer()
    await customer.ask("what is the rill 300, i am ann@example.org")
    await (await bench.customer()).ask("what is the weather")

    assert await shell.types("import", "--conversation", "rill am") == 0
    assert shell.out.splitlines()[:3] == [
        "what is the rill 300, i am [email]",
        "customer 1  what is the rill 300, i am [email]",
        "bot         The Rill 300 costs 249 euros.",
    ]
    assert await shell.types("import", "--conversation", "what") == 1
    assert customer.id in shell.err and "give the id of one" in shell.err
    assert await shell.types("import", "--conversation", "ann@example.org") == 1
    assert "has no conversation 'ann@example.org'" in shell.err
    assert await shell.types("import", f"--conversation={customer.id}", "chat.txt") == 1
    assert "not both" in shell.err
    with fake_bot() as bot:
        bot.answers["what is the rill 300, i am [email]"] = reply("A washing machine.", "product")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BOT_URL", bot.url)
            address = f"http://shop.example/desk#/inbox/open/{customer.id}"
            assert await shell.types("import", "--conversation", address, "--keep", "rill", "--yes") == 0
    added = (root / "data" / "conversations" / "added.csv").read_text()
    assert added.endswith('rill,"what is the rill 300, i am [email]",product,,answer,desk\n')
