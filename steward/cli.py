"""The `steward` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from steward.errors import StewardError
from steward.run.console import Console
from steward.settings import Settings, load_settings

_DESCRIPTION = "Steward, the customer-service chatbot that a shop runs itself."
_EPILOG = """\
settings (environment variables):
  PORT            the desk's port (8080); the bot and the action server take the next two
  STEWARD_HOME    the folder of its data, models and logs (.steward)
  STEWARD_HOST    the address that the desk listens on (127.0.0.1)
  DATABASE_URL    where conversations are stored (SQLite in STEWARD_HOME)

exit codes: 0 done, 1 something must be put right first (the message says what), 2 mistyped command.

Two side by side:
  make run
  PORT=8090 STEWARD_HOME=.steward-2 make run
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors that Steward knows become a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](load_settings(), options)
    except StewardError as error:
        print(f"steward: {error}", file=sys.stderr)
        return 1


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run.serve import serve

    serve(settings, Console(sys.stdout))
    return 0


def _train(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run import checks, models
    from steward.run.serve import Interrupts

    console = Console(sys.stdout)
    checks.check_disk(settings)
    checks.check_files(settings)
    if not options.force and (model := models.fitting(settings)) is not None:
        console.say(f"{model} fits the data already; --force trains again.")
        return 0
    with Interrupts().caught() as interrupts:
        return 0 if models.train(settings, console, stopping=interrupts.stopping) else 1


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run.doctor import examine

    findings = examine(settings)
    for finding in findings:
        print(f"{'ok  ' if finding.fine else 'FIX '} {finding.name:<12} {finding.text}")
    return 0 if all(finding.fine for finding in findings) else 1


def _audit(settings: Settings, options: argparse.Namespace) -> int:
    import asyncio

    from steward.desk.accounts.audit_report import check

    report = asyncio.run(check(settings, options.known))
    print("\n".join(report.lines))
    return 0 if report.whole else 1


_COMMANDS = {"run": _run, "train": _train, "doctor": _doctor, "audit": _audit}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="steward",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "run",
        help="start everything and stay until Ctrl-C; trains first if no model fits the data",
        description="Start the desk, the bot and its actions, and stay until Ctrl-C.",
    )
    train = commands.add_parser(
        "train",
        help="train the model that `steward run` would train",
        description="Train a model from domain.yml, config.yml and data/ into STEWARD_HOME/models.",
    )
    train.add_argument("--force", action="store_true", help="train even if a model fits the data already")
    commands.add_parser(
        "doctor",
        help="check versions, files, ports, model, encoder, database and disk, and say what to do",
        description="Check everything that Steward needs. The exit code is 1 if something must be put right.",
    )
    audit = commands.add_parser(
        "audit",
        help="check that no entry of the audit log was changed, deleted or moved",
        description="Check the audit log's chain of hashes. The exit code is 1 if it was tampered with.",
    )
    audit.add_argument(
        "--known", metavar="NUMBER:HASH", help="what an earlier check told to note: finds a log written anew"
    )
    return parser
