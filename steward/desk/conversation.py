"""The conversation as a state machine: a conversation and an event in, an outcome out.

A conversation has exactly one owner: the bot, the queue, one agent, or nobody. `epoch` grows by one at
each change of owner, so a command that was decided under an older owner is recognised and refused.
Messages are numbered by `seq` without holes. Nothing here reads a clock, a database or a socket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NoReturn

from steward.errors import ConversationError


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


OWNERS: Mapping[State, Owner] = {
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

_PRIORITIES = {"safety": 0, "complaint": 1}
_ORDINARY = 2
_PREVIEW_LENGTH = 160
_BOT_ERROR_META: Mapping[str, Any] = {
    "act": "handoff",
    "topic": None,
    "skus": [],
    "confidence": 0,
    "sources": [],
}


@dataclass(frozen=True)
class Handoff:
    """Why a person is needed, as the bot or the customer gave it."""

    reason: str
    summary: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What somebody wants to say, before it has a place in the conversation.

    A system draft has no text of its own: `word` names the response and `values` fill it in.
    """

    sender: str
    text: str = ""
    word: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Mapping[str, str], ...] = ()
    image: str | None = None
    meta: Mapping[str, Any] | None = None
    reply_to: int | None = None
    author_id: str | None = None
    author: str | None = None


@dataclass(frozen=True)
class Conversation:
    """Everything about a conversation that decides what may happen next. Times are milliseconds.

    `customer_seq` is the newest customer message, `answered_seq` the newest one that is settled: the bot
    answered it, or the conversation changed owner after it. `agent_id` is set in the states `agent`
    (the owner) and `offered` (who is asked).
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
    priority: int = _ORDINARY
    preview: str = ""
    unread: int = 0
    created_at: int = 0
    updated_at: int = 0
    queued_at: int | None = None
    resolved_at: int | None = None

    @property
    def owner(self) -> Owner:
        """The one who answers."""
        return OWNERS[self.state]

    @property
    def waiting(self) -> bool:
        """Whether a person is awaited right now and the conversation has a place in the queue."""
        return self.state in WAITING


@dataclass(frozen=True)
class Message:
    """A draft with its place in the conversation."""

    seq: int
    at: int
    draft: Draft


@dataclass(frozen=True)
class Outcome:
    """What an event did: the conversation before and after, the messages it added, what must follow."""

    before: Conversation
    after: Conversation
    messages: tuple[Message, ...] = ()
    ask_bot: bool = False

    def worded(self, say: Callable[..., str]) -> Outcome:
        """The same outcome with a text in every system message, from the response it names."""

        def word(message: Message) -> Message:
            draft = message.draft
            if draft.word is None:
                return message
            return replace(message, draft=replace(draft, text=say(draft.word, **draft.values), word=None))

        return replace(self, messages=tuple(word(message) for message in self.messages))

    @property
    def changed(self) -> bool:
        """Whether there is anything to store."""
        return self.before != self.after

    @property
    def owner_changed(self) -> bool:
        """Whether somebody else answers now."""
        return self.before.epoch != self.after.epoch

    @property
    def queue_changed(self) -> bool:
        """Whether the places in the queue may have moved."""
        return self.before.waiting != self.after.waiting


@dataclass(frozen=True)
class CustomerWrote:
    """The customer sent text, or pressed a button (`payload`, with its title as the text)."""

    at: int
    text: str
    payload: str | None = None
    reopen_for: int = 0
    last_agent_online: bool = False


@dataclass(frozen=True)
class BotReplied:
    """The bot answered message `reply_to`, which it was asked under `epoch`."""

    at: int
    epoch: int
    reply_to: int
    drafts: tuple[Draft, ...]
    handoff: Handoff | None = None


@dataclass(frozen=True)
class BotFailed:
    """The bot gave no usable answer to message `reply_to`, which it was asked under `epoch`."""

    at: int
    epoch: int
    reply_to: int


@dataclass(frozen=True)
class HandoffAsked:
    """The customer asked for a person by the button, not by a message."""

    at: int
    reopen_for: int = 0


@dataclass(frozen=True)
class Cancelled:
    """The customer goes on with the bot."""

    at: int


@dataclass(frozen=True)
class Ended:
    """The customer ends the conversation."""

    at: int


@dataclass(frozen=True)
class Offered:
    """The conversation is offered to one agent, its place in the queue kept."""

    at: int
    epoch: int
    agent_id: str


@dataclass(frozen=True)
class OfferLapsed:
    """The agent declined or did not answer the offer."""

    at: int
    epoch: int


@dataclass(frozen=True)
class Deferred:
    """Nobody can come now; a person will pick it up later."""

    at: int
    epoch: int


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


Event = (
    CustomerWrote
    | BotReplied
    | BotFailed
    | HandoffAsked
    | Cancelled
    | Ended
    | Offered
    | OfferLapsed
    | Deferred
    | Accepted
    | TookOver
    | AgentWrote
    | Returned
    | Resolved
)


def step(conversation: Conversation, event: Event) -> Outcome:
    """Apply one event; raises ConversationError when the conversation's owner or epoch forbids it."""
    match event:
        case CustomerWrote():
            return _customer_wrote(conversation, event)
        case BotReplied():
            return _bot_replied(conversation, event)
        case BotFailed():
            return _bot_failed(conversation, event)
        case HandoffAsked():
            return _handoff_asked(conversation, event)
        case Cancelled():
            return _cancelled(conversation, event)
        case Ended():
            return _ended(conversation, event)
        case Offered() | OfferLapsed() | Deferred():
            return _queue_moved(conversation, event)
        case Accepted():
            return _accepted(conversation, event)
        case TookOver():
            return _took_over(conversation, event)
        case AgentWrote():
            return _agent_wrote(conversation, event)
        case Returned():
            return _returned(conversation, event)
        case Resolved():
            return _resolved(conversation, event)


