"""Who is asked next: the waiting conversations and the team in, what should happen out.

Pure, like the state machine that carries the decisions out: nothing here reads a clock or a database. A
decision may be outdated when it is carried out; then the conversation's epoch or the agent's capacity
refuses it, and the next plan is made from what is true by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from steward.desk.conversation import (
    COMPLAINT,
    Aged,
    Conversation,
    Deferred,
    Event,
    Offered,
    OfferLapsed,
    State,
)

_SECOND = 1000
_MINUTE = 60 * _SECOND


class Presence(str, Enum):
    """Whether an agent is there."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Rules:
    """How the queue is run. `capacity` is for agents who have none of their own.

    `skills` tells which skill a topic or a reason needs, beyond skills that are named like them. What waits
    for a skill or a person is open to everybody after a quarter of `longest_wait_minutes`, and no longer
    goes behind complaints after half of it.
    """

    routing: Literal["manual", "offer"] = "manual"
    offer_seconds: int = 30
    capacity: int = 5
    longest_wait_minutes: int = 15
    grace_seconds: int = 30
    lost_minutes: int = 5
    first_response_seconds: int = 120
    warn_seconds: int = 30
    skills: Mapping[str, str] = field(default_factory=dict)

    @property
    def longest_wait(self) -> int:
        """Milliseconds until a customer is no longer kept waiting."""
        return self.longest_wait_minutes * _MINUTE

    @property
    def widens_after(self) -> int:
        """Milliseconds until somebody else may come than who was wanted."""
        return self.longest_wait // 4

    @property
    def ages_after(self) -> int:
        """Milliseconds until a wait counts as much as a complaint."""
        return self.longest_wait // 2

    @property
    def offer_for(self) -> int:
        """Milliseconds that an offer stands."""
        return self.offer_seconds * _SECOND

    @property
    def declined_for(self) -> int:
        """Milliseconds until somebody who let an offer go is asked again."""
        return max(_MINUTE, 2 * self.offer_for)

    @property
    def lost_after(self) -> int:
        """Milliseconds after which an agent whose connection broke is gone."""
        return self.lost_minutes * _MINUTE


@dataclass(frozen=True)
class Member:
    """One of the team. `load` counts the conversations that they own or are offered.

    `worked_at` is when they last got a conversation or were done with one.
    """

    id: str
    name: str
    role: str = "agent"
    presence: Presence = Presence.OFFLINE
    skills: frozenset[str] = frozenset()
    capacity: int = 5
    load: int = 0
    worked_at: int = 0

    @property
    def free(self) -> bool:
        """Whether they can be asked now."""
        return self.presence is Presence.ONLINE and self.load < self.capacity


@dataclass(frozen=True)
class Step:
    """An event that is due for a conversation."""

    conversation_id: str
    event: Event


def rank(conversation: Conversation) -> tuple[int, int, str]:
    """The place in the queue, as a key to sort by: urgency, then the length of the wait."""
    return conversation.priority, conversation.queued_at or 0, conversation.id


def needed_skills(rules: Rules, team: Iterable[Member]) -> dict[str, str]:
    """Which skill a topic or a reason needs: as the rules say, else the one of that name if anybody has it.

    A skill that nobody has is not asked for.
    """
    known = {skill for member in team for skill in member.skills}
    named = {skill: skill for skill in known}
    return named | {what: skill for what, skill in rules.skills.items() if skill in known}


def due(waiting: Iterable[Conversation], rules: Rules, now: int, *, staffed: bool) -> list[Step]:
    """What time alone brings about: offers lapse, long waits gain urgency, the longest are put off."""
    steps = []
    for one in waiting:
        waited = now - (one.queued_at or now)
        if one.agent_id and one.state is State.OFFERED:
            if now < (one.offer_until or 0):
                continue
            steps.append(Step(one.id, OfferLapsed(now, one.epoch, one.agent_id)))
        if waited >= rules.longest_wait or not staffed:
            steps.append(Step(one.id, Deferred(now, one.epoch)))
        elif waited >= rules.ages_after and one.priority > COMPLAINT:
            steps.append(Step(one.id, Aged(now, one.epoch)))
    return steps


def offers(waiting: Iterable[Conversation], team: Sequence[Member], rules: Rules, now: int) -> list[Step]:
    """Whom to ask for which conversation now, in the order of the queue, nobody beyond their capacity."""
    members = {member.id: member for member in team}
    steps = []
    for one in sorted((one for one in waiting if one.state is State.QUEUED), key=rank):
        if not any(member.free for member in members.values()):
            break
        chosen = choose(one, list(members.values()), rules, now)
        if chosen is None:
            continue
        members[chosen.id] = replace(chosen, load=chosen.load + 1, worked_at=now)
        steps.append(Step(one.id, Offered(now, one.epoch, chosen.id, now + rules.offer_for)))
    return steps


def choose(conversation: Conversation, team: Sequence[Member], rules: Rules, now: int) -> Member | None:
    """Whom to ask for the conversation: who is wanted, else who has been idle longest of those who know.

    None when it should wait, or when people choose for themselves.
    """
    wanted = next((member for member in team if member.id == conversation.wanted_agent_id), None)
    if wanted is not None and wanted.free and not _declined(conversation, wanted, rules, now):
        return wanted
    if rules.routing == "manual":
        return None
    widened = now - (conversation.queued_at or now) >= rules.widens_after
    if wanted is not None and wanted.presence is not Presence.OFFLINE and not widened:
        return None
    free = [member for member in team if member.free and not _declined(conversation, member, rules, now)]
    knowing = [member for member in free if conversation.skill in member.skills]
    if conversation.skill and not knowing and not widened and _is_there(conversation.skill, team):
        return None
    return min(knowing or free, key=lambda member: (member.worked_at, member.load, member.id), default=None)


def _is_there(skill: str, team: Iterable[Member]) -> bool:
    return any(skill in member.skills and member.presence is not Presence.OFFLINE for member in team)


def next_due(waiting: Iterable[Conversation], rules: Rules, now: int) -> int | None:
    """The next moment after `now` at which time alone changes the plan, or None."""
    moments = [moment for one in waiting for moment in _moments(one, rules) if moment > now]
    return min(moments, default=None)


def _moments(one: Conversation, rules: Rules) -> list[int]:
    if one.state is State.OFFERED:
        return [one.offer_until or 0]
    since = one.queued_at or 0
    waits = [since + wait for wait in (rules.longest_wait, rules.ages_after, rules.widens_after)]
    return [*waits, *(at + rules.declined_for for at in one.declined.values())]


def _declined(conversation: Conversation, member: Member, rules: Rules, now: int) -> bool:
    at = conversation.declined.get(member.id)
    return at is not None and now - at < rules.declined_for
