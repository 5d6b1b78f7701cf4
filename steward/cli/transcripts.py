"""The command that reads conversations: how the bot fares in them, and holding it to that."""

from __future__ import annotations

import argparse
import asyncio
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steward.cli import output
from steward.cli.applying import apply
from steward.cli.bots import Found, running_bot, some_bot
from steward.cli.command import DONE, FILES, STOPPED, WRONG, Command, add_by, add_json, complete
from steward.cli.inbox_desk import opened
from steward.cli.talk import as_object, evidence
from steward.console import Console
from steward.errors import StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.desk.improve.past import Told
    from steward.project import ChangeSet
    from steward.project.operations import AddConversation, ExpectedTurn
    from steward.project.transcripts import Said, Transcript
    from steward.training.bot import Answer, Asker

_FORMATS = ("auto", "jsonl", "csv", "story", "text")
_EXPECTED = re.compile(r"(\d+)=([a-z][a-z0-9_]*)?(?::([A-Za-z0-9-]+(?:,[A-Za-z0-9-]+)*))?")
_INDENT = " " * 12
_MOST_FITTING = 10
_NOWHERE = "Say where the conversation is: a file, or --conversation with one of the desk's; not both."
_NO_BOT = (
    "No bot runs, so it is not shown what it would answer. `steward run` in another terminal, or --start."
)
_NOTHING_EXPECTED = "What is kept needs a bot that shows what to expect: add --start, or start `steward run`."
_NOT_KEPT = "Nothing was kept. --yes answers for you where nobody is at the terminal."


@dataclass(frozen=True)
class Tried:
    """A turn of a transcript, and what the bot says now if it was a customer's and a bot was asked."""

    said: Said
    answer: Answer | None = None


def try_out(transcript: Transcript, asker: Asker | None) -> list[Tried]:
    """Have the customer's part of a conversation with the bot; what others said is kept beside it."""
    from steward.memory import THROW_AWAY

    sender = f"{THROW_AWAY}import-{secrets.token_hex(6)}"
    tried = []
    for said in transcript.turns:
        asked = asker is not None and said.speaker == "customer"
        answer = asker.ask(sender, said.text.lstrip("/ ") or "?") if asker and asked else None
        tried.append(Tried(said, answer))
    return tried


def expectation(
    name: str, tried: Sequence[Tried], corrected: Mapping[int, ExpectedTurn], source: str
) -> AddConversation:
    """A regression conversation: each message with what the bot made of it, unless that was corrected.

    `corrected` goes by the number of the customer's message, from 1 on. Personal data is masked. `source`
    says where it comes from.
    """
    from steward.privacy import mask
    from steward.project.operations import AddConversation, ExpectedTurn

    turns = []
    asked = [one for one in tried if one.said.speaker == "customer"]
    for number, one in enumerate(asked, 1):
        text = mask(one.said.text)
        right = corrected.get(number)
        if right is not None:
            turns.append(ExpectedTurn(text, right.topic, right.skus, right.act))
        else:
            turns.append(_as_answered(text, one.answer))
    odd = [number for number in corrected if not 0 < number <= len(asked)]
    if odd:
        raise StewardError(f"--expect {odd[0]}=…: the customer has {len(asked)} messages in it.")
    return AddConversation(name, turns, source)


def _as_answered(text: str, answer: Answer | None) -> ExpectedTurn:
    from steward.project.conversations import ACTS
    from steward.project.operations import ExpectedTurn

    metas = answer.meta if answer else ()
    topic = next((str(meta["topic"]) for meta in metas if meta.get("topic")), None)
    act = next((str(meta["act"]) for meta in metas if meta.get("act") in ACTS), None)
    skus = list(dict.fromkeys(str(sku) for meta in metas for sku in meta.get("skus") or ()))
    return ExpectedTurn(text, topic, skus, act)


