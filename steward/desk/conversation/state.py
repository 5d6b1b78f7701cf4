"""What a conversation is: who owns it, and everything else that decides what may happen next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class State(str, Enum):
    """Where a conversation stands."""

    BOT = "bot"
    QUEUED = "queued"
    OFFERED = "offered"
    AGENT = "agent"
    DEFERRED = "deferred"
    RESOLVED = "resolved"


class Owner(str, Enum):
    """Who answers the customer."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"
    NOBODY = "nobody"


_OWNERS: Mapping[State, Owner] = {
    State.BOT: Owner.BOT,
    State.QUEUED: Owner.QUEUE,
    State.OFFERED: Owner.QUEUE,
    State.DEFERRED: Owner.QUEUE,
    State.AGENT: Owner.AGENT,
    State.RESOLVED: Owner.NOBODY,
}
WAITING = frozenset({State.QUEUED, State.OFFERED})
REASONS = frozenset(
    {"customer_asked", "low_confidence", "safety", "complaint", "order_status", "bot_error", "takeover"}
)
SAFETY, INTERRUPTED, COMPLAINT, ORDINARY = range(4)
"""The priorities, the most urgent first: who was with a person already waits behind safety alone."""


@dataclass(frozen=True)
class Conversation:
    """Everything about a conversation that decides what may happen next. Times are milliseconds.

    `customer_seq` is the newest customer message, `answered_seq` the newest one that is settled: the bot
    answered it, or the conversation changed owner after it. `agent_id` is set in the states `agent`
    (the owner) and `offered` (who is asked, until `offer_until`).

    While it waits, `skill` is what the one who answers must know about, `wanted_agent_id` the person whom it
    was passed to, and `declined` when each agent let an offer of it go. `held` is set while its agent looks
    something up. `handed_at` is when the customer came to the people, `first_answer_at` when one of them
    answered first. `released_by` resolved or passed on the conversation last, which can be undone while the
    newest message is still `released_seq`. `previous_id` is the conversation that this one carries on.
    `due_at` is the time by which the customer was promised to hear from a person, until that has happened.
    """

    id: str
    state: State = State.BOT
    epoch: int = 0
    seq: int = 0
    customer_seq: int = 0
    answered_seq: int = 0
    agent_id: str | None = None
    last_agent_id: str | None = None
    reason: str | None = None
    summary: str = ""
    evidence: Mapping[str, Any] | None = None
    topic: str | None = None
    skus: tuple[str, ...] = ()
    confidence: float | None = None
    priority: int = ORDINARY
    preview: str = ""
    unread: int = 0
    created_at: int = 0
    updated_at: int = 0
    queued_at: int | None = None
    resolved_at: int | None = None
    skill: str | None = None
    wanted_agent_id: str | None = None
    offer_until: int | None = None
    declined: Mapping[str, int] = field(default_factory=dict)
    held: bool = False
    resolution: str | None = None
    previous_id: str | None = None
    handed_at: int | None = None
    first_answer_at: int | None = None
    released_by: str | None = None
    released_seq: int | None = None
    released_skill: str | None = None
    due_at: int | None = None

    @property
    def owner(self) -> Owner:
        """The one who answers."""
        return _OWNERS[self.state]

    @property
    def waiting(self) -> bool:
        """Whether a person is awaited right now and the conversation has a place in the queue."""
        return self.state in WAITING
