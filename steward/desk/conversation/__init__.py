"""The conversation as a state machine: a conversation and an event in, an outcome out.

A conversation has exactly one owner: the bot, the queue, one agent, or nobody. `epoch` grows by one at
each change of owner, so a command that was decided under an older owner is recognised and refused.
Messages are numbered by `seq` without holes. Nothing here reads a clock, a database or a socket.
"""

from __future__ import annotations

from steward.desk.conversation.events import (
    Accepted,
    Aged,
    AgentLost,
    AgentWrote,
    BotFailed,
    BotReplied,
    Cancelled,
    CustomerWrote,
    Declined,
    Deferred,
    Duty,
    Ended,
    Event,
    Handoff,
    HandoffAsked,
    Held,
    Offered,
    OfferLapsed,
    Promised,
    PromiseKept,
    Reopened,
    Resolved,
    Returned,
    TookOver,
    Transferred,
    Undone,
)
from steward.desk.conversation.machine import step
from steward.desk.conversation.outcome import Draft, Message, Outcome
from steward.desk.conversation.state import (
    COMPLAINT,
    INTERRUPTED,
    ORDINARY,
    REASONS,
    SAFETY,
    WAITING,
    Conversation,
    Owner,
    State,
)

__all__ = [
    "COMPLAINT",
    "INTERRUPTED",
    "ORDINARY",
    "REASONS",
    "SAFETY",
    "WAITING",
    "Accepted",
    "Aged",
    "AgentLost",
    "AgentWrote",
    "BotFailed",
    "BotReplied",
    "Cancelled",
    "Conversation",
    "CustomerWrote",
    "Declined",
    "Deferred",
    "Draft",
    "Duty",
    "Ended",
    "Event",
    "Handoff",
    "HandoffAsked",
    "Held",
    "Message",
    "OfferLapsed",
    "Offered",
    "Outcome",
    "Owner",
    "PromiseKept",
    "Promised",
    "Reopened",
    "Resolved",
    "Returned",
    "State",
    "TookOver",
    "Transferred",
    "Undone",
    "step",
]
