"""Giving customers another model from the desk: asking for it, telling everybody how far it is, the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any

from steward.desk import shapes
from steward.desk.accounts.audit import Entry
from steward.desk.bus import OPERATORS, Bus
from steward.desk.metrics import Metrics
from steward.desk.store import Store, StoreUnavailable
from steward.desk.switch import ServingBot
from steward.settings import Settings
from steward.training import serving
from steward.training.serving import Control, Person, Rollout, RolloutRefused

_LOG = logging.getLogger("steward.desk")
_LOOK_SECONDS = 0.3
_TEXT_LENGTH = 1000
_LOGGED = "promotion_logged"
_ACTIONS = {
    ("promote", "done"): "model.promoted",
    ("promote", "failed"): "model.promotion_failed",
    ("rollback", "done"): "model.rolled_back",
    ("rollback", "failed"): "model.rollback_failed",
}


class Promotions:
    """What operators ask for is done by the runner; this asks it, and tells what it does."""

    def __init__(
        self,
        settings: Settings,
        bot: ServingBot,
        store: Store,
        bus: Bus,
        metrics: Metrics,
        now: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._bot = bot
        self._store = store
        self._bus = bus
        self._metrics = metrics
        self._now = now
        self._control = Control(settings.home)
        self._told: Rollout | None = None
        self._logged: str | None = None

    async def promote(self, model: str, by: Person, reason: str, may: Collection[str]) -> Rollout:
        """Have customers get a model; raises RolloutRefused, or UnknownModel."""
        self._expect_runner()
        return await asyncio.to_thread(serving.promote, self._settings, model, by, reason, may=may)

    async def rollback(self, by: Person, reason: str) -> Rollout:
        """Have customers get the model before this one; raises RolloutRefused."""
        self._expect_runner()
        return await asyncio.to_thread(serving.rollback, self._settings, by, reason)

    async def newest(self) -> Rollout | None:
        """The newest rollout."""
        return await asyncio.to_thread(self._control.rollout)

    async def run(self) -> None:
        """Tell the pages and the log what the runner does, until cancelled."""
        self._told = await self.newest()
        self._logged = await self._store.settings.read(_LOGGED)
        while True:
            try:
                await self._look()
            except StoreUnavailable as error:
                _LOG.error("%s What became of a promotion is logged later.", error)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        rollout = await self.newest()
        if rollout is None:
            return
        if rollout != self._told:
            self._told = rollout
            self._bus.publish(
                OPERATORS, shapes.encode({"type": "promotion", "promotion": rollout_shape(rollout)})
            )
        if rollout.over and rollout.request != self._logged:
            # With the note of which one it was in the same transaction, so that it is logged once.
            await self._store.settings.write(_LOGGED, rollout.request, _entry(rollout))
            self._logged = rollout.request
            self._metrics.promotions[rollout.kind, rollout.state] += 1

    def _expect_runner(self) -> None:
        if not self._bot.managed:
            message = (
                "The bot is not run by `steward run` beside this desk; customers keep the model they have."
            )
            raise RolloutRefused("unmanaged", message)


def rollout_shape(rollout: Rollout) -> dict[str, Any]:
    """A rollout as pages see it."""
    return {
        "request": rollout.request,
        "model": rollout.model,
        "before": rollout.before,
        "kind": rollout.kind,
        "by": {"id": rollout.by.id or None, "name": rollout.by.name},
        "reason": rollout.reason,
        "state": rollout.state,
        "text": rollout.text[:_TEXT_LENGTH],
        "at": shapes.time_text(rollout.at),
        "asked_at": shapes.time_text(rollout.asked_at),
        "overridden": list(rollout.overridden),
    }


def _entry(rollout: Rollout) -> Entry:
    detail = {
        "before": rollout.before or "",
        "reason": rollout.reason,
        "overridden": list(rollout.overridden),
        "text": rollout.text[:_TEXT_LENGTH],
    }
    action = _ACTIONS[rollout.kind, rollout.state]
    return Entry(rollout.at, rollout.by.id, rollout.by.name, action, f"model {rollout.model}", detail)
