"""The inbox as operators read it: what the bot did not manage, like questions together, most first.

What was handed over on purpose comes last, however much it is.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from steward.desk import shapes
from steward.desk.conversation import Conversation
from steward.desk.improve.grouping import Group, Point, grouped, most_typical
from steward.desk.improve.labels import label_shape
from steward.desk.improve.reasons import teaches
from steward.desk.improve.suggesting import OUT_OF_SCOPE, Labelled, suggestion
from steward.desk.improve.turns import Turn
from steward.desk.store import Store
from steward.desk.store.inbox import Label, Said, Stamp
from steward.desk.workspace.search import words_of
from steward.errors import ConversationError
from steward.privacy import mask

State = Literal["open", "labelled", "ignored"]

MOST = 6_000
"""So many of the newest open messages are grouped; older ones come up as these are dealt with."""

_MOST_LABELLED = 2_000
_PAGE = 20
_SHOWN = 20
_AFTER = 4
_BATCH = 1_000
_REST = 9


@dataclass(frozen=True)
class Wanted:
    """Which messages are looked for; None asks for no more. Each of `words` begins a word of the message."""

    why: str | None = None
    topic: str | None = None
    sku: str | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None
    since: int | None = None
    until: int | None = None
    outcome: str | None = None
    words: tuple[str, ...] = ()

    def has(self, turn: Turn, stamp: Stamp, label: Label | None = None) -> bool:
        """Whether a message is one of them."""
        confidence = turn.understood.confidence
        return (
            (self.why is None or self.why in turn.whys)
            and (self.topic is None or self.topic in (turn.about, label.topic if label else None))
            and (self.sku is None or self.sku in turn.products)
            and (
                self.min_confidence is None or (confidence is not None and confidence >= self.min_confidence)
            )
            and (
                self.max_confidence is None or (confidence is not None and confidence <= self.max_confidence)
            )
            and (self.since is None or turn.at >= self.since)
            and (self.until is None or turn.at < self.until)
            and (self.outcome is None or self.outcome == stamp.state)
            and self._has_words(turn.text)
        )

    def _has_words(self, text: str) -> bool:
        written = words_of(text) if self.words else ()
        return all(any(one.startswith(word) for one in written) for word in self.words)


@dataclass(frozen=True)
class _Found:
    """A group with the messages in it that were looked for, newest first, and its place in the list."""

    id: str
    turns: tuple[Turn, ...]
    rank: int
    label: Label | None = None

    @property
    def place(self) -> tuple[int, int, str]:
        """The greatest comes first."""
        return self.rank, self.label.at if self.label else self.turns[0].at, self.id


class _Shelf:
    """The messages in one state, read once and then only what changed."""

    def __init__(self, store: Store, state: State, limit: int) -> None:
        self._store = store
        self._state = state
        self._limit = limit
        self.turns: dict[str, Turn] = {}
        self.stamps: dict[str, Stamp] = {}

    async def look(self) -> None:
        """Bring it up to date."""
        stamps = await self._store.inbox.stamps(self._state, self._limit)
        new = [one.id for one in stamps if self._version(one.id) != one.version]
        fetched: dict[str, Turn] = {}
        for start in range(0, len(new), _BATCH):
            batch = await self._store.inbox.by_ids(new[start : start + _BATCH])
            fetched.update({turn.id: turn for turn in batch})
        known = {**self.turns, **fetched}
        # What was labelled or erased between the two readings is not there.
        self.stamps = {
            one.id: one for one in stamps if one.id in known and known[one.id].state == self._state
        }
        self.turns = {one: known[one] for one in self.stamps}

    def _version(self, item_id: str) -> int | None:
        return self.turns[item_id].version if item_id in self.turns else None


class InboxList:
    """Pages of the inbox, and single messages with all that is known of them."""

    def __init__(self, store: Store, lookers: Callable[[str], list[dict[str, str]]]) -> None:
        self._store = store
        self._lookers = lookers
        self._open = _Shelf(store, "open", MOST)
        self._labelled = _Shelf(store, "labelled", _MOST_LABELLED)
        self._ignored = _Shelf(store, "ignored", _MOST_LABELLED)
        self._groups: tuple[Group, ...] = ()
        self._grouped: frozenset[str] = frozenset()
        self._grouped_at = 0.0
        self._took = 0.0
        self._neighbours = Labelled(())
        self._turning = asyncio.Lock()

    async def page(self, state: State, wanted: Wanted, after: str | None) -> dict[str, Any]:
        """A page of groups, what there is in all, and where the next page begins."""
        last = _place(after) if after else None
        async with self._turning:
            await self._open.look()
            found = await (self._open_ones(wanted) if state == "open" else self._done(state, wanted))
            counts = await self._counts()
            neighbours = await self._labelled_before()
        found = sorted(found, key=lambda one: one.place, reverse=True)
        rest = [one for one in found if last is None or one.place < last]
        shown = rest[:_PAGE]
        following = ".".join(map(str, shown[-1].place)) if len(rest) > _PAGE else None
        groups = await self._shapes(shown, neighbours)
        return {"groups": groups, "counts": counts, "next": following}

    async def item(self, item_id: str) -> dict[str, Any]:
        """One message with its conversation; raises ConversationError when it is not in the inbox."""
        turns = [turn for turn in await self._store.inbox.by_ids([item_id]) if turn.state != "quiet"]
        if not turns:
            raise ConversationError("not_found", "There is no such message in the inbox.", status=404)
        (shape,) = await self._item_shapes(turns)
        said = await self._store.inbox.transcripts([turns[0].conversation_id])
        _, transcript = said.get(turns[0].conversation_id, (None, ()))
        return {"item": shape, "transcript": [_said_shape(one) for one in transcript]}

    async def _open_ones(self, wanted: Wanted) -> list[_Found]:
        shelf = self._open
        await self._group(shelf)
        alone = tuple(Group((one,)) for one in shelf.turns if one not in self._grouped)
        # Thousands of messages: customers need not wait for them.
        return await asyncio.to_thread(_wanted_of, (*self._groups, *alone), shelf, wanted)

    async def _group(self, shelf: _Shelf) -> None:
        """Put together what is like, when there is something new.

        What is only gone, or back again, needs no new groups. In a large inbox what comes in soon after the
        last time waits alone, so that grouping takes a tenth of the time at most.
        """
        rested = time.monotonic() - self._grouped_at > _REST * self._took
        if self._grouped.issuperset(shelf.turns) or not rested:
            return
        since = time.monotonic()
        self._groups = await asyncio.to_thread(grouped, [_point(turn) for turn in shelf.turns.values()])
        self._grouped = frozenset(shelf.turns)
        self._grouped_at = time.monotonic()
        self._took = self._grouped_at - since

    async def _done(self, state: State, wanted: Wanted) -> list[_Found]:
        shelf = self._labelled if state == "labelled" else self._ignored
        await shelf.look()
        together: dict[str, list[Turn]] = defaultdict(list)
        for turn in shelf.turns.values():
            together[turn.label_id or ""].append(turn)
        labels = await self._store.inbox.labels(together)
        found = []
        for label_id, (label, _) in labels.items():
            newest = sorted(together[label_id], key=lambda turn: (turn.at, turn.id), reverse=True)
            turns = tuple(turn for turn in newest if wanted.has(turn, shelf.stamps[turn.id], label))
            if turns:
                found.append(_Found(label_id, turns, 0, label))
        return found

    async def _counts(self) -> dict[str, Any]:
        whys = Counter(why for turn in self._open.turns.values() for why in turn.whys)
        return {"open": await self._store.inbox.count("open"), "by_why": dict(sorted(whys.items()))}

    async def _shapes(self, found: Sequence[_Found], neighbours: Labelled) -> list[dict[str, Any]]:
        shown = [turn for one in found for turn in one.turns[:_SHOWN]]
        items = {shape["id"]: shape for shape in await self._item_shapes(shown)}
        return [{**_group_shape(one, items, neighbours), "focus": self._lookers(one.id)} for one in found]

    async def _labelled_before(self) -> Labelled:
        """What was labelled with a topic, to suggest the same for what is like it."""
        before = dict(self._labelled.turns)
        await self._labelled.look()
        if self._labelled.turns != before:
            turns = list(self._labelled.turns.values())
            labels = await self._store.inbox.labels({turn.label_id or "" for turn in turns})
            named = [
                (turn, labels[turn.label_id or ""][0].topic) for turn in turns if turn.label_id in labels
            ]
            self._neighbours = Labelled([(turn, topic or OUT_OF_SCOPE) for turn, topic in named])
        return self._neighbours

    async def _item_shapes(self, turns: Collection[Turn]) -> list[dict[str, Any]]:
        said = await self._store.inbox.transcripts({turn.conversation_id for turn in turns})
        labels = await self._store.inbox.labels({turn.label_id for turn in turns if turn.label_id})
        return [
            _item_shape(turn, said.get(turn.conversation_id), labels.get(turn.label_id or ""))
            for turn in turns
        ]


def _wanted_of(groups: Iterable[Group], shelf: _Shelf, wanted: Wanted) -> list[_Found]:
    """The groups with the messages that are looked for."""
    found = []
    for group in groups:
        there = [shelf.turns[one] for one in group.ids if one in shelf.turns]
        turns = tuple(turn for turn in reversed(there) if wanted.has(turn, shelf.stamps[turn.id]))
        if turns:
            found.append(_Found(there[0].id, turns, sum(teaches(turn) for turn in turns)))
    return found


def _group_shape(one: _Found, items: Mapping[str, Any], neighbours: Labelled) -> dict[str, Any]:
    ids = [turn.id for turn in one.turns]
    return {
        "id": one.id,
        "size": len(ids),
        "text": one.turns[most_typical([_point(turn) for turn in one.turns])].text,
        "latest_at": shapes.time_text(one.turns[0].at),
        "whys": _whys(one.turns),
        "suggestion": None if one.label else _suggestion_shape(one.turns, neighbours),
        "items": [items[turn.id] for turn in one.turns[:_SHOWN]],
        "item_ids": ids,
        "label": label_shape(one.label, ids) if one.label else None,
    }


def _item_shape(
    turn: Turn,
    found: tuple[Conversation, tuple[Said, ...]] | None,
    label: tuple[Label, list[str]] | None,
) -> dict[str, Any]:
    understood = turn.understood
    conversation, said = found or (None, ())
    later = [one for one in said if one.seq > turn.seq and one.sender != "system"]
    return {
        "id": turn.id,
        "conversation_id": turn.conversation_id,
        "seq": turn.seq,
        "at": shapes.time_text(turn.at),
        "text": turn.text,
        "why": _whys([turn]),
        "understood": {
            "topic": turn.about,
            "confidence": understood.confidence,
            "threshold": understood.threshold,
            "ranking": [list(pair) for pair in understood.ranking],
            "nearest": understood.nearest,
            "skus": list(turn.products),
            "act": turn.act,
            "hazard": understood.hazard,
            "language": understood.language,
            "model": understood.model,
        },
        "after": [
            {"from": one.sender, "text": mask(one.text), "at": shapes.time_text(one.at)}
            for one in later[:_AFTER]
        ],
        "agent_answer": _answer(turn, later),
        "outcome": {
            "state": conversation.state.value if conversation else "resolved",
            "reason": turn.reason or (conversation.reason if conversation else None),
        },
        "label": label_shape(*label) if label else None,
        "note": turn.note,
    }


def _answer(turn: Turn, later: Iterable[Said]) -> str | None:
    """What an agent answered: the message marked as the answer, else the first one after it."""
    given = [one for one in later if one.sender == "agent"]
    marked = [one for one in given if one.seq == turn.answer_seq]
    return next((mask(one.text) for one in (*marked, *given) if one.text), None)


def _suggestion_shape(turns: Sequence[Turn], neighbours: Labelled) -> dict[str, Any] | None:
    found = suggestion(turns[:_SHOWN], neighbours)
    return found.__dict__ if found else None


def _said_shape(one: Said) -> dict[str, Any]:
    shape = {"seq": one.seq, "from": one.sender, "text": mask(one.text), "at": shapes.time_text(one.at)}
    return {**shape, "meta": one.meta} if one.sender == "bot" and one.meta else shape


def _point(turn: Turn) -> Point:
    nearest = str(turn.understood.nearest["text"]) if turn.understood.nearest else None
    return Point(turn.id, turn.at, turn.text, turn.understood.vector, nearest, turn.understood.hazard or "")


def _whys(turns: Sequence[Turn]) -> list[str]:
    """The reasons, the most frequent first."""
    return [why for why, _ in Counter(why for turn in turns for why in turn.whys).most_common()]


def _place(after: str) -> tuple[int, int, str]:
    size, at, group = [*after.split(".", 2), "", ""][:3]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (size, at)) or not group:
        message = "after is what next was in the answer before."
        raise ConversationError("invalid", message, status=400, field="after")
    return int(size), int(at), group
