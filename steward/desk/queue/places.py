"""Who waits at which place: told to agents as a list, and to each waiting customer as a number."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from steward.desk.bus import DESK, Bus
from steward.desk.conversation import Conversation
from steward.desk.queue.expected import Expected
from steward.desk.queue.waits import Range
from steward.desk.store import Store, StoreUnavailable

_LOG = logging.getLogger("steward.desk")
_SETTLE_SECONDS = 0.03


@dataclass(frozen=True)
class Place:
    """News on a conversation's topic: its place in the queue."""

    position: int
    waited: int
    expected: Range | None

    def shape(self) -> dict[str, Any]:
        """As its customer sees it."""
        expected = {"low": self.expected.low, "high": self.expected.high} if self.expected else None
        return {"position": self.position, "waited": self.waited, "expected": expected}


@dataclass(frozen=True)
class QueueNews:
    """News on the desk's topic: the queue, and how many conversations each agent owns."""

    cards: list[dict[str, Any]]
    waiting: int
    owned: dict[str, int]

    def counts(self, agent_id: str) -> dict[str, int]:
        """The numbers as that agent sees them."""
        return {"queue": self.waiting, "mine": self.owned.get(agent_id, 0)}


class Places:
    """The queue as it is now. `card` is how a conversation is shown to agents."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        card: Callable[[Conversation], dict[str, Any]],
        expected: Expected,
        now: Callable[[], int],
    ) -> None:
        self._card = card
        self._store = store
        self._bus = bus
        self._expected = expected
        self._now = now
        self._told: dict[str, int] = {}
        self._moved = asyncio.Event()

    async def queue(self) -> QueueNews:
        """The queue as it is now."""
        waiting = await self._store.lists.waiting()
        owned = await self._store.lists.owned_counts()
        return QueueNews([self._card(conversation) for conversation in waiting], len(waiting), owned)

    async def of(self, conversation: Conversation) -> Place | None:
        """The place in the queue, of a conversation that waits."""
        if not conversation.waiting:
            return None
        now = self._now()
        waited = max(0, now - (conversation.queued_at or now)) // 1000
        place = await self._store.lists.place(conversation)
        return Place(place, waited, await self._expected.of(conversation, place, waited))

    def moved(self) -> None:
        """The queue reads differently now, or somebody owns more or fewer conversations."""
        self._moved.set()

    async def run(self) -> None:
        """Tell agents and waiting customers about the queue; what moves at the same time is told once."""
        while True:
            await self._moved.wait()
            await asyncio.sleep(_SETTLE_SECONDS)
            self._moved.clear()
            try:
                await self._tell()
            except StoreUnavailable as error:
                _LOG.error("%s The queue is announced again soon.", error)
                await asyncio.sleep(1)
                self._moved.set()

    async def _tell(self) -> None:
        waiting = [one for one in await self._store.lists.waiting() if one.waiting]
        places = {one.id: place for place, one in enumerate(waiting, start=1)}
        for one in waiting:
            if self._told.get(one.id) != places[one.id]:
                self._bus.publish(one.id, await self.of(one))
        self._told = places
        if self._bus.heard(DESK):
            self._bus.publish(DESK, await self.queue())