def _customer_wrote(now: Conversation, event: CustomerWrote) -> Outcome:
    draft = Draft("customer", event.text, meta={"payload": event.payload} if event.payload else None)
    after, messages = _reopened(now, event), [draft]
    if after.state is State.QUEUED and now.state is State.RESOLVED:
        messages.append(Draft("system", word="utter_desk_queued"))
    seq = now.seq + 1
    unsettled = after.answered_seq if after.owner is Owner.BOT else seq
    after = replace(
        after,
        customer_seq=seq,
        answered_seq=unsettled,
        preview=event.text[:_PREVIEW_LENGTH],
        unread=0 if after.owner is Owner.BOT else after.unread + 1,
    )
    return _outcome(now, after, event.at, *messages, ask_bot=after.owner is Owner.BOT)


def _reopened(now: Conversation, event: CustomerWrote) -> Conversation:
    """The conversation as a new customer message finds it: a resolved one comes back, or stays closed."""
    if now.state is not State.RESOLVED:
        return now
    _refuse_closed(now, event.at, event.reopen_for)
    if now.last_agent_id and event.last_agent_online:
        why = now if now.reason else _explained(now, _handoff(now, "customer_asked"))
        return _moved(why, State.QUEUED, queued_at=event.at)
    return _to_bot(now)


def _bot_replied(now: Conversation, event: BotReplied) -> Outcome:
    _refuse_stale_reply(now, event.epoch, event.reply_to)
    drafts = [replace(draft, reply_to=event.reply_to) for draft in event.drafts]
    after = replace(now, answered_seq=event.reply_to, **_understood(drafts))
    if event.handoff:
        after = _to_queue(after, event.at, event.handoff)
        drafts.append(Draft("system", word="utter_desk_queued", reply_to=event.reply_to))
    return _outcome(now, after, event.at, *drafts)


