"""What a real bash offers when Tab is pressed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from steward.cli import main, the_parser
from steward.cli.completion import SHELLS, below, script

ROOT = Path(__file__).resolve().parents[2]
_PRESS = """
complete_now() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    "$(complete -p steward | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" steward "${COMP_WORDS[COMP_CWORD]}"
    printf '%s\\n' "${COMPREPLY[@]}"
}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("0123456789ab", "0123456789ab.tmp", ".lock"):
        (tmp_path / "home" / "models" / name).mkdir(parents=True)
    return tmp_path / "home"


def offered(home: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    typed = " ".join(f"'{word}'" for word in ("steward", *words))
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script('bash', the_parser(), ROOT)}{_PRESS}complete_now {typed}"],
        capture_output=True,
        text=True,
        cwd=home,
        env={"PATH": os.environ["PATH"], "STEWARD_HOME": str(home)},
        check=True,
    )
    return done.stdout.split()


def test_every_command_is_offered_and_none_that_does_not_begin_so(home: Path) -> None:
    assert offered(home, "") == list(below(the_parser()))
    assert offered(home, "ro") == ["rollback"]
    assert offered(home, "xyz") == []


def test_behind_a_command_come_its_own_commands_and_options(home: Path) -> None:
    assert offered(home, "catalogue", "") == list(below(below(the_parser())["catalogue"]))
    assert offered(home, "catalogue", "search", "--") == ["--help", "--most", "--json"]
    assert "--json" in offered(home, "doctor", "")


def test_models_products_tables_and_topics_are_those_that_there_are(home: Path) -> None:
    assert offered(home, "promote", "") == ["0123456789ab", "newest", "serving"]
    assert offered(home, "talk", "--model", "01") == ["0123456789ab"]
    assert offered(home, "catalogue", "show", "RL") == ["RL-300", "RL-500"]
    assert offered(home, "catalogue", "export", "--table", "pri") == ["prices"]
    assert offered(home, "inbox", "label", "abc", "--means", "deliv") == ["delivery"]


def test_an_options_words_are_offered_and_its_value_is_not_taken_for_a_command(home: Path) -> None:
    assert offered(home, "inbox", "list", "--state", "") == ["open", "labelled", "ignored"]
    assert offered(home, "inbox", "list", "--words", "") == []
    assert "--most" in offered(home, "inbox", "list", "--words", "show", "--")
    assert offered(home, "completion", "") == list(SHELLS)


def test_files_are_offered_where_a_file_belongs(home: Path) -> None:
    (home / "prices of today.csv").touch()

    assert "prices of today.csv" in " ".join(offered(home, "catalogue", "import", "pri"))
    assert offered(home, "talk", "pri") == []


def test_what_is_meant_for_programs_is_not_offered(home: Path) -> None:
    assert not {"--by-id", "--training"} & set(offered(home, "train", "--"))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_every_shell_has_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0

    text = capsys.readouterr().out
    for name in below(the_parser()):
        assert name in text
