"""Offers, presence, capacity and the clockwork behind them, over HTTP and sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from steward.clock import now
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer, Socket, until

pytestmark = ON_SQLITE

DEFAULTS = {
    "routing": "manual",
    "offer_seconds": 30,
    "capacity": 5,
    "longest_wait_minutes": 15,
    "grace_seconds": 30,
    "lost_minutes": 5,
    "first_response_seconds": 120,
    "warn_seconds": 30,
    "skills": {},
}


@pytest.fixture
async def at_the_desk():
    """Opens agents' sockets for the length of a test."""
    async with AsyncExitStack() as sockets:

        async def sit_down(agent: Agent) -> Socket:
            socket = await sockets.enter_async_context(agent.socket())
            await socket.next("presence")
            return socket

        yield sit_down


async def state(bench: Bench, customer: Customer):
    return await bench.server.desk.store.conversations.get(customer.id)


async def becomes(bench: Bench, customer: Customer, what: str, seconds: float = 5):
    """The conversation, as soon as it has that state."""
    deadline = now() + seconds * 1000
    while (conversation := await state(bench, customer)).state.value != what:
        assert now() < deadline, f"{conversation.state} did not become {what}"
        await asyncio.sleep(0.01)
    return conversation


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def team(agent: Agent) -> dict[str, dict]:
    found = (await agent.call("GET", "team")).json()
    return {member["name"]: member for member in found["agents"]}


# Offers


async def test_a_conversation_is_offered_to_who_has_been_idle_longest_and_accepted(bench: Bench, at_the_desk):
    bench.rules(routing="offer")
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    await at_the_desk(robin)
    first = await bench.queued()
    assert (await becomes(bench, first, "offered")).agent_id == robin.id
    socket = await at_the_desk(kim)
    second = await bench.queued()
    offer = await socket.next("offer")
    assert (offer["conversation"]["id"], offer["until"]) == (
        second.id,
        offer["conversation"]["offered"]["until"],
    )
    assert offer["conversation"]["offered"]["agent"] == {"id": kim.id, "name": "Kim"}
    assert offer["conversation"]["agent"] is None
    card = (await kim.act(second, "accept")).json()["conversation"]
    assert (card["state"], card["agent"]["name"], card["offered"]) == ("agent", "Kim", None)


async def test_a_declined_offer_goes_to_somebody_else_and_not_back_at_once(bench: Bench, at_the_desk):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    socket = await at_the_desk(robin)
    bench.rules(routing="offer")
    customer = await bench.queued()
    await socket.next("offer")
    assert error(await kim.act(customer, "decline")) == (409, "stale")
    assert (await robin.act(customer, "decline")).json()["conversation"]["state"] == "queued"
    assert (await socket.next("offer_gone"))["conversation_id"] == customer.id
    await bench.server.desk.dispatch.round()
    assert (await state(bench, customer)).state.value == "queued"
    await at_the_desk(kim)
    assert (await becomes(bench, customer, "offered")).agent_id == kim.id


async def test_an_offer_that_is_not_answered_lapses_and_the_place_is_kept(bench: Bench, at_the_desk):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    first = await at_the_desk(robin)
    bench.rules(routing="offer", offer_seconds=1)
    customer = await bench.queued()
    queued_at = (await becomes(bench, customer, "offered")).queued_at
    second = await at_the_desk(kim)
    gone = await first.next("offer_gone")
    assert (gone["conversation_id"], gone["why"]) == (customer.id, "lapsed")
    assert (await second.next("offer"))["conversation"]["id"] == customer.id
    assert (await state(bench, customer)).queued_at == queued_at


async def test_who_is_asked_hears_that_somebody_else_was_faster_or_the_customer_left(
    bench: Bench, at_the_desk
):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    socket = await at_the_desk(robin)
    bench.rules(routing="offer")
    for left in ("accept", "cancel", "end"):
        customer = await bench.queued()
        await socket.next("offer")
        if left == "accept":
            await kim.act(customer, "accept")
        else:
            await customer.post(left)
        expected = {"accept": "taken", "cancel": "cancelled", "end": "ended"}[left]
        assert (await socket.next("offer_gone"))["why"] == expected


