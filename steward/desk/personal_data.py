"""What is stored about a customer: handed out whole, and deleted everywhere."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from steward.clock import now
from steward.desk import shapes
from steward.desk.bus import DESK, Bus
from steward.desk.customers import Customers
from steward.desk.integrations.events import erased
from steward.desk.integrations.hooks import Courier
from steward.desk.queue.places import Places
from steward.desk.queue.promises import Promises
from steward.desk.relay import Relay
from steward.desk.store import Store, StoreUnavailable
from steward.desk.tasks import Tasks
from steward.desk.workspace.files import Attachments
from steward.errors import ConversationError
from steward.memory import Memory

_LOG = logging.getLogger("steward.desk")
_PURGE_SECONDS = 600
_NO_EPOCH_BEYOND = 2**31


class PersonalData:
    """Export and erasure of conversations, in the database and wherever else something of them is."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        memory: Memory,
        background: Tasks,
        *,
        customers: Customers,
        relay: Relay,
        places: Places,
        promises: Promises,
        files: Attachments,
        courier: Courier,
    ) -> None:
        self._store = store
        self._bus = bus
        self._memory = memory
        self._background = background
        self._customers = customers
        self._relay = relay
        self._places = places
        self._promises = promises
        self._files = files
        self._courier = courier
        self._erased = asyncio.Event()

    async def export(self, conversation_id: str) -> dict[str, Any]:
        """Everything that is stored about the customer."""
        conversation, messages = await self._store.conversations.snapshot(conversation_id)
        origin = await self._store.conversations.origin(conversation_id)
        ratings = await self._store.feedback.ratings(conversation_id)
        return {
            "conversation": {
                "id": conversation.id,
                "state": conversation.state.value,
                "created_at": shapes.time_text(conversation.created_at),
                "updated_at": shapes.time_text(conversation.updated_at),
                "locale": origin.locale if origin else None,
                "page": origin.page if origin else None,
                "identity": origin.identity if origin else None,
                "handoff": shapes.handoff_shape(conversation),
            },
            "messages": [shapes.message_shape(item, self._files.link) for item in messages],
            "files": await self._files.exported(conversation_id),
            "feedback": [rating | {"at": shapes.time_text(rating["at"])} for rating in ratings],
            "contact": await self._promises.exported(conversation_id),
        }

    async def erase(self, conversation_id: str) -> None:
        """Delete everything of the conversation; who listens to it is cut off."""
        files = await self._store.files.of(conversation_id)
        if not await self._store.conversations.erase(conversation_id, [erased(conversation_id, now())]):
            raise ConversationError("not_found", "There is no such conversation.", status=404)
        await self._files.removed(files)
        self._erased.set()
        self._courier.wake()
        self._customers.forget(conversation_id)
        self._relay.moved(conversation_id, _NO_EPOCH_BEYOND)
        self._background.begin(self._forget(conversation_id))
        self._bus.close(conversation_id)
        self._bus.publish(DESK, shapes.encode({"type": "removed", "conversation_id": conversation_id}))
        self._places.moved()

    async def run(self) -> None:
        """Take what was erased out of the search index for good, now and a while after each erasure."""
        self._erased.set()
        while True:
            await self._erased.wait()
            self._erased.clear()
            try:
                await self._store.search.forget()
            except StoreUnavailable as error:
                _LOG.error("%s The search index is cleaned later.", error)
                self._erased.set()
            await asyncio.sleep(_PURGE_SECONDS)

    async def _forget(self, conversation_id: str) -> None:
        """Remove what the bot remembers, and once more when it has answered what it was just asked."""
        await asyncio.to_thread(self._memory.forget, conversation_id)
        await self._relay.finished(conversation_id)
        await asyncio.to_thread(self._memory.forget, conversation_id)
