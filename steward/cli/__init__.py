"""The `steward` command: one module a group of commands, a parser made from the groups."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from steward.cli import catalogue, models, service, shell
from steward.cli.command import STOPPED, WRONG, Group
from steward.cli.parser import parser_of
from steward.errors import StewardError
from steward.settings import load_settings

GROUPS: tuple[Group, ...] = (service.GROUP, models.GROUP, catalogue.GROUP, shell.GROUP)
_PIPE_CLOSED = 141


def the_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    return parser_of(GROUPS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors that Steward knows become a sentence on stderr."""
    options = the_parser().parse_args(arguments)
    try:
        code = int(options.run(load_settings(), options))
        sys.stdout.flush()
        return code
    except StewardError as error:
        print(f"steward: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Who read the output (`| head`) has seen enough. What is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
