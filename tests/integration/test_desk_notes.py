"""Notes that agents write for one another, and those who are named in them."""

from __future__ import annotations

from typing import Any

from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer

SECRET = "the customer sounds like a reseller"


async def write(
    agent: Agent, customer: Customer, text: str, *mentions: str, **headers: str
) -> dict[str, Any]:
    """Write a note; as the desk answers it."""
    body = {"text": text, "mentions": list(mentions)}
    response = await agent.call("POST", f"conversations/{customer.id}/notes", body, **headers)
    assert response.status_code == 201, response.text
    return dict(response.json()["note"])


async def test_a_note_is_read_by_colleagues_and_names_its_author(bench: Bench):
    customer = await bench.queued()
    robin, sam = await bench.agent("Robin"), await bench.agent("Sam")
    note = await write(robin, customer, "  Called twice last week. ", sam.id)
    assert note["text"] == "Called twice last week."
    assert note["author"] == {"id": robin.id, "name": "Robin"}
    notes = (await sam.call("GET", f"conversations/{customer.id}/notes")).json()["notes"]
    assert notes == [note]
    assert (await sam.call("GET", f"conversations/{customer.id}")).json()["notes"] == [note]


async def test_who_is_named_finds_the_note_until_it_is_read(bench: Bench):
    customer = await bench.queued()
    robin, sam = await bench.agent("Robin"), await bench.agent("Sam")
    first = await write(robin, customer, "first", sam.id)
    second = await write(robin, customer, "second", sam.id, robin.id)
    listed = (await sam.call("GET", "mentions")).json()
    assert [one["note"]["text"] for one in listed["mentions"]] == ["second", "first"]
    assert listed["unread"] == 2 and not any(one["read"] for one in listed["mentions"])
    assert listed["mentions"][0]["conversation"]["id"] == customer.id
    assert (await robin.call("GET", "mentions")).json() == {"mentions": [], "unread": 0}
    read = await sam.call("POST", "mentions/read", {"notes": [first["id"]]})
    assert read.json() == {"unread": 1}
    assert (await robin.call("POST", "mentions/read", {"notes": [second["id"]]})).json() == {"unread": 0}
    assert (await sam.call("GET", "mentions")).json()["unread"] == 1
    assert (await sam.call("POST", "mentions/read", {})).json() == {"unread": 0}
    assert all(one["read"] for one in (await sam.call("GET", "mentions")).json()["mentions"])


async def test_the_same_key_writes_one_note(bench: Bench):
    customer = await bench.queued()
    robin = await bench.agent("Robin")
    headers = {"Idempotency-Key": "n1"}
    assert await write(robin, customer, "once", **headers) == await write(robin, customer, "once", **headers)
    path = f"conversations/{customer.id}/notes"
    other = await robin.call("POST", path, {"text": "another"}, **headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert len((await robin.call("GET", path)).json()["notes"]) == 1


@ON_SQLITE
async def test_sockets_tell_of_notes_and_those_named_are_told_in_particular(bench: Bench):
    customer = await bench.queued()
    robin, sam, kim = await bench.agent("Robin"), await bench.agent("Sam"), await bench.agent("Kim")
    async with sam.socket() as sams, kim.socket() as kims:
        await sams.next("queue")
        await kims.next("queue")
        note = await write(robin, customer, "see this", sam.id)
        assert (await sams.next("mention")) == {
            "type": "mention",
            "conversation_id": customer.id,
            "note": note,
            "unread": 1,
        }
        assert (await kims.next("note"))["note"] == note
        await kims.send(type="ping")
        frames = []
        while (frame := await kims.next())["type"] != "pong":
            frames.append(frame["type"])
        assert "mention" not in frames


@ON_SQLITE
async def test_the_customer_never_sees_a_note(bench: Bench):
    customer = await bench.queued()
    robin = await bench.agent("Robin")
    await robin.act(customer, "accept")
    async with customer.socket() as socket:
        await socket.next("snapshot")
        await write(robin, customer, SECRET, robin.id)
        await robin.say(customer, "Hello there.")
        seen = [await socket.next() for _ in range(1)]
        assert SECRET not in str(seen)
    assert SECRET not in str(await customer.read())
    assert SECRET not in (await customer.post("export")).text
    assert (await bench.http.get(f"{customer.path}/notes", headers=customer.headers)).status_code == 404
    as_agent = f"/api/v1/desk/conversations/{customer.id}/notes"
    assert (await bench.http.get(as_agent, headers=customer.headers)).status_code == 401


async def test_erasing_the_conversation_erases_its_notes(bench: Bench):
    customer = await bench.queued()
    robin, sam = await bench.agent("Robin"), await bench.agent("Sam")
    await write(robin, customer, SECRET, sam.id)
    assert (await bench.http.delete(customer.path, headers=customer.headers)).status_code == 204
    assert (await sam.call("GET", "mentions")).json() == {"mentions": [], "unread": 0}
    assert (await sam.call("GET", f"conversations/{customer.id}/notes")).status_code == 404


@ON_SQLITE
async def test_a_note_that_cannot_be_is_refused(bench: Bench):
    customer = await bench.queued()
    robin = await bench.agent("Robin")
    operator = await bench.agent("Olga", role="operator")
    path = f"conversations/{customer.id}/notes"
    for body, field in (
        ({"text": "   "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "hello", "mentions": ["nobody"]}, "mentions"),
        ({"text": "hello", "mentions": [operator.id]}, "mentions"),
    ):
        refused = await robin.call("POST", path, body)
        assert (refused.status_code, refused.json()["error"].get("field")) == (400, field), body
    assert (await robin.call("POST", "conversations/none/notes", {"text": "x"})).status_code == 404
    assert (await operator.call("GET", path)).status_code == 403
    assert (await operator.call("POST", path, {"text": "x"})).status_code == 403
    assert (await bench.http.get(f"/api/v1/desk/{path}")).status_code == 401
