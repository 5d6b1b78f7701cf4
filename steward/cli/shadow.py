"""`steward shadow`: a candidate reads what customers write, and where it would understand something else."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from steward import checks
from steward.cli import output
from steward.cli.bots import wanted_model
from steward.cli.command import DONE, MODELS, WRONG, Command, add_by, add_json, asked_by, complete
from steward.cli.inbox_desk import opened
from steward.console import Console
from steward.errors import ConfigurationError, StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.desk.improve.shadow import Counts, Seen
    from steward.desk.store import Difference

_WAIT_SECONDS = 240.0
_STEP_SECONDS = 0.3
_MOST = 20
_KINDS = 5
_WORDS = 60
_UNSURE = "not sure"


def _shadow(settings: Settings, options: argparse.Namespace) -> int:
    if options.model and options.off:
        raise StewardError("Either a model reads along or none does: leave one of MODEL and --off away.")
    if options.model or options.off:
        _ask(settings, options)
    seen = asyncio.run(_seen(settings))
    if options.json:
        output.print_json(_described(seen))
    else:
        print("\n".join(_told(seen, options.most)))
    return WRONG if options.model and seen.state == "off" else DONE


def _ask(settings: Settings, options: argparse.Namespace) -> None:
    """Have the model read along, or none; wait until it does, or does not."""
    from steward.training.registry import Registry
    from steward.training.serving import Control, Person, read_along

    model = wanted_model(Registry(settings.home), options.model).id if options.model else None
    read_along(settings, model, Person(asked_by(options)))
    control, console = Control(settings.home), Console(sys.stderr)
    if model and not checks.runs_in(settings.home):
        console.say("No Steward runs; the next one has it read along.")
    began = time.monotonic()
    while not options.no_wait and checks.runs_in(settings.home) and time.monotonic() < began + _WAIT_SECONDS:
        wish, serving = control.shadow(), control.serving()
        reads = serving.shadow.model if serving and serving.shadow else None
        if reads == model or (wish and wish.model != model):
            break
        doing = f"starting model {model} beside the one that serves" if model else "ending the shadow"
        console.progress(f"  {doing}", f"{time.monotonic() - began:.0f} s")
        time.sleep(_STEP_SECONDS)
    console.done()


async def _seen(settings: Settings) -> Seen:
    """What the candidate has read, from the desk's database; nothing where there is none yet."""
    from steward.desk.improve.shadow import Counts, Seen, counted, seen_of
    from steward.training.serving import Control

    control = Control(settings.home)
    wish, serving = control.shadow(), control.serving()
    bot = serving.shadow if serving and checks.runs_in(settings.home) else None
    with suppress(ConfigurationError):
        async with opened(settings) as desk:
            return await seen_of(desk.store, wish, bot, await counted(desk.store))
    model = wish.model if wish else None
    return Seen("starting" if model else "off", model, wish.text if wish else "", Counts(), 0, ())


