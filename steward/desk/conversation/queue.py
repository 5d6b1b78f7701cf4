"""What follows when the clock or the queue does something: offers, deadlines, an agent who is gone."""

from __future__ import annotations

from dataclasses import replace

from steward.desk.conversation.events import (
    Aged,
    AgentLost,
    Declined,
    Deferred,
    Offered,
    OfferLapsed,
    QueueEvent,
)
from steward.desk.conversation.outcome import Draft, Outcome, outcome
from steward.desk.conversation.owners import again_to_people, deferred, put_off
from steward.desk.conversation.refusals import is_offered_to, refuse_others, refuse_stale, stale
from steward.desk.conversation.state import COMPLAINT, Conversation, State


def step(now: Conversation, event: QueueEvent) -> Outcome:
    """What the conversation makes of what the queue decided."""
    match event:
        case AgentLost():
            return _lost_agent(now, event)
        case _:
            return _moved(now, event)


def _moved(now: Conversation, event: Offered | OfferLapsed | Declined | Aged | Deferred) -> Outcome:
    """Moves within the queue keep the owner, and with it the epoch and the place."""
    refuse_stale(now, event.epoch)
    drafts: list[Draft] = []
    match event:
        case Offered() if now.state is State.QUEUED:
            after = replace(now, state=State.OFFERED, agent_id=event.agent_id, offer_until=event.until)
        case OfferLapsed() if is_offered_to(now, event.agent_id) and event.at >= (now.offer_until or 0):
            after = _let_go(now, event)
        case Declined() if is_offered_to(now, event.agent_id):
            after = _let_go(now, event)
        case Aged() if now.waiting and now.priority > COMPLAINT:
            after = replace(now, priority=COMPLAINT)
        case Deferred() if now.waiting:
            after = deferred(now, event.due_at)
            drafts.append(put_off(event.when))
        case _:
            stale(now)
    return outcome(now, after, event.at, *drafts)


def _let_go(now: Conversation, event: OfferLapsed | Declined) -> Conversation:
    wanted = None if now.wanted_agent_id == event.agent_id else now.wanted_agent_id
    declined = {**now.declined, event.agent_id: event.at}
    queued = replace(now, state=State.QUEUED, agent_id=None, offer_until=None)
    return replace(queued, wanted_agent_id=wanted, declined=declined)


def _lost_agent(now: Conversation, event: AgentLost) -> Outcome:
    refuse_others(now, event.agent_id)
    refuse_stale(now, event.epoch)
    after = again_to_people(now, event.at)
    if event.duty.staffed:
        return outcome(now, after, event.at, Draft("system", word="utter_desk_lost"))
    return outcome(now, deferred(after, event.duty.due_at), event.at, put_off(event.duty.when))
