"""Labels: an operator's decision on messages that ask the same, until they are examples in the data."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from steward.desk import shapes
from steward.desk.bus import OPERATORS, Bus
from steward.desk.improve.grouping import plain
from steward.desk.improve.suggesting import OUT_OF_SCOPE
from steward.desk.improve.topics import Topics
from steward.desk.store import Agent, Store
from steward.desk.store.inbox import Label, LabelledAlready
from steward.errors import ConversationError

Kind = Literal["topic", "out_of_scope", "ignore"]


@dataclass(frozen=True)
class Pending:
    """A labelled message that waits to become an example of its topic."""

    label_id: str
    topic: str
    text: str


class Labels:
    """The operators' labels. A message has one at most, and whoever comes second is told who was first."""

    def __init__(self, store: Store, bus: Bus, topics: Topics, now: Callable[[], int]) -> None:
        self._store = store
        self._bus = bus
        self._topics = topics
        self._now = now

    async def put(
        self, agent: Agent, items: Sequence[str], kind: Kind, topic: str | None, skus: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Label messages, all or none; the label as it is shown.

        Raises ConversationError `taken` when one of them has a label, `not_found` when one is not in the
        inbox, `invalid` for a topic that is not there.
        """
        ids = sorted(set(items))
        if kind == "topic" and (topic is None or not await self._topics.has(topic)):
            message = "Say which topic; there is none of this name." if topic else "Say which topic it is."
            raise ConversationError("invalid", message, status=400, field="topic")
        name = topic if kind == "topic" else OUT_OF_SCOPE if kind == "out_of_scope" else None
        # To be typed as a word of a command, it must not begin with a dash.
        made = secrets.token_hex(9)
        label = Label(made, kind, name, tuple(dict.fromkeys(skus)), agent.id, agent.name, self._now())
        try:
            await self._store.inbox.label(ids, label)
        except LabelledAlready as already:
            raise ConversationError("taken", await self._who(already.label)) from None
        shape = label_shape(label, ids)
        self._tell(ids, shape, agent)
        return shape

    async def undo(self, agent: Agent, label_id: str) -> dict[str, Any]:
        """Take a label back: its messages are open again; raises ConversationError `not_found`, `applied`."""
        label, ids = await self._store.inbox.unlabel(label_id)
        self._tell(ids, None, agent)
        return label_shape(label, ids)

    async def pending(self) -> tuple[Pending, ...]:
        """What was labelled with a topic or as out of scope and is not in the data yet.

        A label gives a text once, however many customers wrote it.
        """
        found = {
            (one.label_id, plain(one.text) or one.text): Pending(one.label_id, one.topic, one.text)
            for one in reversed(await self._store.inbox.examples())
        }
        return tuple(reversed(found.values()))

    async def applied(self, label_ids: Collection[str], commit: str) -> None:
        """These labels' examples are in the data now, in that commit; they can no longer be taken back."""
        await self._store.inbox.apply(label_ids, commit)

    async def _who(self, label: Label) -> str:
        kinds = {"out_of_scope": "out of scope", "ignore": "to be ignored"}
        what = kinds.get(label.kind) or await self._topics.title(label.topic or "")
        return f"{label.by_name} labelled this already: {what}."

    def _tell(self, ids: Sequence[str], label: dict[str, Any] | None, agent: Agent) -> None:
        by = {"id": agent.id, "name": agent.name}
        frame = {"type": "inbox", "items": [{"id": one, "label": label} for one in ids], "by": by}
        self._bus.publish(OPERATORS, shapes.encode(frame))
        # What waits to become an example is among the changes that wait to be applied.
        self._bus.publish(OPERATORS, shapes.encode({"type": "changes"}))


def label_shape(label: Label, items: Sequence[str]) -> dict[str, Any]:
    """A label as operators see it, with the messages that have it."""
    return {
        "id": label.id,
        "kind": label.kind,
        "topic": label.topic,
        "skus": list(label.skus),
        "by": {"id": label.by_id, "name": label.by_name},
        "at": shapes.time_text(label.at),
        "items": list(items),
        "applied": label.applied is not None,
    }