def _bot_failed(now: Conversation, event: BotFailed) -> Outcome:
    _refuse_stale_reply(now, event.epoch, event.reply_to)
    after = _to_queue(now, event.at, _handoff(now, "bot_error"))
    draft = Draft("system", word="utter_bot_error", meta=_BOT_ERROR_META, reply_to=event.reply_to)
    return _outcome(now, after, event.at, draft)


def _handoff_asked(now: Conversation, event: HandoffAsked) -> Outcome:
    if now.owner in (Owner.QUEUE, Owner.AGENT):
        return Outcome(now, now)
    if now.state is State.RESOLVED:
        _refuse_closed(now, event.at, event.reopen_for)
    after = _to_queue(now, event.at, _handoff(now, "customer_asked"))
    return _outcome(now, after, event.at, Draft("system", word="utter_desk_queued"))


def _cancelled(now: Conversation, event: Cancelled) -> Outcome:
    if now.state is State.BOT:
        return Outcome(now, now)
    if now.state is State.RESOLVED:
        _closed()
    return _outcome(now, _to_bot(now), event.at, Draft("system", word="utter_desk_cancelled"))


def _ended(now: Conversation, event: Ended) -> Outcome:
    if now.state is State.RESOLVED:
        return Outcome(now, now)
    return _outcome(now, _to_nobody(now, event.at), event.at, Draft("system", word="utter_desk_ended"))


def _queue_moved(now: Conversation, event: Offered | OfferLapsed | Deferred) -> Outcome:
    """Moves within the queue keep the owner, and with it the epoch and the place."""
    _refuse_stale(now, event.epoch)
    match event:
        case Offered() if now.state is State.QUEUED:
            after = replace(now, state=State.OFFERED, agent_id=event.agent_id)
        case OfferLapsed() if now.state is State.OFFERED:
            after = replace(now, state=State.QUEUED, agent_id=None)
        case Deferred() if now.waiting:
            after = replace(now, state=State.DEFERRED, agent_id=None)
        case _:
            _stale(now)
    return _outcome(now, after, event.at)


def _accepted(now: Conversation, event: Accepted) -> Outcome:
    if _is_mine(now, event.agent_id):
        return Outcome(now, now)
    _refuse_taken(now)
    _refuse_stale(now, event.epoch)
    if now.owner is not Owner.QUEUE:
        _stale(now)
    return _joined(now, now, event)


def _took_over(now: Conversation, event: TookOver) -> Outcome:
    if _is_mine(now, event.agent_id):
        return Outcome(now, now)
    _refuse_taken(now)
    _refuse_stale(now, event.epoch)
    has_reason = now.owner is not Owner.BOT and now.reason is not None
    return _joined(now, now if has_reason else _explained(now, _handoff(now, "takeover")), event)


def _joined(before: Conversation, now: Conversation, event: Accepted | TookOver) -> Outcome:
    after = _moved(now, State.AGENT, agent_id=event.agent_id, last_agent_id=event.agent_id)
    draft = Draft("system", word="utter_desk_joined", values={"agent": event.agent})
    return _outcome(before, after, event.at, draft)


def _agent_wrote(now: Conversation, event: AgentWrote) -> Outcome:
    _refuse_others(now, event.agent_id)
    draft = Draft("agent", event.text, author_id=event.agent_id, author=event.agent)
    return _outcome(now, replace(now, unread=0), event.at, draft)


def _returned(now: Conversation, event: Returned) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    return _outcome(now, _to_bot(now), event.at, Draft("system", word="utter_desk_returned"))


def _resolved(now: Conversation, event: Resolved) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    draft = Draft("system", word="utter_desk_resolved")
    return _outcome(now, _to_nobody(now, event.at), event.at, draft)


def _outcome(
    before: Conversation, after: Conversation, at: int, *drafts: Draft, ask_bot: bool = False
) -> Outcome:
    messages = tuple(Message(before.seq + n, at, draft) for n, draft in enumerate(drafts, start=1))
    after = replace(after, seq=before.seq + len(messages), updated_at=at)
    return Outcome(before, after, messages, ask_bot)


