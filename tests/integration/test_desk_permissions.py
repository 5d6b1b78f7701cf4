"""Everyone who may not call an endpoint tries it and fails; each endpoint, as it is declared.

What is tried comes from the declarations themselves, so an endpoint added tomorrow is tried too.
"""

from __future__ import annotations

import asyncio
import re
import uuid

import httpx
import pytest

from steward.clock import now
from steward.desk.accounts.agents import token_hash
from steward.desk.accounts.permissions import ROLES, Permission, may
from steward.desk.api.entry import COOKIE
from steward.desk.api.operations import OPERATIONS, Operation, Who
from steward.desk.bus import DESK, OPERATORS
from tests.integration.desk_kit import ON_SQLITE, Agent, Bench, until

pytestmark = [ON_SQLITE, pytest.mark.usefixtures("database_url")]

OPEN_TO_ALL = {
    ("POST", "/api/v1/conversations"),
    ("GET", "/api/v1/widget"),
    ("GET", "/api/v1/shop/products"),
    ("GET", "/api/v1/shop/hours"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/docs"),
    ("POST", "/api/v1/desk/session"),
    ("GET", "/api/v1/desk/session/providers"),
    ("GET", "/api/v1/desk/session/oidc/start"),
    ("GET", "/api/v1/desk/session/oidc/callback"),
    ("GET", "/api/v1/desk/join/{token}"),
    ("POST", "/api/v1/desk/join/{token}"),
    ("GET", "/api/v1/files/{file_id}"),
    ("POST", "/api/v1/bridges/chatwoot/{callback}"),
}
"""What needs nothing, or a secret in its own address or body that its own tests try to do without."""

UNDECLARED = {
    "/api/v1/conversations/{conversation_id}/socket",
    "/api/v1/desk/socket",
    "/",
    "/desk",
    "/chat.js",
    "/web/{name}",
}
"""The sockets, which have their own way in, and the pages, which hold nothing of anybody's."""

OF_AGENTS = [one for one in OPERATIONS if one.who is Who.AGENT]
OF_CUSTOMERS = [one for one in OPERATIONS if one.who is Who.CUSTOMER]


def names(operations: list[Operation]) -> list[str]:
    return [f"{one.method} {one.path}" for one in operations]


def address(one: Operation, conversation_id: str = "c" * 24) -> str:
    path = one.path.replace("{conversation_id}", conversation_id)
    return re.sub(r"\{\w+\}", "x" * 16, path)


async def call(bench: Bench, one: Operation, headers: dict[str, str], **place: str) -> httpx.Response:
    return await bench.http.request(one.method, address(one, **place), headers=headers, content=b"{}")


def refused(response: httpx.Response, status: int, code: str) -> bool:
    return response.status_code == status and response.json()["error"]["code"] == code


def test_only_what_is_meant_to_be_is_open_to_all() -> None:
    found = {(one.method, one.path) for one in OPERATIONS if one.who is Who.ANYONE}
    assert found <= OPEN_TO_ALL


async def test_every_address_is_declared_as_an_endpoint_or_is_a_page(bench: Bench) -> None:
    routes = bench.server.app.router.routes
    found = {"/" + re.sub(r"<(\w+)(?::\w+)?>", r"{\1}", route.path) for route in routes}
    assert found - UNDECLARED == {one.path for one in OPERATIONS}


def test_every_change_at_the_desk_asks_for_a_permission_unless_it_is_one_s_own() -> None:
    own = {
        "DELETE /api/v1/desk/session",
        "DELETE /api/v1/desk/sessions/{session_id}",
        "PUT /api/v1/desk/password",
    }
    free = [one for one in OF_AGENTS if one.permission is None and one.method != "GET"]
    assert set(names(free)) == own


async def test_nobody_gets_in_without_a_session(bench: Bench) -> None:
    customer = await bench.queued()
    let_in = []
    for one in OF_AGENTS:
        for cookie in ("", f"{COOKIE}=", f"{COOKIE}=guess", f"{COOKIE}={customer.token}"):
            for authorization in ("", customer.headers["Authorization"], "Bearer stw_guess", "Basic eDp5"):
                headers = {"X-Steward": "1", "Cookie": cookie, "Authorization": authorization}
                response = await call(bench, one, headers, conversation_id=customer.id)
                # Guessing keys is throttled on top.
                if response.status_code not in (401, 429):
                    let_in.append((one.method, one.path, cookie, authorization, response.status_code))
    assert let_in == []
    view = await customer.read()
    assert (view["state"], view["seq"]) == ("queued", 3)


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_is_refused_what_it_does_not_allow_and_given_what_it_does(
    bench: Bench, role: str
) -> None:
    wrong = []
    for one in OF_AGENTS:
        who = await bench.agent(role=role)
        response = await call(bench, one, who.headers)
        forbidden = refused(response, 403, "forbidden")
        if forbidden is may(role, one.permission) or response.status_code == 401:
            wrong.append((one.method, one.path, response.status_code, response.text[:100]))
    assert wrong == []


async def test_a_role_taken_away_is_gone_with_the_next_call(bench: Bench) -> None:
    admin, lead = await bench.agent(role="admin"), await bench.agent(role="lead")
    assert (await lead.call("GET", "board")).status_code == 200
    assert (await admin.call("PATCH", f"agents/{lead.id}", {"role": "agent"})).status_code == 200
    assert (await lead.call("GET", "board")).status_code == 403


async def test_another_site_cannot_act_with_a_session(bench: Bench) -> None:
    admin = await bench.agent(role="admin")
    cookie = {"Cookie": admin.headers["Cookie"]}
    done = []
    for one in OF_AGENTS:
        if one.method == "GET":
            continue
        for headers in (cookie, {**cookie, "X-Steward": "0"}):
            if not refused(await call(bench, one, headers), 403, "forbidden"):
                done.append((one.method, one.path))
    assert done == []
    assert (await admin.call("GET", "session")).status_code == 200


async def test_a_key_is_refused_what_none_of_its_scopes_allows(bench: Bench) -> None:
    scopes = {one.scope for one in OF_AGENTS if one.scope}
    tokens = {scope: await a_key(bench, sorted(scopes - {scope})) for scope in scopes}
    every = await a_key(bench, sorted(scopes))
    let_in = []
    for one in OF_AGENTS:
        token = tokens[one.scope] if one.scope else every
        if not refused(await call(bench, one, {"Authorization": f"Bearer {token}"}), 403, "forbidden"):
            let_in.append((one.method, one.path))
    assert let_in == []


async def test_a_key_with_the_one_scope_is_let_in(bench: Bench) -> None:
    wrong = []
    for scope in sorted({one.scope for one in OF_AGENTS if one.scope}):
        token = await a_key(bench, [scope])
        for one in OF_AGENTS:
            if one.scope != scope:
                continue
            response = await call(bench, one, {"Authorization": f"Bearer {token}"})
            if response.status_code == 401 or refused(response, 403, "forbidden"):
                wrong.append((one.method, one.path, response.text))
    assert wrong == []


async def test_an_inactive_agent_has_no_session(bench: Bench) -> None:
    admin, agent = await bench.agent(role="admin"), await bench.agent(role="admin")
    assert (await admin.call("PATCH", f"agents/{agent.id}", {"active": False})).status_code == 200
    # One that a desk elsewhere may have made a moment later.
    await bench.server.desk.store.agents.add_session(token_hash("late"), agent.id, now(), now() + 60_000)
    let_in = []
    for one in OF_AGENTS:
        for cookie in (agent.headers["Cookie"], f"{COOKIE}=late"):
            response = await call(bench, one, {"X-Steward": "1", "Cookie": cookie})
            if response.status_code != 401:
                let_in.append((one.method, one.path))
    assert let_in == []


async def test_a_conversation_opens_to_its_own_token_only(bench: Bench) -> None:
    mine, theirs = await bench.customer(), await bench.customer()
    await theirs.ask("a secret")
    admin = await bench.agent(role="admin")
    wrong = []
    for one in OF_CUSTOMERS:
        for missing in ({}, {"Authorization": "Bearer"}, admin.headers):
            if not refused(await call(bench, one, missing, conversation_id=theirs.id), 401, "unauthorised"):
                wrong.append((one.method, one.path, "nobody"))
        for other in (mine.token, token_hash(theirs.token), "stw_guess"):
            headers = {"Authorization": f"Bearer {other}"}
            for conversation in (theirs.id, "x" * 24):
                response = await call(bench, one, headers, conversation_id=conversation)
                if not refused(response, 404, "not_found"):
                    wrong.append((one.method, one.path, other))
    assert wrong == []
    assert (await theirs.read())["seq"] == 2


async def test_the_desk_s_socket_opens_only_to_those_who_are_signed_in(bench: Bench) -> None:
    path = "/api/v1/desk/socket"
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Origin": f"http://127.0.0.1:{bench.port}",
    }
    key = await a_key(bench, sorted({one.scope for one in OF_AGENTS if one.scope}))
    assert refused(await bench.http.get(path, headers=upgrade), 401, "unauthorised")
    answer = await bench.http.get(path, headers=upgrade | {"Authorization": f"Bearer {key}"})
    assert refused(answer, 403, "forbidden")


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_the_desk_s_socket_tells_each_role_what_it_may_know(bench: Bench, role: str) -> None:
    who = await bench.agent(role=role)
    async with who.socket() as socket:
        await until(lambda: bench.server.desk.bus.heard(DESK) or bench.server.desk.bus.heard(OPERATORS))
        await bench.queued()
        bench.server.desk.bus.publish(OPERATORS, '{"type": "of operators"}')
        await asyncio.sleep(0.2)
        await socket.send(type="ping")
        heard = set()
        while (frame := await socket.next())["type"] != "pong":
            heard.add(frame["type"])
    answers, improves = may(role, Permission.ANSWER), may(role, Permission.IMPROVE)
    of_conversations = {"queue", "presence", "conversation", "message", "offer", "viewers", "typing"}
    assert bool(heard & of_conversations) is answers, heard
    assert ("of operators" in heard) is improves, heard


async def a_key(bench: Bench, scopes: list[str]) -> str:
    """A key with these scopes, made as an administrator makes one."""
    admin: Agent = await bench.agent(role="admin")
    body = {"name": f"key {uuid.uuid4().hex[:6]}", "scopes": scopes}
    answer = await admin.call("POST", "keys", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
