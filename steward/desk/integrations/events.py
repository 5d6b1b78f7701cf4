"""What other systems are told: which events an outcome is, and how an event is written.

Everything here is pure. Events are made inside the transaction that stores the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from steward.desk import shapes
from steward.desk.conversation import Conversation, Owner, State
from steward.desk.store import Committed, NewEvent, StoredEvent

EVENTS: Mapping[str, str] = {
    "message.created": "Somebody said something: the customer, the bot, an agent or the desk itself.",
    "handoff.requested": "A person is needed now: the conversation has a place in the queue.",
    "handoff.deferred": "Nobody can come now: the conversation waits as a promise.",
    "handoff.offered": "The conversation is offered to one agent.",
    "handoff.lapsed": "The offer was declined or not answered; the conversation waits again.",
    "handoff.accepted": "An agent has the conversation now.",
    "handoff.cancelled": "The customer goes on with the bot instead of waiting.",
    "conversation.held": "The agent asked the customer for a moment, or is back from it.",
    "conversation.returned": "The agent gave the conversation back to the bot.",
    "conversation.resolved": "The conversation is closed.",
    "conversation.reopened": "A closed conversation goes on with the bot.",
    "conversation.erased": "Everything of the conversation was deleted, at the customer's wish.",
    "ping": "A test, sent from the list of webhooks.",
}
"""Every type of event, with what it means."""


class EventData(msgspec.Struct):
    """What happened. `conversation` is as it was right after; `message` and `handoff` where there is one."""

    conversation: shapes.Card | msgspec.UnsetType = msgspec.UNSET
    message: shapes.Message | msgspec.UnsetType = msgspec.UNSET
    handoff: shapes.Reasons | msgspec.UnsetType | None = msgspec.UNSET
    previous_state: shapes.StateName | msgspec.UnsetType = msgspec.UNSET
    webhook: str | msgspec.UnsetType = msgspec.UNSET


class EventShape(msgspec.Struct):
    """An event. `id` stays the same however often it is sent; `seq` is its place among all events."""

    id: str
    seq: int
    type: str
    at: shapes.Moment
    conversation_id: str | None
    data: EventData


def events_of(committed: Committed, card: Callable[[Conversation], dict[str, Any]]) -> list[NewEvent]:
    """What an outcome means for others, in the order in which it is to be read."""
    before, after = committed.outcome.before, committed.outcome.after
    shown = card(after)
    events = [
        NewEvent(
            "message.created",
            item.message.at,
            after.id,
            {"conversation": shown, "message": shapes.message_shape(item)},
        )
        for item in committed.messages
    ]
    kind = _move(before, after)
    if kind is None:
        return events
    data: dict[str, Any] = {"conversation": shown, "previous_state": before.state.value}
    if after.owner is Owner.QUEUE:
        data["handoff"] = shapes.handoff_shape(after)
    return [*events, NewEvent(kind, after.updated_at, after.id, data)]


def erased(conversation_id: str, at: int) -> NewEvent:
    """That a conversation is gone."""
    return NewEvent("conversation.erased", at, conversation_id, {})


def event_shape(event: StoredEvent) -> dict[str, Any]:
    """An event as others read it."""
    return {
        "id": event.id,
        "seq": event.seq,
        "type": event.type,
        "at": shapes.time_text(event.at),
        "conversation_id": event.conversation_id,
        "data": event.data,
    }


def _move(before: Conversation, after: Conversation) -> str | None:
    """The event of a change of state or owner, if there was one."""
    if before.state is after.state and before.epoch == after.epoch:
        return "conversation.held" if before.held != after.held else None
    match after.state:
        case State.QUEUED:
            return "handoff.lapsed" if before.state is State.OFFERED else "handoff.requested"
        case State.OFFERED:
            return "handoff.offered"
        case State.DEFERRED:
            return "handoff.deferred"
        case State.AGENT:
            return "handoff.accepted"
        case State.RESOLVED:
            return "conversation.resolved"
    match before.owner:
        case Owner.QUEUE:
            return "handoff.cancelled"
        case Owner.NOBODY:
            return "conversation.reopened"
        case _:
            return "conversation.returned"