def _moved(now: Conversation, state: State, **changes: Any) -> Conversation:
    """A change of owner: what the customer wrote before it is settled, the new owner starts from here."""
    changes = {"agent_id": None, "queued_at": None, "resolved_at": None} | changes
    return replace(now, state=state, epoch=now.epoch + 1, answered_seq=now.customer_seq, **changes)


def _to_bot(now: Conversation) -> Conversation:
    cleared = replace(now, reason=None, summary="", evidence=None, priority=_ORDINARY, unread=0)
    return _moved(cleared, State.BOT)


def _to_nobody(now: Conversation, at: int) -> Conversation:
    return _moved(replace(now, unread=0), State.RESOLVED, resolved_at=at)


def _to_queue(now: Conversation, at: int, handoff: Handoff) -> Conversation:
    return _moved(_explained(now, handoff), State.QUEUED, queued_at=at)


def _explained(now: Conversation, handoff: Handoff) -> Conversation:
    evidence = handoff.evidence
    skus = evidence.get("skus")
    confidence = evidence.get("confidence")
    topic = evidence.get("topic")
    return replace(
        now,
        reason=handoff.reason,
        summary=handoff.summary,
        evidence=dict(evidence),
        priority=_PRIORITIES.get(handoff.reason, _ORDINARY),
        topic=topic if isinstance(topic, str) else now.topic,
        skus=tuple(str(sku) for sku in skus) if isinstance(skus, list | tuple) else now.skus,
        confidence=float(confidence) if isinstance(confidence, int | float) else now.confidence,
        unread=0,
    )


def _handoff(now: Conversation, reason: str) -> Handoff:
    """A handoff that the bot did not propose: all that is known is what was understood last."""
    evidence = {"topic": now.topic, "skus": list(now.skus), "confidence": now.confidence, "readings": []}
    return Handoff(reason, now.preview, evidence)


def _understood(drafts: list[Draft]) -> dict[str, Any]:
    """What the newest bot message with metadata understood the customer to be about."""
    metas = [draft.meta for draft in drafts if draft.meta and draft.meta.get("topic")]
    if not metas:
        return {}
    meta = metas[-1]
    confidence = meta.get("confidence")
    return {
        "topic": str(meta["topic"]),
        "skus": tuple(str(sku) for sku in meta.get("skus") or ()),
        "confidence": float(confidence) if isinstance(confidence, int | float) else None,
    }


def _is_mine(now: Conversation, agent_id: str) -> bool:
    return now.state is State.AGENT and now.agent_id == agent_id


def _refuse_taken(now: Conversation) -> None:
    if now.state is State.AGENT:
        raise ConversationError("taken", "A colleague has taken this conversation.")


def _refuse_others(now: Conversation, agent_id: str) -> None:
    if not _is_mine(now, agent_id):
        raise ConversationError("not_owner", "The conversation is not yours; take it over first.")


def _refuse_stale(now: Conversation, epoch: int) -> None:
    if epoch != now.epoch:
        _stale(now)


def _refuse_stale_reply(now: Conversation, epoch: int, reply_to: int) -> None:
    if now.state is not State.BOT or not now.answered_seq < reply_to <= now.customer_seq:
        _stale(now)
    _refuse_stale(now, epoch)


def _refuse_closed(now: Conversation, at: int, reopen_for: int) -> None:
    if now.resolved_at is None or at - now.resolved_at > reopen_for:
        _closed()


def _stale(now: Conversation) -> NoReturn:
    message = f"The conversation has moved on: its state is {now.state.value}, its epoch {now.epoch}."
    raise ConversationError("stale", message)


def _closed() -> NoReturn:
    raise ConversationError("conversation_closed", "The conversation is closed; start a new one.")
