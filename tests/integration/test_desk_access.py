"""Everyone who may not, tries."""

from __future__ import annotations

import asyncio
import stat

import httpx
import pytest

from steward.clock import now
from steward.desk.accounts.agents import ensure_first_agent, token_hash
from steward.desk.api.entry import COOKIE
from tests.integration.desk_kit import ON_SQLITE, Bench

pytestmark = ON_SQLITE

CUSTOMERS = [
    ("POST", "/messages", {"text": "hi"}),
    ("GET", "/messages", None),
    ("POST", "/handoff", {}),
    ("POST", "/cancel", {}),
    ("POST", "/end", {}),
    ("POST", "/feedback", {"seq": 2, "value": "up"}),
    ("POST", "/export", {}),
    ("DELETE", "", None),
]
AGENTS = [
    ("GET", "session", None),
    ("DELETE", "session", None),
    ("GET", "conversations?view=queue", None),
    ("GET", "conversations/{id}", None),
    ("POST", "conversations/{id}/accept", {"epoch": 1}),
    ("POST", "conversations/{id}/takeover", {"epoch": 1}),
    ("POST", "conversations/{id}/messages", {"text": "hi"}),
    ("POST", "conversations/{id}/return", {"epoch": 1}),
    ("POST", "conversations/{id}/resolve", {"epoch": 1}),
    ("POST", "conversations/{id}/typing", {}),
]


@pytest.mark.parametrize(("method", "what", "body"), CUSTOMERS)
async def test_a_conversation_opens_to_its_own_token_only(bench: Bench, method, what, body):
    mine, theirs = await bench.customer(), await bench.customer()
    await theirs.ask("a secret")

    async def attempt(path: str, authorization: str | None) -> httpx.Response:
        headers = {"Authorization": authorization} if authorization is not None else {}
        return await bench.http.request(method, path + what, json=body, headers=headers)

    for missing in (None, "", "Bearer", f"Basic {theirs.token}"):
        assert (await attempt(theirs.path, missing)).status_code == 401
    wrong = await attempt(theirs.path, f"Bearer {mine.token}")
    hashed = await attempt(theirs.path, f"Bearer {token_hash(theirs.token)}")
    nowhere = await attempt("/api/v1/conversations/" + "x" * 24, f"Bearer {mine.token}")
    assert wrong.status_code == hashed.status_code == nowhere.status_code == 404
    assert wrong.json() == hashed.json() == nowhere.json()
    assert (await theirs.read())["seq"] == 2


@pytest.mark.parametrize(("method", "path", "body"), AGENTS)
async def test_the_desk_opens_to_a_session_only(bench: Bench, method, path, body):
    customer = await bench.queued()
    url = "/api/v1/desk/" + path.format(id=customer.id)
    for cookie in ("", f"{COOKIE}=", f"{COOKIE}=guess", f"{COOKIE}={customer.token}"):
        headers = {"X-Steward": "1", "Cookie": cookie, **customer.headers}
        response = await bench.http.request(method, url, json=body, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorised")
    view = await customer.read()
    assert (view["state"], view["seq"]) == ("queued", 3)


@pytest.mark.parametrize(("method", "path", "body"), [one for one in AGENTS if one[0] != "GET"])
async def test_another_site_cannot_act_with_an_agent_s_session(bench: Bench, method, path, body):
    customer, agent = await bench.queued(), await bench.agent()
    url = "/api/v1/desk/" + path.format(id=customer.id)
    headers = {"Cookie": agent.headers["Cookie"]}
    response = await bench.http.request(method, url, json=body, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert (await customer.read())["state"] == "queued"


async def test_a_session_expires(bench: Bench):
    agent, store = await bench.agent(), bench.server.desk.store
    await store.agents.add_session(token_hash("old"), agent.id, now(), now() - 1)
    response = await bench.http.get("/api/v1/desk/session", headers={"Cookie": f"{COOKIE}=old"})
    assert response.status_code == 401


async def test_an_agent_signs_in_with_the_sign_in_left_on_the_first_start(bench: Bench):
    path = bench.settings.home / "sign-in"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    email, password = path.read_text().split("\n")[:2]
    response = await sign_in(bench, email.upper(), password)
    assert response.status_code == 200
    agent = response.json()["agent"]
    assert (agent["email"], agent["name"], agent["role"]) == ("agent@alder-home.example", "Alex", "admin")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    headers = {"Cookie": cookie.partition(";")[0], "X-Steward": "1"}
    assert (await bench.http.get("/api/v1/desk/session", headers=headers)).json() == {"agent": agent}
    assert (await bench.http.delete("/api/v1/desk/session", headers=headers)).status_code == 204
    assert (await bench.http.get("/api/v1/desk/session", headers=headers)).status_code == 401


async def test_behind_https_the_cookie_is_for_https_only(bench: Bench):
    bench.server.app.config.PROXIES_COUNT = 1
    email, password = (bench.settings.home / "sign-in").read_text().split()
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    assert "Secure" in (await sign_in(bench, email, password, **headers)).headers["set-cookie"]


async def test_the_first_agent_is_made_once_and_the_password_is_not_stored(bench: Bench):
    path = bench.settings.home / "sign-in"
    password = path.read_text().split()[1]
    await ensure_first_agent(bench.settings, bench.server.desk.store, now())
    assert path.read_text().split()[1] == password
    assert len(await bench.server.desk.store.agents.all()) == 1
    found = await bench.server.desk.store.agents.by_email("agent@alder-home.example")
    assert found is not None and found[1].startswith("$argon2id$") and password not in found[1]


async def test_a_wrong_address_and_a_wrong_password_look_the_same(bench: Bench):
    wrong = await sign_in(bench, "agent@alder-home.example", "wrong")
    nobody = await sign_in(bench, "nobody@alder-home.example", "wrong")
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()


async def test_guessing_passwords_is_throttled_even_all_at_once(bench: Bench):
    email, password = (bench.settings.home / "sign-in").read_text().split()
    guesses = await asyncio.gather(*(sign_in(bench, email, f"guess {n}") for n in range(8)))
    statuses = sorted(response.status_code for response in guesses)
    assert statuses == [401] * 5 + [429] * 3
    throttled = await sign_in(bench, email, password)
    assert throttled.status_code == 429
    assert int(throttled.headers["retry-after"]) > 200


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "email"), ({"email": "a"}, "password"), ({"email": 1, "password": "x"}, "email")],
)
async def test_a_sign_in_without_its_fields_is_refused_by_them(bench: Bench, body, field):
    response = await bench.http.post("/api/v1/desk/session", json=body, headers={"X-Steward": "1"})
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "conversations?view=all", None, 400),
        ("GET", "conversations/nobody", None, 404),
        ("POST", "conversations/nobody/accept", {"epoch": 1}, 404),
        ("POST", "conversations/{id}/accept", {}, 400),
        ("POST", "conversations/{id}/accept", {"epoch": "1"}, 400),
        ("POST", "conversations/{id}/messages", {"text": ""}, 400),
        ("POST", "conversations/{id}/messages", {"text": "x" * 4001}, 400),
        ("GET", "conversations/{id}?after=9", None, 400),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_shape(bench: Bench, method, path, body, status):
    customer, agent = await bench.queued(), await bench.agent()
    response = await agent.call(method, path.format(id=customer.id), body)
    assert response.status_code == status
    assert set(response.json()) == {"error"}


async def sign_in(bench: Bench, email: str, password: str, **headers: str) -> httpx.Response:
    body = {"email": email, "password": password}
    return await bench.http.post("/api/v1/desk/session", json=body, headers={"X-Steward": "1", **headers})
