"""What the bot remembers of a conversation while it runs: the latest events and the slots, in memory.

The desk keeps every message; the bot only needs what the next turn refers to. Rasa's own stores read a
conversation's whole history again for each message, which costs time that grows with its length.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from steward.nlu.action_calls import keep_connections
from steward.nlu.action_results import use_one_validator


class ShortMemoryTrackerStore(TrackerStore):
    """Keeps the `events` latest events of the `conversations` conversations used last.

    Slots outlive the events that set them. A conversation that fell out starts with empty slots. Nothing is
    published to an event broker: the desk is the record.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        events: int = 80,
        conversations: int = 2000,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        # The store is the one part of ours that every bot server starts, whatever its pipeline.
        use_one_validator()
        keep_connections()
        self._events = events
        self._conversations = conversations
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """An empty tracker whose events are bounded."""
        return DialogueStateTracker(sender_id, self.domain.slots, max_event_history=self._events)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker as the one used last; drop the one unused longest when there are too many."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        while len(self._trackers) > self._conversations:
            self._trackers.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a conversation, or None."""
        return self._trackers.get(sender_id)

    async def keys(self) -> Iterable[str]:
        """The ids of the conversations remembered."""
        return self._trackers.keys()
