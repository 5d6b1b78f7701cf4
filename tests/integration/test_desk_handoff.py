"""The conversation in the hands of people: the queue, accepting, answering, giving back."""

from __future__ import annotations

import asyncio

from tests.integration.desk_kit import Bench


async def test_an_agent_accepts_answers_and_returns_and_the_customer_is_told_each_time(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent("Robin")
    card = (await agent.act(customer, "accept")).json()["conversation"]
    assert (card["state"], card["agent"]["name"]) == ("agent", "Robin")
    assert (await customer.read())["agent"] == {"name": "Robin"}
    seq = await customer.say("Can you help?")
    response = await agent.say(customer, "Of course.")
    assert (response.status_code, response.json()) == (201, {"seq": seq + 1})
    (answer,) = (await customer.read(seq, 5))["messages"]
    assert (answer["from"], answer["text"], answer["author"]) == ("agent", "Of course.", "Robin")
    assert (await agent.act(customer, "return")).json()["conversation"]["state"] == "bot"
    told = [message["text"] for message in (await customer.read())["messages"] if message["from"] == "system"]
    assert told == ["A person will be with you.", "Robin has joined.", "The assistant is back."]
    (reply,) = await customer.ask("price?")
    assert reply["from"] == "bot"


async def test_of_two_agents_who_accept_at_once_exactly_one_gets_it(bench: Bench):
    agents = [await bench.agent(f"Agent {n}") for n in range(4)]
    for _ in range(3):
        customer = await bench.queued()
        epoch = (await customer.read())["epoch"]
        responses = await asyncio.gather(*(agent.act(customer, "accept", epoch) for agent in agents))
        assert sorted(response.status_code for response in responses) == [200, 409, 409, 409]
        winner = next(r.json()["conversation"]["agent"] for r in responses if r.status_code == 200)
        for error in (r.json()["error"] for r in responses if r.status_code == 409):
            assert error["code"] == "taken"
            assert winner["name"] in error["message"]
        view = await customer.read()
        assert (view["agent"]["name"], view["epoch"]) == (winner["name"], epoch + 1)


async def test_messages_sent_at_the_same_time_are_numbered_without_holes(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    await asyncio.gather(
        *(customer.say(f"customer {n}") for n in range(6)),
        *(agent.say(customer, f"agent {n}") for n in range(6)),
    )
    messages = (await customer.read())["messages"]
    assert [message["seq"] for message in messages] == list(range(1, 17))


async def test_the_queue_puts_safety_first_then_complaints_then_the_longest_wait(bench: Bench):
    agent = await bench.agent()
    early = await bench.queued("low_confidence")
    late = await bench.queued("customer_asked")
    complaint = await bench.queued("complaint")
    safety = await bench.queued("safety")
    listed = (await agent.call("GET", "conversations?view=queue")).json()
    assert [card["id"] for card in listed["conversations"]] == [safety.id, complaint.id, early.id, late.id]
    assert listed["counts"] == {"queue": 4, "mine": 0}
    assert (await late.read())["queue"]["position"] == 4
    assert (await safety.read())["queue"]["position"] == 1


async def test_the_views_list_what_they_say(bench: Bench):
    agent, colleague = await bench.agent(), await bench.agent()
    with_bot, mine, resolved = await bench.customer(), await bench.queued(), await bench.queued()
    await with_bot.ask("price?")
    await agent.act(mine, "accept")
    await colleague.act(resolved, "accept")
    await colleague.act(resolved, "resolve")

    async def view(name: str) -> list[str]:
        return [
            one["id"]
            for one in (await agent.call("GET", f"conversations?view={name}")).json()["conversations"]
        ]

    assert await view("mine") == [mine.id]
    assert await view("open") == [mine.id, with_bot.id]
    assert await view("resolved") == [resolved.id]
    assert await view("queue") == []


async def test_an_agent_reads_the_transcript_and_the_bot_s_evidence(bench: Bench):
    customer = await bench.queued()
    agent = await bench.agent()
    found = (await agent.call("GET", f"conversations/{customer.id}")).json()
    assert [message["from"] for message in found["messages"]] == ["customer", "bot", "system"]
    packet = found["context"]["handoff"]
    assert (packet["reason"], packet["summary"]) == ("low_confidence", "Wants a price.")
    assert packet["evidence"]["readings"] == [["price", 0.3]]
    assert packet["evidence"]["asked"] == ["hand me over"]
    card = found["conversation"]
    assert (card["topic"], card["skus"], card["confidence"]) == ("price", ["RL-300"], 0.3)
    assert card["preview"] == "hand me over"


async def test_unread_counts_what_the_customer_wrote_since_the_owner_last_looked(bench: Bench):
    customer, agent, colleague = await bench.queued(), await bench.agent(), await bench.agent()
    await agent.act(customer, "accept")
    await customer.say("one")
    await customer.say("two")

    async def unread(who) -> int:
        return (await who.call("GET", f"conversations/{customer.id}")).json()["conversation"]["unread"]

    assert await unread(colleague) == 2
    assert await unread(agent) == 2
    assert await unread(agent) == 0


async def test_where_the_customer_was_is_told_to_the_agent(bench: Bench):
    customer, agent = (
        await bench.customer(locale="en-GB", page="https://shop.example/rill"),
        await bench.agent(),
    )
    await customer.ask("price?")
    context = (await agent.call("GET", f"conversations/{customer.id}")).json()["context"]
    assert (context["locale"], context["page"]) == ("en-GB", "https://shop.example/rill")
    assert context["handoff"] is None


async def test_only_the_owner_may_answer_return_or_resolve(bench: Bench):
    customer, owner, other = await bench.queued(), await bench.agent(), await bench.agent()
    assert (await owner.say(customer, "Too early")).json()["error"]["code"] == "not_owner"
    await owner.act(customer, "accept")
    for response in (
        await other.say(customer, "Hello"),
        await other.act(customer, "return"),
        await other.act(customer, "resolve"),
        await other.call("POST", f"conversations/{customer.id}/typing", {}),
    ):
        assert response.status_code == 409
        assert response.json()["error"]["code"] == "not_owner"
    assert (await other.act(customer, "takeover")).json()["error"]["code"] == "taken"


async def test_a_decision_made_on_an_old_epoch_is_refused(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    old = (await customer.read())["epoch"]
    await customer.post("cancel")
    await customer.post("handoff")
    response = await agent.act(customer, "accept", old)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale")


async def test_the_customer_asks_for_a_person_and_changes_their_mind(bench: Bench):
    customer = await bench.customer()
    view = (await customer.post("handoff")).json()
    assert (view["state"], view["queue"]["position"]) == ("queued", 1)
    assert (await customer.post("handoff")).json()["seq"] == view["seq"]
    view = (await customer.post("cancel")).json()
    assert (view["state"], view["messages"][0]["text"]) == ("bot", "Let us go on.")


async def test_the_customer_takes_the_conversation_back_from_the_agent(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    assert (await customer.post("cancel")).json()["state"] == "bot"
    assert (await agent.say(customer, "Hello?")).json()["error"]["code"] == "not_owner"


async def test_a_resolved_conversation_comes_back_to_the_bot(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    assert (await agent.act(customer, "resolve")).json()["conversation"]["state"] == "resolved"
    (reply,) = await customer.ask("One more thing")
    assert (reply["from"], (await customer.read())["state"]) == ("bot", "bot")


async def test_a_resolved_conversation_comes_back_to_its_agent_if_there(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    await agent.act(customer, "resolve")
    async with agent.socket() as socket:
        await socket.next("queue")
        await customer.say("One more thing")
        view = await customer.read()
    assert view["state"] == "queued"
    card = (await agent.call("GET", "conversations?view=queue")).json()["conversations"][0]
    assert card["previous_agent"]["id"] == agent.id


async def test_an_agent_s_message_sent_twice_is_stored_once(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    path = f"conversations/{customer.id}/messages"
    first = await agent.call("POST", path, {"text": "Hello"}, **{"Idempotency-Key": "k"})
    again = await agent.call("POST", path, {"text": "Hello"}, **{"Idempotency-Key": "k"})
    other = await agent.call("POST", path, {"text": "Other"}, **{"Idempotency-Key": "k"})
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")


async def test_every_change_of_owner_is_recorded(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await agent.act(customer, "accept")
    await agent.act(customer, "resolve")
    recorded = await bench.server.desk.store.events.recorded(customer.id)
    assert [(one["epoch"], one["detail"]["to"]) for one in recorded] == [
        (1, "queued"),
        (2, "agent"),
        (3, "resolved"),
    ]
