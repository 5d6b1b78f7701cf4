"""What the commands print: text for people, with colours where they are seen, or JSON for scripts."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any, TextIO

_CODES = {"bold": "1", "faint": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}
# What a customer wrote must not steer the terminal of who reads it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MOST_COLUMNS = 110


class Paint:
    """Marks words with colours where the stream is a terminal and NO_COLOR is not set."""

    def __init__(self, stream: TextIO, env: Mapping[str, str] = os.environ) -> None:
        self.on = stream.isatty() and not env.get("NO_COLOR") and env.get("TERM") != "dumb"

    def __call__(self, text: str, *looks: str) -> str:
        """The text in these looks (`bold`, `faint`, or a colour), or as it is."""
        if not self.on or not text:
            return text
        return f"\x1b[{';'.join(_CODES[look] for look in looks)}m{text}\x1b[0m"


def paint() -> Paint:
    """The colours for what goes to stdout now."""
    return Paint(sys.stdout)


def print_json(value: Any) -> None:
    """Print one JSON document; dataclasses become objects."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain_value))


def plain(text: str) -> str:
    """Somebody's words in one line, without anything that a terminal would obey."""
    return " ".join(_CONTROL.sub(" ", text).split())


def columns() -> int:
    """How wide text may be: the terminal's width, not more than is read well."""
    return min(_MOST_COLUMNS, shutil.get_terminal_size((100, 24)).columns)


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Text broken into lines that fit, the first one behind `first` and the others behind the indent."""
    return textwrap.fill(
        plain(text),
        columns(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], colours: Paint) -> str:
    """Rows under heads, each column as wide as it must be; the last one is cut to the terminal's width."""
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    widths[-1] = max(8, min(widths[-1], columns() - sum(widths[:-1]) - 2 * (len(widths) - 1)))

    def line(cells: Sequence[str]) -> str:
        fitted = [*cells[:-1], shortened(cells[-1], widths[-1])]
        return "  ".join(cell.ljust(width) for cell, width in zip(fitted, widths, strict=True)).rstrip()

    return "\n".join([colours(line(heads), "faint"), *map(line, rows)])


def shortened(text: str, width: int) -> str:
    """Text that fits, with a sign where something is missing."""
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"


def moment(milliseconds: int) -> str:
    """A time since 1970 as people here read it."""
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M")


def diff(text: str, colours: Paint) -> str:
    """A unified diff with what goes in red and what comes in green."""
    return "\n".join(_diff_line(line, colours) for line in text.splitlines())


def agrees(question: str) -> bool:
    """Whether the person at the terminal says yes; nobody there means no."""
    if not sys.stdin.isatty():
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _diff_line(line: str, colours: Paint) -> str:
    shown = _CONTROL.sub(" ", line)
    if line.startswith(("+++", "---")):
        return colours(shown, "bold")
    look = {"+": "green", "-": "red", "@": "blue"}.get(line[:1])
    return colours(shown, look) if look else shown


def _plain_value(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
