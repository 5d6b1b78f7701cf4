"""The catalogue's files to and from other programs: CSV as spreadsheets write it, JSON, and ZIP.

What comes in is turned into the bytes of the catalogue's own files; `load_catalogue` says whether they hold.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from steward.catalogue.load import TABLES
from steward.catalogue.table import Table, amount, many, yes_or_no
from steward.errors import CatalogueError, Fault

FORMATS = (".csv", ".json", ".zip")
_DELIMITERS = (",", ";", "\t")
# A date for the entries of a ZIP, so that the same catalogue gives the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_UNZIPPED_LIMIT = 200_000_000


@dataclass(frozen=True)
class Sheet:
    """One table as another program gave it: its columns, and the cells of each row in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_sheets(name: str, content: bytes, table: str | None = None) -> dict[str, Sheet]:
    """The tables in a file, by the names of the catalogue's files.

    A CSV file is the table that its name says, or `table`. Raises CatalogueError for what is not a table of
    the catalogue, or not readable.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".csv" or table:
        file = _file_of(table or PurePosixPath(name).name, name)
        return {file: _from_csv(name, content)}
    if ending == ".json":
        return _from_json(name, content)
    if ending == ".zip":
        return _from_zip(name, content)
    raise CatalogueError([Fault(name, 0, "", f"expected a file that ends with {', '.join(FORMATS)}")])


def replaced(file: str, sheet: Sheet, current: bytes) -> bytes:
    """A catalogue's file with exactly the sheet's rows.

    A row that is there already stays as it is written, the columns keep their order, and so a comparison of
    old and new shows what changed and nothing else.
    """
    header, written = _written(current)
    columns = header if set(header) == set(sheet.columns) else list(sheet.columns)
    known: dict[tuple[str, ...], str] = {}
    for cells, raw in written:
        known.setdefault(tuple(cell.strip() for cell in cells), raw)
    places = [sheet.columns.index(column) for column in columns]
    rows = [tuple(row[place] for place in places) for row in sheet.rows]
    old = known if columns == header else {}
    return _joined(columns, (old.get(row) or _line(row) for row in rows), current if old else b"")


def merged(file: str, sheet: Sheet, current: bytes) -> bytes:
    """A catalogue's file with the sheet's rows put into it: changed where the key is there, added elsewhere.

    Other rows, and columns that the sheet lacks, stay. Raises CatalogueError when the sheet has no key.
    """
    keys = TABLES[file].unique
    header, written = _written(current)
    faults = [
        Fault(file, 1, column, "missing column; it says which row is meant")
        for column in keys
        if column not in sheet.columns
    ]
    faults += [
        Fault(file, 1, column, f"unknown column; expected some of {', '.join(header)}")
        for column in sheet.columns
        if column not in header
    ]
    if not keys:
        faults.append(Fault(file, 0, "", "its rows have no key, so it can only be replaced as a whole"))
    if faults:
        raise CatalogueError(faults)
    coming = {
        tuple(cells[key] for key in keys): cells for cells in (_by_column(sheet, row) for row in sheet.rows)
    }
    lines = []
    for cells, raw in written:
        before = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        change = coming.pop(tuple(before.get(key, "") for key in keys), {})
        after = {**before, **change}
        lines.append(raw if after == before else _line([after.get(column, "") for column in header]))
    lines += [_line([cells.get(column, "") for column in header]) for cells in coming.values()]
    return _joined(header, lines, current)


def exported(folder: Path, ending: str, tables: Sequence[str] | None = None) -> bytes:
    """A catalogue's files, all or those named, as one file of a format (`.csv` for a single one)."""
    names = [_file_of(name, name) for name in tables] if tables else sorted(TABLES)
    files = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    if ending == ".json":
        return _to_json(files)
    if ending == ".zip":
        return _to_zip(files)
    if ending == ".csv" and len(names) == 1 and files:
        return files[names[0]]
    raise CatalogueError([Fault(ending or "the file", 0, "", f"expected a name with {', '.join(FORMATS)}")])


def _file_of(name: str, place: str) -> str:
    file = name if name.endswith(".csv") else f"{name}.csv"
    if file not in TABLES:
        known = ", ".join(sorted(one.removesuffix(".csv") for one in TABLES))
        raise CatalogueError([Fault(place, 0, "", f"not a table of the catalogue; expected one of {known}")])
    return file


