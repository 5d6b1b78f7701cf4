"""The commands in `docs/command-line.md`: `python -m steward.cli.handbook` writes them anew."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from steward.cli import GROUPS, the_parser
from steward.cli.command import Command
from steward.cli.completion import below
from steward.cli.parser import EXIT_CODES, SOME_EXIT_CODES

BEGIN = "<!-- The commands: written by `python -m steward.cli.handbook` -->"
END = "<!-- The end of the commands -->"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


def commands() -> str:
    """Every command with all that may be typed behind it."""
    parsers = below(the_parser())
    parts = [_contents()]
    for group in GROUPS:
        parts.append(f"## {group.title[:1].upper()}{group.title[1:]}")
        for command in group.commands:
            parts += _sections(command, parsers[command.name], "###")
    codes = "\n".join(
        f"| {code} | {meaning} |" for code, meaning in sorted({**EXIT_CODES, **SOME_EXIT_CODES}.items())
    )
    parts.append(
        f"## Exit codes\n\nOf every command, unless it says otherwise:\n\n| code | |\n| --- | --- |\n{codes}"
    )
    return "\n\n".join(parts)


def written(text: str) -> str:
    """The page with the commands of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{commands()}\n\n{END}{after}"


def _contents() -> str:
    rows = []
    for group in GROUPS:
        for command in group.commands:
            link = f"[`{command.name}`](#steward-{command.name})"
            rows.append(f"| {link} | {_cell(command.help)} |")
    return "| command | |\n| --- | --- |\n" + "\n".join(rows)


def _sections(command: Command, parser: argparse.ArgumentParser, heading: str) -> Iterator[str]:
    """A command and those below it."""
    yield f"{heading} {parser.prog}"
    yield _described(command.description)
    if command.commands:
        inner = below(parser)
        for one in command.commands:
            yield from _sections(one, inner[one.name], f"{heading}#")
        return
    yield f"```\n{_usage(parser)}\n```"
    if rows := [_row(action) for action in parser._actions if _is_shown(action)]:
        yield "| | |\n| --- | --- |\n" + "\n".join(rows)
    if command.examples:
        width = max(len(typed) for typed, _ in command.examples)
        lines = "\n".join(f"{typed:<{width}}  # {does}" for typed, does in command.examples)
        yield f"```sh\n{lines}\n```"
    if command.exit_codes:
        yield "\n".join(f"Exit code {code}: {meaning}." for code, meaning in command.exit_codes.items())


def _usage(parser: argparse.ArgumentParser) -> str:
    # Where argparse breaks lines depends on the width of who asks.
    width, os.environ["COLUMNS"] = os.environ.get("COLUMNS"), "100"
    try:
        lines = parser.format_usage().removeprefix("usage: ").rstrip().split("\n")
        return "\n".join([lines[0], *(f"    {line.strip()}" for line in lines[1:])])
    finally:
        if width is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = width


def _is_shown(action: argparse.Action) -> bool:
    return action.help != argparse.SUPPRESS and "--help" not in action.option_strings


def _row(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        typed = str(value)
    elif action.nargs == 0:
        typed = ", ".join(action.option_strings)
    else:
        typed = f"{', '.join(action.option_strings)} {value}"
    return f"| `{_cell(typed)}` | {_cell(action.help or '')} |"


def _described(text: str) -> str:
    """A description as Markdown: what is indented in it stands as typed."""
    parts = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        indented = [line for line in lines if line.startswith("  ")]
        plain = "\n".join(line for line in lines if not line.startswith("  "))
        parts += [plain] if plain else []
        parts += ["```\n" + "\n".join(line[2:] for line in indented) + "\n```"] if indented else []
    return "\n\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("%%", "%").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