async def test_an_offer_is_seen_again_by_who_connects_again(bench: Bench, at_the_desk):
    robin = await bench.agent("Robin")
    await at_the_desk(robin)
    bench.rules(routing="offer")
    customer = await bench.queued()
    await becomes(bench, customer, "offered")
    async with robin.socket() as again:
        assert (await again.next("offer"))["conversation"]["id"] == customer.id


async def test_what_is_passed_to_a_person_is_offered_to_them_even_in_a_manual_queue(
    bench: Bench, at_the_desk
):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    await at_the_desk(robin)
    await at_the_desk(kim)
    other, customer = await bench.queued(), await bench.queued()
    await robin.act(customer, "accept")
    await robin.act(customer, "transfer", agent=kim.id)
    assert (await becomes(bench, customer, "offered")).agent_id == kim.id
    assert (await state(bench, other)).state.value == "queued"
    await kim.act(customer, "decline")
    assert (await becomes(bench, customer, "queued")).wanted_agent_id is None


async def test_the_topic_decides_who_is_asked(bench: Bench, at_the_desk):
    seller, other = await bench.agent("Sal", skills=("sales",)), await bench.agent("Other")
    await at_the_desk(other)
    await at_the_desk(seller)
    bench.rules(routing="offer", skills={"price": "sales"})
    await team(seller)
    for _ in range(2):
        customer = await bench.queued()
        conversation = await becomes(bench, customer, "offered")
        assert (conversation.skill, conversation.agent_id) == ("sales", seller.id)


# Presence, capacity and what drains the queue


async def test_the_queue_drains_when_somebody_comes_and_when_somebody_is_done(bench: Bench, at_the_desk):
    bench.rules(routing="offer")
    first, second = await bench.queued(), await bench.queued()
    robin = await bench.agent("Robin", capacity=1)
    await bench.server.desk.dispatch.round()
    assert (await state(bench, first)).state.value == "queued"
    socket = await at_the_desk(robin)
    assert (await becomes(bench, first, "offered")).agent_id == robin.id
    await robin.act(first, "accept")
    await bench.server.desk.dispatch.round()
    assert (await state(bench, second)).state.value == "queued"
    await robin.act(first, "resolve")
    assert (await becomes(bench, second, "offered")).agent_id == robin.id
    await robin.act(second, "decline")
    third = await bench.queued()
    assert (await becomes(bench, third, "offered")).agent_id == robin.id
    await robin.act(third, "decline")
    await socket.send(type="presence", state="away")
    await until(lambda: not bench.server.desk.presence.online(robin.id))
    fourth = await bench.queued()
    await bench.server.desk.dispatch.round()
    assert (await state(bench, fourth)).state.value == "queued"
    await socket.send(type="presence", state="online")
    assert (await becomes(bench, fourth, "offered")).agent_id == robin.id


async def test_the_queue_drains_when_the_rules_or_the_capacity_change(bench: Bench, at_the_desk):
    lead = await bench.agent("Lena", role="lead")
    await at_the_desk(lead)
    customer, other = await bench.queued(), await bench.queued()
    response = await lead.call("PUT", "settings", {"routing": "offer", "capacity": 1})
    assert response.json() == {**DEFAULTS, "routing": "offer", "capacity": 1}
    assert (await becomes(bench, customer, "offered")).agent_id == lead.id
    await bench.server.desk.dispatch.round()
    assert (await state(bench, other)).state.value == "queued"
    await lead.call("PUT", "settings", {"routing": "offer", "capacity": 2})
    assert (await becomes(bench, other, "offered")).agent_id == lead.id


async def test_nobody_accepts_more_than_their_capacity_and_only_leads_take_over_more(bench: Bench):
    robin, lead = await bench.agent("Robin", capacity=1), await bench.agent("Lena", "lead", capacity=1)
    with_bot = await bench.customer()
    await with_bot.ask("price?")
    for agent in (robin, lead):
        first, second = await bench.queued(), await bench.queued()
        assert (await agent.act(first, "accept")).status_code == 200
        assert error(await agent.act(second, "accept")) == (409, "full")
        assert (await agent.act(first, "accept")).status_code == 200
    assert error(await robin.act(with_bot, "takeover")) == (409, "full")
    assert (await lead.act(with_bot, "takeover")).status_code == 200
    loads = {name: member["load"] for name, member in (await team(robin)).items()}
    assert (loads["Robin"], loads["Lena"]) == (1, 2)


