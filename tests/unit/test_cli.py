from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from steward.cli import GROUPS, handbook, main, the_parser
from steward.cli.command import Command
from steward.cli.completion import below
from steward.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def leaves(commands: tuple[Command, ...], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that does something."""
    for command in commands:
        path = (*before, command.name)
        if command.commands:
            yield from leaves(command.commands, path)
        else:
            yield path


EVERY = [path for group in GROUPS for path in leaves(group.commands)]


def parser_at(path: tuple[str, ...]) -> argparse.ArgumentParser:
    parser = the_parser()
    for name in path:
        parser = below(parser)[name]
    return parser


def command_at(path: tuple[str, ...]) -> Command:
    commands = {command.name: command for group in GROUPS for command in group.commands}
    found = commands[path[0]]
    for name in path[1:]:
        found = {command.name: command for command in found.commands}[name]
    return found


def test_help_names_every_command_the_settings_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])

    assert left.value.code == 0
    text = capsys.readouterr().out
    for path in EVERY:
        assert f"\n  {path[0]} " in text
    for word in ("PORT", "STEWARD_HOME", "DATABASE_URL", "NO_COLOR", "exit codes:", "stopped by Ctrl-C"):
        assert word in text


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_the_help_of_every_command_shows_examples_and_exit_codes(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*path, "--help"])

    text = capsys.readouterr().out
    assert "examples:\n" in text and "exit codes:\n  0   done" in text
    assert max(len(line) for line in text.splitlines()) <= 110


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_example_can_be_typed(path: tuple[str, ...]) -> None:
    for typed, _ in command_at(path).examples:
        # What the shell makes of it (variables before, a pipe or a redirection behind) is not the parser's.
        own = re.search(r'steward ((?:[^|<")]|"[^"]*")+)', typed)
        assert own, typed
        options = the_parser().parse_args(shlex.split(own[1]))
        assert callable(options.run)


def test_a_mistyped_command_ends_with_code_2_and_tells_what_was_probably_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["rnu"])
    assert left.value.code == 2
    assert "Did you mean 'run'?" in capsys.readouterr().err

    with pytest.raises(SystemExit) as left:
        main(["catalogue", "serch", "filter"])
    assert left.value.code == 2
    assert "Did you mean 'search'? `steward catalogue --help`" in capsys.readouterr().err


def test_an_odd_setting_ends_with_code_1_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "eighty")

    assert main(["run"]) == 1

    assert capsys.readouterr().err == "steward: PORT must be a number; it is 'eighty'.\n"


def test_ctrl_c_ends_with_code_130_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(settings: Settings, options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("steward.cli.the_parser", lambda: _running(interrupted))

    assert main(["doctor"]) == 130
    assert capsys.readouterr().err == "\n"


def _running(run: object) -> argparse.ArgumentParser:
    """A parser of which every command does the same."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.set_defaults(run=run)
    return parser


def test_who_reads_only_the_beginning_gets_no_complaint() -> None:
    done = subprocess.run(
        f"{sys.executable} -m steward catalogue export --table specs | head -n 1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.stdout.splitlines()[0] == "sku,name,value,unit"
    assert done.stdout.splitlines()[1] in ("0", "141")
    assert done.stderr == ""


def test_the_page_of_the_command_line_is_what_the_parser_says() -> None:
    page = handbook.PAGE.read_text(encoding="utf-8")

    assert handbook.written(page) == page, "run `python -m steward.cli.handbook`"


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_and_option_is_on_the_page(path: tuple[str, ...]) -> None:
    page = handbook.PAGE.read_text(encoding="utf-8")
    _, _, section = page.partition(f"# steward {' '.join(path)}\n")
    section = section.partition("\n#")[0]
    shown = [action for action in parser_at(path)._actions if action.help != argparse.SUPPRESS]

    for action in shown:
        for option in set(action.option_strings) - {"--help"}:
            assert option in section, option


def test_json_is_one_document_on_stdout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path))

    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["catalogue", "list", "--json"]) == 0
    assert {"sku", "name", "price", "stock", "category"} == set(json.loads(capsys.readouterr().out)[0])
