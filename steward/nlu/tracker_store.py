"""What the bot remembers of a conversation while it runs: the latest events and the slots, in memory.

The desk keeps every message; the bot only needs what the next turn refers to. Rasa's own stores read a
conversation's whole history again for each message, which costs time that grows with its length.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from steward.memory import THROW_AWAY, Memory, Stamp
from steward.nlu.action_calls import keep_connections
from steward.nlu.action_results import use_one_validator

_ASKED = 6
_SWEEP_EVERY = 3600.0
_LOG = logging.getLogger(__name__)


class ShortMemoryTrackerStore(TrackerStore):
    """Keeps the `events` latest events of the `conversations` conversations used last.

    Slots outlive the events that set them. A conversation that fell out starts with empty slots. Nothing is
    published to an event broker: the desk is the record.

    With a `folder`, what the next turn may refer to (the slots and the customer's last messages) is written
    there after each turn, and read where another bot wrote it since: the one before this one, or one that
    served meanwhile. What nobody came back to for `days` is removed.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        events: int = 80,
        conversations: int = 2000,
        folder: str | None = None,
        days: float = 7.0,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        # The store is the one part of ours that every bot server starts, whatever its pipeline.
        use_one_validator()
        keep_connections()
        self._events = events
        self._conversations = conversations
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._memory = Memory(Path(folder)) if folder else None
        self._stamps: dict[str, Stamp | None] = {}
        self._days = days
        self._sweep_at = 0.0

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """An empty tracker whose events are bounded."""
        return DialogueStateTracker(sender_id, self.domain.slots, max_event_history=self._events)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker as the one used last; drop the one unused longest when there are too many."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        self._write(tracker)
        while len(self._trackers) > self._conversations:
            dropped, _ = self._trackers.popitem(last=False)
            self._stamps.pop(dropped, None)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a conversation, or None."""
        known = self._trackers.get(sender_id)
        if self._memory is None or sender_id.startswith(THROW_AWAY):
            return known
        stamp = self._memory.stamp(sender_id)
        # None is known of one that could not be written: there is nothing newer than what is in memory.
        if known is not None and self._stamps.get(sender_id) in (stamp, None):
            return known
        self._trackers.pop(sender_id, None)
        stored = self._memory.read(sender_id)
        if stored is None:
            return None
        self._stamps[sender_id] = stamp
        self._trackers[sender_id] = self._restored(sender_id, stored)
        return self._trackers[sender_id]

    async def keys(self) -> Iterable[str]:
        """The ids of the conversations remembered."""
        return self._trackers.keys()

    def _write(self, tracker: DialogueStateTracker) -> None:
        sender = tracker.sender_id
        if self._memory is None or sender.startswith(THROW_AWAY):
            return
        try:
            self._stamps[sender] = self._memory.write(sender, _remembered(tracker))
        except OSError as error:
            # A full disk must not keep a customer from being answered.
            self._stamps[sender] = None
            _LOG.error("What was said cannot be written down for the next bot (%s).", error)
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + _SWEEP_EVERY
            threading.Thread(target=self._memory.sweep, args=(self._days,), daemon=True).start()

    def _restored(self, sender_id: str, stored: dict[str, Any]) -> DialogueStateTracker:
        """A tracker that goes on where another bot's ended."""
        tracker = self.init_tracker(sender_id)
        for text in stored.get("asked") or ():
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
            tracker.update(UserUttered(text))
        for name, value in (stored.get("slots") or {}).items():
            # The other bot's model may have had slots that this one has not.
            if name in tracker.slots:
                tracker.update(SlotSet(name, value))
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker


def _remembered(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What a next turn may refer to."""
    slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
    texts = [event.text for event in tracker.events if isinstance(event, UserUttered) and event.text]
    return {"slots": slots, "asked": [text for text in texts if not text.startswith("/")][-_ASKED:]}
