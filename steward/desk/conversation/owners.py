"""The changes of owner: each one raises the epoch, and the new owner starts from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from steward.desk.conversation.events import Duty, Handoff
from steward.desk.conversation.outcome import Draft
from steward.desk.conversation.state import COMPLAINT, INTERRUPTED, ORDINARY, SAFETY, Conversation, State

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
_PRIORITIES = {"safety": SAFETY, "complaint": COMPLAINT}


def handed(now: Conversation, state: State, **changes: Any) -> Conversation:
    """A change of owner: what the customer wrote before it is settled, the new owner starts from here."""
    return replace(
        now, state=state, epoch=now.epoch + 1, answered_seq=now.customer_seq, **{**_FRESH, **changes}
    )


def to_bot(now: Conversation) -> Conversation:
    """To the bot: why a person was needed is forgotten."""
    forgotten = {"reason": None, "summary": "", "evidence": None, "priority": ORDINARY, "skill": None}
    return handed(now, State.BOT, unread=0, handed_at=None, first_answer_at=None, due_at=None, **forgotten)


def to_agent(now: Conversation, agent_id: str, **changes: Any) -> Conversation:
    """To an agent."""
    return handed(now, State.AGENT, agent_id=agent_id, last_agent_id=agent_id, **changes)


def to_nobody(now: Conversation, at: int, **changes: Any) -> Conversation:
    """To nobody: the conversation is over, for the time being."""
    return handed(now, State.RESOLVED, unread=0, resolved_at=at, due_at=None, **changes)


def to_people(now: Conversation, at: int, handoff: Handoff, duty: Duty) -> Conversation:
    """Into the queue, or put off when nobody will come."""
    asking = explained(now, handoff)
    skill = duty.skill(asking.topic, asking.reason)
    times = {"queued_at": at, "handed_at": at, "first_answer_at": None}
    queued = handed(asking, State.QUEUED, skill=skill, **times)
    return queued if duty.staffed else deferred(queued, duty.due_at)


def again_to_people(now: Conversation, at: int, **changes: Any) -> Conversation:
    """Back into the queue from an agent: the customer, who waited once already, goes ahead of new ones."""
    priority = min(INTERRUPTED, _PRIORITIES.get(now.reason or "", ORDINARY))
    return handed(now, State.QUEUED, queued_at=at, priority=priority, **changes)


def deferred(now: Conversation, due_at: int | None) -> Conversation:
    """Out of the queue and still with the people, who promised an answer by `due_at`."""
    return replace(now, state=State.DEFERRED, agent_id=None, offer_until=None, due_at=due_at)


def put_off(when: str) -> Draft:
    """What the customer is told on being put off."""
    return Draft("system", word="utter_desk_deferred", values={"when": when})


def arrival(now: Conversation, duty: Duty) -> Draft:
    """What the customer is told on coming to the people."""
    return put_off(duty.when) if now.state is State.DEFERRED else Draft("system", word="utter_desk_queued")


def explained(now: Conversation, handoff: Handoff) -> Conversation:
    """With the reason why a person is needed, and what it says of the topic."""
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


def handoff_for(now: Conversation, reason: str) -> Handoff:
    """A handoff that the bot did not propose: all that is known is what was understood last."""
    evidence = {"topic": now.topic, "skus": list(now.skus), "confidence": now.confidence, "readings": []}
    return Handoff(reason, now.preview, evidence)
