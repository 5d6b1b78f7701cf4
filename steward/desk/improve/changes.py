"""What the operators want the bot to know: gathered as wishes, looked at as a whole, and applied as one."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from steward.desk import shapes
from steward.desk.bus import OPERATORS, Bus
from steward.desk.improve import applied
from steward.desk.improve.labels import Labels, Pending
from steward.desk.improve.topics import Topic as NamedTopic
from steward.desk.store import Agent, Store
from steward.desk.store.changes import StoredChange
from steward.errors import ConversationError, ProjectChanged, ProjectError
from steward.project import Author, ChangeSet, Commit, FactSheet, Project, Topic, Warning
from steward.project.operations import (
    AddExamples,
    CreateTopic,
    MoveExamples,
    Operation,
    RenameTopic,
    SplitTopic,
    from_json,
    summary,
    to_json,
)
from steward.project.wording import example

MOST = 500
_SAFETY = "safety"
_NO_GIT = "files"
_LOOK_SECONDS = 2.0
_AGAIN_SECONDS = 60.0
_LOG = logging.getLogger("steward.desk")


@dataclass(frozen=True)
class _Wishes:
    """Everything that waits, in the order in which it is applied, and what of it cannot be."""

    changes: tuple[StoredChange, ...]
    labels: tuple[Pending, ...]
    plan: ChangeSet
    problems: dict[str, str]
    labelled: tuple[Operation, ...]


class Changes:
    """The wishes of all operators. `open` before use."""

    def __init__(
        self, project: Project, store: Store, labels: Labels, bus: Bus, now: Callable[[], int]
    ) -> None:
        self.project = project
        self._store = store
        self._bus = bus
        self._labels = labels
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        """Bring to its end what was being applied when the desk was last stopped."""
        try:
            for edit in await asyncio.to_thread(self.project.unsettled):
                await self._settle(edit.note, edit.commit)
        except ProjectError as error:
            _LOG.warning("The project's files cannot be edited now: %s.", error)

    async def run(self) -> None:
        """Bring to its end, until cancelled, what somebody else was applying when they were stopped."""
        before: frozenset[str] = frozenset()
        tried, again = before, 0.0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            there = await asyncio.to_thread(self.project.on_the_way)
            if there & before and (there != tried or time.monotonic() > again):
                # Whoever is still at work is not disturbed: that needs the lock that they hold.
                async with self._one_at_a_time:
                    await self.open()
                self._tell()
                tried, again = there, time.monotonic() + _AGAIN_SECONDS
            before = there

    async def view(self) -> dict[str, Any]:
        """All that waits, and what it comes to."""
        wishes = await self._wishes()
        state = await asyncio.to_thread(self.project.state)
        labelled = Counter(one.topic for one in wishes.labels)
        git = {"branch": state.git.branch, "dirty": list(state.git.dirty)} if state.git else None
        return {
            "changes": [change_shape(one, wishes.problems.get(one.id)) for one in wishes.changes],
            "labels": {"examples": labelled.total(), "topics": dict(labelled)},
            "diff": [{"path": file.path, "text": file.diff} for file in wishes.plan.files],
            "warnings": [_warning(one) for one in wishes.plan.warnings],
            "git": git,
            "writable": state.writable,
        }

    async def add(self, agent: Agent, operation: Operation) -> StoredChange:
        """Keep a wish behind the others; raises ConversationError naming the field for one that cannot be."""
        async with self._one_at_a_time:
            waiting = await self._store.changes.all()
            if len(waiting) >= MOST:
                raise ConversationError("full", f"{MOST} changes wait already; apply or drop them first.")
            before = await asyncio.to_thread(self._possible, waiting)
            try:
                await asyncio.to_thread(self.project.plan, [*before, operation])
            except ProjectError as error:
                raise refused(error) from None
            change = StoredChange(
                secrets.token_urlsafe(12), self._now(), agent.id, agent.name, to_json(operation)
            )
            await self._store.changes.add(change)
        self._tell()
        return change

    async def drop(self, change_id: str) -> None:
        """Take a wish back; raises ConversationError when it is not there."""
        async with self._one_at_a_time:
            if not await self._store.changes.drop([change_id]):
                raise ConversationError("not_found", "There is no such change.", status=404)
        self._tell()

    async def apply(self, agent: Agent, message: str, address: str = "") -> tuple[Commit | None, ChangeSet]:
        """Write all that waits, and commit it in the agent's name where the files are in git.

        The audit log gets its entry even if this process is killed in the middle. Raises ConversationError,
        with nothing written: `nothing` when nothing waits, `changed` when the files are no longer those that
        the wishes fit, `unwritable` when they cannot be written.
        """
        async with self._one_at_a_time:
            wishes = await self._wishes()
            if not wishes.changes and not wishes.labels:
                raise ConversationError("nothing", "Nothing waits to be applied.")
            odd = next((one for one in wishes.changes if one.id in wishes.problems), None)
            if odd is not None:
                told = f"{summary(from_json(odd.operation))}: {wishes.problems[odd.id]}"
                raise ConversationError("changed", f"One change no longer fits the files. {told}")
            entry = applied.entry_of(wishes.plan, self._now(), agent.name, agent.id, address)
            note = applied.note_of(entry, [one.id for one in wishes.changes], _ids(wishes.labels)).text
            said = _message(message, wishes.plan)
            write = partial(self.project.apply, wishes.plan, Author(agent.name, agent.email), said, note)
            try:
                commit = await asyncio.to_thread(write)
            except ProjectChanged as error:
                raise ConversationError("changed", f"{error}. Look at the changes again.") from None
            except ProjectError as error:
                raise ConversationError("unwritable", f"{error}.") from None
            await self._settle(note, commit.id if commit else None)
        self._tell()
        return commit, wishes.plan

    async def topics(self) -> tuple[Topic, ...]:
        """Every topic as the files have it now."""
        return await self._read(self.project.topics)

    async def facts(self, topic: str) -> FactSheet | None:
        """The facts on a built-in topic as the files have them now; None where it has none."""
        return await self._read(partial(self.project.facts, topic))

    async def planned(self) -> Iterable[NamedTopic]:
        """The topics that are only wished for so far."""
        found = []
        for change in await self._store.changes.all():
            match from_json(change.operation):
                case CreateTopic(name=name, title=title) | SplitTopic(into=name, title=title):
                    found.append(NamedTopic(name, title, own=True))
                case RenameTopic(name=name, to=to, title=title) if name != to:
                    found.append(NamedTopic(to, title, own=True))
        return found

    async def conversations(self) -> list[dict[str, Any]]:
        """The regression conversations."""
        return [
            {
                "name": one.name,
                "source": one.source,
                "turns": [
                    {"text": turn.text, "topic": turn.topic, "skus": list(turn.skus), "act": turn.act}
                    for turn in one.turns
                ],
            }
            for one in await self._read(self.project.conversations)
        ]

    def _tell(self) -> None:
        """Let all operators' pages look again."""
        self._bus.publish(OPERATORS, shapes.encode({"type": "changes"}))

    async def _read(self, read: Callable[[], Any]) -> Any:
        """What the files say; a fault in them is told to the operator, with its place."""
        try:
            return await asyncio.to_thread(read)
        except ProjectError as error:
            raise ConversationError("faulty_files", f"{error}.") from None

    async def _settle(self, note: str, commit: str | None) -> None:
        """Forget what is applied now."""
        done = applied.read(note, commit)
        await self._store.changes.applied(done.changes, done.id, done.entry)
        if done.labels:
            await self._labels.applied(done.labels, commit or _NO_GIT)
        await asyncio.to_thread(self.project.settle, note)

    async def _wishes(self) -> _Wishes:
        stored = await self._store.changes.all()
        labels = await self._labels.pending()
        return await self._read(partial(self._planned, stored, labels))

    def _planned(self, stored: Sequence[StoredChange], labels: Sequence[Pending]) -> _Wishes:
        """What waits as one plan: labels of known topics, then the changes, then the other labels."""
        topics = {topic.name: topic for topic in self.project.topics()}
        known = [one for one in labels if one.topic in topics]
        new = [one for one in labels if one.topic not in topics]
        first, odd = _examples(known, topics.values())
        last, odd_too = _examples(new, topics.values())
        asked = [from_json(change.operation) for change in stored]
        plan, refused = self.project.attempt([*first, *asked, *last])
        problems = {
            stored[at - len(first)].id: _sentence(error)
            for at, error in refused.items()
            if len(first) <= at < len(first) + len(asked)
        }
        others = [error for at, error in refused.items() if not len(first) <= at < len(first) + len(asked)]
        told = (*odd, *odd_too, *(Warning(f"A label cannot be applied: {error}") for error in others))
        whole = ChangeSet(plan.operations, plan.files, (*told, *plan.warnings))
        return _Wishes(tuple(stored), tuple(labels), whole, problems, (*first, *last))

    def _possible(self, waiting: Sequence[StoredChange]) -> list[Operation]:
        """The wishes that the files allow, in their order."""
        asked = [from_json(change.operation) for change in waiting]
        try:
            return list(self.project.attempt(asked)[0].operations)
        except ProjectError:
            return []