def corrections(given: Sequence[str]) -> dict[int, ExpectedTurn]:
    """What `--expect` says: by the message's number its topic and its products."""
    from steward.project.operations import ExpectedTurn

    found = {}
    for one in given:
        match = _EXPECTED.fullmatch(one)
        if match is None:
            raise StewardError(f"--expect {one}: write NUMBER=TOPIC, or NUMBER=TOPIC:SKU,SKU.")
        skus = match[3].upper().split(",") if match[3] else []
        found[int(match[1])] = ExpectedTurn("?", match[2], skus)
    return found


def _import(settings: Settings, options: argparse.Namespace) -> int:
    from steward.training.runs import Cancelled

    if (options.file is None) == (options.conversation is None):
        raise StewardError(_NOWHERE)
    transcripts = _read(options) if options.file else _of_the_desk(settings, options.conversation)
    console = Console(sys.stderr)
    bot: AbstractContextManager[Found | None]
    try:
        with ExitStack() as stack:
            bot = some_bot(settings, console) if options.start else running_bot(settings)
            found = stack.enter_context(bot)
            tried = [try_out(one, found.asker if found else None) for one in transcripts]
    except Cancelled:
        return STOPPED
    finally:
        console.done()
    if found is None:
        print(_NO_BOT, file=sys.stderr)
    if not options.json:
        for transcript, turns in zip(transcripts, tried, strict=True):
            print("\n".join(_lines(transcript, turns)), end="\n\n")
    shown = [_as_objects(one, turns) for one, turns in zip(transcripts, tried, strict=True)]
    if options.keep is None:
        if options.json:
            output.print_json({"transcripts": shown})
        return DONE
    if found is None:
        raise StewardError(_NOTHING_EXPECTED)
    return _keep(settings, options, tried, shown)


def _of_the_desk(settings: Settings, sought: str) -> list[Transcript]:
    """The one conversation of the desk that is sought, without personal data."""

    async def find() -> list[Told]:
        async with opened(settings) as desk:
            return await desk.past.found(sought, _MOST_FITTING)

    found = asyncio.run(find())
    if not found:
        raise StewardError(
            f"The desk has no conversation {sought!r}. Give its address, its id, or words of it."
        )
    if len(found) > 1:
        known = "\n".join(f"  {one.conversation.id}  {one.transcript.title}" for one in found)
        raise StewardError(f"These conversations fit {sought!r}; give the id of one:\n{known}")
    return [found[0].transcript]


