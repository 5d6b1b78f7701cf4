"""What follows when the customer does something."""

from __future__ import annotations

from dataclasses import replace

from steward.desk.conversation.events import (
    Cancelled,
    CustomerEvent,
    CustomerWrote,
    Ended,
    HandoffAsked,
    Promised,
)
from steward.desk.conversation.outcome import Draft, Outcome, outcome
from steward.desk.conversation.owners import (
    arrival,
    deferred,
    explained,
    handed,
    handoff_for,
    to_bot,
    to_nobody,
    to_people,
)
from steward.desk.conversation.refusals import closed, refuse_closed
from steward.desk.conversation.state import Conversation, Owner, State
from steward.errors import ConversationError

_PREVIEW_LENGTH = 160


def step(now: Conversation, event: CustomerEvent) -> Outcome:
    """What the conversation makes of what its customer did."""
    match event:
        case CustomerWrote():
            return _wrote(now, event)
        case HandoffAsked():
            return _asked_for_a_person(now, event)
        case Cancelled():
            return _cancelled(now, event)
        case Ended():
            return _ended(now, event)
        case Promised():
            return _was_promised(now, event)


def _wrote(now: Conversation, event: CustomerWrote) -> Outcome:
    meta = {"payload": event.payload} if event.payload else None
    draft = Draft("customer", event.text, meta=meta, attachments=event.attachments)
    after, messages = _found(now, event), [draft]
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
    return outcome(now, after, event.at, *messages, ask_bot=after.owner is Owner.BOT)


def _preview(event: CustomerWrote) -> str:
    """What stands for the message in a list: its text, or the names of its files."""
    return event.text or ", ".join(str(one["name"]) for one in event.attachments)


def _found(now: Conversation, event: CustomerWrote) -> Conversation:
    """The conversation as a new customer message finds it: a resolved one comes back, or stays closed."""
    if now.state is not State.RESOLVED:
        return now
    refuse_closed(now, event.at, event.reopen_for)
    if now.last_agent_id and event.last_agent_online:
        why = now if now.reason else explained(now, handoff_for(now, "customer_asked"))
        changes = {"wanted_agent_id": now.last_agent_id, "handed_at": event.at, "first_answer_at": None}
        return handed(why, State.QUEUED, queued_at=event.at, **changes)
    return to_bot(now)


def _asked_for_a_person(now: Conversation, event: HandoffAsked) -> Outcome:
    if now.state is State.DEFERRED and event.duty.staffed:
        # The customer is back, and so are the people: waiting in the queue replaces the promise.
        after = replace(now, state=State.QUEUED, queued_at=event.at, due_at=None)
        return outcome(now, after, event.at, Draft("system", word="utter_desk_queued"))
    if now.owner in (Owner.QUEUE, Owner.AGENT):
        return Outcome(now, now)
    if now.state is State.RESOLVED:
        refuse_closed(now, event.at, event.reopen_for)
    after = to_people(now, event.at, handoff_for(now, "customer_asked"), event.duty)
    return outcome(now, after, event.at, arrival(after, event.duty))


def _cancelled(now: Conversation, event: Cancelled) -> Outcome:
    if now.state is State.BOT:
        return Outcome(now, now)
    if now.state is State.RESOLVED:
        closed()
    return outcome(now, to_bot(now), event.at, Draft("system", word="utter_desk_cancelled"))


def _ended(now: Conversation, event: Ended) -> Outcome:
    if now.state is State.RESOLVED:
        return Outcome(now, now)
    return outcome(now, to_nobody(now, event.at), event.at, Draft("system", word="utter_desk_ended"))


def _was_promised(now: Conversation, event: Promised) -> Outcome:
    if now.state is State.AGENT:
        raise ConversationError("taken", "A person is in this conversation already.")
    if now.state is State.RESOLVED:
        refuse_closed(now, event.at, event.reopen_for)
    if now.owner is Owner.QUEUE:
        after = now
    else:
        after = to_people(
            now, event.at, handoff_for(now, "customer_asked"), replace(event.duty, staffed=True)
        )
    values = {"when": event.when, "contact": event.contact}
    draft = Draft("system", word="utter_desk_promised", values=values)
    return outcome(now, deferred(after, event.due_at), event.at, draft)