async def test_the_team_shows_who_is_there_with_what_and_how_much(bench: Bench, at_the_desk):
    robin = await bench.agent("Robin", skills=("gas", "returns"), capacity=3)
    kim = await bench.agent("Kim")
    await bench.agent("Olga", role="operator")
    await at_the_desk(robin)
    await robin.act(await bench.queued(), "accept")
    found = (await kim.call("GET", "team")).json()
    assert found["skills"] == ["gas", "returns"]
    members = {member["name"]: member for member in found["agents"]}
    assert "Olga" not in members
    assert members["Robin"] == {
        "id": robin.id,
        "name": "Robin",
        "role": "agent",
        "presence": "online",
        "skills": ["gas", "returns"],
        "capacity": 3,
        "load": 1,
    }
    assert (members["Kim"]["presence"], members["Kim"]["capacity"]) == ("offline", 5)


async def test_colleagues_see_each_other_come_and_go(bench: Bench, at_the_desk):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    socket = await at_the_desk(robin)

    async def hears(presence: str) -> None:
        while True:
            news = await socket.next("presence")
            if {one["name"]: one["presence"] for one in news["agents"]}["Kim"] == presence:
                return

    async with kim.socket() as other:
        await hears("online")
        assert (await kim.call("PUT", "presence", {"state": "away"})).json() == {"state": "away"}
        await hears("away")
        await other.send(type="presence", state="online")
        await hears("online")
        bench.rules(grace_seconds=0, lost_minutes=0)
    await hears("offline")


async def test_a_lost_connection_is_forgiven_for_a_grace_then_away_then_gone(bench: Bench):
    robin, presence = await bench.agent("Robin"), bench.server.desk.presence
    async with robin.socket() as socket:
        await socket.next("presence")
    await until(lambda: not presence._sockets)
    assert presence.state(robin.id).value == "online"
    bench.rules(grace_seconds=0)
    await asyncio.sleep(0.002)
    assert presence.state(robin.id).value == "away"
    bench.rules(lost_minutes=0)
    assert presence.state(robin.id).value == "offline"


@pytest.mark.parametrize("state", ["", "busy", None, 5])
async def test_a_presence_that_makes_no_sense_is_refused(bench: Bench, state):
    robin = await bench.agent()
    assert error(await robin.call("PUT", "presence", {"state": state})) == (400, "invalid")


async def test_conversations_of_an_agent_who_is_lost_go_to_the_front(bench: Bench, at_the_desk):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    await at_the_desk(kim)
    early, customer = await bench.queued(), await bench.queued()
    async with robin.socket() as socket:
        await socket.next("presence")
        await robin.act(customer, "accept")
        bench.rules(grace_seconds=0, lost_minutes=0)
        await bench.server.desk.dispatch.round()
        assert (await state(bench, customer)).state.value == "agent"
    await becomes(bench, customer, "queued")
    assert (await customer.read())["messages"][-1]["text"] == "Somebody else will come."
    assert (await customer.read())["queue"]["position"] == 1
    assert (await early.read())["queue"]["position"] == 2
    assert error(await robin.say(customer, "I am back")) == (409, "not_owner")


async def test_conversations_of_an_agent_who_may_no_longer_answer_go_back(bench: Bench):
    robin = await bench.agent("Robin")
    customer = await bench.queued()
    await robin.act(customer, "accept")
    await bench.deactivate(robin)
    bench.server.desk.dispatch.wake()
    await becomes(bench, customer, "queued")


# Deadlines


async def test_the_longest_wait_ends_with_a_word_and_a_person_picks_it_up_later(bench: Bench):
    robin, customer = await bench.agent("Robin"), await bench.queued()
    bench.rules(longest_wait_minutes=0)
    await becomes(bench, customer, "deferred")
    assert len([m for m in (await customer.read())["messages"] if m["from"] == "system"]) == 2
    card = (await robin.act(customer, "accept")).json()["conversation"]
    assert (card["state"], card["agent"]["name"]) == ("agent", "Robin")


async def test_the_first_answer_has_a_deadline_until_it_is_given(bench: Bench):
    robin, customer = await bench.agent(), await bench.queued()
    bench.rules(first_response_seconds=60)
    handed_at = (await state(bench, customer)).handed_at
    conversation = await state(bench, customer)
    assert bench.server.desk.dispatch.first_response_due(conversation) == handed_at + 60_000
    card = (await robin.act(customer, "accept")).json()["conversation"]
    assert card["first_response_due"] is not None
    await robin.say(customer, "Hello")
    (card,) = (await robin.call("GET", "conversations?view=mine")).json()["conversations"]
    assert card["first_response_due"] is None


