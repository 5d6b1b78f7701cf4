"""Who is told about what happens: publish and subscribe within one process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import TracebackType
from typing import Any

DESK = "desk"
"""The topic that every agent's socket listens to; the other topics are conversation ids."""

OPERATORS = "operators"
"""The topic of what is meant for those who improve the bot, and for nobody else."""

_ROOM = 512


def agent_topic(agent_id: str) -> str:
    """The topic of what is meant for one agent alone, on all of their sockets."""
    return "agent " + agent_id


class Closed(Exception):
    """The subscription is over: the service stops, or the listener was too slow to keep up."""


class Subscription:
    """What was published on one topic since the subscription began, in order. Use as a context manager."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self._bus = bus
        self._topic = topic
        self._queue: asyncio.Queue[Any] = asyncio.Queue(_ROOM + 1)
        self._closed = False

    def __enter__(self) -> Subscription:
        """Start listening; on a bus that is closed the first `get` raises Closed."""
        self._bus._add(self._topic, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._bus._remove(self._topic, self)

    async def get(self) -> Any:
        """The next thing published; raises Closed when there will be no more."""
        item = await self._queue.get()
        if item is Closed:
            raise Closed
        return item

    def put(self, item: Any) -> None:
        """Queue an item; a listener with no room left is closed and catches up by connecting again."""
        if self._closed:
            return
        if self._queue.qsize() >= _ROOM:
            self.close()
            return
        self._queue.put_nowait(item)

    def close(self) -> None:
        """End the subscription after what is already queued."""
        if not self._closed:
            self._closed = True
            self._queue.put_nowait(Closed)


class Bus:
    """The topics and their listeners."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Subscription]] = defaultdict(set)
        self._closed = False

    def subscribe(self, topic: str) -> Subscription:
        """A subscription to enter with `with`."""
        return Subscription(self, topic)

    def heard(self, topic: str) -> bool:
        """Whether anybody listens, so that nothing is prepared for nobody."""
        return topic in self._listeners

    def publish(self, topic: str, item: Any) -> None:
        """Give the item to everybody who listens now; never waits."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener.put(item)

    def close(self, topic: str | None = None) -> None:
        """End the subscriptions of one topic, or of all for good."""
        topics = list(self._listeners) if topic is None else [topic]
        self._closed = self._closed or topic is None
        for name in topics:
            for listener in tuple(self._listeners.get(name, ())):
                listener.close()

    def _add(self, topic: str, listener: Subscription) -> None:
        self._listeners[topic].add(listener)
        if self._closed:
            listener.close()

    def _remove(self, topic: str, listener: Subscription) -> None:
        self._listeners[topic].discard(listener)
        if not self._listeners[topic]:
            del self._listeners[topic]
