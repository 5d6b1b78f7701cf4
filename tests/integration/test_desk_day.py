"""A day at the desk on the real database, with a clock that runs as the test says."""

from __future__ import annotations

import random
from collections import Counter

from steward.desk.bus import Bus
from steward.desk.conversation import (
    Accepted,
    AgentWrote,
    Cancelled,
    Conversation,
    Declined,
    Duty,
    Event,
    HandoffAsked,
    Resolved,
    State,
    Transferred,
    step,
)
from steward.desk.queue.dispatch import Dispatch
from steward.desk.queue.routing import Rules
from steward.desk.store import Agent, Claim, Committed, Origin, Store
from steward.errors import ConversationError
from tests.integration.desk_kit import ON_SQLITE

pytestmark = ON_SQLITE

SECOND, MINUTE = 1000, 60_000
TICK = 15 * SECOND
CUSTOMERS = 120
RULES = Rules(routing="offer", longest_wait_minutes=2, lost_minutes=2, grace_seconds=20)


class Day:
    """A store and a dispatcher; agents and customers who do something at every tick."""

    def __init__(self, store: Store, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 1_000 * MINUTE
        self.store = store
        self.dispatch = Dispatch(
            store, Bus(), self.commit, lambda one: {"offered": {"until": None}}, self.clock
        )
        self.dispatch.rules = RULES
        self.agents = {f"agent-{n}": self.chance.choice([1, 2, 3]) for n in range(6)}
        self.came = 0
        self.counted: Counter[str] = Counter()

    def clock(self) -> int:
        return self.now

    def perhaps(self, probability: float) -> bool:
        return self.chance.random() < probability

    async def open(self) -> None:
        for name, capacity in self.agents.items():
            skills = ("gas",) if self.perhaps(0.4) else ()
            agent = Agent(name, f"{name}@example.org", name, "agent", skills, capacity)
            await self.store.agents.add(agent, "no password", self.now)
            self.dispatch.presence.arrive(name, name)

    async def commit(self, conversation_id: str, event: Event, *, claim: Claim | None = None) -> Committed:
        committed = await self.store.conversations.apply(
            conversation_id,
            lambda conversation: step(conversation, event).worded(lambda name, **values: name),
            claim=claim,
        )
        self.counted[type(event).__name__] += 1
        self.dispatch.follow(committed.outcome)
        return committed

    async def tries(self, conversation_id: str, event: Event, claim: Claim | None = None) -> None:
        try:
            await self.commit(conversation_id, event, claim=claim)
        except ConversationError as refusal:
            self.counted[f"refused {refusal.code}"] += 1

    async def customer_comes(self) -> None:
        self.came += 1
        name = f"customer-{self.came:03}"
        conversation = Conversation(name, topic=self.chance.choice([None, "gas"]), created_at=self.now)
        await self.store.conversations.create(conversation, "0" * 64, Origin(None, None, None))
        await self.commit(name, HandoffAsked(self.now, duty=Duty(skills={"gas": "gas"})))

    async def waiting_acts(self) -> None:
        for one in await self.store.lists.all_waiting():
            asked = one.agent_id or ""
            if self.perhaps(0.02):
                await self.tries(one.id, Cancelled(self.now))
            elif one.state is State.OFFERED and self.perhaps(0.6):
                await self.tries(one.id, Accepted(self.now, one.epoch, asked, asked), self.claim(asked))
            elif one.state is State.OFFERED and self.perhaps(0.3):
                await self.tries(one.id, Declined(self.now, one.epoch, asked))
            elif self.perhaps(0.05):
                eager = self.chance.choice(list(self.agents))
                await self.tries(one.id, Accepted(self.now, one.epoch, eager, eager), self.claim(eager))

    def claim(self, agent: str) -> Claim:
        return Claim(agent, agent, self.agents[agent])

    async def agents_act(self) -> None:
        for agent in self.agents:
            if not self.dispatch.presence.online(agent):
                continue
            for one in await self.store.lists.mine(agent):
                await self.works_on(one, agent)

    async def works_on(self, one: Conversation, agent: str) -> None:
        choice = self.chance.random()
        if choice < 0.15:
            await self.tries(one.id, Resolved(self.now, one.epoch, agent, "answered"))
        elif choice < 0.2:
            to = self.chance.choice(list(self.agents))
            await self.tries(one.id, Transferred(self.now, one.epoch, agent, agent, to, to))
        elif choice < 0.6:
            await self.tries(one.id, AgentWrote(self.now, agent, agent, "Let me see."))

    def agents_come_and_go(self) -> None:
        for agent in self.agents:
            connected = self.dispatch.presence.online(agent)
            if connected and self.perhaps(0.01):
                self.dispatch.presence.leave(agent)
            elif not connected and self.perhaps(0.05):
                self.dispatch.presence.arrive(agent, agent)

    async def tick(self, *, arrivals: float) -> None:
        self.now += TICK
        while self.came < CUSTOMERS and self.perhaps(arrivals):
            await self.customer_comes()
        await self.waiting_acts()
        await self.agents_act()
        self.agents_come_and_go()
        await self.dispatch.round()
        await self.check()

    async def check(self) -> None:
        for agent, load in (await self.store.lists.loads()).items():
            assert load <= self.agents[agent]
        for one in await self.store.lists.all_waiting():
            assert one.state is State.OFFERED or self.now - (one.queued_at or 0) < RULES.longest_wait
            assert one.state is State.QUEUED or self.now < (one.offer_until or 0)

    async def is_over(self) -> bool:
        return self.came == CUSTOMERS and not await self.store.lists.loads() and not await self.waiting()

    async def waiting(self) -> int:
        return len(await self.store.lists.all_waiting())


async def test_nobody_is_forgotten_and_nobody_has_too_much_on_the_real_database(database_url):
    store = Store(database_url)
    await store.open()
    day = Day(store, seed=4)
    await day.open()
    ticks = 0
    while not await day.is_over():
        await day.tick(arrivals=0.8)
        ticks += 1
        assert ticks < 1000, "somebody is still waiting, or still in a conversation"
    ended: Counter[str] = Counter()
    for number in range(1, CUSTOMERS + 1):
        conversation, messages = await store.conversations.snapshot(f"customer-{number:03}")
        ended[conversation.state.value] += 1
        assert [item.message.seq for item in messages] == list(range(1, conversation.seq + 1))
        recorded = await store.events.recorded(conversation.id)
        epochs = [one["epoch"] for one in recorded if one["kind"] == "owner"]
        assert epochs == list(range(1, conversation.epoch + 1))
    assert set(ended) == {"resolved", "bot", "deferred"}, day.counted
    for what in "Offered OfferLapsed Declined Accepted Transferred AgentLost Deferred Aged".split():
        assert day.counted[what], day.counted
    assert day.counted["refused full"], day.counted
    await store.close()
