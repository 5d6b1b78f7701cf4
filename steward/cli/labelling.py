"""Labelling the inbox at the terminal: one group after another, by what is typed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from steward.cli import output
from steward.cli.command import DONE
from steward.cli.inbox_desk import Desk, Group, groups_of, how_to_undo
from steward.errors import ConversationError, StewardError

if TYPE_CHECKING:
    from steward.desk.improve.inbox import Wanted
    from steward.desk.improve.labels import Kind
    from steward.desk.improve.topics import Topic
    from steward.desk.store import Agent

_EXAMPLES = 5
KEYS = """\
  TOPIC   it means this topic (Tab completes it); several products behind it: price RL-300 ZP-PRO
  Enter   it means what is suggested
  o       out of scope: the bot shall say that it cannot help
  i       ignore it: nothing to learn here
  s       skip it, and leave it for later
  m       more: what was said before and after
  t       the topics that there are
  u       undo the last label
  q       leave (so does Ctrl-D)"""


class Session:
    """Labelling one group after another by what is typed."""

    def __init__(self, desk: Desk, agent: Agent, topics: Sequence[Topic], say: Callable[[str], None]) -> None:
        self._desk = desk
        self._agent = agent
        self._topics = topics
        self._say = say
        self.last: str | None = None
        self.labelled = 0

    async def hear(self, group: Group, typed: str) -> bool:
        """Do what was typed about a group; whether the next one is to come.

        Raises StewardError for what cannot be done, and EOFError when the person leaves.
        """
        words = typed.split()
        suggested = group["suggestion"]
        match words:
            case ["q"]:
                raise EOFError
            case ["s"]:
                return True
            case ["?" | "h"]:
                self._say(KEYS)
            case ["t"]:
                self._say(", ".join(topic.name for topic in self._topics))
            case ["m"]:
                await self._more(group)
            case ["u"]:
                await self._undo()
            case ["o"]:
                return await self._label(group, "out_of_scope", None)
            case ["i"]:
                return await self._label(group, "ignore", None)
            case [] if suggested:
                return await self._label(group, "topic", suggested["topic"])
            case []:
                self._say("Nothing is suggested here. Type a topic, or ? for what else there is.")
            case [topic, *skus]:
                return await self._label(group, "topic", topic, [sku.upper() for sku in skus])
        return False

    async def _label(self, group: Group, kind: Kind, topic: str | None, skus: Sequence[str] = ()) -> bool:
        if kind == "topic" and topic == "out_of_scope":
            kind, topic = "out_of_scope", None
        label = await self._desk.labels.put(self._agent, group["item_ids"], kind, topic, skus)
        self.last = str(label["id"])
        self.labelled += len(group["item_ids"])
        return True

    async def _undo(self) -> None:
        if self.last is None:
            self._say("There is no label of yours to take back yet.")
            return
        label = await self._desk.labels.undo(self._agent, self.last)
        self.labelled -= len(label["items"])
        self.last = None
        self._say(f"Taken back; it comes up again the next time ({len(label['items'])} open again).")

    async def _more(self, group: Group) -> None:
        found = await self._desk.inbox.item(group["items"][0]["id"])
        for said in found["transcript"]:
            if said["text"]:
                self._say(output.wrapped(said["text"], " " * 12, f"  {said['from']:<8}  "))


def lines_of(group: Group, colours: output.Paint) -> Iterator[str]:
    """A group to read: what was asked, why it is here, what the bot understood, what came after."""
    times = f"{group['size']} ×" if group["size"] > 1 else ""
    yield output.wrapped(
        f"“{output.plain(group['text'])}”  {times}", "  ", colours(group["id"], "bold") + "  "
    )
    others = [item["text"] for item in group["items"] if item["text"] != group["text"]]
    for text in list(dict.fromkeys(others))[:_EXAMPLES]:
        yield output.wrapped(f"“{text}”", "      ", "    ")
    item = group["items"][0]
    yield colours(output.wrapped(f"why: {', '.join(group['whys'])}", "      ", "    "), "faint")
    yield colours(output.wrapped(_understood(item["understood"]), "      ", "    "), "faint")
    if item["agent_answer"]:
        yield colours(output.wrapped(f"an agent answered: {item['agent_answer']}", "      ", "    "), "faint")
    if item["note"]:
        yield colours(output.wrapped(f"note: {item['note']}", "      ", "    "), "faint")
    if (label := group.get("label")) is not None:
        what = label["topic"] or label["kind"]
        yield f"    {colours(what, 'green')} by {label['by']['name']}  (label {label['id']})"
    elif (suggestion := group["suggestion"]) is not None:
        nearest = f", like “{output.plain(suggestion['nearest'])}”" if suggestion.get("nearest") else ""
        yield output.wrapped(f"suggested: {suggestion['topic']}{nearest}", "      ", "    ")


def _understood(read: Mapping[str, Any]) -> str:
    if read["topic"] is None:
        return "the bot read nothing in it"
    sure = f" {read['confidence']:.2f}" if read["confidence"] is not None else ""
    needed = f" of {read['threshold']:.2f} needed" if read["threshold"] is not None else ""
    products = f", {', '.join(read['skus'])}" if read["skus"] else ""
    nearest = f", nearest example “{output.plain(read['nearest']['text'])}”" if read["nearest"] else ""
    return f"understood: {read['topic']}{sure}{needed}{products}{nearest}"


async def work_through(desk: Desk, agent: Agent, wanted: Wanted) -> int:
    """Go through the open groups with the person at the terminal."""
    if not sys.stdin.isatty():
        raise StewardError(
            "Nobody is at the terminal. `steward inbox label GROUP --means TOPIC` needs nobody."
        )
    groups, _ = await groups_of(desk, "open", wanted, sys.maxsize)
    topics = await desk.topics.all()
    session = Session(desk, agent, topics, print)
    _complete_topics([topic.name for topic in topics])
    print(f"{len(groups)} groups, in the name of {agent.name}. ? tells what can be typed.\n")
    began = time.monotonic()
    colours = output.paint()
    try:
        for number, group in enumerate(groups, 1):
            print("\n".join(lines_of(group, colours)))
            while not await _heard(session, group, f"  {number}/{len(groups)}> "):
                pass
            print()
    except (EOFError, KeyboardInterrupt):
        print()
    minutes = max(time.monotonic() - began, 1) / 60
    print(f"{session.labelled} messages labelled ({session.labelled / minutes:.0f} a minute).")
    if session.last is not None:
        print(f"`{how_to_undo(session.last)}` takes the last label back.")
    if session.labelled:
        print("`steward inbox apply` makes them examples; then `steward train` learns from them.")
    return DONE


async def _heard(session: Session, group: Group, prompt: str) -> bool:
    typed = input(prompt)
    try:
        return await session.hear(group, typed)
    except ConversationError as error:
        print(f"  {error}")
        # Somebody else was faster: there is nothing left to decide.
        return error.code in ("taken", "not_found")
    except StewardError as error:
        print(f"  {error}")
        return False


def _complete_topics(names: Sequence[str]) -> None:
    import readline

    def found(text: str, state: int) -> str | None:
        alike = [name for name in names if name.startswith(text)]
        return alike[state] + " " if state < len(alike) else None

    readline.set_completer_delims(" ")
    readline.set_completer(found)
    readline.parse_and_bind("tab: complete")
