"""One CSV file of the catalogue: its columns, its cells' values, and every fault found while reading."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from steward.errors import Fault

REPLY_LIMIT = 600
"""Characters; a longer text is not read in a chat."""

_DAY = 24 * 60

Parse = Callable[[str], Any]


@dataclass(frozen=True)
class Table:
    """A file's columns and what their cells hold. ``unique`` names the columns that identify a row."""

    columns: Mapping[str, Parse]
    may_be_empty: Sequence[str] = ()
    unique: Sequence[str] = ()
    may_be_missing: bool = False


@dataclass(frozen=True)
class Row:
    """A row's line in the file and its values by column; a cell at fault holds ``None``."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        """The value of a cell."""
        return self.values[column]


def text(cell: str) -> str:
    """Any text."""
    return cell


def reply(cell: str) -> str:
    """A text that is shown to a customer."""
    if len(cell) > REPLY_LIMIT:
        raise ValueError(f"{len(cell)} characters; expected at most {REPLY_LIMIT}")
    return cell


def sku(cell: str) -> str:
    """A product's key: capitals, digits, hyphens."""
    if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", cell):
        raise ValueError(f'"{cell}"; expected a sku of capital letters, digits and hyphens, like RL-300')
    return cell


def key(cell: str) -> str:
    """A word for programs: small letters, digits, underscores."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", cell):
        raise ValueError(f'"{cell}"; expected small letters, digits and underscores, like filter_change')
    return cell


def many(cell: str) -> tuple[str, ...]:
    """A list, separated by "|"."""
    parts = tuple(part.strip() for part in cell.split("|")) if cell else ()
    if not all(parts):
        raise ValueError('an empty entry; expected entries separated by a single "|"')
    folded = [part.casefold() for part in parts]
    if len(set(folded)) < len(folded):
        twice = next(part for part in folded if folded.count(part) > 1)
        raise ValueError(f'"{twice}" twice; expected every entry once')
    return parts


def amount(cell: str) -> Decimal:
    """A price."""
    wanted = f'"{cell}"; expected an amount above 0 with two decimals, like 189.00'
    if not re.fullmatch(r"\d+\.\d\d", cell):
        raise ValueError(wanted)
    try:
        value = Decimal(cell)
    except InvalidOperation as error:
        raise ValueError(wanted) from error
    if value <= 0:
        raise ValueError(wanted)
    return value


def currency(cell: str) -> str:
    """A currency's ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", cell):
        raise ValueError(f'"{cell}"; expected a currency code of three capital letters, like EUR')
    return cell


def count(cell: str) -> int:
    """A number of pieces."""
    if not re.fullmatch(r"[0-9]+", cell):
        raise ValueError(f'"{cell}"; expected a whole number, 0 or more')
    return int(cell)


def day(cell: str) -> date | None:
    """A date; ``None`` for an empty cell."""
    if not cell:
        return None
    wanted = f'"{cell}"; expected a date like 2026-12-07'
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        raise ValueError(wanted)
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(wanted) from error


def clock(cell: str) -> int | None:
    """A time of day in minutes since midnight; ``None`` for an empty cell."""
    if not cell:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", cell)
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else _DAY + 1
    if minutes > _DAY:
        raise ValueError(f'"{cell}"; expected a time from 0:00 to 24:00, like 9:00 or 17:30')
    return minutes


def yes_or_no(cell: str) -> bool:
    """A choice between two."""
    if cell not in ("yes", "no"):
        raise ValueError(f'"{cell}"; expected yes or no')
    return cell == "yes"


def time_zone(cell: str) -> str:
    """A time zone by its IANA name."""
    try:
        ZoneInfo(cell)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{cell}"; expected the name of a time zone, like Europe/Dublin') from error
    return cell


def file_name(cell: str) -> str:
    """The bare name of a file."""
    if cell and not re.fullmatch(r"[\w-]+(\.[\w-]+)+", cell):
        raise ValueError(f'"{cell}"; expected the bare name of a file, like rill-300.svg')
    return cell


def read_table(
    path: Path, table: Table, content: bytes | None = None
) -> tuple[tuple[Row, ...], bytes, list[Fault]]:
    """The file's rows, bytes and faults; rows are given even with faults, so that checks can go on.

    With a `content`, the file is read as if it held that.
    """
    try:
        content = path.read_bytes() if content is None else content
    except FileNotFoundError:
        missing = Fault(path.name, 0, "", "missing; expected this file")
        return (), b"", [] if table.may_be_missing else [missing]
    except OSError as error:
        return (), b"", [Fault(path.name, 0, "", f"cannot be read: {error.strerror}")]
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (), content, [Fault(path.name, line, "", "not UTF-8; expected the file saved as UTF-8")]
    rows, faults = _parse(path.name, decoded, table)
    return rows, content, faults


def _parse(name: str, decoded: str, table: Table) -> tuple[tuple[Row, ...], list[Fault]]:
    lines, faults = _cells(name, decoded)
    if not lines:
        wanted = ", ".join(table.columns)
        return (), faults or [Fault(name, 1, "", f"empty; expected a header with the columns {wanted}")]
    header = [column.strip() for column in lines[0][1]]
    faults += _header_faults(name, header, table)
    rows: list[Row] = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            message = f"{len(cells)} cells; expected {len(header)}, as in the header (is a quote missing?)"
            faults.append(Fault(name, line, "", message))
            continue
        row, found = _row(name, line, dict(zip(header, cells, strict=True)), table)
        rows.append(row)
        faults += found
    return tuple(rows), faults + _repeated(name, rows, table)


def _cells(name: str, decoded: str) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Each record that is not blank, with the line on which it starts."""
    reader = csv.reader(io.StringIO(decoded, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if cells:
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        return lines, [Fault(name, start, "", f"not readable as CSV from here on: {error}")]
    return lines, []


def _header_faults(name: str, header: list[str], table: Table) -> list[Fault]:
    wanted = ", ".join(table.columns)
    missing = [column for column in table.columns if column not in header]
    twice = [column for column, times in Counter(header).items() if times > 1]
    unknown = [column for column in header if column not in table.columns and column not in twice]
    return [
        *(Fault(name, 1, column, f"missing column; expected {wanted}") for column in missing),
        *(Fault(name, 1, column, "duplicate column; expected it once") for column in twice),
        *(Fault(name, 1, column, f"unknown column; expected {wanted}") for column in unknown),
    ]


def _row(name: str, line: int, cells: dict[str, str], table: Table) -> tuple[Row, list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, parse in table.columns.items():
        values[column] = None
        if column not in cells:
            continue
        cell = cells[column].strip()
        if not cell and column not in table.may_be_empty:
            faults.append(Fault(name, line, column, "empty; expected a value"))
            continue
        try:
            values[column] = parse(cell)
        except ValueError as error:
            faults.append(Fault(name, line, column, str(error)))
    return Row(line, values), faults


def _repeated(name: str, rows: list[Row], table: Table) -> list[Fault]:
    faults = []
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        identity = tuple(row[column] for column in table.unique)
        first = seen.setdefault(identity, row.line)
        if identity and None not in identity and first != row.line:
            what = ", ".join(map(str, identity))
            message = f"duplicate row for {what}, first on line {first}; expected one"
            faults.append(Fault(name, row.line, table.unique[-1], message))
    return faults
