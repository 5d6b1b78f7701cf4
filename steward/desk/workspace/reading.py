"""Read receipts, and who is at a conversation now: what goes between the sides without being a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from steward.desk import shapes
from steward.desk.bus import DESK, Bus
from steward.desk.conversation import Conversation, State
from steward.desk.store import Agent, Marks, Store
from steward.desk.workspace.viewers import Viewers
from steward.errors import ConversationError

_EXPIRE_SECONDS = 1.0
_TYPING_EVERY = 1000


@dataclass(frozen=True)
class Read:
    """News on a conversation's topic: the agent has read up to a seq."""

    seq: int


class Receipts:
    """How far each side has read."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    async def by_customer(self, conversation_id: str, seq: int) -> int:
        """The customer has read up to the seq; how far they have read by now."""
        if await self._store.reading.by_customer(conversation_id, seq):
            frame = {"type": "read", "conversation_id": conversation_id, "seq": seq}
            self._bus.publish(DESK, shapes.encode(frame))
            return seq
        return (await self._store.reading.marks(conversation_id)).customer

    async def by_agent(self, conversation: Conversation, agent: Agent, seq: int) -> int:
        """The conversation's agent has read up to the seq; how far they have read by now.

        Raises ConversationError when the conversation is not theirs: a receipt is a promise of an answer.
        """
        if conversation.state is not State.AGENT or conversation.agent_id != agent.id:
            raise ConversationError("not_owner", "The conversation is not yours; take it over first.")
        if await self._store.reading.by_agent(conversation.id, agent.id, seq):
            self._bus.publish(conversation.id, Read(seq))
            return seq
        return (await self._store.reading.marks(conversation.id)).agent

    async def marks(self, conversation: Conversation) -> Marks:
        """How far both have read; no agent has read what no agent ever had."""
        if conversation.last_agent_id is None and conversation.state is not State.AGENT:
            return Marks()
        return await self._store.reading.marks(conversation.id)


class Onlookers:
    """Tells the desk who is at which conversation; `names` are the agents' names by id."""

    def __init__(self, bus: Bus, names: Callable[[], Mapping[str, str]], now: Callable[[], int]) -> None:
        self._bus = bus
        self._names = names
        self._now = now
        self._viewers = Viewers()

    def view(self, socket: object, agent: Agent, conversation_id: str | None) -> None:
        """The socket looks at a conversation, or at none."""
        self._tell(self._viewers.view(socket, agent.id, conversation_id, self._now()))

    def type(self, socket: object, agent: Agent, conversation_id: str) -> bool:
        """The agent types in a conversation; False when that was told just now."""
        if self._viewers.typed_within(socket, conversation_id, _TYPING_EVERY, self._now()):
            return False
        self._tell(self._viewers.type(socket, agent.id, conversation_id, self._now()))
        return True

    def touch(self, socket: object) -> None:
        """The socket is still there."""
        self._viewers.touch(socket, self._now())

    def leave(self, socket: object) -> None:
        """The socket closed."""
        self._tell(self._viewers.leave(socket, self._now()))

    def of(self, conversation_id: str) -> list[dict[str, Any]]:
        """Who is at a conversation now."""
        names = self._names()
        return [
            {"id": viewer.agent_id, "name": names.get(viewer.agent_id, ""), "typing": viewer.typing}
            for viewer in self._viewers.of(conversation_id, self._now())
        ]

    async def run(self) -> None:
        """Let what is old expire."""
        while True:
            await asyncio.sleep(_EXPIRE_SECONDS)
            if self._viewers.busy:
                self._tell(self._viewers.expire(self._now()))

    def _tell(self, changed: Iterable[str]) -> None:
        for conversation_id in changed:
            frame = {
                "type": "viewers",
                "conversation_id": conversation_id,
                "viewers": self.of(conversation_id),
            }
            self._bus.publish(DESK, shapes.encode(frame))
