"""The two WebSockets: what each side sees, and when."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from websockets.exceptions import InvalidHandshake

from tests.integration.desk_kit import ON_SQLITE, Bench, Socket, connect, until

pytestmark = ON_SQLITE


async def test_a_customer_s_socket_begins_with_what_was_missed_and_goes_on_with_what_happens(bench: Bench):
    customer = await bench.customer()
    await customer.ask("price?")
    async with customer.socket(after=1) as socket:
        snapshot = await socket.next()
        assert (snapshot["type"], snapshot["state"], snapshot["seq"]) == ("snapshot", "bot", 2)
        assert [message["seq"] for message in snapshot["messages"]] == [2]
        await socket.send(type="message", key="k1", text="and the 500?")
        ack = await socket.next("ack")
        assert (ack["key"], ack["seq"]) == ("k1", 3)
        message = (await socket.next("message"))["message"]
        assert (message["seq"], message["from"], message["reply_to"]) == (4, "bot", 3)
        await socket.send(type="ping")
        assert await socket.next("pong")


async def test_the_same_key_on_the_socket_and_over_http_is_one_message(bench: Bench):
    customer = await bench.customer()
    seq = await customer.say("once", key="same")
    async with customer.socket() as socket:
        await socket.send(type="message", key="same", text="once")
        assert (await socket.next("ack"))["seq"] == seq
        await socket.send(type="message", key="same", text="twice")
        assert (await socket.next("error"))["error"]["code"] == "key_reused"


async def test_another_tab_sees_what_the_customer_wrote(bench: Bench):
    customer = await bench.customer()
    async with customer.socket() as one, customer.socket() as other:
        await one.next("snapshot")
        await other.next("snapshot")
        await one.send(type="message", key="k", text="hello")
        assert (await other.next("message"))["message"]["text"] == "hello"
        assert (await one.next("message"))["message"]["from"] == "bot"


async def test_a_handoff_is_seen_as_state_messages_and_place(bench: Bench):
    ahead, customer = await bench.queued(), await bench.customer()
    agent = await bench.agent("Robin")
    async with customer.socket() as socket:
        await customer.say("hand me over")
        state = await socket.next("state")
        assert (state["state"], state["epoch"], state["agent"]) == ("queued", 1, None)
        assert (await socket.next("queue"))["position"] == 2
        await agent.act(ahead, "accept")
        assert (await socket.next("queue"))["position"] == 1
        await agent.act(customer, "accept")
        state = await socket.next("state")
        assert (state["state"], state["agent"]) == ("agent", {"name": "Robin"})
        assert (await socket.next("message"))["message"]["text"] == "Robin has joined."
        await agent.call("POST", f"conversations/{customer.id}/typing", {})
        assert (await socket.next("typing"))["from"] == "agent"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "auth", "token": "wrong"},
        {"type": "auth"},
        {"type": "message", "text": "hi", "key": "k"},
        {"type": 1},
    ],
)
async def test_a_socket_without_the_token_is_closed_and_shows_nothing(bench: Bench, frame):
    customer = await bench.customer()
    url = f"ws://127.0.0.1:{bench.port}{customer.path}/socket"
    async with connect(url) as connection:
        socket = Socket(connection)
        await socket.send(**frame)
        assert (await socket.next())["type"] == "error"
        await socket.closed()


async def test_a_socket_that_says_nothing_is_closed(bench: Bench, monkeypatch):
    monkeypatch.setattr("steward.desk.api.sockets._AUTH_SECONDS", 0.1)
    customer = await bench.customer()
    async with connect(f"ws://127.0.0.1:{bench.port}{customer.path}/socket") as connection:
        socket = Socket(connection)
        assert (await socket.next("error"))["error"]["code"] == "unauthorised"
        await socket.closed()


async def test_a_frame_that_makes_no_sense_is_refused_and_the_socket_goes_on(bench: Bench):
    customer = await bench.customer()
    async with customer.socket() as socket:
        await socket.next("snapshot")
        for frame in ({"type": "dance"}, {"type": "message", "text": ""}, {"type": "message", "text": 5}, {}):
            await socket.send(**frame)
            assert (await socket.next())["type"] == "error"
        await socket.send(type="ping")
        assert await socket.next("pong")


async def test_the_desk_hears_of_new_work_and_of_every_message(bench: Bench):
    agent = await bench.agent()
    async with agent.socket() as socket:
        assert (await socket.next())["counts"] == {"queue": 0, "mine": 0}
        customer = await bench.queued()
        news = await socket.next("queue")
        assert [card["id"] for card in news["cards"]] == [customer.id]
        await agent.act(customer, "accept")
        assert (await socket.next("queue"))["counts"] == {"queue": 0, "mine": 1}
        await customer.say("are you there?")
        while (news := await socket.next("message"))["message"]["text"] != "are you there?":
            pass
        assert news["conversation_id"] == customer.id
        async with customer.socket() as customers:
            await customers.send(type="typing")
            assert await socket.next("typing") == {
                "type": "typing",
                "conversation_id": customer.id,
                "from": "customer",
            }


async def test_an_open_socket_is_the_agent_s_presence(bench: Bench):
    agent, presence = await bench.agent(), bench.server.desk.presence
    bench.rules(grace_seconds=0)
    async with agent.socket() as socket:
        await socket.next("queue")
        assert presence.online(agent.id)
        await socket.send(type="presence", state="away")
        await until(lambda: not presence.online(agent.id))
        await socket.send(type="presence", state="online")
        await until(lambda: presence.online(agent.id))
    await until(lambda: not presence.online(agent.id))


async def test_signing_out_closes_the_desk_s_sockets(bench: Bench):
    agent = await bench.agent()
    async with agent.socket() as socket:
        await socket.next("queue")
        assert (await agent.call("DELETE", "session")).status_code == 204
        await socket.closed()


async def test_the_desk_s_socket_opens_only_from_the_desk_s_own_page(bench: Bench):
    agent = await bench.agent()
    with pytest.raises(InvalidHandshake):
        async with agent.socket(origin="https://evil.example"):
            pass


async def test_a_plain_request_to_a_socket_is_refused_without_a_fault(bench: Bench):
    agent, customer = await bench.agent(), await bench.customer()
    for response in (
        await agent.call("GET", "socket"),
        await bench.http.get(f"{customer.path}/socket"),
    ):
        assert 400 <= response.status_code < 500
        assert set(response.json()) == {"error"}


async def test_erasing_a_conversation_ends_its_sockets(bench: Bench):
    customer = await bench.customer()
    async with customer.socket() as socket:
        await socket.next("snapshot")
        await bench.http.delete(customer.path, headers=customer.headers)
        await socket.closed()


async def test_stopping_answers_long_polls_and_closes_sockets(bench: Bench):
    customer, agent = await bench.customer(), await bench.agent()
    async with customer.socket() as socket, agent.socket() as desk:
        await socket.next("snapshot")
        await desk.next("queue")
        poll = asyncio.ensure_future(customer.read(0, 30))
        await asyncio.sleep(0.1)
        started = asyncio.get_running_loop().time()
        await bench.restart()
        assert (await poll)["messages"] == []
        await socket.closed()
        await desk.closed()
        assert asyncio.get_running_loop().time() - started < 10
    assert isinstance(await bench.http.get("/health/live"), httpx.Response)
