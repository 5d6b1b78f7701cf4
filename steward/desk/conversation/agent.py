"""What follows when an agent does something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steward.desk.conversation.events import (
    Accepted,
    AgentEvent,
    AgentWrote,
    Held,
    PromiseKept,
    Reopened,
    Resolved,
    Returned,
    TakingEvent,
    TookOver,
    Transferred,
    Undone,
)
from steward.desk.conversation.outcome import Draft, Outcome, outcome
from steward.desk.conversation.owners import (
    again_to_people,
    explained,
    handoff_for,
    to_agent,
    to_bot,
    to_nobody,
)
from steward.desk.conversation.refusals import is_mine, refuse_others, refuse_stale, refuse_taken, stale
from steward.desk.conversation.state import Conversation, Owner, State


def step(now: Conversation, event: AgentEvent) -> Outcome:
    """What the conversation makes of what an agent did.

    Who takes it must find it free, and need not take it twice; for everything else it must be theirs.
    """
    if isinstance(event, TakingEvent):
        if is_mine(now, event.agent_id):
            return Outcome(now, now)
        refuse_taken(now)
    else:
        refuse_others(now, event.agent_id)
    if not isinstance(event, AgentWrote):
        refuse_stale(now, event.epoch)
    return _done(now, event)


def _done(now: Conversation, event: AgentEvent) -> Outcome:
    match event:
        case Accepted():
            return _accepted(now, event)
        case TookOver():
            return _took_over(now, event)
        case Reopened():
            return _reopened(now, event)
        case AgentWrote():
            return _wrote(now, event)
        case Held():
            return _held(now, event)
        case Transferred():
            return _transferred(now, event)
        case Returned():
            return _returned(now, event)
        case Resolved():
            return _resolved(now, event)
        case Undone():
            return _undone(now, event)
        case PromiseKept():
            return _kept_promise(now, event)


def _accepted(now: Conversation, event: Accepted) -> Outcome:
    if now.owner is not Owner.QUEUE:
        stale(now)
    return _joined(now, now, event)


def _took_over(now: Conversation, event: TookOver) -> Outcome:
    has_reason = now.owner is not Owner.BOT and now.reason is not None
    return _joined(now, now if has_reason else explained(now, handoff_for(now, "takeover")), event)


def _reopened(now: Conversation, event: Reopened) -> Outcome:
    if now.state is not State.RESOLVED:
        stale(now)
    return _joined(now, now if now.reason else explained(now, handoff_for(now, "takeover")), event)


def _joined(before: Conversation, now: Conversation, event: Accepted | TookOver | Reopened) -> Outcome:
    # Whoever comes unasked has nobody waiting for a first answer.
    asked = {} if before.owner is Owner.QUEUE else {"handed_at": None, "first_answer_at": None}
    draft = Draft("system", word="utter_desk_joined", values={"agent": event.agent})
    return outcome(before, to_agent(now, event.agent_id, **asked), event.at, draft)


def _wrote(now: Conversation, event: AgentWrote) -> Outcome:
    draft = Draft(
        "agent", event.text, author_id=event.agent_id, author=event.agent, attachments=event.attachments
    )
    first = event.at if now.first_answer_at is None else now.first_answer_at
    after = replace(now, unread=0, held=False, first_answer_at=first, due_at=None)
    return outcome(now, after, event.at, draft)


def _held(now: Conversation, event: Held) -> Outcome:
    if now.held == event.held:
        return Outcome(now, now)
    word = "utter_desk_held" if event.held else "utter_desk_resumed"
    draft = Draft("system", word=word, values={"agent": event.agent})
    return outcome(now, replace(now, held=event.held), event.at, draft)


def _transferred(now: Conversation, event: Transferred) -> Outcome:
    if event.to_agent_id:
        word, values = "utter_desk_transferred_to", {"agent": event.agent, "colleague": event.to_agent}
    else:
        word, values = "utter_desk_transferred", {"agent": event.agent}
    passed = replace(now, skill=event.skill)
    after = again_to_people(passed, event.at, wanted_agent_id=event.to_agent_id, **_release(now, event))
    return outcome(now, after, event.at, Draft("system", word=word, values=values))


def _returned(now: Conversation, event: Returned) -> Outcome:
    return outcome(now, to_bot(now), event.at, Draft("system", word="utter_desk_returned"))


def _resolved(now: Conversation, event: Resolved) -> Outcome:
    after = to_nobody(now, event.at, resolution=event.resolution, **_release(now, event))
    return outcome(now, after, event.at, Draft("system", word="utter_desk_resolved"))


def _undone(now: Conversation, event: Undone) -> Outcome:
    if now.released_by != event.agent_id or now.released_seq != now.seq:
        stale(now)
    after = to_agent(replace(now, skill=now.released_skill), event.agent_id)
    draft = Draft("system", word="utter_desk_stays", values={"agent": event.agent})
    return outcome(now, after, event.at, draft)


def _release(now: Conversation, event: Transferred | Resolved) -> dict[str, Any]:
    """What an undo needs: who let go, the message that said so, the skill that was asked for until then."""
    return {"released_by": event.agent_id, "released_seq": now.seq + 1, "released_skill": now.skill}


def _kept_promise(now: Conversation, event: PromiseKept) -> Outcome:
    return Outcome(now, now) if now.due_at is None else outcome(now, replace(now, due_at=None), event.at)