async def test_an_offer_outlives_a_restart_and_lapses_at_its_time(bench: Bench, at_the_desk):
    robin = await bench.agent("Robin")
    await at_the_desk(robin)
    bench.rules(routing="offer", offer_seconds=2)
    customer = await bench.queued()
    before = await becomes(bench, customer, "offered")
    await bench.restart()
    assert await state(bench, customer) == before
    after = await becomes(bench, customer, "queued")
    assert after.updated_at >= (before.offer_until or 0)
    assert (after.queued_at, after.epoch, list(after.declined)) == (
        before.queued_at,
        before.epoch,
        [robin.id],
    )


async def test_what_came_due_while_the_desk_was_down_is_done_at_its_start(bench: Bench, at_the_desk):
    robin = await bench.agent("Robin")
    await at_the_desk(robin)
    bench.rules(routing="offer", offer_seconds=1)
    customer = await bench.queued()
    before = await becomes(bench, customer, "offered")
    await bench.server.stop()
    await asyncio.sleep(max(0, ((before.offer_until or 0) - now()) / 1000))
    await bench.start_anew()
    assert (await becomes(bench, customer, "queued")).declined[robin.id] >= before.offer_until


async def test_an_offer_is_accepted_after_a_restart(bench: Bench, at_the_desk):
    robin = await bench.agent("Robin")
    await at_the_desk(robin)
    bench.rules(routing="offer")
    customer = await bench.queued()
    await becomes(bench, customer, "offered")
    await bench.restart()
    assert (await robin.act(customer, "accept")).json()["conversation"]["state"] == "agent"


async def test_an_agent_has_the_grace_to_come_back_after_a_restart(bench: Bench):
    robin, customer = await bench.agent("Robin"), await bench.queued()
    async with robin.socket() as socket:
        await socket.next("presence")
        await robin.act(customer, "accept")
        bench.rules(lost_minutes=0)
        await bench.restart()
    bench.rules(lost_minutes=0)
    await bench.server.desk.dispatch.round()
    assert (await state(bench, customer)).state.value == "agent"
    bench.rules(grace_seconds=0)
    await becomes(bench, customer, "queued")


# Rules


async def test_the_rules_are_kept_and_written_to_the_audit_log(bench: Bench):
    agent, lead = await bench.agent(), await bench.agent("Lena", role="lead")
    assert (await agent.call("GET", "settings")).json() == DEFAULTS
    chosen = {**DEFAULTS, "routing": "offer", "offer_seconds": 45, "skills": {"safety": "gas"}}
    assert (await lead.call("PUT", "settings", chosen)).json() == chosen
    await bench.restart()
    assert (await agent.call("GET", "settings")).json() == chosen
    newest = (await bench.server.desk.store.audit.newest(None, 1))[0].entry
    assert (newest.actor, newest.action) == ("Lena", "settings.changed")
    assert newest.detail == {"routing": "offer", "offer_seconds": 45, "skills": {"safety": "gas"}}


@pytest.mark.parametrize(
    "odd",
    [
        {"routing": "random"},
        {"offer_seconds": 0},
        {"capacity": 0},
        {"capacity": 10**12},
        {"longest_wait_minutes": "long"},
        {"skills": {"": "gas"}},
        {"skills": ["gas"]},
    ],
)
async def test_odd_rules_are_refused(bench: Bench, odd):
    lead = await bench.agent(role="lead")
    assert error(await lead.call("PUT", "settings", odd)) == (400, "invalid")
    assert (await lead.call("GET", "settings")).json() == DEFAULTS


async def test_an_agent_who_comes_while_the_desk_looks_around_is_not_taken_for_lost(
    bench: Bench, monkeypatch
):
    customer, desk = await bench.queued(), bench.server.desk
    all_agents = desk.store.agents.all
    came: list[bool] = []

    async def somebody_comes_in_between():
        found = await all_agents()
        if not came:
            came.append(True)
            await (await bench.agent("Robin")).act(customer, "accept")
        return found

    monkeypatch.setattr(desk.store.agents, "all", somebody_comes_in_between)
    await desk.dispatch.round()
    assert came
    assert (await state(bench, customer)).state.value == "agent"
