"""API keys: what they open, what they do not, and how they end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from steward.clock import now
from steward.desk.api.operations import OPERATIONS, Operation, Who
from steward.desk.limits import Rate
from tests.integration.desk_kit import ON_SQLITE, Bench
from tests.integration.hook_kit import ALL_SCOPES, a_key

FOR_AGENTS = [one for one in OPERATIONS if one.who is Who.AGENT]


def address(one: Operation) -> str:
    path = one.path.removeprefix("/api/v1/desk/")
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + "x" + rest.partition("}")[2]
    return path


async def test_a_key_takes_answers_and_returns_as_an_agent_of_its_own(outward, admin):
    machine = await a_key(outward, admin, ALL_SCOPES)
    customer = await outward.queued()
    epoch = (await customer.read())["epoch"]
    taken = await machine.call("POST", f"conversations/{customer.id}/accept", {"epoch": epoch})
    assert taken.json()["conversation"]["agent"] == {"id": machine.id, "name": "Other desk"}
    agent = await outward.agent()
    late = await agent.act(customer, "accept", epoch)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "taken")
    assert "Other desk" in late.json()["error"]["message"]
    said = await machine.call("POST", f"conversations/{customer.id}/messages", {"text": "Hello"})
    assert said.status_code == 201
    view = await customer.read()
    assert view["agent"] == {"name": "Other desk"}
    back = await machine.call("POST", f"conversations/{customer.id}/return", {"epoch": view["epoch"]})
    assert back.json()["conversation"]["state"] == "bot"


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(outward, admin):
    machine = await a_key(outward, admin, ["team:read"])
    listed = await admin.call("GET", "keys")
    assert machine.token not in listed.text
    (key,) = listed.json()["keys"]
    assert machine.token.startswith(key["prefix"] + "_")
    assert key["last_used_at"] is None
    await machine.call("GET", "team")
    (key,) = (await admin.call("GET", "keys")).json()["keys"]
    assert key["last_used_at"] is not None


async def test_a_revoked_key_opens_nothing(outward, admin):
    machine = await a_key(outward, admin, ALL_SCOPES)
    assert (await machine.call("GET", "conversations")).status_code == 200
    (key,) = (await admin.call("GET", "keys")).json()["keys"]
    revoked = await admin.call("DELETE", f"keys/{key['id']}")
    assert revoked.json()["key"]["state"] == "revoked"
    assert (await machine.call("GET", "conversations")).status_code == 401
    again = await admin.call("DELETE", f"keys/{key['id']}")
    assert again.json()["key"]["revoked_at"] == revoked.json()["key"]["revoked_at"]
    assert (await admin.call("DELETE", "keys/nothing")).status_code == 404


async def test_what_a_revoked_key_had_waits_for_somebody_else(outward, admin):
    machine = await a_key(outward, admin, ALL_SCOPES)
    customer = await outward.queued()
    epoch = (await customer.read())["epoch"]
    await machine.call("POST", f"conversations/{customer.id}/accept", {"epoch": epoch})
    (key,) = (await admin.call("GET", "keys")).json()["keys"]
    await admin.call("DELETE", f"keys/{key['id']}")
    for _ in range(100):
        if (await customer.read())["state"] == "queued":
            break
        await asyncio.sleep(0.05)
    assert (await customer.read())["state"] == "queued"


async def test_what_a_key_had_waits_when_its_time_is_over(outward, admin):
    machine = await a_key(outward, admin, ALL_SCOPES, days=1)
    store = outward.server.desk.store
    assert await store.keys.retire(now() + 86_300_000) == 0
    assert await store.keys.retire(now() + 86_401_000) == 1
    assert (await store.agents.by_id(machine.id)).active is False


async def test_a_key_ends_when_its_time_is_over(outward, admin, monkeypatch):
    machine = await a_key(outward, admin, ALL_SCOPES, days=1)
    assert (await machine.call("GET", "conversations")).status_code == 200
    keys = outward.server.desk.keys
    later = keys._now() + 86_400_000
    monkeypatch.setattr(keys, "_now", lambda: later)
    assert (await machine.call("GET", "conversations")).status_code == 401


@ON_SQLITE
@pytest.mark.parametrize("token", ["stw_", "stw_aaaaaaaa_guess", "stw_" + "x" * 3000])
async def test_a_guess_opens_nothing(outward, admin, token):
    machine = await a_key(outward, admin, ALL_SCOPES)
    machine.token = token
    refused = await machine.call("GET", "conversations")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorised")


@ON_SQLITE
async def test_a_key_without_the_scope_is_refused_everywhere(outward, admin):
    everything = {one.scope for one in FOR_AGENTS if one.scope}
    assert everything == set(ALL_SCOPES)
    machines = {
        scope: await a_key(outward, admin, [s for s in ALL_SCOPES if s != scope]) for scope in ALL_SCOPES
    }
    for one in FOR_AGENTS:
        machine = machines[one.scope or ALL_SCOPES[0]]
        refused = await machine.call(one.method, address(one), {})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden"), one.path


@ON_SQLITE
async def test_keys_and_webhooks_are_for_administrators_alone(outward, admin):
    for role in ("agent", "lead", "operator"):
        agent = await outward.agent(role=role)
        for method, path in (
            ("GET", "keys"),
            ("POST", "keys"),
            ("DELETE", "keys/x"),
            ("GET", "webhooks"),
            ("POST", "webhooks"),
        ):
            assert (await agent.call(method, path, {})).status_code == 403, (role, path)


@ON_SQLITE
async def test_a_key_that_calls_too_often_must_wait(outward, admin):
    outward.limits = replace(outward.limits, key_calls=Rate(3, 60), key_failures=Rate(2, 60))
    await outward.restart()
    machine = await a_key(outward, admin, ALL_SCOPES)
    codes = [(await machine.call("GET", "conversations")).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    other = await a_key(outward, admin, ALL_SCOPES)
    assert (await other.call("GET", "conversations")).status_code == 200
    machine.token = "stw_guess"
    codes = [(await machine.call("GET", "conversations")).status_code for _ in range(3)]
    assert codes == [401, 401, 429]
    assert (await other.call("GET", "conversations")).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "  ", "scopes": ["team:read"]},
    ],
)
async def test_a_key_needs_a_name_and_scopes_that_there_are(outward, admin, body):
    assert (await admin.call("POST", "keys", body)).status_code == 400


@ON_SQLITE
async def test_making_and_revoking_a_key_is_in_the_log(outward: Bench, admin):
    machine = await a_key(outward, admin, ["team:read"])
    (key,) = (await admin.call("GET", "keys")).json()["keys"]
    await admin.call("DELETE", f"keys/{key['id']}")
    links = await outward.server.desk.store.audit.newest(None, 2)
    assert [link.entry.action for link in links] == ["key.revoked", "key.made"]
    assert machine.token not in str(links)
