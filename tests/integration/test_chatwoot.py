"""The bridge to Chatwoot, against a stand-in that answers as its public documentation says."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from steward.desk.integrations.chatwoot import is_signed
from steward.settings import ChatwootInbox
from tests.integration.desk_kit import ON_SQLITE, Bench, Customer
from tests.support.receiver import Answer, Received, Receiver

RECORDED = Path(__file__).parent / "recorded"
SECRET = "inbox-secret"


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"chatwoot_{name}.json").read_text(encoding="utf-8"))


class StandInChatwoot(Receiver):
    """Chatwoot's application API for one inbox, and what it would tell its webhook."""

    def __init__(self) -> None:
        super().__init__(self._reply)
        self.contacts: dict[str, int] = {}
        self.conversations: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self.broken: Callable[[Received], bool] = lambda _: False

    def notes(self) -> list[str]:
        return [one["content"] for one in self.messages if one["private"]]

    def heard(self) -> list[str]:
        return [one["content"] for one in self.messages if one["message_type"] == "incoming"]

    def _reply(self, request: Received) -> Answer:
        if request.headers.get("api_access_token") != "token":
            return 401, {"error": "Invalid Access Token"}
        if self.broken(request):
            return 500, {"error": "broken"}
        path = request.path.removeprefix("/api/v1/accounts/1/")
        made = self._made(request, path)
        return made if made is not None else (404, {"error": "Resource could not be found"})

    def _made(self, request: Received, path: str) -> Answer | None:
        match request.method, path.partition("?")[0].split("/"):
            case "POST", ["contacts"]:
                identifier = request.json["identifier"]
                if identifier in self.contacts:
                    return 422, {"message": "Identifier has already been taken", "attributes": ["identifier"]}
                self.contacts[identifier] = 14 + len(self.contacts)
                shape = recorded("contact")
                shape["payload"]["contact"]["id"] = self.contacts[identifier]
                return 200, shape
            case "GET", ["contacts", "search"]:
                found = [{"id": number, "identifier": name} for name, number in self.contacts.items()]
                return 200, {"meta": {"count": len(found)}, "payload": found}
            case "GET", ["contacts", contact, "conversations"]:
                mine = [one for one in self.conversations if str(one["contact_id"]) == contact]
                return 200, {"payload": mine}
            case "POST", ["conversations"]:
                shape = recorded("conversation") | {"id": 10 + len(self.conversations)}
                self.conversations.append(shape | {"contact_id": request.json["contact_id"]})
                return 200, shape
            case "POST", ["conversations", number, "messages"]:
                message = {"source_id": None, **request.json, "id": 500 + len(self.messages)}
                self.messages.append(message | {"conversation_id": int(number)})
                return 200, message
            case "GET", ["conversations", number, "messages"]:
                mine = [one for one in self.messages if one["conversation_id"] == int(number)]
                return 200, {"meta": {}, "payload": mine}
            case "POST", ["conversations", _, "toggle_status"]:
                self.statuses.append(request.json["status"])
                return 200, recorded("toggle_status")
        return None


class Chatwoot:
    """The stand-in, with the way to say something there."""

    def __init__(self, bench: Bench, there: StandInChatwoot, callback: str) -> None:
        self.bench = bench
        self.there = there
        self.callback = callback

    async def tell(self, told: dict[str, Any], secret: str = SECRET, age: int = 0) -> Any:
        body = json.dumps(told).encode()
        timestamp = str(int(time.time()) - age)
        digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": f"sha256={digest}"}
        return await self.bench.http.post(self.callback, content=body, headers=headers)

    async def answer(self, text: str, number: int = 118, **changes: Any) -> Any:
        return await self.tell(recorded("message_created") | {"content": text, "id": number} | changes)

    async def resolve(self) -> Any:
        return await self.tell(recorded("conversation_status_changed"))


@pytest.fixture
async def chatwoot(outward: Bench, admin) -> AsyncIterator[Chatwoot]:
    there = StandInChatwoot()
    await there.start()
    body = {"base_url": there.url, "account_id": 1, "inbox_id": 7, "token": "token", "webhook_secret": SECRET}
    response = await admin.call("PUT", "bridges/chatwoot", body)
    assert response.status_code == 200, response.text
    yield Chatwoot(outward, there, response.json()["chatwoot"]["callback"])
    await there.stop()