def change_shape(change: StoredChange, problem: str | None = None) -> dict[str, Any]:
    """A wish as operators see it."""
    operation = from_json(change.operation)
    return {
        "id": change.id,
        "kind": operation.kind,
        "summary": _capital(summary(operation)),
        "by": {"id": change.by_id, "name": change.by_name},
        "at": shapes.time_text(change.at),
        "operation": change.operation,
        "problem": problem,
    }


def refused(error: ProjectError) -> ConversationError:
    """What stands against a wish, as the API says it."""
    return ConversationError("invalid", _sentence(error), status=422, field=_top(error.field))


def _examples(labels: Sequence[Pending], topics: Iterable[Topic]) -> tuple[list[Operation], list[Warning]]:
    """Labels as wishes; a message that is another topic's example is moved, since somebody decided so."""
    home = {text.casefold(): topic.name for topic in topics for text in topic.examples}
    added: dict[str, list[str]] = {}
    moved: dict[tuple[str, str], list[str]] = {}
    odd: list[Warning] = []
    for label in labels:
        try:
            text = example(label.text)
        except ProjectError as error:
            odd.append(Warning(f"A label for {label.topic} cannot be applied: {error}"))
            continue
        source = home.get(text.casefold())
        if source is None:
            added.setdefault(label.topic, []).append(text)
        elif source == _SAFETY != label.topic:
            odd.append(Warning(f'"{text}" stays an example of {_SAFETY}, although it has a label'))
        elif source != label.topic:
            moved.setdefault((source, label.topic), []).append(text)
    wishes: list[Operation] = [AddExamples(topic, texts) for topic, texts in added.items()]
    wishes += [MoveExamples(source, target, texts) for (source, target), texts in moved.items()]
    return wishes, odd


def _message(message: str, plan: ChangeSet) -> str:
    """What the operator says of the changes, and below it what they are."""
    said = message.strip()
    return f"{said}\n\n{plan.message}" if said else plan.message


def _ids(labels: Sequence[Pending]) -> list[str]:
    return list(dict.fromkeys(one.label_id for one in labels))


def _warning(warning: Warning) -> dict[str, Any]:
    return {"text": _capital(warning.text), "path": warning.path, "line": warning.line}


def _sentence(error: ProjectError) -> str:
    return f"{_capital(str(error))}."


def _top(field: str | None) -> str | None:
    """The operation's own field, of which the fault may be in a part only."""
    found = re.match(r"\w+", field or "")
    return found[0] if found else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
