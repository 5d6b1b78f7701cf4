"""Conversations as agents see them: in lists, and opened with all that is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steward.catalogue import Catalogue
from steward.desk import shapes
from steward.desk.conversation import Conversation
from steward.desk.improve.marks import Marks
from steward.desk.queue.places import Places
from steward.desk.store import Agent, Origin, Store, StoredMessage
from steward.desk.workspace.identity import customer_of
from steward.desk.workspace.notes import NoteBook
from steward.desk.workspace.packet import Contact, Packet, packet_of
from steward.desk.workspace.reading import Onlookers
from steward.errors import ConversationError

_ASKED = 5
_EARLIER = 5


class Views:
    """What agents read.

    `card` is a conversation in a list, `catalogue` gives the facts of now, and `identity_secret` tells which
    customers to believe who they are.
    """

    def __init__(
        self,
        store: Store,
        card: Callable[[Conversation], dict[str, Any]],
        catalogue: Callable[[], Catalogue],
        identity_secret: str,
        *,
        places: Places,
        notes: NoteBook,
        onlookers: Onlookers,
        marks: Marks,
    ) -> None:
        self._store = store
        self._card = card
        self._catalogue = catalogue
        self._identity_secret = identity_secret
        self._places = places
        self._notes = notes
        self._onlookers = onlookers
        self._marks = marks

    async def listed(self, view: str, agent: Agent) -> dict[str, Any]:
        """The cards of one view, and the counts; raises ConversationError for a view that is not there."""
        news = await self._places.queue()
        match view:
            case "queue":
                cards = news.cards
            case "mine":
                cards = [self._card(one) for one in await self._store.lists.mine(agent.id)]
            case "open" | "resolved":
                recent = await self._store.lists.recent(resolved=view == "resolved")
                cards = [self._card(one) for one in recent]
            case _:
                message = "view must be queue, mine, open or resolved."
                raise ConversationError("invalid", message, status=400, field="view")
        return {"conversations": cards, "counts": news.counts(agent.id)}

    async def opened(self, conversation_id: str, after: int, agent: Agent) -> dict[str, Any]:
        """A conversation as an agent reads it; its owner has read it now."""
        conversation, messages = await self._store.conversations.snapshot(conversation_id, after)
        if conversation.unread and conversation.agent_id == agent.id:
            await self._store.conversations.read_by_agent(conversation_id, agent.id)
        return {
            "conversation": self._card(conversation),
            "messages": [shapes.message_shape(item) for item in messages],
            "notes": await self._notes.of(conversation_id),
            "viewers": self._onlookers.of(conversation_id),
            "marks": await self._marks.of(conversation_id),
            "read_seq": (await self._store.reading.marks(conversation_id)).customer,
            "context": await self._context(conversation),
        }

    async def told(self, conversation_id: str) -> tuple[Packet, tuple[StoredMessage, ...]]:
        """All that is known of a conversation, and its messages."""
        conversation, messages = await self._store.conversations.snapshot(conversation_id)
        origin = await self._store.conversations.origin(conversation_id)
        return await self._packet(conversation, messages, origin), messages

    async def _context(self, conversation: Conversation) -> dict[str, Any]:
        """What an agent must not ask again: why a person is needed, where it began, what was before."""
        _, messages = await self._store.conversations.snapshot(conversation.id)
        origin = await self._store.conversations.origin(conversation.id)
        earlier = await self._store.lists.earlier(conversation, _EARLIER)
        return {
            "handoff": await self._handoff(conversation),
            "page": origin.page if origin else None,
            "locale": origin.locale if origin else None,
            "created_at": shapes.time_text(conversation.created_at),
            "packet": await self._packet(conversation, messages, origin),
            "previous": [shapes.previous_shape(one) for one in earlier],
        }

    async def _handoff(self, conversation: Conversation) -> dict[str, Any] | None:
        handoff = shapes.handoff_shape(conversation)
        if handoff and not handoff["evidence"].get("asked"):
            asked = await self._store.conversations.asked(conversation.id, _ASKED)
            handoff["evidence"] = {**handoff["evidence"], "asked": asked}
        return handoff

    async def _packet(
        self, conversation: Conversation, messages: tuple[StoredMessage, ...], origin: Origin | None
    ) -> Packet:
        customer = customer_of(origin.identity if origin else None, self._identity_secret)
        left = await self._store.promises.contact(conversation.id)
        if left:
            customer = customer.completed(left.name, left.email)
        return packet_of(
            conversation,
            [item.message for item in messages],
            customer,
            Contact(left.name, left.email, left.phone) if left else None,
            origin.page if origin else None,
            origin.locale if origin else None,
            {sku: product.name for sku, product in self._catalogue().products.items()},
        )
