"""Read receipts both ways, and who is at a conversation."""

from __future__ import annotations

import asyncio
import time

from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer


async def taken(bench: Bench) -> tuple[Customer, Agent]:
    """A customer whom an agent talks with."""
    customer, robin = await bench.queued(), await bench.agent("Robin")
    assert (await robin.act(customer, "accept")).status_code == 200
    return customer, robin


async def read(agent: Agent, customer: Customer, seq: int) -> int:
    response = await agent.call("POST", f"conversations/{customer.id}/read", {"seq": seq})
    assert response.status_code == 200, response.text
    return int(response.json()["read_seq"])


async def test_the_customer_sees_how_far_the_agent_has_read(bench: Bench):
    customer, robin = await taken(bench)
    first, second = await customer.say("one"), await customer.say("two")
    async with customer.socket() as socket:
        assert (await socket.next("snapshot"))["read_seq"] == 0
        assert await read(robin, customer, first) == first
        assert await socket.next("read") == {"type": "read", "by": "agent", "seq": first}
    card = (await robin.call("GET", "conversations?view=mine")).json()["conversations"][0]
    assert card["unread"] == 2
    assert await read(robin, customer, second) == second
    assert await read(robin, customer, first) == second
    assert await read(robin, customer, 2**31 - 1) == second
    assert (await customer.read())["read_seq"] == second
    card = (await robin.call("GET", "conversations?view=mine")).json()["conversations"][0]
    assert card["unread"] == 0


async def test_a_long_poll_returns_when_the_agent_has_read(bench: Bench):
    customer, robin = await taken(bench)
    seq = await customer.say("one")
    path = f"{customer.path}/messages?after={seq}&wait=20&read=0"
    began = time.monotonic()
    poll = asyncio.ensure_future(bench.http.get(path, headers=customer.headers))
    await asyncio.sleep(0.3)
    assert not poll.done()
    await read(robin, customer, seq)
    news = (await poll).json()
    assert (news["read_seq"], news["messages"]) == (seq, [])
    at_once = (await bench.http.get(path, headers=customer.headers)).json()
    assert at_once["read_seq"] == seq
    assert time.monotonic() - began < 15


async def test_the_desk_sees_how_far_the_customer_has_read(bench: Bench):
    customer, robin = await taken(bench)
    seq = int((await robin.say(customer, "Hello.")).json()["seq"])
    async with robin.socket() as desk, customer.socket() as socket:
        await desk.next("queue")
        await socket.next("snapshot")
        await socket.send(type="read", seq=seq - 1)
        assert await desk.next("read") == {
            "type": "read",
            "conversation_id": customer.id,
            "seq": seq - 1,
        }
        response = await customer.post("read", {"seq": seq})
        assert response.json() == {"read_seq": seq}
        assert (await desk.next("read"))["seq"] == seq
    assert (await robin.call("GET", f"conversations/{customer.id}")).json()["read_seq"] == seq
    assert (await customer.post("read", {"seq": 1})).json() == {"read_seq": seq}


@ON_SQLITE
async def test_only_who_has_the_conversation_reads_it_for_the_customer(bench: Bench):
    customer, robin = await taken(bench)
    sam = await bench.agent("Sam")
    for agent in (sam, await bench.agent("Olga", role="operator")):
        refused = await agent.call("POST", f"conversations/{customer.id}/read", {"seq": 1})
        assert refused.status_code in (403, 409)
    assert (await customer.read())["read_seq"] == 0
    stranger = await bench.customer()
    path = f"{customer.path}/read"
    assert (await bench.http.post(path, json={"seq": 1}, headers=stranger.headers)).status_code == 404
    assert (await bench.http.post(path, json={"seq": 1})).status_code == 401
    for odd in (-1, 2**31, "x", None):
        refused = await robin.call("POST", f"conversations/{customer.id}/read", {"seq": odd})
        assert refused.status_code == 400
    assert (await robin.call("POST", "conversations/none/read", {"seq": 1})).status_code == 404


@ON_SQLITE
async def test_colleagues_see_who_looks_and_who_types(bench: Bench):
    customer, robin = await taken(bench)
    sam = await bench.agent("Sam")
    async with robin.socket() as robins, sam.socket() as sams:
        await robins.next("queue")
        await sams.next("queue")
        await sams.send(type="viewing", conversation_id=customer.id)
        seen = await robins.next("viewers")
        sam_looks = {"id": sam.id, "name": "Sam", "typing": False}
        assert seen == {"type": "viewers", "conversation_id": customer.id, "viewers": [sam_looks]}
        opened = (await robin.call("GET", f"conversations/{customer.id}")).json()
        assert opened["viewers"] == [sam_looks]
        await sams.send(type="typing", conversation_id=customer.id)
        assert (await robins.next("viewers"))["viewers"][0]["typing"]
        assert not (await robins.next("viewers", seconds=15))["viewers"][0]["typing"]
        await sams.send(type="viewing", conversation_id=None)
        assert (await robins.next("viewers"))["viewers"] == []
        await sams.send(type="viewing", conversation_id=customer.id)
        assert (await robins.next("viewers"))["viewers"] == [sam_looks]
    async with robin.socket() as robins:
        await robins.next("queue")
        opened = (await robin.call("GET", f"conversations/{customer.id}")).json()
        assert opened["viewers"] == []


@ON_SQLITE
async def test_the_customer_sees_their_own_agent_type_and_no_other(bench: Bench):
    customer, robin = await taken(bench)
    sam = await bench.agent("Sam")
    async with customer.socket() as socket, robin.socket() as robins, sam.socket() as sams:
        await socket.next("snapshot")
        await sams.send(type="typing", conversation_id=customer.id)
        await sams.send(type="ping")
        await sams.next("pong")
        await robins.send(type="typing", conversation_id=customer.id)
        assert await socket.next() == {"type": "typing", "from": "agent"}
        await robins.send(type="typing", conversation_id=customer.id)
        await robins.send(type="ping")
        await robins.next("pong")
        await socket.send(type="ping")
        assert (await socket.next())["type"] == "pong"