def _from_csv(name: str, content: bytes) -> Sheet:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "not UTF-8; save it as “CSV UTF-8”"
        raise CatalogueError([Fault(name, line, "", message)]) from None
    try:
        records = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)) if row
        ]
    except csv.Error as error:
        raise CatalogueError([Fault(name, 0, "", f"not readable as CSV: {error}")]) from None
    # A spreadsheet leaves rows of empty cells behind what was deleted.
    kept = [tuple(cell.strip() for cell in row) for row in records if any(cell.strip() for cell in row)]
    if not kept:
        raise CatalogueError([Fault(name, 1, "", "empty; expected a header")])
    header, *rows = kept
    faults = [
        Fault(name, 0, "", f"row {number}: {len(row)} cells; expected {len(header)}, as in the header")
        for number, row in enumerate(rows, 1)
        if len(row) != len(header)
    ]
    if faults:
        raise CatalogueError(faults)
    return Sheet(header, tuple(rows))


def _delimiter(text: str) -> str:
    """What separates the cells: spreadsheets of some countries write semicolons."""
    header = text.partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _from_json(name: str, content: bytes) -> dict[str, Sheet]:
    try:
        value = json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise CatalogueError([Fault(name, 0, "", f"not readable as JSON: {error}")]) from None
    if not isinstance(value, dict):
        message = 'expected an object of tables, like {"prices": [{"sku": …}]}'
        raise CatalogueError([Fault(name, 0, "", message)])
    sheets = {}
    for table, rows in value.items():
        file = _file_of(str(table), name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CatalogueError([Fault(name, 0, str(table), "expected a list of objects, one for each row")])
        columns = tuple(dict.fromkeys(str(column) for row in rows for column in row)) or tuple(
            TABLES[file].columns
        )
        cells = tuple(
            tuple(_cell(TABLES[file], column, row.get(column)) for column in columns) for row in rows
        )
        sheets[file] = Sheet(columns, cells)
    return sheets


def _cell(table: Table, column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "|".join(str(part).strip() for part in value)
    if isinstance(value, (int, Decimal)) and table.columns.get(column) is amount:
        return f"{value:.2f}"
    return str(value).strip()


def _from_zip(name: str, content: bytes) -> dict[str, Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
            if sum(one.file_size for one in entries) > _UNZIPPED_LIMIT:
                raise CatalogueError([Fault(name, 0, "", "too large to be a catalogue")])
            files = {PurePosixPath(one.filename).name: archive.read(one) for one in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise CatalogueError([Fault(name, 0, "", f"not readable as a ZIP file: {error}")]) from None
    if not files:
        raise CatalogueError([Fault(name, 0, "", "no CSV file in it")])
    return {_file_of(file, file): _from_csv(file, cells) for file, cells in files.items()}


def _to_zip(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _to_json(files: Mapping[str, bytes]) -> bytes:
    tables = {name.removesuffix(".csv"): _objects(TABLES[name], content) for name, content in files.items()}
    return (json.dumps(tables, ensure_ascii=False, indent=2) + "\n").encode()


def _objects(table: Table, content: bytes) -> list[dict[str, Any]]:
    header, written = _written(content)
    return [
        {column: _value(table, column, cell.strip()) for column, cell in zip(header, cells, strict=False)}
        for cells, _ in written
    ]


def _value(table: Table, column: str, cell: str) -> Any:
    kind = table.columns.get(column)
    if kind is many:
        return [part.strip() for part in cell.split("|")] if cell else []
    if kind is yes_or_no and cell in ("yes", "no"):
        return cell == "yes"
    return cell


def _written(content: bytes) -> tuple[list[str], list[tuple[list[str], str]]]:
    """The header of a catalogue's file, and each row's cells with the very text they were written as."""
    text = content.decode("utf-8-sig", "replace")
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines)
    records: list[tuple[list[str], str]] = []
    start = 0
    for cells in reader:
        if cells:
            records.append((cells, "".join(lines[start : reader.line_num]).rstrip("\r\n")))
        start = reader.line_num
    if not records:
        return [], []
    return [column.strip() for column in records[0][0]], records[1:]


def _by_column(sheet: Sheet, row: Sequence[str]) -> dict[str, str]:
    return dict(zip(sheet.columns, row, strict=True))


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _joined(header: Sequence[str], lines: Iterable[str], current: bytes) -> bytes:
    """The file's text, with its header and its line ends as they were."""
    head = current.decode("utf-8-sig", "replace").partition("\n")[0].rstrip("\r") or _line(header)
    end = "\r\n" if b"\r\n" in current else "\n"
    return end.join([head, *lines, ""]).encode()
