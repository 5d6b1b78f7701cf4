"""The command that helps with typing the others."""

from __future__ import annotations

import argparse

from steward.cli.command import DONE, Command, Group
from steward.cli.completion import SHELLS, script
from steward.settings import Settings


def _completion(settings: Settings, options: argparse.Namespace) -> int:
    from steward.cli import the_parser

    print(script(options.shell, the_parser(), settings.root), end="")
    return DONE


def _completion_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="your shell")


GROUP = Group(
    "for your shell",
    (
        Command(
            name="completion",
            help="print what makes a shell complete these commands with Tab",
            description="Print a script that makes a shell complete commands, options, files and models.",
            run=_completion,
            arguments=_completion_arguments,
            examples=(
                ('eval "$(steward completion bash)"', "in ~/.bashrc"),
                ('eval "$(steward completion zsh)"', "in ~/.zshrc, below compinit"),
                ("steward completion fish | source", "in ~/.config/fish/config.fish"),
            ),
        ),
    ),
)