async def until(true: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def handed_over(chatwoot: Chatwoot) -> Customer:
    customer = await chatwoot.bench.queued()
    await until(lambda: chatwoot.there.notes())
    return customer


async def state(customer: Customer, wanted: str) -> dict[str, Any]:
    for _ in range(200):
        view = await customer.read()
        if view["state"] == wanted:
            return view
        await asyncio.sleep(0.02)
    raise AssertionError(view["state"])


async def test_a_handoff_arrives_with_everything_in_a_private_note(chatwoot):
    customer = await handed_over(chatwoot)
    (note,) = chatwoot.there.notes()
    for part in ("low_confidence", "hand me over", "I had better ask a colleague.", "RL-300"):
        assert part in note, note
    contact, conversation = [one.json for one in chatwoot.there.received if one.method == "POST"][:2]
    assert contact == {
        "inbox_id": 7,
        "name": "Customer",
        "identifier": f"steward-{customer.id}",
        "source_id": f"steward-{customer.id}",
    }
    assert conversation["source_id"] == f"steward-{customer.id}"
    assert (conversation["inbox_id"], conversation["contact_id"]) == (7, 14)
    assert chatwoot.there.heard() == []


async def test_an_answer_there_takes_the_conversation_and_is_read_here(chatwoot):
    customer = await handed_over(chatwoot)
    assert (await chatwoot.answer("It weighs 3 kg.")).status_code == 200
    view = await customer.read()
    assert (view["state"], view["messages"][-1]["text"]) == ("agent", "It weighs 3 kg.")
    assert (view["messages"][-1]["from"], view["messages"][-1]["author"]) == ("agent", "Priya")
    assert view["messages"][-2]["text"] == "Priya has joined."


async def test_what_the_customer_writes_arrives_once_and_in_order(chatwoot):
    customer = await handed_over(chatwoot)
    await customer.say("still waiting")
    await chatwoot.answer("Hello")
    for text in ("and", "then", "more"):
        await customer.say(text)
    await until(lambda: len(chatwoot.there.heard()) >= 4)
    assert chatwoot.there.heard() == ["still waiting", "and", "then", "more"]


async def test_the_same_message_told_twice_is_stored_once(chatwoot):
    customer = await handed_over(chatwoot)
    for _ in range(3):
        assert (await chatwoot.answer("Hello")).status_code == 200
    assert [one["text"] for one in (await customer.read())["messages"]].count("Hello") == 1


async def test_nothing_that_is_no_answer_comes_over(chatwoot):
    customer = await handed_over(chatwoot)
    before = (await customer.read())["seq"]
    for odd in (
        {"private": True},
        {"message_type": "incoming"},
        {"message_type": "template"},
        {"inbox": {"id": 8, "name": "Another"}},
        {"content": None},
        {"event": "message_updated"},
        {"event": "conversation_created"},
        {"conversation": {"id": 999}},
    ):
        assert (await chatwoot.answer("Hello", **odd)).status_code == 200, odd
    assert (await customer.read())["seq"] == before


async def test_no_message_goes_in_a_circle(chatwoot):
    customer = await handed_over(chatwoot)
    await chatwoot.answer("Hello")
    await customer.say("thank you")
    await until(lambda: chatwoot.there.heard())
    await asyncio.sleep(0.3)
    assert "Hello" not in [one["content"] for one in chatwoot.there.messages]
    assert chatwoot.there.heard() == ["thank you"]


async def test_resolving_there_resolves_here_and_ends_there(chatwoot):
    customer = await handed_over(chatwoot)
    await chatwoot.answer("Hello")
    for _ in range(2):
        assert (await chatwoot.resolve()).status_code == 200
    await state(customer, "resolved")
    await asyncio.sleep(0.3)
    assert chatwoot.there.statuses == []
    assert len(chatwoot.there.notes()) == 1


async def test_a_conversation_that_nobody_took_can_be_resolved_there(chatwoot):
    customer = await handed_over(chatwoot)
    assert (await chatwoot.resolve()).status_code == 200
    await state(customer, "resolved")


async def test_what_somebody_here_took_is_closed_there_and_refused_from_there(chatwoot, outward):
    customer = await handed_over(chatwoot)
    robin = await outward.agent()
    assert (await robin.act(customer, "accept")).status_code == 200
    await until(lambda: chatwoot.there.statuses == ["resolved"])
    assert "Robin has taken" in chatwoot.there.notes()[1]
    late = await chatwoot.answer("me too")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "taken")
    assert "me too" not in str(await customer.read())


