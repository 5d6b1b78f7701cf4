"""Two want the same at the same time: exactly one gets it, on every database."""

from __future__ import annotations

import asyncio

import pytest

from steward.clock import now
from steward.desk.conversation import (
    Conversation,
    Offered,
    OfferLapsed,
    Outcome,
    Transferred,
    step,
)
from steward.errors import ConversationError
from tests.integration.desk_kit import Agent, Bench, Customer

ROUNDS = 5


def codes(*responses) -> list[str]:
    return [r.json().get("error", {}).get("code", "") for r in responses]


async def state(bench: Bench, customer: Customer) -> Conversation:
    return await bench.server.desk.store.conversations.get(customer.id)


async def offered(bench: Bench, agent: Agent) -> tuple[Customer, OfferLapsed]:
    """A conversation that is offered, and the end of the offer, which the desk itself does not reach yet."""
    customer = await bench.queued()
    epoch, until = (await state(bench, customer)).epoch, now() + 600_000
    await bench.server.desk.commit(customer.id, Offered(now(), epoch, agent.id, until))
    return customer, OfferLapsed(until, epoch, agent.id)


async def test_accepting_against_the_customer_who_cancels(bench: Bench):
    agent = await bench.agent()
    for _ in range(ROUNDS):
        customer = await bench.queued()
        epoch = (await state(bench, customer)).epoch
        accepted, cancelled = await asyncio.gather(
            agent.act(customer, "accept", epoch), customer.post("cancel")
        )
        # Cancelling always works; accepting does when it came first.
        assert cancelled.status_code == 200
        assert codes(accepted) in ([""], ["stale"])
        after = await state(bench, customer)
        assert (after.state.value, after.agent_id) == ("bot", None)
        assert after.epoch == epoch + (2 if accepted.status_code == 200 else 1)


async def test_accepting_against_the_end_of_the_offer(bench: Bench):
    agent = await bench.agent()
    for _ in range(ROUNDS):
        customer, end = await offered(bench, agent)
        lapse = bench.server.desk.commit(customer.id, end)
        accepted, lapsed = await asyncio.gather(
            agent.act(customer, "accept", end.epoch), lapse, return_exceptions=True
        )
        after = await state(bench, customer)
        # The agent gets it either way: in time, or as the first who wants it after that.
        assert accepted.status_code == 200
        assert (after.state.value, after.agent_id) == ("agent", agent.id)
        assert not isinstance(lapsed, Exception) or "moved on" in str(lapsed)
        await agent.act(customer, "resolve")


async def test_two_desks_end_an_offer_once(bench: Bench):
    agent = await bench.agent()
    customer, end = await offered(bench, agent)
    done = await asyncio.gather(
        *(bench.server.desk.commit(customer.id, end) for _ in range(4)), return_exceptions=True
    )
    assert sorted(isinstance(one, ConversationError) for one in done) == [False, True, True, True]


async def test_two_desks_offer_a_conversation_once(bench: Bench):
    agents = [await bench.agent() for _ in range(4)]
    customer = await bench.queued()
    epoch = (await state(bench, customer)).epoch
    events = [Offered(now(), epoch, agent.id, now() + 60_000) for agent in agents]
    done = await asyncio.gather(
        *(bench.server.desk.commit(customer.id, event) for event in events), return_exceptions=True
    )
    assert sum(not isinstance(one, ConversationError) for one in done) == 1
    assert (await state(bench, customer)).agent_id in {agent.id for agent in agents}


async def test_an_agent_who_accepts_much_at_once_gets_no_more_than_their_capacity(bench: Bench):
    agent = await bench.agent(capacity=2)
    customers = [await bench.queued() for _ in range(6)]
    epochs = [(await state(bench, customer)).epoch for customer in customers]
    responses = await asyncio.gather(
        *(agent.act(one, "accept", epoch) for one, epoch in zip(customers, epochs, strict=True))
    )
    assert sorted(codes(*responses)) == ["", "", "full", "full", "full", "full"]
    owned = [(await state(bench, customer)).agent_id for customer in customers]
    assert owned.count(agent.id) == 2
    assert owned.count(None) == 4


