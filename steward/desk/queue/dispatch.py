"""The desk's clockwork: offers, and everything that happens because time has passed.

All deadlines are columns in the database and the plan is made from them alone (`routing.py`), so that a
desk that was down carries out at its start what came due meanwhile. Several desks on one database make
the same plan; the conversation's epoch lets one of them carry it out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

import msgspec

from steward.desk import shapes
from steward.desk.accounts.audit import Entry
from steward.desk.accounts.permissions import Permission, may
from steward.desk.bus import DESK, Bus, agent_topic
from steward.desk.conversation import AgentLost, Conversation, Deferred, Duty, Offered, Outcome, State
from steward.desk.queue.presence import BEAT_SECONDS, Presence
from steward.desk.queue.routing import Member, Rules, Step, due, needed_skills, next_due, offers
from steward.desk.store import Agent, Claim, Store, StoreUnavailable
from steward.errors import ConversationError

_LOG = logging.getLogger("steward.desk.queue.dispatch")
_RULES = "queue"
_SETTLE_SECONDS = 0.02
_OTHER_SYSTEM = 10_000
_GONE = {
    State.QUEUED: "lapsed",
    State.AGENT: "taken",
    State.BOT: "cancelled",
    State.DEFERRED: "deferred",
    State.RESOLVED: "ended",
}
_ANSWERED_BY_PEOPLE = (State.QUEUED, State.OFFERED, State.AGENT)


class Opening(Protocol):
    """When people are there at all."""

    def is_open(self, at: int) -> bool:
        """Whether customers may be kept waiting for a person, nobody being there yet."""

    def promised(self, at: int) -> tuple[int | None, str]:
        """When a customer who is put off hears from a person at the latest, as a time and in words."""


class AlwaysOpen:
    """A shop without hours: who asks for a person waits for one."""

    def is_open(self, at: int) -> bool:
        """Always."""
        return True

    def promised(self, at: int) -> tuple[int | None, str]:
        """Nothing is known of it."""
        return None, ""


class Dispatch:
    """Carries out the plan, again whenever something changed (`wake`) or comes due.

    `commit` stores and announces an event, given a claim on the agent's room where there is one; it raises
    ConversationError when the conversation or the agent's capacity refuses. `card` is how a conversation
    is shown to agents.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        commit: Callable[..., Awaitable[object]],
        card: Callable[[Conversation], dict[str, Any]],
        now: Callable[[], int],
        opening: Opening | None = None,
    ) -> None:
        self.rules = Rules()
        self.presence = Presence(lambda: self.rules, now)
        self.opening: Opening = opening or AlwaysOpen()
        self.team: tuple[Member, ...] = ()
        self._store = store
        self._bus = bus
        self._commit = commit
        self._card = card
        self._now = now
        self._agents: dict[str, Agent] = {}
        self._told: object = None
        self._beaten_at = 0
        self._looking = asyncio.Lock()
        self._woken = asyncio.Event()

    async def open(self) -> None:
        """Read the rules and the team."""
        stored = await self._store.settings.read(_RULES)
        if stored is not None:
            self.rules = msgspec.convert(stored, Rules)
        await self.look()

    def wake(self) -> None:
        """Something changed: the queue, the team, somebody's presence."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                pause = await self.round()
            except StoreUnavailable as error:
                _LOG.error("%s Offers and deadlines are looked at again soon.", error)
                pause = 1.0
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            await asyncio.sleep(_SETTLE_SECONDS)
            self._woken.clear()

    def follow(self, outcome: Outcome) -> None:
        """Tell the agent who is asked, or no longer asked, and look at the queue again."""
        before, after = outcome.before, outcome.after
        if outcome.owner_changed or outcome.queue_changed:
            self.wake()
        if before.agent_id and before.state is State.OFFERED and after.agent_id != before.agent_id:
            gone = {"type": "offer_gone", "conversation_id": after.id, "why": _GONE[after.state]}
            self._bus.publish(agent_topic(before.agent_id), shapes.encode(gone))
        if after.agent_id and after.state is State.OFFERED and before.state is not State.OFFERED:
            self._bus.publish(agent_topic(after.agent_id), shapes.encode(self.offer_frame(self._card(after))))

    @staticmethod
    def offer_frame(card: dict[str, Any]) -> dict[str, Any]:
        """What tells an agent that a conversation is offered to them."""
        return {"type": "offer", "conversation": card, "until": card["offered"]["until"]}

    def first_response_due(self, conversation: Conversation) -> int | None:
        """When a customer who came to the people is to have a first answer; None once they have it."""
        waits = conversation.state in _ANSWERED_BY_PEOPLE and conversation.first_answer_at is None
        if not waits or conversation.handed_at is None:
            return None
        return conversation.handed_at + self.rules.first_response_seconds * 1000

    async def round(self) -> float:
        """Carry out what is due now; the seconds until something comes due by time alone."""
        # Who owns something is read before who is there: whoever comes in between is not taken for lost.
        owners = await self._store.lists.owned_counts()
        await self.look()
        done = await self._carry_out(await self._losses(owners))
        now = self._now()
        waiting = await self._store.lists.all_waiting()
        done += await self._carry_out(self._put_off(due(waiting, self.rules, now, staffed=self.staffed())))
        if done:
            waiting = await self._store.lists.all_waiting()
            await self.look()
        done += await self._carry_out(offers(waiting, self.team, self.rules, now))
        if done:
            await self.look()
        self._tell_team()
        moments = [next_due(waiting, self.rules, now), self.presence.next_change(), now + BEAT_SECONDS * 1000]
        return max(0.0, (min(filter(None, moments)) - self._now()) / 1000)

    async def look(self) -> None:
        """See who is there now."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        everybody = self._now() - self._beaten_at >= BEAT_SECONDS * 1000
        seen = self.presence.beat(everybody=everybody)
        if everybody:
            self._beaten_at = self._now()
        if seen:
            await self._store.presence.keep(seen)
        stored = await self._store.presence.all()
        self.presence.learn(stored)
        agents = await self._store.agents.all()
        loads = await self._store.lists.loads()
        self._agents = {agent.id: agent for agent in agents}
        self.team = tuple(
            Member(
                id=agent.id,
                name=agent.name,
                role=agent.role,
                presence=self.presence.state(agent.id),
                skills=frozenset(agent.skills),
                capacity=self.capacity(agent),
                load=loads.get(agent.id, 0),
                worked_at=stored[agent.id].worked_at if agent.id in stored else 0,
            )
            for agent in agents
            if agent.active and may(agent.role, Permission.ANSWER)
        )

    async def change(self, rules: Rules, entry: Entry) -> None:
        """Run the queue by other rules from now on; `entry` is for the audit log."""
        await self._store.settings.write(_RULES, msgspec.to_builtins(rules), entry)
        self.rules = rules
        self.wake()

    def capacity(self, agent: Agent) -> int:
        """How many conversations the agent may have at a time.

        Another system has people of its own: it is bounded only where somebody has set a bound for it.
        """
        if agent.capacity is not None:
            return agent.capacity
        return _OTHER_SYSTEM if agent.kind == "desk" else self.rules.capacity

    def claim(self, agent: Agent, *, free_choice: bool = False) -> Claim:
        """What the agent needs to take a conversation; leads who choose one for themselves may have more."""
        unbounded = free_choice and may(agent.role, Permission.LEAD)
        return Claim(agent.id, agent.name, None if unbounded else self.capacity(agent))

    def staffed(self) -> bool:
        """Whether a customer who asks for a person now may be kept waiting for one."""
        return self.presence.count() > 0 or self.opening.is_open(self._now())

    def duty(self) -> Duty:
        """How the desk stands, for the state machine."""
        staffed = self.staffed()
        due_at, when = (None, "") if staffed else self.opening.promised(self._now())
        return Duty(staffed, needed_skills(self.rules, self.team), due_at, when)

    async def member(self, agent_id: str) -> Member | None:
        """The colleague, if conversations can be passed to them."""
        await self.look()
        return next((member for member in self.team if member.id == agent_id), None)

    async def knows(self, skill: str) -> bool:
        """Whether anybody has the skill."""
        await self.look()
        return any(skill in member.skills for member in self.team)

    async def _losses(self, owners: Iterable[str]) -> list[Step]:
        """The conversations of agents who are gone, or who may no longer answer."""
        answering = {member.id for member in self.team} - self.presence.lost()
        now, duty = self._now(), self.duty()
        return [
            Step(one.id, AgentLost(now, one.epoch, agent_id, duty))
            for agent_id in sorted(set(owners) - answering)
            for one in await self._store.lists.mine(agent_id)
        ]

    def _put_off(self, steps: Iterable[Step]) -> list[Step]:
        """The same steps; those who are put off are told until when."""
        due_at, when = self.opening.promised(self._now())
        return [
            replace(step, event=replace(step.event, due_at=due_at, when=when))
            if isinstance(step.event, Deferred)
            else step
            for step in steps
        ]

    async def _carry_out(self, steps: Iterable[Step]) -> int:
        """Let each conversation decide on its step; the number that did it."""
        done = 0
        for step in steps:
            claim = None
            if isinstance(step.event, Offered):
                claim = self.claim(self._agents[step.event.agent_id])
            try:
                await self._commit(step.conversation_id, step.event, claim=claim)
            except ConversationError as refusal:
                _LOG.debug("%s refused %s: %s", step.conversation_id, step.event, refusal)
            else:
                done += 1
        return done

    def team_shape(self) -> list[dict[str, Any]]:
        """The team as agents see one another."""
        return [shapes.member_shape(member) for member in sorted(self.team, key=lambda one: one.name)]

    def _tell_team(self) -> None:
        shape = self.team_shape()
        if shape != self._told and self._bus.heard(DESK):
            self._told = shape
            self._bus.publish(DESK, shapes.encode({"type": "presence", "agents": shape}))
