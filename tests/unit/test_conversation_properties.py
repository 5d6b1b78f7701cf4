"""Whatever events arrive in whatever order: one owner, epochs only grow, seq has no holes."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from steward.desk.conversation import (
    Accepted,
    Aged,
    AgentLost,
    AgentWrote,
    BotFailed,
    BotReplied,
    Cancelled,
    Conversation,
    CustomerWrote,
    Declined,
    Deferred,
    Draft,
    Duty,
    Ended,
    Handoff,
    HandoffAsked,
    Held,
    Offered,
    OfferLapsed,
    Outcome,
    Owner,
    Reopened,
    Resolved,
    Returned,
    State,
    TookOver,
    Transferred,
    Undone,
    step,
)
from steward.errors import ConversationError

AGENTS = st.sampled_from(["alex", "sam", "kim"])
LAG = st.integers(min_value=-1, max_value=2)
DUTY = st.builds(Duty, st.booleans(), st.just({"price": "sales", "safety": "gas"}))
WINDOW = 100


class AnyOrder(RuleBasedStateMachine):
    """Sends every event at any time, many of them under an epoch that has passed."""

    @initialize()
    def begin(self) -> None:
        self.conversation = Conversation("c")
        self.seqs: list[int] = []
        self.answered: list[int] = []
        self.now = 0

    def send(self, event) -> Outcome | None:
        before = self.conversation
        try:
            outcome = step(before, event)
        except ConversationError:
            return None
        assert outcome.before == before
        self.conversation = outcome.after
        self.seqs += [message.seq for message in outcome.messages]
        self.check_epoch(outcome)
        return outcome

    def check_epoch(self, outcome: Outcome) -> None:
        before, after = outcome.before, outcome.after
        assert after.epoch in (before.epoch, before.epoch + 1)
        same_owner = before.owner is after.owner and not (
            before.state is after.state is State.AGENT and before.agent_id != after.agent_id
        )
        assert (after.epoch == before.epoch) == same_owner

    def tick(self) -> int:
        self.now += 1
        return self.now

    @rule(online=st.booleans(), pause=st.integers(0, 2 * WINDOW))
    def customer_writes(self, online: bool, pause: int) -> None:
        self.now += pause
        outcome = self.send(CustomerWrote(self.tick(), "Hello", None, WINDOW, online))
        if outcome:
            assert outcome.ask_bot == (outcome.after.owner is Owner.BOT)

    @rule(lag=LAG, which=st.integers(0, 3), asks=st.sampled_from([None, "safety", "complaint"]), duty=DUTY)
    def bot_replies(self, lag: int, which: int, asks: str | None, duty: Duty) -> None:
        before = self.conversation
        reply_to = before.customer_seq - which
        handoff = Handoff(asks) if asks else None
        epoch = before.epoch - lag
        event = BotReplied(self.tick(), epoch, reply_to, (Draft("bot", "Hi"),), handoff, duty)
        if self.send(event):
            assert before.owner is Owner.BOT and lag == 0
            assert reply_to not in self.answered
            self.answered.append(reply_to)

    @rule(lag=LAG, duty=DUTY)
    def bot_fails(self, lag: int, duty: Duty) -> None:
        before = self.conversation
        if self.send(BotFailed(self.tick(), before.epoch - lag, before.customer_seq, duty)):
            assert before.owner is Owner.BOT and lag == 0
            assert self.conversation.state is (State.QUEUED if duty.staffed else State.DEFERRED)

    @rule(duty=DUTY)
    def customer_asks_for_a_person(self, duty: Duty) -> None:
        self.send(HandoffAsked(self.tick(), WINDOW, duty))

    @rule()
    def customer_cancels(self) -> None:
        self.send(Cancelled(self.tick()))

    @rule()
    def customer_ends(self) -> None:
        assert self.send(Ended(self.tick()))

    @rule(agent=AGENTS, lag=LAG)
    def agent_accepts(self, agent: str, lag: int) -> None:
        before = self.conversation
        outcome = self.send(Accepted(self.tick(), before.epoch - lag, agent, agent))
        if outcome and outcome.changed:
            assert before.owner is Owner.QUEUE and lag == 0
            assert self.conversation.agent_id == agent

    @rule(agent=AGENTS, lag=LAG)
    def agent_takes_over(self, agent: str, lag: int) -> None:
        before = self.conversation
        outcome = self.send(TookOver(self.tick(), before.epoch - lag, agent, agent))
        if outcome and outcome.changed:
            assert before.owner is not Owner.AGENT and lag == 0

    @rule(agent=AGENTS)
    def agent_writes(self, agent: str) -> None:
        before = self.conversation
        if self.send(AgentWrote(self.tick(), agent, agent, "Hello")):
            assert before.state is State.AGENT and before.agent_id == agent

    @rule(agent=AGENTS, lag=LAG, kind=st.sampled_from([Returned, Resolved]))
    def agent_lets_go(self, agent: str, lag: int, kind) -> None:
        before = self.conversation
        if self.send(kind(self.tick(), before.epoch - lag, agent)):
            assert before.agent_id == agent and lag == 0

    @rule(agent=AGENTS, to=AGENTS, lag=LAG, skill=st.booleans())
    def agent_passes_on(self, agent: str, to: str, lag: int, skill: bool) -> None:
        before = self.conversation
        whom = {"skill": "gas"} if skill else {"to_agent_id": to, "to_agent": to}
        if self.send(Transferred(self.tick(), before.epoch - lag, agent, agent, **whom)):
            assert before.agent_id == agent and lag == 0
            assert self.conversation.state is State.QUEUED

    @rule(agent=AGENTS, lag=LAG, held=st.booleans())
    def agent_holds(self, agent: str, lag: int, held: bool) -> None:
        before = self.conversation
        if self.send(Held(self.tick(), before.epoch - lag, agent, agent, held)):
            assert before.agent_id == agent and lag == 0

    @rule(agent=AGENTS, lag=LAG)
    def agent_reopens(self, agent: str, lag: int) -> None:
        before = self.conversation
        outcome = self.send(Reopened(self.tick(), before.epoch - lag, agent, agent))
        if outcome and outcome.changed:
            assert before.state is State.RESOLVED and lag == 0

    @rule(agent=AGENTS, lag=LAG)
    def agent_takes_back(self, agent: str, lag: int) -> None:
        before = self.conversation
        outcome = self.send(Undone(self.tick(), before.epoch - lag, agent, agent))
        if outcome and outcome.changed:
            assert before.released_by == agent and lag == 0
            assert self.seqs[-2] == before.released_seq

    @rule(agent=AGENTS, lag=LAG, duty=DUTY)
    def agent_is_lost(self, agent: str, lag: int, duty: Duty) -> None:
        before = self.conversation
        if self.send(AgentLost(self.tick(), before.epoch - lag, agent, duty)):
            assert before.agent_id == agent and lag == 0

    @rule(agent=AGENTS, lag=LAG, stands=st.integers(0, 3))
    def offered(self, agent: str, lag: int, stands: int) -> None:
        at = self.tick()
        self.send(Offered(at, self.conversation.epoch - lag, agent, at + stands))

    @rule(agent=AGENTS, lag=LAG, kind=st.sampled_from([OfferLapsed, Declined]))
    def not_accepted(self, agent: str, lag: int, kind) -> None:
        before = self.conversation
        if self.send(kind(self.tick(), before.epoch - lag, agent)):
            assert (before.state, before.agent_id, lag) == (State.OFFERED, agent, 0)
            assert kind is Declined or self.now >= (before.offer_until or 0)

    @rule(lag=LAG, kind=st.sampled_from([Aged, Deferred]))
    def waited_long(self, lag: int, kind) -> None:
        before = self.conversation
        if self.send(kind(self.tick(), before.epoch - lag)):
            assert before.waiting and lag == 0

    @invariant()
    def messages_are_numbered_without_holes(self) -> None:
        assert self.seqs == list(range(1, len(self.seqs) + 1))
        assert self.conversation.seq == len(self.seqs)

    @invariant()
    def there_is_one_owner(self) -> None:
        now = self.conversation
        assert (now.agent_id is not None) == (now.state in (State.AGENT, State.OFFERED))
        assert (now.queued_at is not None) == (now.owner is Owner.QUEUE)
        assert (now.resolved_at is not None) == (now.owner is Owner.NOBODY)
        assert (now.offer_until is not None) == (now.state is State.OFFERED)
        assert not now.held or now.state is State.AGENT
        assert now.owner is Owner.QUEUE or not (now.wanted_agent_id or now.declined)
        if now.owner in (Owner.QUEUE, Owner.AGENT):
            assert now.reason is not None

    @invariant()
    def nothing_is_owed_but_by_the_bot(self) -> None:
        now = self.conversation
        assert now.answered_seq <= now.customer_seq <= now.seq
        if now.owner is not Owner.BOT:
            assert now.answered_seq == now.customer_seq


AnyOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
