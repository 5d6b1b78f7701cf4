"""What can happen to a conversation. Times are milliseconds; nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from steward.desk.conversation.outcome import Draft


@dataclass(frozen=True)
class Handoff:
    """Why a person is needed, as the bot or the customer gave it."""

    reason: str
    summary: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Duty:
    """How the desk stands when a conversation asks for a person.

    `staffed` is false when nobody will come before the shop opens again: then the customer hears at `due_at`
    at the latest, which is `when` in words. `skills` tells which skill a topic or a reason needs.
    """

    staffed: bool = True
    skills: Mapping[str, str] = MappingProxyType({})
    due_at: int | None = None
    when: str = ""

    def skill(self, topic: str | None, reason: str | None) -> str | None:
        """What the one who answers must know about; None when everybody will do."""
        return self.skills.get(reason or "") or self.skills.get(topic or "")


ON_DUTY = Duty()


@dataclass(frozen=True)
class CustomerWrote:
    """The customer sent text, or pressed a button (`payload`, with its title as the text)."""

    at: int
    text: str
    payload: str | None = None
    reopen_for: int = 0
    last_agent_online: bool = False
    attachments: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class HandoffAsked:
    """The customer asked for a person by the button, not by a message."""

    at: int
    reopen_for: int = 0
    duty: Duty = ON_DUTY


@dataclass(frozen=True)
class Cancelled:
    """The customer goes on with the bot."""

    at: int


@dataclass(frozen=True)
class Ended:
    """The customer ends the conversation."""

    at: int


@dataclass(frozen=True)
class Promised:
    """The customer said where to reach them and need not wait; `contact` is that in words, as is `when`."""

    at: int
    due_at: int
    when: str
    contact: str
    reopen_for: int = 0
    duty: Duty = ON_DUTY


@dataclass(frozen=True)
class BotReplied:
    """The bot answered message `reply_to`, which it was asked under `epoch`.

    `understood` is how it read the message; nothing here depends on it.
    """

    at: int
    epoch: int
    reply_to: int
    drafts: tuple[Draft, ...]
    handoff: Handoff | None = None
    duty: Duty = ON_DUTY
    understood: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class BotFailed:
    """The bot gave no usable answer to message `reply_to`, which it was asked under `epoch`."""

    at: int
    epoch: int
    reply_to: int
    duty: Duty = ON_DUTY


@dataclass(frozen=True)
class Offered:
    """The conversation is offered to one agent until a time, its place in the queue kept."""

    at: int
    epoch: int
    agent_id: str
    until: int


@dataclass(frozen=True)
class OfferLapsed:
    """The agent did not answer the offer in time."""

    at: int
    epoch: int
    agent_id: str


@dataclass(frozen=True)
class Declined:
    """The agent lets the offer go."""

    at: int
    epoch: int
    agent_id: str


@dataclass(frozen=True)
class Aged:
    """The customer has waited so long that others no longer go first by their reason."""

    at: int
    epoch: int


@dataclass(frozen=True)
class Deferred:
    """Nobody can come now; a person will pick it up by `due_at`, which is `when` in words."""

    at: int
    epoch: int
    due_at: int | None = None
    when: str = ""


@dataclass(frozen=True)
class AgentLost:
    """The agent who owns the conversation has gone and does not come back."""

    at: int
    epoch: int
    agent_id: str
    duty: Duty = ON_DUTY


@dataclass(frozen=True)
class Accepted:
    """An agent takes a waiting conversation."""

    at: int
    epoch: int
    agent_id: str
    agent: str


@dataclass(frozen=True)
class TookOver:
    """An agent takes a conversation from the bot or the queue, or opens a resolved one again."""

    at: int
    epoch: int
    agent_id: str
    agent: str


@dataclass(frozen=True)
class AgentWrote:
    """An agent answers the customer."""

    at: int
    agent_id: str
    agent: str
    text: str
    attachments: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Held:
    """The agent asks the customer for a moment, or is back."""

    at: int
    epoch: int
    agent_id: str
    agent: str
    held: bool


@dataclass(frozen=True)
class Transferred:
    """The agent passes the conversation on: to one colleague, or to whoever has a skill."""

    at: int
    epoch: int
    agent_id: str
    agent: str
    to_agent_id: str | None = None
    to_agent: str = ""
    skill: str | None = None


@dataclass(frozen=True)
class Returned:
    """The agent gives the conversation back to the bot."""

    at: int
    epoch: int
    agent_id: str


@dataclass(frozen=True)
class Resolved:
    """The agent is done with the conversation."""

    at: int
    epoch: int
    agent_id: str
    resolution: str | None = None


@dataclass(frozen=True)
class Reopened:
    """An agent takes a resolved conversation up again."""

    at: int
    epoch: int
    agent_id: str
    agent: str


@dataclass(frozen=True)
class Undone:
    """The agent takes back having resolved or passed on the conversation."""

    at: int
    epoch: int
    agent_id: str
    agent: str


@dataclass(frozen=True)
class PromiseKept:
    """The agent has reached the customer some other way than by a message here."""

    at: int
    epoch: int
    agent_id: str


CustomerEvent = CustomerWrote | HandoffAsked | Cancelled | Ended | Promised
BotEvent = BotReplied | BotFailed
QueueEvent = Offered | OfferLapsed | Declined | Aged | Deferred | AgentLost
TakingEvent = Accepted | TookOver | Reopened | Undone
"""What an agent does who does not own the conversation yet."""

AgentEvent = TakingEvent | AgentWrote | Held | Transferred | Returned | Resolved | PromiseKept
Event = CustomerEvent | BotEvent | QueueEvent | AgentEvent
