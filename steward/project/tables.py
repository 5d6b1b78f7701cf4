"""A CSV file as text: cells and rows are changed where they stand, every other byte is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steward.errors import ProjectError
from steward.project.lines import Text

_CELL = re.compile(r'(?P<raw>"(?:[^"]|"")*"|[^,"\r\n]*)(?P<end>,|\r\n|\n|\r|\Z)')
_NEEDS_QUOTES = re.compile(r'[,"\r\n]|^\s|\s$')


@dataclass(frozen=True)
class Cell:
    """One cell: its value, and where it is written."""

    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True)
class Record:
    """A row that is not blank: its line, counted from 1, where it stands, and its cells by column."""

    line: int
    start: int
    end: int
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> str:
        """A cell's value without the space around it; empty when the column is not there."""
        cell = self.cells.get(column)
        return cell.value.strip() if cell else ""


class Table:
    """A CSV file with a header; each change gives the text that the file then has.

    Raises ProjectError, naming file and line, where it cannot be read or lacks one of the `columns`.
    """

    def __init__(self, path: str, text: str, columns: Sequence[str]) -> None:
        self._path = path
        self._text = Text(text)
        lines = self._read()
        if not lines:
            wanted = ", ".join(columns)
            raise ProjectError(f"empty; expected a header with the columns {wanted}", file=path)
        self.header = [cell.value.strip() for cell in lines[0][3]]
        for column in columns:
            if column not in self.header:
                raise ProjectError(f'no column "{column}"; expected it in the header', file=path, line=1)
        self._header_end = lines[0][2]
        self.rows = [self._record(*line) for line in lines[1:]]

    def with_cell(self, row: Record, column: str, value: str) -> str:
        """The text with another value in a cell."""
        cell = row.cells[column]
        return self._text.replaced(cell.start, cell.end, _written(value, cell.quoted))

    def with_row(self, values: Mapping[str, str], after: Record | None = None) -> str:
        """The text with a new row, behind another one or at the end."""
        return self.with_rows([values], after)

    def with_rows(self, rows: Sequence[Mapping[str, str]], after: Record | None = None) -> str:
        """The text with new rows, one below the other."""
        ends = [row.end for row in self.rows]
        at = after.end if after else max(ends, default=self._header_end)
        return self._text.with_lines(at, [self._row(values) for values in rows])

    def without(self, rows: Sequence[Record]) -> str:
        """The text without these rows."""
        return self._text.without([(row.start, row.end) for row in rows])

    def _row(self, values: Mapping[str, str]) -> str:
        cells = [_written(values.get(column, ""), self._is_quoted(column)) for column in self.header]
        return ",".join(cells)

    def _is_quoted(self, column: str) -> bool:
        """Whether the file's own habit is to put this column in quotes."""
        cells = [row.cells[column] for row in self.rows if row[column]]
        return bool(cells) and all(cell.quoted for cell in cells)

    def _read(self) -> list[tuple[int, int, int, list[Cell]]]:
        """Line, start, end and cells of every row that is not blank."""
        found: list[tuple[int, int, int, list[Cell]]] = []
        at = start = self._text.start
        line = first = 1
        text, cells = self._text.text, list[Cell]()
        while at < len(text):
            match = _CELL.match(text, at)
            if match is None:
                raise ProjectError("not readable as CSV; is a quote missing?", file=self._path, line=first)
            raw = match["raw"]
            quoted = raw.startswith('"')
            value = raw[1:-1].replace('""', '"') if quoted else raw
            cells.append(Cell(value, match.start("raw"), match.end("raw"), quoted))
            line += len(re.findall(r"\r\n|\r|\n", match[0]))
            at = match.end()
            if match["end"] != ",":
                if any(cell.value.strip() for cell in cells) or len(cells) > 1:
                    found.append((first, start, at, cells))
                cells, start, first = [], at, line
        if cells:
            cells.append(Cell("", at, at, False))
            found.append((first, start, at, cells))
        return found

    def _record(self, line: int, start: int, end: int, cells: Sequence[Cell]) -> Record:
        if len(cells) != len(self.header):
            message = f"{len(cells)} cells; expected {len(self.header)}, as in the header"
            raise ProjectError(f"{message} (is a quote missing?)", file=self._path, line=line)
        return Record(line, start, end, dict(zip(self.header, cells, strict=True)))


def _written(value: str, quoted: bool) -> str:
    if quoted or _NEEDS_QUOTES.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value
