"""`steward train`: a new model, judged before anybody may put it to work."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from steward.cli import output
from steward.cli.command import DONE, REFUSED, STOPPED, Command, add_by, asked_by
from steward.console import Console
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.training.runs import Training


def _train(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run.serve import Interrupts
    from steward.training import models, pipeline
    from steward.training.registry import REPORT, Registry
    from steward.training.runs import Cancelled

    registry = Registry(settings.home)
    fitting = registry.fitting(models.fingerprint(settings.root))
    if fitting and fitting.gate and not options.force:
        text = f"Model {fitting.id} fits the data already; --force trains again."
        if options.json:
            output.print_json({"model": fitting.id, "text": text})
        else:
            print(text)
        return DONE
    by = {"name": asked_by(options)} | ({"id": options.by_id} if options.by_id else {})
    console = Console(sys.stderr)
    told = _tell_in_json if options.json else _telling_on(console)
    try:
        with Interrupts().caught() as interrupts:
            record = pipeline.retrain(
                settings, by, stopping=interrupts.stopping, told=told, training_id=options.training
            )
    except Cancelled as stop:
        console.say(str(stop))
        return STOPPED
    finally:
        console.done()
    if not options.json:
        print(output.wrapped(pipeline.verdict(record)))
        print(f"Report: {registry.place(record.id, REPORT)}")
    return DONE if record.gate and record.gate.passed else REFUSED


def _tell_in_json(training: Training) -> None:
    """A line of JSON each time the training tells how far it is."""
    shown = {name: getattr(training, name) for name in ("state", "stage", "progress", "text", "model")}
    print(json.dumps({**shown, "seconds": training.seconds}, ensure_ascii=False), flush=True)


def _telling_on(console: Console) -> Callable[[Training], None]:
    def tell(training: Training) -> None:
        if training.state == "running":
            console.progress(f"  {training.progress:4.0%}  {training.text}", f"{training.seconds:.0f} s")

    return tell


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="train even if a judged model fits the data")
    add_by(parser)
    parser.add_argument(
        "--json", action="store_true", help="print a line of JSON each time there is news, instead of text"
    )
    # What the desk says of a training that it begins.
    parser.add_argument("--by-id", help=argparse.SUPPRESS)
    parser.add_argument("--training", help=argparse.SUPPRESS)


TRAIN = Command(
    name="train",
    help="train a model of the files as they are, and judge it",
    description=(
        "Train a model of domain.yml, config.yml and data/, measure it, have every regression conversation\n"
        "with it, set it beside the model that serves, and write a report. Nothing that customers see\n"
        "changes: `steward promote` does that."
    ),
    run=_train,
    arguments=_arguments,
    examples=(
        ("steward train", "then read the report, and promote the model if it is better"),
        ("steward train --json", "a line of JSON for each step, for a script"),
    ),
    exit_codes={REFUSED: "the model was made, but must not serve as it is"},
)
