"""Webhooks against a real receiver: signed, in order, at least once, and given up in plain sight."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
from dataclasses import replace

import aiohttp
import httpx
import pytest

from steward.desk.limits import Deliveries
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, Customer
from tests.integration.hook_kit import QUICK, a_hook
from tests.support.receiver import Receiver

DESK = """
import asyncio, sys
from pathlib import Path
from steward.desk.app import Server
from steward.words import Words
from tests.integration.desk_kit import ROOMY, RESPONSES, StandInRasa, a_setting
from tests.integration.hook_kit import QUICK
from dataclasses import replace

async def run(database, port, home, rasa):
    bot = StandInRasa()
    bot.port = int(rasa)
    changes = {"port": int(port), "webhooks_allow_private": True}
    settings = a_setting(Path(home), database, bot, **changes)
    await Server(settings, Words(RESPONSES), replace(ROOMY, deliveries=QUICK)).start()
    await asyncio.Event().wait()

asyncio.run(run(*sys.argv[1:]))
"""
"""A desk in a process of its own, to be killed."""


async def deliveries(admin: Agent, hook: dict, **query: str) -> list[dict]:
    asked = str(httpx.QueryParams(query))
    response = await admin.call("GET", f"webhooks/{hook['id']}/deliveries?{asked}")
    assert response.status_code == 200, response.text
    return response.json()["deliveries"]


async def standing(admin: Agent, hook: dict) -> dict:
    response = await admin.call("GET", "webhooks")
    return next(one for one in response.json()["webhooks"] if one["id"] == hook["id"])


async def test_a_handoff_is_told_with_everything_that_led_to_it(outward, admin, receiver):
    await a_hook(admin, receiver.url)
    customer = await outward.queued("complaint")
    event = await receiver.event("handoff.requested")
    assert event["conversation_id"] == customer.id
    assert event["data"]["conversation"]["state"] == "queued"
    assert event["data"]["previous_state"] == "bot"
    assert event["data"]["handoff"]["reason"] == "complaint"
    assert event["data"]["handoff"]["summary"] == "Wants a price."
    told = [
        (one["data"]["message"]["from"], one["data"]["message"]["seq"])
        for one in receiver.events("message.created")
    ]
    assert told == [("customer", 1), ("bot", 2), ("system", 3)]


async def test_the_events_of_a_conversation_come_numbered_and_in_order(outward, admin, receiver):
    await a_hook(admin, receiver.url)
    agent = await outward.agent()
    customers = [await outward.queued() for _ in range(3)]
    for customer in customers:
        assert (await agent.act(customer, "accept")).status_code == 200
        for text in ("one", "two", "three"):
            assert (await agent.say(customer, text)).status_code == 201
        assert (await agent.act(customer, "resolve")).status_code == 200
    await receiver.event("conversation.resolved", 3)
    await receiver.until(lambda all: len(all) >= 3 * 11)
    for customer in customers:
        mine = [one for one in receiver.events() if one["conversation_id"] == customer.id]
        assert [one["seq"] for one in mine] == sorted(one["seq"] for one in mine)
        kinds = [one["type"] for one in mine if one["type"] != "message.created"]
        assert kinds == ["handoff.requested", "handoff.accepted", "conversation.resolved"]
        said = [one["data"]["message"]["seq"] for one in mine if one["type"] == "message.created"]
        assert said == list(range(1, 9))


async def test_a_receiver_can_tell_that_it_was_us(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url)
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    (request,) = await receiver.until(lambda all: all)
    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert request.headers["webhook-id"] == request.json["id"]


async def test_after_a_new_secret_both_sign(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url)
    changed = await admin.call("PATCH", f"webhooks/{hook['id']}", {"new_secret": True})
    assert changed.json()["secret"] != hook["secret"]
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    (request,) = await receiver.until(lambda all: all)
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    for secret in (hook["secret"], changed.json()["secret"]):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
        assert "v1," + base64.b64encode(digest).decode() in request.headers["webhook-signature"].split(" ")


async def test_the_secret_is_told_once(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url)
    for response in (
        await admin.call("GET", "webhooks"),
        await admin.call("PATCH", f"webhooks/{hook['id']}", {}),
    ):
        assert hook["secret"] not in response.text


async def test_a_failed_delivery_comes_again_with_the_same_id_and_holds_up_no_other_conversation(
    outward, admin, receiver
):
    hook = await a_hook(admin, receiver.url, events=["message.created"])
    broken = await outward.customer()
    failing = {"until": 4}

    def answer(request):
        if request.json["conversation_id"] == broken.id and failing["until"]:
            failing["until"] -= 1
            return 500
        return 204

    receiver.answer = answer
    await broken.say("one")
    well = await outward.customer()
    await well.ask("hello")
    await receiver.until(lambda all: sum(one.json["conversation_id"] == well.id for one in all) >= 2)
    await receiver.until(lambda all: sum(one.json["conversation_id"] == broken.id for one in all) >= 6)
    mine = [one.json for one in receiver.received if one.json["conversation_id"] == broken.id]
    assert len({one["id"] for one in mine[:5]}) == 1
    assert [one["data"]["message"]["seq"] for one in mine] == [1, 1, 1, 1, 1, 2]
    await until_state(admin, hook, "working")


async def until_state(admin: Agent, hook: dict, state: str) -> dict:
    for _ in range(200):
        found = await standing(admin, hook)
        if found["state"] == state:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


@ON_SQLITE
async def test_no_redirect_is_followed(outward, admin, receiver):
    receiver.answer = lambda request: 302 if request.path == "/hook" else 204
    hook = await a_hook(admin, receiver.url + "/hook")
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    found = await until_state(admin, hook, "failing")
    assert "redirects are not followed" in found["error"]
    assert {one.path for one in receiver.received} == {"/hook"}


@ON_SQLITE
async def test_one_that_never_answers_is_not_waited_for(outward, admin, receiver):
    receiver.held.clear()
    hook = await a_hook(admin, receiver.url)
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    found = await until_state(admin, hook, "failing")
    assert "no answer within 2 seconds" in found["error"]


@ON_SQLITE
async def test_what_fails_for_too_long_is_given_up_and_can_be_sent_again(outward, admin, receiver):
    outward.limits = replace(outward.limits, deliveries=replace(QUICK, give_up_days=0.3 / 86_400))
    await outward.restart()
    receiver.answer = lambda _: 503
    hook = await a_hook(admin, receiver.url)
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    for _ in range(100):
        if (await standing(admin, hook))["dead"]:
            break
        await asyncio.sleep(0.05)
    (dead,) = await deliveries(admin, hook, state="dead")
    assert (dead["status"], dead["next_at"]) == (503, None)
    assert dead["attempts"] >= 2
    receiver.answer = lambda _: 200
    again = await admin.call("POST", f"webhooks/{hook['id']}/deliveries/{dead['id']}/redeliver")
    assert again.status_code == 202
    await until_state(admin, hook, "working")
    assert [one["state"] for one in await deliveries(admin, hook)] == ["delivered"]
    assert {one.json["id"] for one in receiver.received} == {dead["event"]["id"]}


async def test_a_desk_that_stops_leaves_its_deliveries_to_the_next_one(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url, events=["message.created"])
    receiver.held.clear()
    customer = await outward.customer()
    await customer.ask("hello")
    await receiver.until(lambda all: all)
    await outward.server.stop()
    receiver.held.set()
    await outward.start_anew()
    await receiver.until(lambda all: len({one.json["id"] for one in all}) >= 2)
    seen = [one.json["data"]["message"]["seq"] for one in receiver.received]
    assert seen == sorted(seen)
    assert receiver.received[0].json["id"] == receiver.received[1].json["id"]
    await until_state(admin, hook, "working")


@ON_SQLITE
async def test_what_a_killed_desk_was_sending_comes_again_with_the_same_id(
    outward, admin, receiver, tmp_path
):
    hook = await a_hook(admin, receiver.url, events=["message.created"])
    await outward.server.stop()
    receiver.held.clear()
    code = tmp_path / "desk.py"
    code.write_text(DESK)
    settings = outward.settings
    given = [sys.executable, str(code), settings.database_url, str(settings.port), str(tmp_path / "home")]
    env = {**os.environ, "PYTHONPATH": str(settings.root)}
    run = subprocess.Popen([*given, str(outward.rasa.port)], cwd=settings.root, env=env)
    try:
        customer = await first_customer(outward)
        await customer.say("hello")
        (lost,) = await receiver.until(lambda all: all, 30)
        run.send_signal(signal.SIGKILL)
        await asyncio.to_thread(run.wait, 20)
    finally:
        if run.poll() is None:
            run.kill()
            run.wait()
    receiver.held.set()
    await outward.start_anew()
    await receiver.until(lambda all: sum(one.json["id"] == lost.json["id"] for one in all) >= 2)
    await until_state(admin, hook, "working")
    texts = [one.json["data"]["message"]["text"] for one in receiver.received]
    assert texts[:2] == ["hello", "hello"]


async def first_customer(bench: Bench) -> Customer:
    for _ in range(200):
        try:
            return await bench.customer()
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise AssertionError("the desk did not start")


async def test_events_can_be_read_from_a_number_on_without_a_hole(outward, admin):
    customer = await outward.queued()
    first = (await admin.call("GET", "events?limit=2")).json()
    assert [one["seq"] for one in first["events"]] == [1, 2]
    rest = (await admin.call("GET", "events?after=2")).json()
    seqs = [one["seq"] for one in first["events"] + rest["events"]]
    assert seqs == list(range(1, rest["last"] + 1))
    assert rest["events"][-1]["type"] == "handoff.requested"
    assert all(one["conversation_id"] == customer.id for one in rest["events"])
    kind = (await admin.call("GET", "events?type=handoff.requested")).json()["events"]
    assert [one["seq"] for one in kind] == [rest["last"]]


async def test_many_desks_give_every_event_one_number(outward, admin):
    customers = [await outward.customer() for _ in range(5)]
    await asyncio.gather(*(one.ask("hello") for one in customers))
    store = outward.server.desk.store
    await asyncio.gather(*(store.hooks.spread(1) for _ in range(5)))
    found = await store.outbox.after(0, 500)
    assert [one.seq for one in found] == list(range(1, 11))


async def test_a_webhook_that_was_away_gets_what_it_missed(outward, admin, receiver):
    customer = await outward.customer()
    await customer.ask("hello")
    hook = await a_hook(admin, receiver.url)
    answer = await admin.call("POST", f"webhooks/{hook['id']}/replay", {"after": 1})
    assert answer.json() == {"events": 1}
    assert (await receiver.event("message.created"))["data"]["message"]["seq"] == 2


async def test_a_webhook_that_is_off_gets_nothing_until_it_is_on_again(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url)
    off = await admin.call("PATCH", f"webhooks/{hook['id']}", {"active": False})
    assert off.json()["webhook"]["state"] == "off"
    await (await outward.customer()).ask("hello")
    await admin.call("PATCH", f"webhooks/{hook['id']}", {"active": True})
    await (await outward.customer()).ask("hello again")
    await receiver.event("message.created", 2)
    assert "hello" not in [one["data"]["message"]["text"] for one in receiver.events()]


async def test_what_is_erased_is_told_and_not_sent_any_more(outward, admin, receiver):
    customer = await outward.customer()
    await customer.ask("my secret")
    gone = await outward.http.delete(customer.path, headers=customer.headers)
    assert gone.status_code == 204
    events = (await admin.call("GET", "events")).json()["events"]
    assert [(one["type"], one["conversation_id"]) for one in events] == [("conversation.erased", customer.id)]
    assert "my secret" not in str(events)


@ON_SQLITE
@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "https://",
        "not an address",
        "https://user:password@example.org/",
        "https://example.org:99999/",
        "http://[::1",
    ],
)
async def test_what_is_no_address_is_refused(outward, admin, url):
    refused = await admin.call("POST", "webhooks", {"url": url})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "url")


@ON_SQLITE
async def test_an_unknown_event_is_refused(outward, admin):
    refused = await admin.call("POST", "webhooks", {"url": "https://example.org", "events": ["nonsense"]})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "events")


@ON_SQLITE
async def test_no_webhook_leads_into_the_desks_own_network(outward, admin, receiver):
    hook = await a_hook(admin, f"http://localhost:{receiver.port}/")
    outward.settings = replace(outward.settings, webhooks_allow_private=False)
    await outward.restart()
    for url in (
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://localhost/",
        "http://example.org/",
    ):
        assert (await admin.call("POST", "webhooks", {"url": url})).status_code == 400, url
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    found = await until_state(admin, hook, "failing")
    assert "not a public one" in found["error"]
    assert receiver.received == []


@ON_SQLITE
async def test_a_name_that_leads_inside_is_not_called_either(outward, admin, receiver, monkeypatch):
    real = aiohttp.ThreadedResolver.resolve

    def leads_inside(resolver, host, *rest):
        return real(resolver, "127.0.0.1" if host == "innocent.example" else host, *rest)

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", leads_inside)
    hook = await a_hook(admin, f"http://innocent.example:{receiver.port}/")
    outward.settings = replace(outward.settings, webhooks_allow_private=False)
    await outward.restart()
    await admin.call("POST", f"webhooks/{hook['id']}/ping")
    found = await until_state(admin, hook, "failing")
    assert "does not lead to a public address" in found["error"]
    assert receiver.received == []


@ON_SQLITE
async def test_a_busy_webhook_leaves_room_for_the_others(outward, admin, receiver):
    slow = await Receiver().start()
    slow.held.clear()
    try:
        await a_hook(admin, slow.url, events=["message.created"])
        await a_hook(admin, receiver.url, events=["message.created"])
        customers = [await outward.customer() for _ in range(8)]
        await asyncio.gather(*(one.say("hello") for one in customers))
        await receiver.event("message.created", 8)
        assert len(slow.received) <= Deliveries().at_once
    finally:
        await slow.stop()


@ON_SQLITE
async def test_every_change_of_a_webhook_is_in_the_log(outward, admin, receiver):
    hook = await a_hook(admin, receiver.url)
    await admin.call("PATCH", f"webhooks/{hook['id']}", {"active": False, "new_secret": True})
    await admin.call("DELETE", f"webhooks/{hook['id']}")
    links = await outward.server.desk.store.audit.newest(None, 3)
    assert [link.entry.action for link in links] == ["webhook.removed", "webhook.changed", "webhook.added"]
    assert "whsec" not in str(links)