async def test_a_customer_who_goes_back_to_the_bot_is_told_there_and_can_come_again(chatwoot):
    customer = await handed_over(chatwoot)
    await customer.post("cancel")
    await until(lambda: chatwoot.there.statuses == ["resolved"])
    await customer.post("handoff")
    await until(lambda: len(chatwoot.there.notes()) == 3)
    assert chatwoot.there.statuses == ["resolved", "open"]
    assert len(chatwoot.there.conversations) == 1


async def test_what_fails_half_way_is_finished_without_doubles(chatwoot, admin):
    failing = {"contacts": 1, "conversations": 1, "messages": 1}

    def broken(request: Received) -> bool:
        name = request.path.rsplit("/", 1)[1]
        if request.method != "POST" or not failing.get(name):
            return False
        failing[name] -= 1
        # It did arrive; only the answer was lost.
        chatwoot.there._made(request, request.path.removeprefix("/api/v1/accounts/1/"))
        return True

    chatwoot.there.broken = broken
    customer = await handed_over(chatwoot)
    await until(lambda: not any(failing.values()))
    while (await admin.call("GET", "webhooks")).json()["webhooks"][0]["waiting"]:
        await asyncio.sleep(0.02)
    failing["messages"] = 1
    await customer.say("once")
    await customer.say("twice")
    await until(lambda: "twice" in chatwoot.there.heard())
    assert chatwoot.there.heard() == ["once", "twice"]
    assert len(chatwoot.there.notes()) == 1
    assert (len(chatwoot.there.contacts), len(chatwoot.there.conversations)) == (1, 1)


@ON_SQLITE
async def test_a_call_without_the_address_or_the_signature_is_refused(chatwoot):
    customer = await handed_over(chatwoot)
    told = recorded("message_created")
    assert (await chatwoot.tell(told, secret="guess")).status_code == 401
    assert (await chatwoot.tell(told, age=1000)).status_code == 401
    assert (await chatwoot.bench.http.post(chatwoot.callback, json=told)).status_code == 401
    chatwoot.callback = "/api/v1/bridges/chatwoot/guess"
    assert (await chatwoot.tell(told)).status_code == 404
    assert (await customer.read())["state"] == "queued"


@ON_SQLITE
async def test_the_settings_show_no_token_and_keep_the_way_back(chatwoot, admin):
    body = {"base_url": chatwoot.there.url, "account_id": 1, "inbox_id": 9}
    changed = await admin.call("PUT", "bridges/chatwoot", body)
    shown = changed.json()["chatwoot"]
    assert (shown["inbox_id"], shown["callback"], shown["signed"]) == (9, chatwoot.callback, True)
    assert '"token"' not in changed.text
    assert (await admin.call("DELETE", "bridges/chatwoot")).status_code == 204
    assert (await admin.call("GET", "bridges/chatwoot")).json()["chatwoot"] is None
    assert (await chatwoot.resolve()).status_code == 404
    assert (await admin.call("DELETE", "bridges/chatwoot")).status_code == 404


@ON_SQLITE
async def test_while_the_bridge_is_on_somebody_is_there(chatwoot, admin, outward):
    async def presence() -> list[str]:
        team = (await admin.call("GET", "team")).json()["agents"]
        return [one["presence"] for one in team if one["name"] == "Chatwoot"]

    assert await presence() == ["online"]
    await admin.call("PATCH", "webhooks/chatwoot", {"active": False})
    assert await presence() == ["offline"]
    assert (await admin.call("DELETE", "webhooks/chatwoot")).status_code == 409


@ON_SQLITE
async def test_the_environment_can_set_it_up(outward, admin):
    there = StandInChatwoot()
    await there.start()
    try:
        inbox = ChatwootInbox(there.url, 1, 7, "token", SECRET)
        outward.settings = replace(outward.settings, chatwoot=inbox)
        await outward.restart()
        shown = (await admin.call("GET", "bridges/chatwoot")).json()
        assert (shown["fixed"], shown["chatwoot"]["inbox_id"]) == (True, 7)
        assert (await admin.call("DELETE", "bridges/chatwoot")).status_code == 409
        await outward.queued()
        await until(lambda: there.notes())
        await outward.restart()
        assert (await admin.call("GET", "bridges/chatwoot")).json()["chatwoot"]["callback"] == shown[
            "chatwoot"
        ]["callback"]
    finally:
        await there.stop()


@pytest.mark.parametrize("timestamp", ["", "x", "-5", "٣", "9" * 400])
def test_an_odd_timestamp_is_no_signature(timestamp):
    assert not is_signed(SECRET, timestamp, "sha256=", b"{}", 1_700_000_000_000)