def _read(options: argparse.Namespace) -> list[Transcript]:
    from steward.project.transcripts import read_transcripts

    try:
        content = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
    except OSError as error:
        raise StewardError(f"{options.file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise StewardError(f"{options.file} is not UTF-8 text.") from None
    found = list(read_transcripts(content, options.format))
    if options.only is None:
        return found
    if not 0 < options.only <= len(found):
        raise StewardError(f"There are {len(found)} conversations in it; --only takes 1 to {len(found)}.")
    return [found[options.only - 1]]


def _keep(
    settings: Settings,
    options: argparse.Namespace,
    tried: Sequence[Sequence[Tried]],
    shown: Sequence[Mapping[str, Any]],
) -> int:
    from steward.project import Project

    corrected = corrections(options.expect or ())
    if corrected and len(tried) > 1:
        raise StewardError("--expect is about one conversation; choose it with --only NUMBER.")
    names = [options.keep, *(f"{options.keep} {number}" for number in range(2, len(tried) + 1))]
    source = "desk" if options.conversation else "transcript"
    wishes = [expectation(name, turns, corrected, source) for name, turns in zip(names, tried, strict=True)]
    planned = Project(settings.root).plan(wishes)
    if not options.json:
        for file in planned.files:
            print(output.diff(file.diff, output.paint()))
    if not options.yes and (options.json or not output.agrees("Is this what the bot must do from now on?")):
        print(_NOT_KEPT, file=sys.stderr)
        return WRONG
    return _kept(settings, options, planned, shown)


def _kept(
    settings: Settings,
    options: argparse.Namespace,
    planned: ChangeSet,
    shown: Sequence[Mapping[str, Any]],
) -> int:
    commit = apply(settings, options, planned)
    files = [file.path for file in planned.files]
    if options.json:
        output.print_json({"transcripts": shown, "files": files, "commit": commit.id if commit else None})
        return DONE
    committed = f", committed as {commit.id[:12]}" if commit else ""
    print(f"Kept in {', '.join(files)}{committed}. Every new model is tried on it.")
    return DONE


def _lines(transcript: Transcript, tried: Sequence[Tried]) -> Iterator[str]:
    """A transcript to read: what was said, and what the bot says now."""
    colours = output.paint()
    yield colours(output.plain(transcript.title), "bold")
    number = 0
    for one in tried:
        if one.said.speaker == "customer":
            number += 1
            yield output.wrapped(one.said.text, _INDENT, f"customer {number}".ljust(len(_INDENT)))
        else:
            yield colours(
                output.wrapped(one.said.text, _INDENT, one.said.speaker.ljust(len(_INDENT))), "faint"
            )
        if one.answer is not None:
            yield output.wrapped(one.answer.text, _INDENT, colours("bot now", "blue") + "     ")
            for line in evidence(one.answer):
                yield colours(f"{_INDENT}{line}", "faint")


def _as_objects(transcript: Transcript, tried: Sequence[Tried]) -> dict[str, Any]:
    turns = []
    for one in tried:
        turn: dict[str, Any] = {"from": one.said.speaker, "text": one.said.text}
        turns.append({**turn, "now": as_object(one.said.text, one.answer)} if one.answer else turn)
    return {"title": transcript.title, "turns": turns}


def _arguments(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument(
            "file", type=Path, nargs="?", metavar="FILE", help="the conversations; - reads the input"
        ),
        FILES,
    )
    parser.add_argument(
        "--conversation",
        metavar="ID",
        help="one of the desk's instead: its id, its address, or words that were said in it alone",
    )
    parser.add_argument("--format", choices=_FORMATS, default="auto", help="what the file is (auto guesses)")
    parser.add_argument(
        "--only", type=int, metavar="NUMBER", help="only this conversation of the file, from 1"
    )
    parser.add_argument("--start", action="store_true", help="start a bot for it if none runs")
    parser.add_argument(
        "--keep", metavar="NAME", help="keep it under this name, for every new model to be tried on"
    )
    parser.add_argument(
        "--expect",
        action="append",
        metavar="NUMBER=TOPIC",
        help="what message NUMBER means where the bot is wrong now; also NUMBER=TOPIC:SKU",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before it is kept")
    add_by(parser)
    add_json(parser)


IMPORT = Command(
    name="import",
    help="see how the bot fares in conversations of the desk or from elsewhere, and keep them as tests",
    description=(
        "Read conversations and show, turn by turn, what the bot would answer now. --conversation takes\n"
        "one of the desk's, without personal data. A file may hold JSON lines, CSV, Rasa's stories, and\n"
        "pasted text with a name before each message:\n\n"
        "  Customer: how much is the rill 300?\n"
        "  Agent: It is 189 euros.\n\n"
        "With --keep they become regression conversations: no model may do worse in them. What the bot\n"
        "does now is taken for right; --expect corrects it."
    ),
    run=_import,
    arguments=_arguments,
    examples=(
        ("steward import chats.csv", "see how the bot would have fared"),
        ('steward import chat.txt --keep "price of filters"', "and hold every new model to it"),
        ("steward import chat.txt --keep refund --expect 2=returns", "though message 2 is misread now"),
        ('steward import --conversation "visitor 7KQ2" --keep hum', "a conversation of the desk's"),
        ("steward import chats.jsonl --start --json", "without a running bot, for a script"),
    ),
    exit_codes={WRONG: "no such file or conversation, no bot was there to keep to, or nobody agreed"},
)