async def test_an_offer_and_an_accept_together_do_not_exceed_capacity(bench: Bench):
    agent = await bench.agent(capacity=1)
    for _ in range(ROUNDS):
        one, other = await bench.queued(), await bench.queued()
        desk = bench.server.desk
        stored = next(a for a in await desk.store.agents.all() if a.id == agent.id)
        offer = Offered(now(), (await state(bench, other)).epoch, agent.id, now() + 60_000)
        done = await asyncio.gather(
            agent.act(one, "accept", (await state(bench, one)).epoch),
            desk.commit(other.id, offer, claim=desk.dispatch.claim(stored)),
            return_exceptions=True,
        )
        got_one = done[0].status_code == 200
        got_other = not isinstance(done[1], ConversationError)
        assert got_one != got_other
        for customer in (one, other):
            await customer.post("end")


async def test_a_transfer_against_a_message_from_the_customer_keeps_both(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    for _ in range(ROUNDS):
        customer = await bench.queued()
        await robin.act(customer, "accept")
        before = await state(bench, customer)
        transferred, _ = await asyncio.gather(
            robin.act(customer, "transfer", before.epoch, agent=kim.id, note="See above."),
            customer.say("One more thing"),
        )
        assert transferred.status_code == 200
        after = await state(bench, customer)
        assert (after.state.value, after.epoch, after.seq) == ("queued", before.epoch + 1, before.seq + 2)
        assert after.answered_seq == after.customer_seq
        await customer.post("end")


async def test_a_transfer_that_cannot_be_stored_in_full_is_not_stored_at_all(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await bench.queued()
    await robin.act(customer, "accept")
    before = await state(bench, customer)
    event = Transferred(now(), before.epoch, robin.id, "Robin", kim.id, "Kim")

    def passed_on(conversation: Conversation) -> Outcome:
        return step(conversation, event)

    async def fails(_connection) -> None:
        raise RuntimeError("the note cannot be stored")

    with pytest.raises(RuntimeError):
        await bench.server.desk.store.conversations.apply(customer.id, passed_on, also=[fails])
    assert await state(bench, customer) == before
    assert (await customer.read())["seq"] == before.seq


async def test_an_undo_against_the_colleague_who_accepts(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    for _ in range(ROUNDS):
        customer = await bench.queued()
        await robin.act(customer, "accept")
        passed = (await robin.act(customer, "transfer", agent=kim.id)).json()["conversation"]
        undone, accepted = await asyncio.gather(
            robin.act(customer, "undo", passed["epoch"]), kim.act(customer, "accept", passed["epoch"])
        )
        assert sorted([undone.status_code, accepted.status_code]) == [200, 409]
        assert "taken" in codes(undone, accepted)
        winner = robin if undone.status_code == 200 else kim
        assert (await state(bench, customer)).agent_id == winner.id
        await customer.post("end")


async def test_many_customers_and_agents_at_once_leave_everything_in_order(bench: Bench):
    agents = [await bench.agent(f"Agent {n}", capacity=3) for n in range(4)]
    customers = [await bench.queued() for _ in range(8)]

    async def struggle(agent: Agent, customer: Customer) -> None:
        epoch = (await state(bench, customer)).epoch
        if (await agent.act(customer, "accept", epoch)).status_code == 200:
            await agent.say(customer, "Hello")
            await agent.act(customer, "return", epoch + 1)
            await customer.post("handoff")

    await asyncio.gather(*(struggle(agent, customer) for agent in agents for customer in customers))
    for customer in customers:
        view = await customer.read()
        assert [message["seq"] for message in view["messages"]] == list(range(1, view["seq"] + 1))
        recorded = await bench.server.desk.store.events.recorded(customer.id)
        epochs = [one["epoch"] for one in recorded if one["kind"] == "owner"]
        assert epochs == list(range(1, view["epoch"] + 1))
