from __future__ import annotations

import io

import pytest

from steward.cli import output
from steward.cli.output import Paint


class Terminal(io.StringIO):
    """A stream that says that a person looks at it."""

    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_and_not_for_those_who_want_none() -> None:
    assert Paint(Terminal(), {})("wrong", "red", "bold") == "\x1b[31;1mwrong\x1b[0m"
    assert Paint(io.StringIO(), {})("wrong", "red") == "wrong"
    assert Paint(Terminal(), {"NO_COLOR": "1"})("wrong", "red") == "wrong"
    assert Paint(Terminal(), {"NO_COLOR": ""})("wrong", "red") != "wrong"
    assert Paint(Terminal(), {"TERM": "dumb"})("wrong", "red") == "wrong"


@pytest.mark.parametrize(
    "written", ["hi\x1b[2J there", "hi\r there", "hi\u202e there", "hi \x9b2J there", "hi\x00\n there"]
)
def test_what_a_customer_wrote_does_not_steer_the_terminal(written: str) -> None:
    shown = output.plain(written)

    assert shown.startswith("hi ") and shown.endswith("there")
    assert shown.isprintable()


def test_a_diff_shows_what_goes_and_what_comes_but_no_escapes() -> None:
    colours = Paint(Terminal(), {})

    shown = output.diff("--- a\n+++ b\n@@ -1 +1 @@\n-old\x1b[2J\n+new\n same", colours).split("\n")

    assert shown[3] == "\x1b[31m-old [2J\x1b[0m"
    assert shown[4] == "\x1b[32m+new\x1b[0m"
    assert shown[5] == " same"


def test_a_table_is_as_wide_as_the_terminal_and_says_where_something_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")

    heads, row = output.table(("A", "B"), [("one", "x" * 60)], Paint(io.StringIO())).split("\n")

    assert heads == "A    B"
    assert len(row) == 30 and row.startswith("one  xxx") and row.endswith("…")


def test_nobody_at_the_terminal_agrees_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert output.agrees("Really?") is False

    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    assert output.agrees("Really?") is True
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    assert output.agrees("Really?") is False
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert output.agrees("Really?") is False
