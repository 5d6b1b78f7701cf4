"""Work that outlives the request which began it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_AGAIN_SECONDS = 0.1

_LOG = logging.getLogger("steward.desk")
_RESTART_SECONDS = 1.0


class Tasks:
    """The tasks that somebody began and that must not be lost or cut short."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def keep(self, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Run what works until it is cancelled; a fault in it is logged and it is started anew."""
        return self.begin(_kept(work))

    async def whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end even if the caller is cancelled, as when a client goes away."""
        return await asyncio.shield(self.begin(work))

    async def finish(self, seconds: float) -> None:
        """Wait for what runs, then cancel what is left."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        while late:
            # Until it is heard: in Python 3.10 `wait_for` can lose a cancellation.
            for task in late:
                task.cancel()
            _, late = await asyncio.wait(late, timeout=_AGAIN_SECONDS)


async def _kept(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await work()
            return
        except Exception:  # whatever it was: queue, timers and mail must not stand still because of it
            _LOG.exception("%s stopped by an unexpected error; it starts again.", work.__qualname__)
            await asyncio.sleep(_RESTART_SECONDS)
