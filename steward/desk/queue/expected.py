"""How long customers waited lately, kept at hand for the moment when the next one asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from steward.desk.conversation import SAFETY, Conversation
from steward.desk.queue.waits import Range, Wait, Waiting, expected
from steward.desk.store import Store

_LATELY = 4 * 3_600_000
_FRESH_FOR = 10_000


class Expected:
    """The wait that customers in the queue have still to expect, from those that were measured."""

    def __init__(self, store: Store, agents: Callable[[], int], now: Callable[[], int]) -> None:
        self._store = store
        self._agents = agents
        self._now = now
        self._recent: Sequence[Wait] = ()
        self._read_at = 0

    async def of(self, conversation: Conversation, place: int, waited: int) -> Range | None:
        """The range in seconds for a customer at that place, or None when it would be a guess."""
        agents = self._agents()
        if not agents:
            return None
        now = self._now()
        if now - self._read_at > _FRESH_FOR:
            self._recent = await self._store.events.waits(now - _LATELY)
            self._read_at = now
        kind = Waiting(place, waited, conversation.skill, conversation.priority == SAFETY)
        return expected(self._recent, kind, agents)
