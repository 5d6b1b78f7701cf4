"""Commands about the model: train one, judge it, put it to work, take it back."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steward.cli import output
from steward.cli.bots import wanted_model
from steward.cli.command import (
    DONE,
    MODELS,
    REFUSED,
    STOPPED,
    WRONG,
    Command,
    Group,
    add_by,
    add_json,
    asked_by,
    complete,
)
from steward.cli.inbox import INBOX
from steward.cli.shadow import SHADOW
from steward.cli.training import TRAIN
from steward.cli.transcripts import IMPORT
from steward.console import Console
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.training.compare import ConversationChange
    from steward.training.judge import Judgement
    from steward.training.registry import ModelRecord, Registry
    from steward.training.serving import Rollout

_WAIT_SECONDS = 300.0
_STEP_SECONDS = 0.3
_KINDS = {"promote": "Promoted", "rollback": "Rolled back", "first": "First"}


def _models(settings: Settings, options: argparse.Namespace) -> int:
    from steward.training import models
    from steward.training.registry import Registry

    registry = Registry(settings.home)
    if options.model:
        record = wanted_model(registry, options.model)
        if options.json:
            output.print_json(_described(settings, registry, record))
        else:
            print("\n".join(_page(settings, registry, record)))
        return DONE
    records = registry.models()
    if options.json:
        output.print_json([_described(settings, registry, record) for record in records])
        return DONE
    if not records:
        print("No model yet. `steward train` makes one, and so does the first `steward run`.")
        return DONE
    made_of = models.fingerprint(settings.root)
    rows = [_row(settings, registry, record, made_of) for record in records]
    print(output.table(("MODEL", "TRAINED", "BY", "RIGHT", "GATE", ""), rows, output.paint()))
    return DONE


def _evaluate(settings: Settings, options: argparse.Namespace) -> int:
    from steward.run.serve import Interrupts
    from steward.training import pipeline
    from steward.training.registry import Registry
    from steward.training.runs import Cancelled

    registry = Registry(settings.home)
    record = wanted_model(registry, options.model)
    console = Console(sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder, Interrupts().caught() as interrupts:
            changes = pipeline.evaluate(
                settings,
                record.id,
                Path(folder),
                stopping=interrupts.stopping,
                told=lambda text: console.progress("  evaluating:", text),
            )
    except Cancelled:
        return STOPPED
    finally:
        console.done()
    dangers = _dangers(registry, record)
    if options.json:
        told = {"messages": dangers.messages, "missed": dangers.missed, "worse": dangers.worse}
        conversations = [change.now for change in changes]
        output.print_json({"model": record.id, "conversations": conversations, "dangers": told})
    else:
        print("\n".join(_verdicts(record, changes, dangers)))
    failed = any(not change.now.passed for change in changes)
    return REFUSED if failed or dangers.worse else DONE


@dataclass(frozen=True)
class _Dangers:
    """Of how many messages of danger a model was told, and which it missed; `worse` counts against it."""

    messages: int = 0
    missed: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()


def _dangers(registry: Registry, record: ModelRecord) -> _Dangers:
    """What the newest judgement says of danger; what the serving model misses, too, is no worse."""
    judgement, current = _judgement(registry, record), registry.current()
    if judgement is None:
        return _Dangers()
    serving = _judgement(registry, current) if current and current.id != record.id else None
    before = serving.missed if serving else ()
    worse = tuple(text for text in judgement.missed if text not in before)
    return _Dangers(judgement.hazards, judgement.missed, worse)


def _judgement(registry: Registry, record: ModelRecord) -> Judgement | None:
    from steward.training import judge
    from steward.training.registry import JUDGED

    kept = registry.kept(record.id, JUDGED)
    return judge.load(kept) if kept else None


def _promote(settings: Settings, options: argparse.Namespace) -> int:
    from steward.training import serving
    from steward.training.registry import Registry

    record = wanted_model(Registry(settings.home), options.model)
    by = serving.Person(asked_by(options))
    return _rolled_out(settings, options, lambda: serving.promote(settings, record.id, by, options.reason))


def _rollback(settings: Settings, options: argparse.Namespace) -> int:
    from steward.training import serving

    by = serving.Person(asked_by(options))
    return _rolled_out(settings, options, lambda: serving.rollback(settings, by, options.reason))


def _rolled_out(settings: Settings, options: argparse.Namespace, ask: Callable[[], Rollout]) -> int:
    """Ask for a rollout, tell how far it is, and how it ended."""
    from steward.training import serving

    try:
        rollout = ask()
    except serving.RolloutRefused as refused:
        if options.json:
            output.print_json({"state": "refused", "code": refused.code, "text": str(refused)})
        else:
            print(f"steward: {refused}", file=sys.stderr)
        return REFUSED if refused.code == "gate" else WRONG
    console = Console(sys.stderr)
    began = time.monotonic()
    deadline = time.monotonic() + (0 if options.no_wait else _WAIT_SECONDS)
    while not rollout.over and time.monotonic() < deadline:
        console.progress(f"  {rollout.text}", f"{time.monotonic() - began:.0f} s")
        rollout = serving.wait(settings, rollout.request, _STEP_SECONDS)
    console.done()
    if options.json:
        output.print_json(rollout)
    else:
        print(rollout.text if rollout.model in rollout.text else f"Model {rollout.model}: {rollout.text}")
    return WRONG if rollout.state == "failed" else DONE


def _row(settings: Settings, registry: Registry, record: ModelRecord, made_of: str) -> list[str]:
    figures, gate = record.figures, record.gate
    return [
        record.id,
        output.moment(record.trained_at),
        output.shortened(record.by, 20),
        f"{figures.accuracy:.1%}" if figures else "",
        "not judged" if gate is None else "passed" if gate.passed else "refused",
        ", ".join(_marks(settings, registry, record, made_of)),
    ]


def _marks(settings: Settings, registry: Registry, record: ModelRecord, made_of: str) -> Iterator[str]:
    """What a model is at the moment, in a word or two each."""
    from steward.training.serving import Control

    current, previous = registry.current(), registry.previous()
    wish = Control(settings.home).shadow()
    if current and current.id == record.id:
        yield "serving"
    if previous and previous.id == record.id:
        yield "the one before"
    if wish and wish.model == record.id:
        yield "reads along"
    if record.fingerprint == made_of:
        yield "fits the data"


def _described(settings: Settings, registry: Registry, record: ModelRecord) -> dict[str, Any]:
    from dataclasses import asdict

    from steward.training import models
    from steward.training.registry import REPORT

    current = registry.current()
    return {
        **asdict(record),
        "serving": current is not None and current.id == record.id,
        "fits_data": record.fingerprint == models.fingerprint(settings.root),
        "archive": str(registry.archive(record.id)),
        "report": str(registry.kept(record.id, REPORT) or "") or None,
    }


def _page(settings: Settings, registry: Registry, record: ModelRecord) -> Iterator[str]:
    """What is known about a model, to read."""
    from steward.training import models
    from steward.training.registry import REPORT

    colours = output.paint()
    marks = ", ".join(_marks(settings, registry, record, models.fingerprint(settings.root)))
    yield colours(f"Model {record.id}", "bold") + (f"  {marks}" if marks else "")
    yield f"Trained       {output.moment(record.trained_at)} by {record.by}, in {record.seconds:.0f} s"
    yield f"Data          {record.data_commit or 'not in git'}"
    if (figures := record.figures) is not None:
        yield (
            f"Read right    {figures.accuracy:.1%} of {figures.examples} examples it had not learned "
            f"({figures.low:.1%} to {figures.high:.1%})"
        )
        yield (
            f"Sure enough   {figures.coverage:.1%} (confidence of {figures.threshold:.2f} or more), "
            f"{figures.answered_wrongly:.1%} of all sure and wrong"
        )
    if record.gate is None:
        yield "Gate          nobody has judged it; `steward train` makes a model that is judged"
    else:
        passed = record.gate.passed
        yield f"Gate          {colours('passed', 'green') if passed else colours('refused', 'red')}"
        for reason in record.gate.reasons:
            yield output.wrapped(reason.text, " " * 16, " " * 14 + "- ")
    for promotion in record.promotions:
        why = f": {promotion.reason}" if promotion.reason else ""
        yield f"{_KINDS[promotion.kind]:<13} {output.moment(promotion.at)} by {promotion.by}{why}"
    if (report := registry.kept(record.id, REPORT)) is not None:
        yield f"Report        {report}"


def _verdicts(record: ModelRecord, changes: Sequence[ConversationChange], dangers: _Dangers) -> Iterator[str]:
    """The dangers that were not heard and the conversations that went wrong, then how many did not."""
    colours = output.paint()
    for text in dangers.missed:
        note = "" if text in dangers.worse else "  (the serving model does not hear it either)"
        yield output.wrapped(f"“{text}” is not heard{note}", " " * 8, f"{colours('danger', 'red', 'bold')}  ")
    for change in changes:
        if change.now.passed:
            continue
        note = "  (the serving model gets it right)" if change.worse else ""
        yield f"{colours('wrong', 'red')}  {change.now.name}{note}"
        for turn in change.now.turns:
            if not turn.passed:
                yield output.wrapped(f"“{turn.text}”: {turn.wrong}", " " * 9, " " * 7)
    right = sum(change.now.passed for change in changes)
    yield f"Model {record.id}: {right} of {len(changes)} conversations go as the shop expects."
    if dangers.messages:
        heard = dangers.messages - len(dangers.missed)
        every = "each of" if not dangers.missed else f"{heard} of"
        yield f"It hears the danger in {every} {dangers.messages} messages that tell of one."


def _model_argument(parser: argparse.ArgumentParser, **options: Any) -> None:
    help = "the beginning of a model's name, or one of the words newest and serving"
    complete(parser.add_argument("model", metavar="MODEL", help=help, **options), MODELS)


def _models_arguments(parser: argparse.ArgumentParser) -> None:
    _model_argument(parser, nargs="?")
    add_json(parser)


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    _model_argument(parser, nargs="?", default="newest")
    add_json(parser)


def _promote_arguments(parser: argparse.ArgumentParser) -> None:
    _model_argument(parser)
    _rollout_arguments(parser)


def _rollout_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; kept in the model's history")
    add_by(parser)
    parser.add_argument("--no-wait", action="store_true", help="ask for it, and do not wait until it is done")
    add_json(parser)


GROUP = Group(
    "make it better",
    (
        INBOX,
        IMPORT,
        TRAIN,
        Command(
            name="evaluate",
            help="talk to a model as customers would, and tell where it goes wrong",
            description=(
                "Start a model where no customer meets it, have every regression conversation of\n"
                "data/conversations with it, and tell which do not go as the shop expects. Then tell it of\n"
                "each danger among the examples of the topic safety, and tell which it does not hear."
            ),
            run=_evaluate,
            arguments=_evaluate_arguments,
            examples=(
                ("steward evaluate", "the newest model"),
                ("steward evaluate serving --json", "the one that customers have, for a script"),
            ),
            exit_codes={
                REFUSED: "a conversation goes wrong, or a danger is missed that the serving model hears"
            },
        ),
        Command(
            name="models",
            help="list the models, or show what is known about one",
            description="List the models that are kept, the newest first, or show one of them in full.",
            run=_models,
            arguments=_models_arguments,
            examples=(
                ("steward models", "all of them"),
                ("steward models 3f9", "one, by the beginning of its name: figures, gate, history, report"),
                ("steward models serving", "the one that customers have"),
            ),
        ),
        SHADOW,
        Command(
            name="promote",
            help="give customers another model, without losing a message",
            description=(
                "Start a model beside the one that serves, try it, and move customers over to it. If\n"
                "anything goes wrong the old one goes on. Where no Steward runs, the next one serves\n"
                "the model.\n\n"
                "What the gate holds against a model can be set aside with --reason; the reason is recorded."
            ),
            run=_promote,
            arguments=_promote_arguments,
            examples=(
                ("steward promote newest", "after a training that went well"),
                ('steward promote 3f9 --reason "the new names matter more"', "although the gate refused it"),
            ),
            exit_codes={REFUSED: "the gate refuses the model and no reason was given"},
        ),
        Command(
            name="rollback",
            help="give customers the model again that they had before",
            description="Put the model back to work that served before this one, as `promote` would.",
            run=_rollback,
            arguments=_rollout_arguments,
            examples=(('steward rollback --reason "prices are misread"', "in seconds, and recorded"),),
        ),
    ),
)