def _described(seen: Seen) -> dict[str, Any]:
    """As the API gives it."""
    from steward.desk.shapes import time_text

    return {
        "model": seen.model,
        "of": seen.counts.model,
        "state": seen.state,
        "text": seen.text,
        "since": time_text(seen.counts.since) if seen.counts.model else None,
        "seen": seen.counts.seen,
        "dropped": seen.counts.dropped,
        "different": seen.different,
        "differences": [_difference(one) for one in seen.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    from steward.desk.shapes import time_text

    return {
        "at": time_text(one.at),
        "text": one.text,
        "conversation_id": one.conversation_id,
        "serving": one.serving,
        "candidate": one.candidate,
    }


def _told(seen: Seen, most: int) -> Iterator[str]:
    """The same to read."""
    if seen.state == "off":
        yield "No model reads along." + (f" {seen.text}" if seen.text else "")
        if not seen.counts.seen:
            yield "`steward shadow newest` has the newest one do so."
    elif seen.state == "starting":
        yield f"Model {seen.model} is about to read along." + (f" {seen.text}" if seen.text else "")
    if seen.counts.model and (seen.counts.seen or seen.state == "reading"):
        yield output.wrapped(_counts(seen, seen.counts))
    if not seen.differences:
        return
    yield output.wrapped(_summary(seen.differences))
    yield ""
    kinds = Counter(_pair(one) for one in seen.differences)
    if len(kinds) < len(seen.differences):
        rows = [[str(count), *pair] for pair, count in kinds.most_common(_KINDS)]
        yield output.table(("TIMES", "SERVING MODEL", "THIS MODEL"), rows, output.paint())
        yield ""
    rows = [
        [output.moment(one.at), *_pair(one), output.plain(one.text)]
        for one in seen.differences[: max(0, most)]
    ]
    yield output.table(("WHEN", "SERVING MODEL", "THIS MODEL", "CUSTOMER WROTE"), rows, output.paint())
    if seen.different > len(rows):
        yield f"and {seen.different - len(rows)} more" + (
            "" if most >= len(seen.differences) else "; --most N"
        )


def _counts(seen: Seen, counts: Counts) -> str:
    verb = "reads" if seen.state == "reading" else "read"
    number = f"{counts.seen} {'message' if counts.seen == 1 else 'messages'}"
    share = f" ({seen.different / counts.seen:.1%})" if counts.seen and seen.different <= counts.seen else ""
    text = (
        f"Model {counts.model} {verb} along since {output.moment(counts.since)}: {number}, "
        f"{seen.different or 'none'} of them understood differently{share}."
    )
    return text + (f" {counts.dropped} were skipped, since customers go first." if counts.dropped else "")


def _summary(differences: Sequence[Difference]) -> str:
    """What would become of the customers whose messages the model reads differently."""
    asks = sum(not one.candidate.get("topic") for one in differences)
    answers = sum(not one.serving.get("topic") and bool(one.candidate.get("topic")) for one in differences)
    return (
        f"Of the newest {len(differences)} it is not sure of {asks} that the serving model is sure of, "
        f"it is sure of {answers} that the serving model is not, "
        f"and {len(differences) - asks - answers} it takes for something else."
    )


def _pair(one: Difference) -> tuple[str, str]:
    """How the two models read a message, as far as they differ."""
    with_skus = set(one.serving.get("skus") or ()) != set(one.candidate.get("skus") or ())
    return _reading(one.serving, with_skus), _reading(one.candidate, with_skus)


def _reading(reading: Mapping[str, Any], with_skus: bool) -> str:
    topic = str(reading.get("topic") or _UNSURE)
    skus = ", ".join(reading.get("skus") or ()) or "no product"
    return output.shortened(f"{topic} ({skus})" if with_skus else topic, _WORDS)


def _arguments(parser: argparse.ArgumentParser) -> None:
    help = "the beginning of a model's name, or newest"
    complete(parser.add_argument("model", metavar="MODEL", nargs="?", help=help), MODELS)
    parser.add_argument("--off", action="store_true", help="let no model read along any more")
    parser.add_argument(
        "--most", type=int, default=_MOST, metavar="N", help=f"show at most so many differences ({_MOST})"
    )
    add_by(parser)
    parser.add_argument("--no-wait", action="store_true", help="ask for it, and do not wait until it is so")
    add_json(parser)


SHADOW = Command(
    name="shadow",
    help="let a model read along before it serves, and see where it differs",
    description=(
        "Start a model beside the one that serves. It reads what customers write and answers nobody;\n"
        "what it would understand differently is kept, for you to look at before you promote it. What\n"
        "comes while the bot is busy it is not given: nobody waits for it. It takes about 0.7 GB of\n"
        "memory. Without a model, show what the one that reads along, or did so last, has found."
    ),
    run=_shadow,
    arguments=_arguments,
    examples=(
        ("steward shadow newest", "begin, after a training"),
        ("steward shadow", "what it has found so far"),
        ("steward shadow --json", "the same for a script; the newest hundred differences"),
        ("steward shadow --off", "enough seen; what was found stays until another model reads"),
    ),
    exit_codes={WRONG: "the model serves already, is not to be trusted, or did not start"},
)
