"""Commands that take the shop's facts out to other programs, and bring them in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from steward.cli import output
from steward.cli.applying import apply
from steward.cli.command import DONE, FILES, TABLES, WRONG, Command, add_by, add_json, complete
from steward.errors import StewardError
from steward.settings import Settings

_NO_ANSWER = "Nothing was changed. --yes answers for you where nobody is at the terminal."


def _export(settings: Settings, options: argparse.Namespace) -> int:
    from steward.catalogue.exchange import exported

    tables = options.table or None
    if options.file is None:
        sys.stdout.write(exported(settings.catalogue, ".csv" if tables else ".json", tables).decode())
        return DONE
    target: Path = options.file
    ending = target.suffix.lower()
    if ending == ".csv" and not tables:
        tables = [target.name]
    content = exported(settings.catalogue, ending, tables)
    if target.exists() and not (
        options.yes or output.agrees(f"{target} exists. Put the new one in its place?")
    ):
        print(_NO_ANSWER, file=sys.stderr)
        return WRONG
    try:
        target.write_bytes(content)
    except OSError as error:
        raise StewardError(f"{target} cannot be written: {error.strerror}.") from None
    print(f"{target}: {len(content):,} bytes")
    return DONE


def _import(settings: Settings, options: argparse.Namespace) -> int:
    """Show what would change, ask, and put all of it in place or nothing."""
    from steward.catalogue import load_catalogue
    from steward.project import ChangeSet, FileChange

    coming = _coming(settings, options)
    load_catalogue(settings.catalogue, {name: after for name, (_, after) in coming.items()})
    files = tuple(
        FileChange(f"data/catalogue/{name}", before, after)
        for name, (before, after) in sorted(coming.items())
        if before != after
    )
    if not options.json:
        for file in files:
            print(output.diff(file.diff, output.paint()))
    names = [file.path for file in files]
    if not files or options.dry_run:
        return _imported(options, names, None, "nothing changes" if not files else "nothing was changed")
    if not options.yes and (options.json or not output.agrees(f"Change {', '.join(names)}?")):
        print(_NO_ANSWER, file=sys.stderr)
        return WRONG
    message = f"Take {', '.join(file.path.rpartition('/')[2] for file in files)} from {options.file.name}"
    commit = apply(settings, options, ChangeSet((), files, ()), message)
    return _imported(options, names, commit.id if commit else None, "changed")


def _imported(options: argparse.Namespace, files: list[str], commit: str | None, what: str) -> int:
    if options.json:
        output.print_json({"files": files, "commit": commit, "result": what})
        return DONE
    print(f"{', '.join(files) or 'The catalogue is like that already'}: {what}.")
    if commit:
        print(f"Committed as {commit[:12]}.")
    if what == "changed":
        print("Customers get it within seconds. If names of products changed, `steward train` learns them.")
    return DONE


def _coming(settings: Settings, options: argparse.Namespace) -> dict[str, tuple[bytes | None, bytes]]:
    """The catalogue's files as they are and as they would be."""
    from steward.catalogue.exchange import merged, read_sheets, replaced

    try:
        content = options.file.read_bytes()
    except OSError as error:
        raise StewardError(f"{options.file} cannot be read: {error.strerror}.") from None
    build = merged if options.merge else replaced
    sheets = read_sheets(options.file.name, content, options.table)
    found = {}
    for name, sheet in sheets.items():
        before = _content(settings.catalogue / name)
        found[name] = before, build(name, sheet, before or b"")
    return found


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="where to: NAME.zip, NAME.json or NAME.csv"
        ),
        FILES,
    )
    _tables_argument(parser)
    parser.add_argument("--yes", action="store_true", help="put it in the place of a file that exists")


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="what comes in: NAME.csv, NAME.json or NAME.zip"
        ),
        FILES,
    )
    complete(
        parser.add_argument(
            "--table", metavar="NAME", help="which table a CSV file is, if not as it is called"
        ),
        TABLES,
    )
    parser.add_argument(
        "--merge", action="store_true", help="change and add these rows and columns; keep all others"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_by(parser)
    add_json(parser)


def _tables_argument(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument(
            "--table", action="append", metavar="NAME", help="only this table, like prices; may be repeated"
        ),
        TABLES,
    )


EXPORT = Command(
    name="export",
    help="write the facts into a file for a spreadsheet or another program",
    description=(
        "Write the catalogue into one file: NAME.zip (all tables as CSV), NAME.json, or\n"
        "TABLE.csv (one of them). Without a file it is printed: JSON, or CSV with --table."
    ),
    run=_export,
    arguments=_export_arguments,
    examples=(
        ("steward catalogue export shop.zip", "everything, as a copy or to send"),
        ("steward catalogue export prices.csv", "one table, for a spreadsheet"),
        ("steward catalogue export --table stock", "one table, printed"),
    ),
)
IMPORT = Command(
    name="import",
    help="take facts from a file, after showing what would change",
    description=(
        "Take one table or several from a file of a spreadsheet or another program. The tables in\n"
        "the file take the place of the shop's; with --merge only the rows and columns in it do.\n\n"
        "First the whole catalogue is checked as it would be. Then the difference is shown. Then all\n"
        "files are replaced, or none; where the shop is in git, that is a commit. A Steward that runs\n"
        "gives customers the new facts within seconds."
    ),
    run=_import,
    arguments=_import_arguments,
    examples=(
        ("steward catalogue import prices.csv", "a new price list"),
        ("steward catalogue import --merge new.csv --table stock", "some products' stock"),
        (
            "steward catalogue import shop.zip --dry-run",
            "what a whole catalogue would change",
        ),
        ("steward catalogue import stock.json --merge --yes", "from a script, each night"),
    ),
    exit_codes={WRONG: "the file does not hold, or nobody agreed; nothing was changed"},
)
