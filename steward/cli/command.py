"""What a command of `steward` is made of; the parser, the completion and the handbook are made from it."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from steward.settings import Settings

DONE = 0
WRONG = 1
MISTYPED = 2
REFUSED = 3
STOPPED = 130

# What an argument's value is, as far as a shell can complete it. `complete` writes it on the argument.
FILES = "files"
MODELS = "models"
PRODUCTS = "products"
TABLES = "tables"
TOPICS = "topics"


def nothing(parser: argparse.ArgumentParser) -> None:
    """The arguments of a command that takes none."""


@dataclass(frozen=True)
class Command:
    """One word to type behind `steward`, or behind the command that it belongs to.

    A command has either a function `run`, which returns the exit code and may raise StewardError, or
    `commands` of its own. `examples` are pairs of what to type and what it does; `exit_codes` tells what
    a code means here when it is not what it means everywhere.
    """

    name: str
    help: str
    description: str
    run: Callable[[Settings, argparse.Namespace], int] | None = None
    arguments: Callable[[argparse.ArgumentParser], None] = nothing
    examples: tuple[tuple[str, str], ...] = ()
    exit_codes: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True)
class Group:
    """Commands that a person looks for together, under a heading of the help."""

    title: str
    commands: tuple[Command, ...]


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option of a command whose result a script may read."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def complete(argument: argparse.Action, values: str) -> None:
    """Say what an argument's value is (FILES, MODELS, ...), for the shell's completion."""
    setattr(argument, "completes", values)  # noqa: B010 (argparse's classes do not declare it)


def add_by(parser: argparse.ArgumentParser) -> None:
    """Add the option that says in whose name something is done."""
    parser.add_argument("--by", metavar="NAME", help="who you are, for the record (your login)")


def asked_by(options: argparse.Namespace) -> str:
    """In whose name something is done."""
    if options.by:
        return str(options.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that no user has.
        return "command line"
