"""The parser of the command line and its help, made from the commands."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from steward.cli.command import DONE, MISTYPED, REFUSED, STOPPED, WRONG, Command, Group

_DESCRIPTION = "Steward, the customer-service chatbot that a shop runs itself."
_SETTINGS = """\
settings (environment variables):
  PORT            the desk's port (8080); the bot and the action server take the next two
  STEWARD_HOME    the folder of its data, models and logs (.steward)
  STEWARD_HOST    the address that the desk listens on (127.0.0.1)
  DATABASE_URL    where conversations are stored (SQLite in STEWARD_HOME)
  NO_COLOR        set to anything, it turns colours off"""
_TWO = """\
two side by side:
  steward run
  PORT=8090 STEWARD_HOME=.steward-2 steward run"""
_MORE = "`steward COMMAND --help` explains a command and shows examples."
_INVALID = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
_WORDS = re.compile(r"'([^']*)'")
_MOST_TYPED = 56
EXIT_CODES: Mapping[int, str] = {
    DONE: "done",
    WRONG: "something is wrong or must be put right first; the message says what",
    MISTYPED: "the command was mistyped",
    STOPPED: "stopped by Ctrl-C",
}
"""What an exit code means of every command, unless it says otherwise."""

SOME_EXIT_CODES: Mapping[int, str] = {
    REFUSED: "train, evaluate, promote: the model is not good enough to serve as it is"
}
"""What the others mean."""


def parser_of(groups: Sequence[Group]) -> argparse.ArgumentParser:
    """The parser for these commands; the parsed options' `run` is the function of the command typed."""
    lines = [_SETTINGS, _codes(SOME_EXIT_CODES), _TWO, _MORE]
    parser = _Parser(
        prog="steward",
        usage="steward COMMAND [ARGUMENTS]",
        description=f"{_DESCRIPTION}\n\n{_listing(groups)}",
        epilog="\n\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = _below(parser, "command")
    for group in groups:
        for command in group.commands:
            _add(below, command)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says of a mistyped word what was probably meant."""

    def error(self, message: str) -> NoReturn:
        """End with MISTYPED and what is wrong."""
        wrong = _INVALID.search(message)
        alike = difflib.get_close_matches(wrong[1], _WORDS.findall(wrong[2]), 1) if wrong else []
        hint = f"Did you mean {alike[0]!r}? " if alike else ""
        print(f"{self.prog}: {message}.\n{hint}`{self.prog} --help` explains it.", file=sys.stderr)
        sys.exit(MISTYPED)


def _below(parser: argparse.ArgumentParser, name: str) -> argparse._SubParsersAction[_Parser]:
    # The list of commands stands in the description under headings, which argparse has for options only.
    return parser.add_subparsers(
        dest=name,
        required=True,
        metavar="COMMAND",
        help=argparse.SUPPRESS,
        prog=parser.prog,
        parser_class=_Parser,
    )


def _add(below: argparse._SubParsersAction[_Parser], command: Command) -> None:
    parser = below.add_parser(
        command.name,
        help=command.help,
        usage=f"{below._prog_prefix} {command.name} COMMAND [ARGUMENTS]" if command.commands else None,
        description=_description(command),
        epilog=_epilog(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser)
    if command.run is not None:
        parser.set_defaults(run=command.run)
        return
    inner = _below(parser, "subcommand")
    for one in command.commands:
        _add(inner, one)


def _description(command: Command) -> str:
    if not command.commands:
        return command.description
    rows = "\n".join(f"  {below.name:<11} {below.help}" for below in command.commands)
    return f"{command.description}\n\ncommands:\n{rows}"


def _epilog(command: Command) -> str:
    parts = []
    if command.examples:
        width = max(len(typed) for typed, _ in command.examples)
        rows = (_example(typed, does, min(width, _MOST_TYPED)) for typed, does in command.examples)
        parts.append("examples:\n" + "\n".join(rows))
    parts.append(_codes(command.exit_codes))
    return "\n\n".join(parts)


def _example(typed: str, does: str, width: int) -> str:
    if len(typed) > width:
        return f"  {typed}\n  {'':<{width}}  {does}"
    return f"  {typed:<{width}}  {does}"


def _codes(own: Mapping[int, str]) -> str:
    codes = {**EXIT_CODES, **own}
    return "exit codes:\n" + "\n".join(f"  {code:<4}{codes[code]}" for code in sorted(codes))


def _listing(groups: Sequence[Group]) -> str:
    parts = []
    for group in groups:
        rows = "\n".join(f"  {command.name:<11} {command.help}" for command in group.commands)
        parts.append(f"{group.title}:\n{rows}")
    return "\n\n".join(parts)
