"""Whatever events arrive in whatever order: one owner, epochs only grow, seq has no holes."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from steward.desk.conversation import (
    Accepted,
    AgentWrote,
    BotFailed,
    BotReplied,
    Cancelled,
    Conversation,
    CustomerWrote,
    Deferred,
    Draft,
    Ended,
    Handoff,
    HandoffAsked,
    Offered,
    OfferLapsed,
    Outcome,
    Owner,
    Resolved,
    Returned,
    State,
    TookOver,
    step,
)
from steward.errors import ConversationError

AGENTS = st.sampled_from(["alex", "sam", "kim"])
LAG = st.integers(min_value=-1, max_value=2)
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

    @rule(lag=LAG, which=st.integers(0, 3), asks=st.sampled_from([None, "safety", "complaint"]))
    def bot_replies(self, lag: int, which: int, asks: str | None) -> None:
        before = self.conversation
        reply_to = before.customer_seq - which
        handoff = Handoff(asks) if asks else None
        event = BotReplied(self.tick(), before.epoch - lag, reply_to, (Draft("bot", "Hi"),), handoff)
        if self.send(event):
            assert before.owner is Owner.BOT and lag == 0
            assert reply_to not in self.answered
            self.answered.append(reply_to)

    @rule(lag=LAG)
    def bot_fails(self, lag: int) -> None:
        before = self.conversation
        if self.send(BotFailed(self.tick(), before.epoch - lag, before.customer_seq)):
            assert before.owner is Owner.BOT and lag == 0
            assert self.conversation.state is State.QUEUED

    @rule()
    def customer_asks_for_a_person(self) -> None:
        self.send(HandoffAsked(self.tick(), WINDOW))

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

    @rule(agent=AGENTS, lag=LAG)
    def offered(self, agent: str, lag: int) -> None:
        self.send(Offered(self.tick(), self.conversation.epoch - lag, agent))

    @rule(lag=LAG, kind=st.sampled_from([OfferLapsed, Deferred]))
    def not_accepted(self, lag: int, kind) -> None:
        self.send(kind(self.tick(), self.conversation.epoch - lag))

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
