"""What agents decide about a conversation: passing it on, pausing it, closing it, and taking that back."""

from __future__ import annotations

from typing import Any

import pytest

from steward.desk.api.operations import OPERATIONS, Operation
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer

pytestmark = ON_SQLITE


async def taken(bench: Bench, agent: Agent) -> Customer:
    customer = await bench.queued()
    assert (await agent.act(customer, "accept")).status_code == 200
    return customer


async def told(customer: Customer) -> list[str]:
    return [one["text"] for one in (await customer.read())["messages"] if one["from"] == "system"]


async def notes(agent: Agent, customer: Customer) -> list[str]:
    found = (await agent.call("GET", f"conversations/{customer.id}/notes")).json()["notes"]
    return [note["text"] for note in found]


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_a_conversation_is_passed_to_a_colleague_with_a_note(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await taken(bench, robin)
    response = await robin.act(customer, "transfer", agent=kim.id, note="Has tried a new filter.")
    card = response.json()["conversation"]
    assert (card["state"], card["agent"]) == ("queued", None)
    assert card["wanted_agent"] == {"id": kim.id, "name": "Kim"}
    assert (await told(customer))[-1] == "Robin passes you on to Kim."
    assert await notes(kim, customer) == ["Has tried a new filter."]
    assert (await kim.act(customer, "accept")).json()["conversation"]["agent"]["name"] == "Kim"


async def test_a_conversation_is_passed_to_whoever_has_a_skill(bench: Bench):
    robin = await bench.agent("Robin")
    await bench.agent("Kim", skills=("gas",))
    customer = await taken(bench, robin)
    card = (await robin.act(customer, "transfer", skill="gas")).json()["conversation"]
    assert (card["state"], card["skill"], card["wanted_agent"]) == ("queued", "gas", None)
    assert (await told(customer))[-1] == "Robin passes you on."


async def test_the_desk_hears_of_the_note_with_the_transfer(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await taken(bench, robin)
    async with kim.socket() as socket:
        await socket.next("queue")
        await robin.act(customer, "transfer", agent=kim.id, note="Over to you.")
        news = await socket.next("note")
    assert (news["conversation_id"], news["note"]["text"]) == (customer.id, "Over to you.")


async def test_a_transfer_that_nobody_could_take_changes_nothing(bench: Bench):
    robin, gone = await bench.agent("Robin"), await bench.agent("Gone")
    operator = await bench.agent("Olga", role="operator")
    await bench.deactivate(gone)
    customer = await taken(bench, robin)
    before = await customer.read()
    for agent_id in ("nobody", gone.id, operator.id, robin.id):
        response = await robin.act(customer, "transfer", agent=agent_id, note="Lost?")
        assert error(response) == (409, "unreachable")
    assert error(await robin.act(customer, "transfer", skill="juggling", note="?")) == (409, "unreachable")
    assert await customer.read() == before
    assert await notes(robin, customer) == []


@pytest.mark.parametrize(
    "body", [{}, {"agent": "a", "skill": "b"}, {"skill": ""}, {"skill": "gas", "note": " "}, {"agent": 5}]
)
async def test_a_transfer_to_no_one_in_particular_is_refused(bench: Bench, body):
    robin = await bench.agent("Robin", skills=("gas",))
    customer = await taken(bench, robin)
    assert error(await robin.act(customer, "transfer", **body)) == (400, "invalid")
    assert (await customer.read())["state"] == "agent"


async def test_a_transfer_under_an_old_epoch_leaves_no_note(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await taken(bench, robin)
    assert error(await robin.act(customer, "transfer", 1, agent=kim.id, note="?")) == (409, "stale")
    assert error(await kim.act(customer, "transfer", agent=robin.id, note="?")) == (409, "not_owner")
    assert await notes(robin, customer) == []


async def test_a_note_goes_with_what_is_returned_to_the_bot(bench: Bench):
    robin = await bench.agent("Robin")
    customer = await taken(bench, robin)
    card = (await robin.act(customer, "return", note="Only wanted the manual.")).json()["conversation"]
    assert card["state"] == "bot"
    assert await notes(robin, customer) == ["Only wanted the manual."]


async def test_a_customer_is_asked_for_a_moment_and_told_when_the_agent_is_back(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await taken(bench, robin)
    async with customer.socket() as socket:
        await socket.next("snapshot")
        assert (await robin.act(customer, "hold", held=True)).json()["conversation"]["held"] is True
        assert (await socket.next("state"))["held"] is True
        assert (await customer.read())["held"] is True
        await robin.act(customer, "hold", held=False)
        assert (await socket.next("state"))["held"] is False
    assert (await told(customer))[-2:] == ["Robin is looking something up.", "Robin is back."]
    assert error(await kim.act(customer, "hold", held=True)) == (409, "not_owner")
    assert error(await robin.act(customer, "hold")) == (400, "invalid")


async def test_an_answer_ends_the_hold(bench: Bench):
    robin = await bench.agent("Robin")
    customer = await taken(bench, robin)
    await robin.act(customer, "hold", held=True)
    await robin.say(customer, "Found it.")
    assert (await customer.read())["held"] is False


async def test_a_conversation_is_resolved_with_a_reason_and_opened_again(bench: Bench):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    customer = await taken(bench, robin)
    assert error(await robin.act(customer, "resolve", reason="bored")) == (400, "invalid")
    card = (await robin.act(customer, "resolve", reason="answered")).json()["conversation"]
    assert (card["state"], card["resolution"]) == ("resolved", "answered")
    card = (await kim.act(customer, "reopen")).json()["conversation"]
    assert (card["state"], card["agent"]["name"], card["resolution"]) == ("agent", "Kim", None)
    assert error(await robin.act(customer, "reopen")) == (409, "taken")
    assert (await kim.act(customer, "return")).status_code == 200
    assert error(await kim.act(customer, "reopen")) == (409, "stale")


@pytest.mark.parametrize("let_go", ["resolve", "transfer"])
async def test_what_was_let_go_is_taken_back_until_somebody_has_touched_it(bench: Bench, let_go):
    robin, kim = await bench.agent("Robin"), await bench.agent("Kim")
    more: dict[str, Any] = {"agent": kim.id} if let_go == "transfer" else {}
    customer = await taken(bench, robin)
    await robin.act(customer, let_go, **more)
    assert error(await kim.act(customer, "undo")) == (409, "stale")
    card = (await robin.act(customer, "undo")).json()["conversation"]
    assert (card["state"], card["agent"]["name"], card["wanted_agent"]) == ("agent", "Robin", None)
    assert (await told(customer))[-1] == "Robin is still here."
    await robin.act(customer, let_go, **more)
    await customer.say("Wait")
    assert error(await robin.act(customer, "undo")) == (409, "stale")


async def test_a_customer_who_writes_much_later_gets_a_new_conversation_that_carries_on(bench: Bench):
    robin = await bench.agent("Robin")
    old = await taken(bench, robin)
    await robin.act(old, "resolve")
    bench.server.desk.customers._reopen_for = -1
    refused = await old.post("messages", {"text": "Hello again"}, "k")
    assert error(refused) == (409, "conversation_closed")
    new = await bench.customer(previous={"id": old.id, "token": old.token})
    await new.post("handoff")
    found = (await robin.call("GET", f"conversations/{new.id}")).json()
    card, (previous,) = found["conversation"], found["context"]["previous"]
    assert (card["previous_id"], card["previous_agent"]["name"]) == (old.id, "Robin")
    assert (previous["id"], previous["state"], previous["topic"]) == (old.id, "resolved", "price")
    assert previous["summary"] == "Wants a price."


async def test_only_who_has_the_token_carries_a_conversation_on(bench: Bench):
    theirs, mine = await bench.customer(), await bench.customer()
    for previous in ({"id": theirs.id, "token": mine.token}, {"id": "nowhere", "token": mine.token}):
        response = await bench.http.post("/api/v1/conversations", json={"previous": previous})
        assert (response.status_code, response.json()["previous_id"]) == (201, None)
    response = await bench.http.post("/api/v1/conversations", json={"previous": {"id": theirs.id}})
    assert error(response) == (400, "invalid")


async def test_an_erased_conversation_leaves_no_link_behind(bench: Bench):
    robin, old = await bench.agent(), await bench.customer()
    new = await bench.customer(previous={"id": old.id, "token": old.token})
    await bench.http.delete(old.path, headers=old.headers)
    card = (await robin.call("GET", f"conversations/{new.id}")).json()["conversation"]
    assert card["previous_id"] is None


_WHAT = ["accept", "decline", "takeover", "transfer", "hold", "return", "resolve", "reopen", "undo"]
_PATHS = [f"/api/v1/desk/conversations/{{conversation_id}}/{what}" for what in _WHAT]
_PATHS += [f"/api/v1/desk/{what}" for what in ("team", "presence", "settings")]


def handoff_operations() -> list[Operation]:
    found = [one for one in OPERATIONS if one.path in _PATHS]
    assert len(found) == len(_PATHS) + 1  # the settings are read and written
    return found


@pytest.mark.parametrize("operation", handoff_operations(), ids=lambda one: f"{one.method} {one.path}")
async def test_nobody_but_those_who_may_decides(bench: Bench, operation: Operation):
    customer, agent = await bench.queued(), await bench.agent()
    operator = await bench.agent(role="operator")
    url = operation.path.replace("{conversation_id}", customer.id)
    body = {"epoch": 1, "held": True, "agent": agent.id, "state": "online"}

    async def attempt(**headers: str) -> tuple[int, str]:
        response = await bench.http.request(operation.method, url, json=body, headers=headers)
        return response.status_code, response.json().get("error", {}).get("code")

    for stranger in ({}, {"Cookie": "steward_session=guess"}, customer.headers):
        assert await attempt(**{"X-Steward": "1", **stranger}) == (401, "unauthorised")
    if operation.method != "GET":
        assert await attempt(Cookie=agent.headers["Cookie"]) == (403, "forbidden")
    if operation.permission is not None:
        assert await attempt(**operator.headers) == (403, "forbidden")
    if (operation.method, operation.path) == ("PUT", "/api/v1/desk/settings"):
        assert await attempt(**agent.headers) == (403, "forbidden")
    view = await customer.read()
    assert (view["state"], view["epoch"]) == ("queued", 1)
