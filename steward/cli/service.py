"""Commands that run a Steward and look after the machine under it."""

from __future__ import annotations

import argparse
import sys

from steward.cli import output
from steward.cli.command import DONE, WRONG, Command, Group, add_json
from steward.cli.doctor import DOCTOR
from steward.cli.talk import TALK
from steward.console import Console
from steward.settings import Settings


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run.serve import serve

    serve(settings, Console(sys.stdout))
    return DONE


def _audit(settings: Settings, options: argparse.Namespace) -> int:
    import asyncio

    from steward.desk.accounts.audit_report import check

    report = asyncio.run(check(settings, options.known))
    if options.json:
        output.print_json({"whole": report.whole, "lines": list(report.lines)})
    else:
        print("\n".join(report.lines))
    return DONE if report.whole else WRONG


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--known", metavar="NUMBER:HASH", help="what an earlier check told to note: finds a log written anew"
    )
    add_json(parser)


GROUP = Group(
    "run and look after it",
    (
        Command(
            name="run",
            help="start everything and stay until Ctrl-C; trains first if no model fits the data",
            description="Start the desk, the bot and its actions, and stay until Ctrl-C.",
            run=_run,
            examples=(
                ("steward run", "shop, desk and bot, on port 8080 and the next two"),
                ("PORT=8090 STEWARD_HOME=.steward-2 steward run", "a second one beside the first"),
            ),
        ),
        TALK,
        DOCTOR,
        Command(
            name="audit",
            help="check that no entry of the audit log was changed, deleted or moved",
            description="Check the audit log's chain of hashes.",
            run=_audit,
            arguments=_audit_arguments,
            examples=(
                ("steward audit", "and note what it tells to note, elsewhere"),
                ("steward audit --known 812:9f2c…", "is it still the log that it was?"),
            ),
            exit_codes={WRONG: "the log was tampered with, or there is none to check"},
        ),
    ),
)
