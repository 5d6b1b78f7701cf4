"""The operators' inbox in the terminal: what the bot did not manage, and what it means."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from steward.cli import output
from steward.cli.command import DONE, TOPICS, WRONG, Command, add_json, complete
from steward.cli.inbox_desk import apply, group_named, groups_of, how_to_undo, opened, operator
from steward.cli.labelling import KEYS, lines_of, work_through
from steward.errors import StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.desk.improve.inbox import Wanted
    from steward.desk.improve.labels import Kind

_STATES = ("open", "labelled", "ignored")
_AGO = re.compile(r"(\d{1,4})\s*([hdw])")
_NOT_APPLIED = "Nothing was written. --yes answers for you where nobody is at the terminal."
_HOURS = {"h": 1, "d": 24, "w": 168}


def since_when(text: str, now: datetime) -> int:
    """A moment in milliseconds: how long ago (`3d`, `12h`, `2w`), or a day like 2026-11-20."""
    if (ago := _AGO.fullmatch(text)) is not None:
        return int((now.timestamp() - 3600 * int(ago[1]) * _HOURS[ago[2]]) * 1000)
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except ValueError:
        raise StewardError(f"{text!r} is no time; write 3d, 12h, 2w, or a day like 2026-11-20.") from None


def _wanted(options: argparse.Namespace) -> Wanted:
    from steward.desk.improve.inbox import Wanted
    from steward.desk.workspace.search import words_of

    return Wanted(
        why=options.why,
        topic=options.topic,
        sku=options.sku.upper() if options.sku else None,
        min_confidence=options.min_confidence,
        max_confidence=options.max_confidence,
        since=since_when(options.since, datetime.now()) if options.since else None,
        words=tuple(words_of(options.words)) if options.words else (),
    )


def _list(settings: Settings, options: argparse.Namespace) -> int:
    async def work() -> int:
        async with opened(settings) as desk:
            groups, counts = await groups_of(desk, options.state, _wanted(options), options.most)
        if options.json:
            output.print_json({"groups": groups, "counts": counts})
            return DONE
        colours = output.paint()
        for group in groups:
            print("\n".join(lines_of(group, colours)), end="\n\n")
        whys = ", ".join(f"{count} {why}" for why, count in counts["by_why"].items())
        print(f"{counts['open']} messages are open{f': {whys}' if whys else ''}.")
        return DONE

    return asyncio.run(work())


def _show(settings: Settings, options: argparse.Namespace) -> int:
    async def work() -> int:
        async with opened(settings) as desk:
            group = await group_named(desk, options.state, options.group)
            found = await desk.inbox.item(group["items"][0]["id"])
        if options.json:
            output.print_json({"group": group, **found})
            return DONE
        print("\n".join(lines_of(group, output.paint())), end="\n\n")
        for said in found["transcript"]:
            if said["text"]:
                print(output.wrapped(said["text"], " " * 12, f"  {said['from']:<8}  "))
        return DONE

    return asyncio.run(work())


def _label(settings: Settings, options: argparse.Namespace) -> int:
    async def work() -> int:
        async with opened(settings) as desk:
            agent = await operator(desk, options.agent)
            if options.group is None:
                return await work_through(desk, agent, _wanted(options))
            kind: Kind = "ignore" if options.ignore else "out_of_scope" if options.out_of_scope else "topic"
            if kind == "topic" and options.means is None:
                raise StewardError("Say what it means: --means TOPIC, --out-of-scope, or --ignore.")
            group = await group_named(desk, "open", options.group)
            skus = [sku.upper() for sku in options.product or ()]
            label = await desk.labels.put(agent, group["item_ids"], kind, options.means, skus)
        if options.json:
            output.print_json(label)
        else:
            messages = "1 message" if len(label["items"]) == 1 else f"{len(label['items'])} messages"
            print(f"{messages}: {label['topic'] or 'ignored'}.")
            print(f"`{how_to_undo(label['id'])}` takes it back.")
        return DONE

    return asyncio.run(work())


def _undo(settings: Settings, options: argparse.Namespace) -> int:
    async def work() -> int:
        async with opened(settings) as desk:
            label = await desk.labels.undo(await operator(desk, options.agent), options.label)
        if options.json:
            output.print_json(label)
        else:
            print(f"Taken back: {len(label['items'])} open again.")
        return DONE

    return asyncio.run(work())


def _apply(settings: Settings, options: argparse.Namespace) -> int:
    async def work() -> int:
        async with opened(settings) as desk:
            agent = await operator(desk, options.agent)
            waiting = await desk.changes.view()
            if not options.json:
                print("\n".join(_waiting(waiting)))
            if not options.yes and (options.json or not output.agrees("Write this into the shop's files?")):
                print(_NOT_APPLIED, file=sys.stderr)
                return WRONG
            commit, files = await apply(desk, agent, options.message)
        if options.json:
            output.print_json({"commit": commit, "files": files})
            return DONE
        print(f"{', '.join(files)}: changed{f', committed as {commit[:12]}' if commit else ''}.")
        print("`steward train` makes a model that knows it.")
        return DONE

    return asyncio.run(work())


def _waiting(view: Mapping[str, Any]) -> Iterator[str]:
    """What waits to be applied, to read."""
    colours = output.paint()
    for file in view["diff"]:
        yield output.diff(file["text"], colours)
    for change in view["changes"]:
        problem = f": {change['problem']}" if change["problem"] else ""
        yield output.wrapped(f"{change['summary']} ({change['by']['name']}){problem}", "  ", "- ")
    labels = view["labels"]
    if labels["examples"]:
        yield f"- {labels['examples']} labelled messages become examples of {', '.join(labels['topics'])}"
    for warning in view["warnings"]:
        yield output.wrapped(warning["text"], "  ", colours("! ", "yellow"))


def _filter_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="WHY", help="only for this reason, like unsure or thumbs_down")
    complete(
        parser.add_argument("--topic", metavar="TOPIC", help="only what was understood as this topic"), TOPICS
    )
    parser.add_argument("--sku", metavar="SKU", help="only what is about this product")
    for name, word in (("min", "least"), ("max", "most")):
        parser.add_argument(
            f"--{name}-confidence",
            type=float,
            metavar="SHARE",
            help=f"only where the bot was at {word} so sure",
        )
    parser.add_argument("--since", metavar="WHEN", help="only what is newer: 3d, 12h, 2w, or 2026-11-20")
    parser.add_argument("--words", metavar="TEXT", help="only messages with these words")


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    _filter_arguments(parser)
    _state_argument(parser)
    parser.add_argument("--most", type=int, default=20, metavar="N", help="show at most so many groups (20)")
    add_json(parser)


def _state_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state", choices=_STATES, default="open", help="open ones (the default) or done ones"
    )


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("group", metavar="GROUP", help="the beginning of a group's id, or of a message's")
    _state_argument(parser)
    add_json(parser)


def _agent_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="agent",
        metavar="EMAIL",
        help="in whose name (the only account that may, if there is one)",
    )


def _label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "group", nargs="?", metavar="GROUP", help="the beginning of a group's id; without it, one by one"
    )
    meaning = parser.add_mutually_exclusive_group()
    complete(meaning.add_argument("--means", metavar="TOPIC", help="the topic that it means"), TOPICS)
    meaning.add_argument("--out-of-scope", action="store_true", help="the bot shall say that it cannot help")
    meaning.add_argument("--ignore", action="store_true", help="nothing to learn here")
    parser.add_argument("--product", action="append", metavar="SKU", help="a product that it is about")
    _filter_arguments(parser)
    _agent_argument(parser)
    add_json(parser)


def _apply_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--message", default="", metavar="TEXT", help="why, as the first line of the commit")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    _agent_argument(parser)
    add_json(parser)


def _undo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("label", metavar="LABEL", help="the label's id, as told when it was given")
    _agent_argument(parser)
    add_json(parser)


_LIST = Command(
    name="list",
    help="list the groups, the largest first",
    description="List groups of like messages: why they are here, what the bot understood.",
    run=_list,
    arguments=_list_arguments,
    examples=(
        ("steward inbox list", "what is open"),
        ("steward inbox list --why thumbs_down --since 7d", "what customers disliked this week"),
        ("steward inbox list --max-confidence 0.4 --json", "for a script"),
    ),
)
_SHOW = Command(
    name="show",
    help="show a group with the conversation around its newest message",
    description="Show a group with the conversation around its newest message.",
    run=_show,
    arguments=_show_arguments,
    examples=(("steward inbox show 4fQ", "the beginning of the id that `list` shows"),),
)
_LABEL = Command(
    name="label",
    help="say what messages mean, one group after another or a single one",
    description=(
        "Go through the open groups and type what each means, or label a single group.\n\n"
        f"What can be typed at the prompt:\n{KEYS}"
    ),
    run=_label,
    arguments=_label_arguments,
    examples=(
        ("steward inbox label", "one by one"),
        ("steward inbox label --why unsure", "one by one, only these"),
        ("steward inbox label 4fQ --means delivery", "a single group"),
        ("steward inbox label 4fQ --ignore --as mia@shop.example", "in somebody's name"),
    ),
)
_UNDO = Command(
    name="undo",
    help="take a label back",
    description="Take a label back, as long as its examples are not in the shop's data.",
    run=_undo,
    arguments=_undo_arguments,
    examples=(("steward inbox undo 9xKl2", "its messages are open again"),),
)
_APPLY = Command(
    name="apply",
    help="write what was labelled, and the desk's other changes, into the shop's files",
    description=(
        "Show what the labels and the changes gathered at the desk come to, and write all of it into\n"
        "the shop's files or nothing; where they are in git, that is a commit in your name."
    ),
    run=_apply,
    arguments=_apply_arguments,
    examples=(
        ("steward inbox apply", "look at it first, then say yes"),
        ('steward inbox apply --yes --message "Week 47"', "from a script"),
    ),
    exit_codes={WRONG: "nothing waits, it does not fit the files, or nobody agreed; nothing was written"},
)
INBOX = Command(
    name="inbox",
    help="see what the bot did not manage, and say what it means",
    description=(
        "Messages that the bot was not sure of, or that went wrong, like ones together. What is\n"
        "labelled becomes examples that the next training learns from. It is the inbox of the desk's\n"
        "page, on the same database; the desk may run meanwhile."
    ),
    commands=(_LIST, _SHOW, _LABEL, _UNDO, _APPLY),
)
