"""Fifty agents and two thousand customers who do as they please: what holds at every moment of the day."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from steward.desk.conversation import (
    Accepted,
    AgentLost,
    AgentWrote,
    BotReplied,
    Cancelled,
    Conversation,
    CustomerWrote,
    Declined,
    Draft,
    Duty,
    Ended,
    Event,
    Handoff,
    Offered,
    Owner,
    Resolved,
    Returned,
    State,
    Transferred,
    Undone,
    step,
)
from steward.desk.queue.routing import Member, Presence, Rules, due, needed_skills, offers, rank
from steward.errors import ConversationError

SECOND, MINUTE = 1000, 60_000
TICK = 10 * SECOND
AGENTS, CUSTOMERS = 50, 2000
RULES = Rules(routing="offer", longest_wait_minutes=6, offer_seconds=30)
SKILLS = ["gas", "installation", "returns"]
TOPICS = ["installation", "returns", "price", "delivery"]
REASONS = ["customer_asked", "low_confidence", "complaint", "safety"]
LIVE = (State.QUEUED, State.OFFERED, State.AGENT)


class Day:
    """The desk on one day. Everything goes through the state machine and the plan, nothing around them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 0
        self.conversations: dict[str, Conversation] = {}
        self.live: set[str] = set()
        self.team = {f"agent-{n}": self.new_agent(n) for n in range(AGENTS)}
        self.counted: Counter[str] = Counter()
        self.taken_back: set[str] = set()

    def new_agent(self, n: int) -> Member:
        skills = frozenset(self.chance.sample(SKILLS, self.chance.choice([0, 1, 1, 2])))
        return Member(
            f"agent-{n}",
            f"Agent {n}",
            presence=Presence.ONLINE,
            skills=skills,
            capacity=self.chance.choice([1, 2, 2, 3]),
        )

    def perhaps(self, probability: float) -> bool:
        return self.chance.random() < probability

    def members(self) -> list[Member]:
        load = Counter(one.agent_id for one in self.those(State.OFFERED, State.AGENT))
        return [replace(member, load=load[member.id]) for member in self.team.values()]

    def those(self, *states: State) -> list[Conversation]:
        found = [self.conversations[name] for name in sorted(self.live)]
        return [one for one in found if one.state in states]

    def send(self, name: str, event: Event) -> bool:
        """What the store does: decide on the newest state, hold to capacity, keep the outcome."""
        before = self.conversations[name]
        try:
            outcome = step(before, event)
        except ConversationError as refusal:
            self.counted[f"refused {refusal.code}"] += 1
            return False
        after = outcome.after
        assert outcome.messages == () or outcome.messages[0].seq == before.seq + 1
        assert after.seq == before.seq + len(outcome.messages)
        assert before.epoch <= after.epoch <= before.epoch + 1
        if isinstance(event, Accepted | Offered) and after.agent_id != before.agent_id:
            busy = sum(one.agent_id == event.agent_id for one in self.those(State.OFFERED, State.AGENT))
            if busy >= self.team[event.agent_id].capacity:
                self.counted["refused full"] += 1
                return False
        self.conversations[name] = after
        if after.state in LIVE:
            self.live.add(name)
        else:
            self.live.discard(name)
        if isinstance(event, Undone):
            self.taken_back.add(name)
        elif outcome.owner_changed:
            self.taken_back.discard(name)
        if before.agent_id and outcome.owner_changed:
            self.worked(before.agent_id)
        if after.agent_id and before.agent_id != after.agent_id:
            self.worked(after.agent_id)
        self.counted[type(event).__name__] += 1
        return True

    def worked(self, agent_id: str) -> None:
        self.team[agent_id] = replace(self.team[agent_id], worked_at=self.now)

    def customer_comes(self) -> None:
        name = f"customer-{len(self.conversations):04}"
        self.conversations[name] = Conversation(name, created_at=self.now)
        self.send(name, CustomerWrote(self.now, "Hello"))
        evidence = {"topic": self.chance.choice(TOPICS)}
        handoff = Handoff(self.chance.choices(REASONS, [6, 6, 2, 1])[0], evidence=evidence)
        duty = Duty(skills=needed_skills(Rules(skills={"safety": "gas"}), self.members()))
        self.send(name, BotReplied(self.now, 0, 1, (Draft("bot", "..."),), handoff, duty))

    def customers_act(self) -> None:
        for one in self.those(*LIVE):
            if self.perhaps(0.05):
                self.send(one.id, CustomerWrote(self.now, "Still there?"))
            if self.perhaps(0.004):
                self.send(one.id, Cancelled(self.now) if self.perhaps(0.5) else Ended(self.now))

    def agents_act(self) -> None:
        for one in self.those(State.OFFERED):
            agent = one.agent_id or ""
            choice = self.chance.random()
            if self.team[agent].presence is Presence.ONLINE and choice < 0.6:
                self.send(one.id, Accepted(self.now, one.epoch, agent, agent))
            elif choice < 0.7:
                self.send(one.id, Declined(self.now, one.epoch, agent))
        for one in self.those(State.QUEUED):
            if self.perhaps(0.01):
                eager = self.chance.choice(list(self.team))
                self.send(one.id, Accepted(self.now, one.epoch, eager, eager))
        for one in self.those(State.AGENT):
            if self.team[one.agent_id or ""].presence is not Presence.OFFLINE:
                self.agent_works_on(one, one.agent_id or "")

    def agent_works_on(self, one: Conversation, agent: str) -> None:
        choice = self.chance.random()
        if choice < 0.05:
            reason = self.chance.choice(["answered", None])
            if self.send(one.id, Resolved(self.now, one.epoch, agent, reason)) and self.perhaps(0.05):
                self.send(one.id, Undone(self.now, one.epoch + 1, agent, agent))
        elif choice < 0.055:
            self.send(one.id, Returned(self.now, one.epoch, agent))
        elif choice < 0.06:
            colleague = self.chance.choice(list(self.team))
            self.send(one.id, Transferred(self.now, one.epoch, agent, agent, colleague, colleague))
        elif choice < 0.065:
            self.send(
                one.id, Transferred(self.now, one.epoch, agent, agent, skill=self.chance.choice(SKILLS))
            )
        elif choice < 0.3:
            self.send(one.id, AgentWrote(self.now, agent, agent, "Let me see."))

    def agents_come_and_go(self) -> None:
        for agent, member in self.team.items():
            if member.presence is Presence.ONLINE and self.perhaps(0.003):
                self.team[agent] = replace(member, presence=self.chance.choice(list(Presence)))
            elif member.presence is not Presence.ONLINE and self.perhaps(0.05):
                self.team[agent] = replace(member, presence=Presence.ONLINE)
            if self.team[agent].presence is Presence.OFFLINE and self.perhaps(0.2):
                for one in self.those(State.AGENT):
                    if one.agent_id == agent:
                        self.send(one.id, AgentLost(self.now, one.epoch, agent))

    def plan(self) -> None:
        waiting = self.those(State.QUEUED, State.OFFERED)
        for one in due(waiting, RULES, self.now, staffed=True):
            assert self.send(one.conversation_id, one.event)
        members = self.members()
        before = {one.id: one for one in self.those(State.QUEUED)}
        offered = offers(before.values(), members, RULES, self.now)
        for one in offered:
            assert self.send(one.conversation_id, one.event)
        self.check_order(before, {one.conversation_id: one.event.agent_id for one in offered})

    def check_order(self, before: dict[str, Conversation], offered: dict[str, str]) -> None:
        """Nobody is asked for a conversation while one like it, that they could take too, waits longer."""
        left = [one for name, one in before.items() if name not in offered]
        for name, agent in offered.items():
            taken = before[name]
            for other in left:
                alike = (other.skill, other.priority) == (taken.skill, taken.priority)
                free = not (other.wanted_agent_id or taken.wanted_agent_id or agent in other.declined)
                assert not (alike and free and rank(other) < rank(taken)), (other, taken)

    def check(self) -> None:
        # Taking back what one let go of a moment ago is the one thing that capacity does not stand against.
        claimed = [one for one in self.those(State.OFFERED, State.AGENT) if one.id not in self.taken_back]
        for agent, load in Counter(one.agent_id for one in claimed).items():
            assert load <= self.team[agent or ""].capacity
        for one in self.those(*LIVE):
            assert (one.agent_id is not None) == (one.state is not State.QUEUED)
            if one.state is State.QUEUED:
                assert self.now - (one.queued_at or 0) < RULES.longest_wait
            if one.state is State.OFFERED:
                assert self.now < (one.offer_until or 0)

    def tick(self, *, arrivals: float) -> None:
        self.now += TICK
        while len(self.conversations) < CUSTOMERS and self.perhaps(arrivals):
            self.customer_comes()
        self.customers_act()
        self.agents_act()
        self.agents_come_and_go()
        self.plan()
        self.check()


def test_a_day_of_fifty_agents_and_two_thousand_customers():
    day = Day(seed=20261121)
    while len(day.conversations) < CUSTOMERS:
        day.tick(arrivals=0.87)
    ticks = 0
    while day.live:
        day.tick(arrivals=0)
        ticks += 1
        assert ticks < 1000, "somebody is still waiting, or still in a conversation"
    ended = Counter(one.state for one in day.conversations.values())
    assert sum(ended.values()) == CUSTOMERS
    assert set(ended) <= {State.RESOLVED, State.BOT, State.DEFERRED}
    assert all(one.owner is not Owner.AGENT for one in day.conversations.values())
    # The day was a real one: everything that can happen did.
    for what in "Offered OfferLapsed Declined Accepted Transferred AgentLost Deferred Aged Undone".split():
        assert day.counted[what] >= 5, day.counted
    assert day.counted["refused full"] >= 5
    assert ended[State.RESOLVED] > CUSTOMERS / 2
