"""The conversation as a state machine: a conversation and an event in, an outcome out.

A conversation has exactly one owner: the bot, the queue, one agent, or nobody. `epoch` grows by one at
each change of owner, so a command that was decided under an older owner is recognised and refused.
Messages are numbered by `seq` without holes. Nothing here reads a clock, a database or a socket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
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

RESOLUTIONS = frozenset({"answered", "no_reply", "duplicate", "spam", "follow_up", "other"})

SAFETY, INTERRUPTED, COMPLAINT, ORDINARY = range(4)
"""The priorities, the most urgent first: who was with a person already waits behind safety alone."""

_PRIORITIES = {"safety": SAFETY, "complaint": COMPLAINT}
_PREVIEW_LENGTH = 160
_FRESH: Mapping[str, Any] = {
    "agent_id": None,
    "queued_at": None,
    "resolved_at": None,
    "wanted_agent_id": None,
    "offer_until": None,
    "declined": {},
    "held": False,
    "resolution": None,
    "released_by": None,
    "released_seq": None,
    "released_skill": None,
}
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
    attachments: tuple[Mapping[str, Any], ...] = ()


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
        """Whether the queue reads differently now: who waits in it, in which order, or who is asked."""
        return _queue_face(self.before) != _queue_face(self.after)


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
class Promised:
    """The customer said where to reach them and need not wait; `contact` is that in words, as is `when`."""

    at: int
    due_at: int
    when: str
    contact: str
    reopen_for: int = 0
    duty: Duty = ON_DUTY


@dataclass(frozen=True)
class PromiseKept:
    """The agent has reached the customer some other way than by a message here."""

    at: int
    epoch: int
    agent_id: str


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


Event = (
    CustomerWrote
    | BotReplied
    | BotFailed
    | HandoffAsked
    | Cancelled
    | Ended
    | Offered
    | OfferLapsed
    | Declined
    | Aged
    | Deferred
    | Promised
    | PromiseKept
    | AgentLost
    | Accepted
    | TookOver
    | AgentWrote
    | Held
    | Transferred
    | Returned
    | Resolved
    | Reopened
    | Undone
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
        case Offered() | OfferLapsed() | Declined() | Aged() | Deferred():
            return _queue_moved(conversation, event)
        case Promised():
            return _promised(conversation, event)
        case PromiseKept():
            return _promise_kept(conversation, event)
        case AgentLost():
            return _agent_lost(conversation, event)
        case Accepted():
            return _accepted(conversation, event)
        case TookOver():
            return _took_over(conversation, event)
        case AgentWrote():
            return _agent_wrote(conversation, event)
        case Held():
            return _held(conversation, event)
        case Transferred():
            return _transferred(conversation, event)
        case Returned():
            return _returned(conversation, event)
        case Resolved():
            return _resolved(conversation, event)
        case Reopened():
            return _reopened_by_agent(conversation, event)
        case Undone():
            return _undone(conversation, event)


def _customer_wrote(now: Conversation, event: CustomerWrote) -> Outcome:
    meta = {"payload": event.payload} if event.payload else None
    draft = Draft("customer", event.text, meta=meta, attachments=event.attachments)
    after, messages = _found_by_customer(now, event), [draft]
    if after.state is State.QUEUED and now.state is State.RESOLVED:
        messages.append(Draft("system", word="utter_desk_queued"))
    seq = now.seq + 1
    unsettled = after.answered_seq if after.owner is Owner.BOT else seq
    after = replace(
        after,
        customer_seq=seq,
        answered_seq=unsettled,
        preview=_preview(event)[:_PREVIEW_LENGTH],
        unread=0 if after.owner is Owner.BOT else after.unread + 1,
    )
    return _outcome(now, after, event.at, *messages, ask_bot=after.owner is Owner.BOT)


def _preview(event: CustomerWrote) -> str:
    """What stands for the message in a list: its text, or the names of its files."""
    return event.text or ", ".join(str(one["name"]) for one in event.attachments)


def _found_by_customer(now: Conversation, event: CustomerWrote) -> Conversation:
    """The conversation as a new customer message finds it: a resolved one comes back, or stays closed."""
    if now.state is not State.RESOLVED:
        return now
    _refuse_closed(now, event.at, event.reopen_for)
    if now.last_agent_id and event.last_agent_online:
        why = now if now.reason else _explained(now, _handoff(now, "customer_asked"))
        changes = {"wanted_agent_id": now.last_agent_id, "handed_at": event.at, "first_answer_at": None}
        return _moved(why, State.QUEUED, queued_at=event.at, **changes)
    return _to_bot(now)


def _bot_replied(now: Conversation, event: BotReplied) -> Outcome:
    _refuse_stale_reply(now, event.epoch, event.reply_to)
    drafts = [replace(draft, reply_to=event.reply_to) for draft in event.drafts]
    after = replace(now, answered_seq=event.reply_to, **_understood(drafts))
    if event.handoff:
        after = _to_people(after, event.at, event.handoff, event.duty)
        drafts.append(replace(_arrival(after, event.duty), reply_to=event.reply_to))
    return _outcome(now, after, event.at, *drafts)


def _bot_failed(now: Conversation, event: BotFailed) -> Outcome:
    _refuse_stale_reply(now, event.epoch, event.reply_to)
    after = _to_people(now, event.at, _handoff(now, "bot_error"), event.duty)
    drafts = [Draft("system", word="utter_bot_error", meta=_BOT_ERROR_META, reply_to=event.reply_to)]
    if after.state is State.DEFERRED:
        drafts.append(replace(_put_off(event.duty.when), reply_to=event.reply_to))
    return _outcome(now, after, event.at, *drafts)


def _handoff_asked(now: Conversation, event: HandoffAsked) -> Outcome:
    if now.state is State.DEFERRED and event.duty.staffed:
        # The customer is back, and so are the people: waiting in the queue replaces the promise.
        after = replace(now, state=State.QUEUED, queued_at=event.at, due_at=None)
        return _outcome(now, after, event.at, Draft("system", word="utter_desk_queued"))
    if now.owner in (Owner.QUEUE, Owner.AGENT):
        return Outcome(now, now)
    if now.state is State.RESOLVED:
        _refuse_closed(now, event.at, event.reopen_for)
    after = _to_people(now, event.at, _handoff(now, "customer_asked"), event.duty)
    return _outcome(now, after, event.at, _arrival(after, event.duty))


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


def _queue_moved(now: Conversation, event: Offered | OfferLapsed | Declined | Aged | Deferred) -> Outcome:
    """Moves within the queue keep the owner, and with it the epoch and the place."""
    _refuse_stale(now, event.epoch)
    drafts: list[Draft] = []
    match event:
        case Offered() if now.state is State.QUEUED:
            after = replace(now, state=State.OFFERED, agent_id=event.agent_id, offer_until=event.until)
        case OfferLapsed() if _is_offered_to(now, event.agent_id) and event.at >= (now.offer_until or 0):
            after = _let_go(now, event)
        case Declined() if _is_offered_to(now, event.agent_id):
            after = _let_go(now, event)
        case Aged() if now.waiting and now.priority > COMPLAINT:
            after = replace(now, priority=COMPLAINT)
        case Deferred() if now.waiting:
            after = _deferred(now, event.due_at)
            drafts.append(_put_off(event.when))
        case _:
            _stale(now)
    return _outcome(now, after, event.at, *drafts)


def _let_go(now: Conversation, event: OfferLapsed | Declined) -> Conversation:
    wanted = None if now.wanted_agent_id == event.agent_id else now.wanted_agent_id
    declined = {**now.declined, event.agent_id: event.at}
    queued = replace(now, state=State.QUEUED, agent_id=None, offer_until=None)
    return replace(queued, wanted_agent_id=wanted, declined=declined)


def _agent_lost(now: Conversation, event: AgentLost) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    after = _again_to_people(now, event.at)
    if event.duty.staffed:
        return _outcome(now, after, event.at, Draft("system", word="utter_desk_lost"))
    return _outcome(now, _deferred(after, event.duty.due_at), event.at, _put_off(event.duty.when))


def _promised(now: Conversation, event: Promised) -> Outcome:
    if now.state is State.AGENT:
        raise ConversationError("taken", "A person is in this conversation already.")
    if now.state is State.RESOLVED:
        _refuse_closed(now, event.at, event.reopen_for)
    if now.owner is Owner.QUEUE:
        after = now
    else:
        after = _to_people(now, event.at, _handoff(now, "customer_asked"), replace(event.duty, staffed=True))
    values = {"when": event.when, "contact": event.contact}
    draft = Draft("system", word="utter_desk_promised", values=values)
    return _outcome(now, _deferred(after, event.due_at), event.at, draft)


def _promise_kept(now: Conversation, event: PromiseKept) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    return Outcome(now, now) if now.due_at is None else _outcome(now, replace(now, due_at=None), event.at)


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


def _reopened_by_agent(now: Conversation, event: Reopened) -> Outcome:
    if _is_mine(now, event.agent_id):
        return Outcome(now, now)
    _refuse_taken(now)
    _refuse_stale(now, event.epoch)
    if now.state is not State.RESOLVED:
        _stale(now)
    return _joined(now, now if now.reason else _explained(now, _handoff(now, "takeover")), event)


def _joined(before: Conversation, now: Conversation, event: Accepted | TookOver | Reopened) -> Outcome:
    # Whoever comes unasked has nobody waiting for a first answer.
    asked = {} if before.owner is Owner.QUEUE else {"handed_at": None, "first_answer_at": None}
    draft = Draft("system", word="utter_desk_joined", values={"agent": event.agent})
    return _outcome(before, _to_agent(now, event.agent_id, **asked), event.at, draft)


def _agent_wrote(now: Conversation, event: AgentWrote) -> Outcome:
    _refuse_others(now, event.agent_id)
    draft = Draft(
        "agent", event.text, author_id=event.agent_id, author=event.agent, attachments=event.attachments
    )
    first = event.at if now.first_answer_at is None else now.first_answer_at
    after = replace(now, unread=0, held=False, first_answer_at=first, due_at=None)
    return _outcome(now, after, event.at, draft)


def _held(now: Conversation, event: Held) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    if now.held == event.held:
        return Outcome(now, now)
    word = "utter_desk_held" if event.held else "utter_desk_resumed"
    draft = Draft("system", word=word, values={"agent": event.agent})
    return _outcome(now, replace(now, held=event.held), event.at, draft)


def _transferred(now: Conversation, event: Transferred) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    if event.to_agent_id:
        word, values = "utter_desk_transferred_to", {"agent": event.agent, "colleague": event.to_agent}
    else:
        word, values = "utter_desk_transferred", {"agent": event.agent}
    passed = replace(now, skill=event.skill)
    after = _again_to_people(passed, event.at, wanted_agent_id=event.to_agent_id, **_release(now, event))
    return _outcome(now, after, event.at, Draft("system", word=word, values=values))


def _returned(now: Conversation, event: Returned) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    return _outcome(now, _to_bot(now), event.at, Draft("system", word="utter_desk_returned"))


def _resolved(now: Conversation, event: Resolved) -> Outcome:
    _refuse_others(now, event.agent_id)
    _refuse_stale(now, event.epoch)
    after = _to_nobody(now, event.at, resolution=event.resolution, **_release(now, event))
    return _outcome(now, after, event.at, Draft("system", word="utter_desk_resolved"))


def _undone(now: Conversation, event: Undone) -> Outcome:
    if _is_mine(now, event.agent_id):
        return Outcome(now, now)
    _refuse_taken(now)
    _refuse_stale(now, event.epoch)
    if now.released_by != event.agent_id or now.released_seq != now.seq:
        _stale(now)
    after = _to_agent(replace(now, skill=now.released_skill), event.agent_id)
    draft = Draft("system", word="utter_desk_stays", values={"agent": event.agent})
    return _outcome(now, after, event.at, draft)


def _release(now: Conversation, event: Transferred | Resolved) -> dict[str, Any]:
    """What an undo needs: who let go, the message that said so, the skill that was asked for until then."""
    return {"released_by": event.agent_id, "released_seq": now.seq + 1, "released_skill": now.skill}


def _outcome(
    before: Conversation, after: Conversation, at: int, *drafts: Draft, ask_bot: bool = False
) -> Outcome:
    messages = tuple(Message(before.seq + n, at, draft) for n, draft in enumerate(drafts, start=1))
    after = replace(after, seq=before.seq + len(messages), updated_at=at)
    return Outcome(before, after, messages, ask_bot)


def _moved(now: Conversation, state: State, **changes: Any) -> Conversation:
    """A change of owner: what the customer wrote before it is settled, the new owner starts from here."""
    return replace(
        now, state=state, epoch=now.epoch + 1, answered_seq=now.customer_seq, **{**_FRESH, **changes}
    )


def _to_bot(now: Conversation) -> Conversation:
    forgotten = {"reason": None, "summary": "", "evidence": None, "priority": ORDINARY, "skill": None}
    return _moved(now, State.BOT, unread=0, handed_at=None, first_answer_at=None, due_at=None, **forgotten)


def _to_agent(now: Conversation, agent_id: str, **changes: Any) -> Conversation:
    return _moved(now, State.AGENT, agent_id=agent_id, last_agent_id=agent_id, **changes)


def _to_nobody(now: Conversation, at: int, **changes: Any) -> Conversation:
    return _moved(now, State.RESOLVED, unread=0, resolved_at=at, due_at=None, **changes)


def _to_people(now: Conversation, at: int, handoff: Handoff, duty: Duty) -> Conversation:
    """Into the queue, or put off when nobody will come."""
    explained = _explained(now, handoff)
    skill = duty.skill(explained.topic, explained.reason)
    times = {"queued_at": at, "handed_at": at, "first_answer_at": None}
    queued = _moved(explained, State.QUEUED, skill=skill, **times)
    return queued if duty.staffed else _deferred(queued, duty.due_at)


def _again_to_people(now: Conversation, at: int, **changes: Any) -> Conversation:
    """Back into the queue from an agent: the customer, who waited once already, goes ahead of new ones."""
    priority = min(INTERRUPTED, _PRIORITIES.get(now.reason or "", ORDINARY))
    return _moved(now, State.QUEUED, queued_at=at, priority=priority, **changes)


def _deferred(now: Conversation, due_at: int | None) -> Conversation:
    return replace(now, state=State.DEFERRED, agent_id=None, offer_until=None, due_at=due_at)


def _put_off(when: str) -> Draft:
    return Draft("system", word="utter_desk_deferred", values={"when": when})


def _arrival(now: Conversation, duty: Duty) -> Draft:
    """What the customer is told on coming to the people."""
    return _put_off(duty.when) if now.state is State.DEFERRED else Draft("system", word="utter_desk_queued")


def _queue_face(now: Conversation) -> tuple[Any, ...]:
    return now.state if now.owner is Owner.QUEUE else None, now.agent_id, now.priority, now.skill


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
        priority=_PRIORITIES.get(handoff.reason, ORDINARY),
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


def _is_offered_to(now: Conversation, agent_id: str) -> bool:
    return now.state is State.OFFERED and now.agent_id == agent_id


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
