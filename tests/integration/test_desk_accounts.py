"""Accounts: invitations, passwords, sessions, roles, and the log of all that."""

from __future__ import annotations

import asyncio
import email.message
import email.policy
from dataclasses import replace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from steward.clock import now
from steward.desk.accounts.agents import INVITATION_SECONDS, Arrival, token_hash
from steward.desk.accounts.audit import Entry, Head
from steward.desk.api.entry import COOKIE
from steward.desk.store import Agent as StoredAgent
from steward.desk.store import Store, StoreUnavailable
from steward.errors import ConversationError
from steward.settings import MailServer
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Agent, Bench, StandInRasa, a_setting, free_port

PASSWORD = "nine kettles on a shelf"


class Browser:
    """Somebody's browser, with its own cookie."""

    def __init__(self, bench: Bench, name: str = "Firefox") -> None:
        self._bench = bench
        self.headers = {"X-Steward": "1", "User-Agent": name}

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        response = await self._bench.http.request(
            method, f"/api/v1/desk/{path}", json=body, headers=self.headers
        )
        if "set-cookie" in response.headers:
            self.headers["Cookie"] = response.headers["set-cookie"].partition(";")[0]
        return response

    async def sign_in(self, email: str, password: str) -> httpx.Response:
        return await self.call("POST", "session", {"email": email, "password": password})


async def invited(admin: Agent, email: str = "robin@example.org", role: str = "agent") -> str:
    """The token of an invitation."""
    body = {"email": email, "name": "Robin Fletcher", "role": role, "skills": ["delivery"]}
    answer = await admin.call("POST", "invitations", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["link"].rpartition("/")[2])


async def joined(bench: Bench, admin: Agent, email: str = "robin@example.org") -> Browser:
    """The browser of somebody who has accepted an invitation."""
    browser = Browser(bench)
    token = await invited(admin, email)
    answer = await browser.call("POST", f"join/{token}", {"name": "Robin", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return browser


async def log(admin: Agent) -> list[tuple[str, str, str]]:
    """Who did what to whom, the newest first."""
    entries = (await admin.call("GET", "audit")).json()["entries"]
    return [(one["actor"]["name"], one["action"], one["subject"]) for one in entries]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# Invitations


async def test_an_invited_person_chooses_a_password_and_signs_in_with_it(bench: Bench):
    admin, browser = await bench.agent("Alex", role="admin"), Browser(bench)
    token = await invited(admin, " Robin@Example.org ", "lead")
    welcome = (await browser.call("GET", f"join/{token}")).json()
    assert (welcome["email"], welcome["name"], welcome["role"]) == (
        "robin@example.org",
        "Robin Fletcher",
        "lead",
    )
    assert (welcome["reset"], welcome["invited_by"], welcome["shortest"]) == (False, "Alex", 12)
    answer = await browser.call("POST", f"join/{token}", {"name": " Robin ", "password": PASSWORD})
    agent = answer.json()["agent"]
    assert (answer.status_code, agent["name"], agent["role"]) == (201, "Robin", "lead")
    assert agent["permissions"] == ["answer", "lead"]
    assert (await browser.call("GET", "session")).json()["agent"] == agent
    again = Browser(bench)
    assert (await again.sign_in("ROBIN@example.org", PASSWORD)).json()["agent"] == agent
    found = (await admin.call("GET", "agents")).json()
    robin = next(one for one in found["agents"] if one["id"] == agent["id"])
    assert (robin["skills"], robin["sessions"], robin["signs_in_with"]) == (["delivery"], 2, ["password"])
    assert found["invitations"] == []
    assert await log(admin) == [
        ("Robin", "invitation.accepted", "robin@example.org"),
        ("Alex", "invitation.made", "robin@example.org"),
        ("Steward", "agent.made", "agent@alder-home.example"),
    ]


async def test_an_invitation_works_once_even_for_two_at_the_same_time(bench: Bench):
    admin = await bench.agent(role="admin")
    token = await invited(admin)
    body = {"name": "Robin", "password": PASSWORD}
    answers = await asyncio.gather(*(Browser(bench).call("POST", f"join/{token}", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
    assert code(await Browser(bench).call("GET", f"join/{token}")) == (404, "not_found")


@ON_SQLITE
async def test_an_invitation_that_is_too_old_replaced_or_withdrawn_opens_nothing(bench: Bench):
    admin = await bench.agent(role="admin")
    replaced = await invited(admin)
    withdrawn = await invited(admin)
    listed = (await admin.call("GET", "agents")).json()["invitations"]
    assert [one["email"] for one in listed] == ["robin@example.org"]
    assert (await admin.call("DELETE", f"invitations/{listed[0]['id']}")).status_code == 204
    assert (await admin.call("DELETE", f"invitations/{listed[0]['id']}")).status_code == 404
    accounts = bench.server.desk.accounts
    accounts._now = lambda: now() - INVITATION_SECONDS * 1000 - 1
    old = await invited(admin, "old@example.org")
    accounts._now = now
    for token in (replaced, withdrawn, old, "guess"):
        body = {"name": "Robin", "password": PASSWORD}
        assert code(await Browser(bench).call("GET", f"join/{token}")) == (404, "not_found")
        assert code(await Browser(bench).call("POST", f"join/{token}", body)) == (404, "not_found")


@ON_SQLITE
async def test_who_has_an_account_is_not_invited_again(bench: Bench):
    admin = await bench.agent(role="admin")
    body = {"email": "Agent@alder-home.example", "name": "Alex"}
    assert code(await admin.call("POST", "invitations", body)) == (409, "known")


@ON_SQLITE
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "robin"}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"role": "owner"}, "role"),
        ({"skills": ["Two Words"]}, "skills[0]"),
    ],
)
async def test_an_invitation_that_makes_no_sense_is_refused_by_its_field(bench: Bench, change, field):
    admin = await bench.agent(role="admin")
    body = {"email": "robin@example.org", "name": "Robin", "role": "agent", "skills": []} | change
    answer = await admin.call("POST", "invitations", body)
    assert (answer.status_code, answer.json()["error"].get("field")) == (400, field)


@ON_SQLITE
async def test_a_weak_password_leaves_the_invitation_open(bench: Bench):
    admin, browser = await bench.agent(role="admin"), Browser(bench)
    token = await invited(admin)
    weak = {"name": "Robin Fletcher", "password": "robin.fletcher"}
    assert code(await browser.call("POST", f"join/{token}", weak)) == (400, "weak_password")
    strong = weak | {"password": PASSWORD}
    assert (await browser.call("POST", f"join/{token}", strong)).status_code == 201


async def test_tokens_and_passwords_are_nowhere_in_the_database(bench: Bench):
    admin = await bench.agent(role="admin")
    token = await invited(admin, "waiting@example.org")
    browser = await joined(bench, admin)
    session = browser.headers["Cookie"].partition("=")[2]
    async with bench.server.desk.store.database.read() as connection:
        everything = ""
        for table in ("agents", "sessions", "invitations", "audit"):
            rows = (await connection.execute(sa.text(f"SELECT * FROM {table}"))).all()
            everything += repr([tuple(row) for row in rows])
    assert token_hash(token) in everything and token_hash(session) in everything
    assert "$argon2id$" in everything
    for secret in (token, session, PASSWORD):
        assert secret not in everything


class Letters:
    """What a mail server on this machine took; it refuses `nobody@`."""

    def __init__(self) -> None:
        self.taken: list[email.message.EmailMessage] = []

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, email.message.EmailMessage)
        self.taken.append(letter)
        return "250 OK"


@ON_SQLITE
async def test_with_a_mail_server_the_link_goes_to_the_invited_person_alone(
    database_url, tmp_path, rasa: StandInRasa
):
    letters = Letters()
    post = Controller(letters, hostname="127.0.0.1", port=free_port())
    post.start()
    server = MailServer("127.0.0.1", post.port, "none", "", "", "desk@alder-home.example")
    bench = Bench(a_setting(tmp_path, database_url, rasa, mail=server), ROOMY, rasa)
    await bench.start()
    admin, browser = await bench.agent("Alex", role="admin"), Browser(bench)
    body = {"email": "robin@example.org", "name": "Robin Fletcher"}
    made = (await admin.call("POST", "invitations", body)).json()
    assert (made["mailed"], made["link"]) == (True, None)
    text = letters.taken[0].get_content().replace("\n", " ")
    assert "Robin Fletcher, Alex of Alder Home invites you: " in text
    token = text.rpartition("/")[2].strip()
    answer = await browser.call("POST", f"join/{token}", {"name": "Robin", "password": PASSWORD})
    assert answer.status_code == 201
    reset = await admin.call("POST", f"agents/{answer.json()['agent']['id']}/reset")
    assert reset.json()["mailed"] and letters.taken[1]["Subject"] == "A password at Alder Home"
    refused = await admin.call("POST", "invitations", body | {"email": "nobody@example.org"})
    assert refused.json()["mailed"] is False and "/desk#/invitation/" in refused.json()["link"]
    await bench.close()
    post.stop(no_assert=True)


# Passwords


async def test_a_forgotten_password_is_replaced_by_a_link_and_ends_what_was_open(bench: Bench):
    admin = await bench.agent("Alex", role="admin")
    browser = await joined(bench, admin)
    robin = (await browser.call("GET", "session")).json()["agent"]
    answer = await admin.call("POST", f"agents/{robin['id']}/reset")
    token = answer.json()["link"].rpartition("/")[2]
    assert answer.json()["invitation"]["reset"] is True
    assert (await browser.call("GET", "session")).status_code == 200
    welcome = (await Browser(bench).call("GET", f"join/{token}")).json()
    assert (welcome["reset"], welcome["name"]) == (True, "Robin")
    new = {"name": "Somebody else", "password": "seven lamps in a window"}
    answer = await Browser(bench).call("POST", f"join/{token}", new)
    assert answer.json()["agent"] == robin
    assert (await browser.call("GET", "session")).status_code == 401
    assert code(await browser.sign_in(robin["email"], PASSWORD)) == (401, "sign_in_failed")
    assert (await browser.sign_in(robin["email"], new["password"])).status_code == 200
    actions = [action for _, action, _ in await log(admin)]
    assert actions[:2] == ["password.reset", "password.reset_offered"]


async def test_changing_the_own_password_ends_all_other_sessions(bench: Bench):
    admin = await bench.agent(role="admin")
    here, elsewhere = await joined(bench, admin), Browser(bench)
    await elsewhere.sign_in("robin@example.org", PASSWORD)
    change = {"current": PASSWORD, "new": "seven lamps in a window"}
    assert (await here.call("PUT", "password", change)).status_code == 204
    assert (await here.call("GET", "session")).status_code == 200
    assert (await elsewhere.call("GET", "session")).status_code == 401
    assert (await elsewhere.sign_in("robin@example.org", PASSWORD)).status_code == 401
    assert (await elsewhere.sign_in("robin@example.org", change["new"])).status_code == 200
    assert ("Robin", "password.changed", "robin@example.org") in await log(admin)


@ON_SQLITE
async def test_a_password_is_not_changed_without_the_current_one_or_to_a_weak_one(bench: Bench):
    browser = await joined(bench, await bench.agent(role="admin"))
    wrong = {"current": "something else", "new": "seven lamps in a window"}
    answer = await browser.call("PUT", "password", wrong)
    assert code(answer) == (403, "wrong_password") and answer.json()["error"]["field"] == "current"
    weak = {"current": PASSWORD, "new": "short"}
    answer = await browser.call("PUT", "password", weak)
    assert code(answer) == (400, "weak_password") and answer.json()["error"]["field"] == "new"
    for _ in range(6):
        answer = await browser.call("PUT", "password", wrong)
    assert answer.status_code == 429
    assert (await Browser(bench).sign_in("robin@example.org", PASSWORD)).status_code == 200


# Sessions


async def test_sessions_are_listed_and_one_is_revoked_with_its_socket_at_once(bench: Bench):
    admin = await bench.agent("Alex", role="admin")
    here, elsewhere = await joined(bench, admin), Browser(bench, "Chrome")
    await elsewhere.sign_in("robin@example.org", PASSWORD)
    listed = (await here.call("GET", "sessions")).json()["sessions"]
    assert {(one["device"], one["current"]) for one in listed} == {("Firefox", True), ("Chrome", False)}
    assert {(one["method"], one["address"]) for one in listed} == {("password", "127.0.0.1")}
    other = next(one for one in listed if not one["current"])
    theirs = await bench.agent()
    theirs.headers = elsewhere.headers
    async with theirs.socket() as socket:
        await socket.next("queue")
        assert (await here.call("DELETE", f"sessions/{other['id']}")).status_code == 204
        await socket.next("session")
        await socket.closed()
    assert (await elsewhere.call("GET", "session")).status_code == 401
    assert (await here.call("GET", "session")).status_code == 200
    assert (await log(admin))[0] == ("Robin", "session.revoked", "robin@example.org")


async def test_administrators_see_and_end_anybody_s_sessions_and_others_do_not(bench: Bench):
    admin, lead = await bench.agent(role="admin"), await bench.agent(role="lead")
    browser = await joined(bench, admin)
    robin = (await browser.call("GET", "session")).json()["agent"]["id"]
    assert code(await lead.call("GET", f"sessions?agent={robin}")) == (403, "forbidden")
    listed = (await admin.call("GET", f"sessions?agent={robin}")).json()["sessions"]
    path = f"sessions/{listed[0]['id']}"
    assert code(await lead.call("DELETE", path)) == (404, "not_found")
    assert (await browser.call("GET", "session")).status_code == 200
    assert (await admin.call("DELETE", path)).status_code == 204
    assert (await browser.call("GET", "session")).status_code == 401


async def test_signing_out_closes_the_session_s_sockets(bench: Bench):
    agent = await bench.agent()
    async with agent.socket() as socket:
        await socket.next("queue")
        assert (await agent.call("DELETE", "session")).status_code == 204
        await socket.closed()


async def test_the_last_use_of_a_session_is_known_to_the_minute(bench: Bench):
    agent, store = await bench.agent(), bench.server.desk.store
    hashed = token_hash(agent.headers["Cookie"].partition("=")[2])
    later = now() + 61_000
    assert await store.agents.session(hashed, later) is not None
    assert (await store.agents.sessions(agent.id, later))[0].seen_at == later
    assert await store.agents.session(hashed, later + 5_000) is not None
    assert (await store.agents.sessions(agent.id, later))[0].seen_at == later


# Roles and leaving


async def test_an_agent_who_is_deactivated_is_out_at_once_and_their_customers_wait_again(bench: Bench):
    admin, agent, customer = (
        await bench.agent("Alex", role="admin"),
        await bench.agent(),
        await bench.queued(),
    )
    assert (await agent.act(customer, "accept")).status_code == 200
    async with agent.socket() as socket:
        await socket.next("queue")
        answer = await admin.call("PATCH", f"agents/{agent.id}", {"active": False})
        assert answer.status_code == 200
        await socket.closed()
    assert (await agent.call("GET", "session")).status_code == 401
    colleague = await bench.agent("Lena")

    async def waiting() -> list[str]:
        listed = (await colleague.call("GET", "conversations?view=queue")).json()
        return [card["id"] for card in listed["conversations"]]

    for _ in range(100):
        if await waiting() == [customer.id]:
            break
        await asyncio.sleep(0.05)
    assert await waiting() == [customer.id]
    assert (await colleague.act(customer, "accept")).status_code == 200
    assert (await log(admin))[0][:2] == ("Alex", "agent.deactivated")
    answer = await admin.call("PATCH", f"agents/{agent.id}", {"active": True})
    assert answer.status_code == 200 and (await log(admin))[0][1] == "agent.activated"
    assert (await agent.call("GET", "session")).status_code == 401


async def test_a_new_role_closes_the_sockets_opened_under_the_old_one(bench: Bench):
    admin, lead = await bench.agent("Alex", role="admin"), await bench.agent(role="lead")
    async with lead.socket() as socket:
        await socket.next("queue")
        assert (await admin.call("PATCH", f"agents/{lead.id}", {"role": "operator"})).status_code == 200
        await socket.closed()
    assert (await lead.call("GET", "session")).json()["agent"]["permissions"] == ["improve"]


async def test_what_was_changed_is_in_the_log_and_nothing_when_nothing_was(bench: Bench):
    admin, agent = await bench.agent("Alex", role="admin"), await bench.agent("Robin", skills=("returns",))
    change = {"name": "Robin F.", "skills": ["price", "delivery", "price"], "capacity": 3}
    assert (await admin.call("PATCH", f"agents/{agent.id}", change)).status_code == 200
    entry = (await admin.call("GET", "audit")).json()["entries"][0]
    assert entry["detail"] == {
        "name": ["Robin", "Robin F."],
        "skills": [["returns"], ["delivery", "price"]],
        "capacity": [None, 3],
    }
    assert (await admin.call("PATCH", f"agents/{agent.id}", change)).status_code == 200
    assert (await admin.call("PATCH", f"agents/{agent.id}", {})).status_code == 200
    assert (await admin.call("GET", "audit")).json()["entries"][0] == entry
    assert code(await admin.call("PATCH", "agents/nobody", change)) == (404, "not_found")


@pytest.mark.parametrize("change", [{"active": False}, {"role": "lead"}])
async def test_the_last_administrator_stays_one(bench: Bench, change):
    admin = await bench.agent(role="admin")
    first = next(one for one in await bench.server.desk.store.agents.all() if one.name == "Alex")
    assert (await admin.call("PATCH", f"agents/{first.id}", change)).status_code == 200
    assert code(await admin.call("PATCH", f"agents/{admin.id}", change)) == (409, "last_admin")
    assert (await admin.call("PATCH", f"agents/{admin.id}", {"name": "Sam"})).status_code == 200
    assert (await admin.call("GET", "agents")).status_code == 200


@ON_SQLITE
async def test_a_key_s_agent_is_not_made_an_administrator(bench: Bench):
    admin, store = await bench.agent(role="admin"), bench.server.desk.store
    key = StoredAgent("k", "key@example.org", "Other desk", "agent", kind="desk")
    assert await store.agents.add(key, "", now())
    assert code(await admin.call("PATCH", "agents/k", {"role": "admin"})) == (409, "not_a_person")
    assert (await admin.call("PATCH", "agents/k", {"name": "Chatwoot"})).status_code == 200
    assert code(await admin.call("POST", "agents/k/reset")) == (409, "inactive")
    assert code(await Browser(bench).sign_in("key@example.org", "")) == (401, "sign_in_failed")


async def test_two_administrators_who_remove_each_other_at_once_leave_one(bench: Bench):
    one, other = await bench.agent(role="admin"), await bench.agent(role="admin")
    first = next(each for each in await bench.server.desk.store.agents.all() if each.name == "Alex")
    await one.call("PATCH", f"agents/{first.id}", {"role": "agent"})
    await asyncio.gather(
        one.call("PATCH", f"agents/{other.id}", {"active": False}),
        other.call("PATCH", f"agents/{one.id}", {"active": False}),
    )
    left = [
        each for each in await bench.server.desk.store.agents.all() if each.role == "admin" and each.active
    ]
    assert len(left) == 1


@ON_SQLITE
async def test_who_left_can_neither_sign_in_nor_get_a_new_password(bench: Bench):
    admin = await bench.agent(role="admin")
    browser = await joined(bench, admin)
    robin = (await browser.call("GET", "session")).json()["agent"]["id"]
    token = (await admin.call("POST", f"agents/{robin}/reset")).json()["link"].rpartition("/")[2]
    await admin.call("PATCH", f"agents/{robin}", {"active": False})
    assert code(await browser.sign_in("robin@example.org", PASSWORD)) == (401, "sign_in_failed")
    body = {"name": "Robin", "password": PASSWORD}
    assert code(await Browser(bench).call("POST", f"join/{token}", body)) == (404, "not_found")
    assert code(await admin.call("POST", f"agents/{robin}/reset")) == (409, "inactive")


# The log


async def test_the_log_can_be_read_page_by_page_and_checked(bench: Bench):
    admin = await bench.agent("Alex", role="admin")
    for number in range(5):
        await invited(admin, f"robin{number}@example.org")
    first = (await admin.call("GET", "audit?limit=4")).json()
    assert [one["seq"] for one in first["entries"]] == [6, 5, 4, 3] and first["more"]
    second = (await admin.call("GET", "audit?limit=4&before=3")).json()
    assert [one["seq"] for one in second["entries"]] == [2, 1] and not second["more"]
    check = (await admin.call("GET", "audit/check")).json()
    assert check == {"entries": 6, "hash": first["entries"][0]["hash"], "faults": []}


async def test_entries_added_at_the_same_time_make_one_chain(database_url):
    stores = [Store(database_url) for _ in range(2)]
    for store in stores:
        await store.open()
    entry = Entry(1, "a", "Alex", "settings.changed", "settings", {"capacity": [5, 6]}, "127.0.0.1")
    acts = [store.audit.record(replace(entry, at=at)) for at in range(10) for store in stores]
    await asyncio.gather(*acts)
    head, faults = await stores[0].audit.verify()
    assert (head.seq, faults) == (20, [])
    assert (await stores[1].audit.verify(known=Head(20, "f" * 64)))[1] == [
        "Entry 20 is not the one that was noted."
    ]
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'Sam'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 1"],
)
async def test_the_database_itself_refuses_to_change_the_log(database_url, statement):
    store = Store(database_url)
    await store.open()
    await store.audit.record(Entry(1, "a", "Alex", "settings.changed", "settings"))
    with pytest.raises(sa.exc.DBAPIError, match="only added to"):
        await store.database.run(_execute(store, statement))
    assert (await store.audit.verify())[1] == []
    await store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'Sam' WHERE seq = 2",
        "UPDATE audit SET at = at + 1 WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        "UPDATE audit SET seq = 9 WHERE seq = 2",
    ],
)
async def test_who_gets_around_the_database_s_refusal_is_found_out(database_url, statement):
    store = Store(database_url)
    await store.open()
    for at in range(3):
        await store.audit.record(Entry(at, "a", "Alex", "settings.changed", "settings"))
    sqlite = database_url.startswith("sqlite")
    freed = ["DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted"]
    for one in [*(freed if sqlite else ["ALTER TABLE audit DISABLE TRIGGER ALL"]), statement]:
        await store.database.run(_execute(store, one))
    assert (await store.audit.verify())[1]
    await store.close()


async def test_an_act_whose_entry_cannot_be_stored_does_not_happen(bench: Bench):
    admin, agent, store = await bench.agent(role="admin"), await bench.agent(), bench.server.desk.store

    def describe(_before, after) -> Entry:
        return Entry(now(), "a", "x" * 300, "agent.changed", None, {})  # type: ignore[arg-type]

    with pytest.raises((StoreUnavailable, ConversationError)):
        await store.agents.change(agent.id, {"role": "admin"}, describe)
    found = await store.agents.by_id(agent.id)
    assert found is not None and found.role == "agent"
    assert (await admin.call("GET", "audit/check")).json()["faults"] == []


# Signing in


@ON_SQLITE
async def test_a_browser_that_says_odd_things_about_itself_still_signs_in(bench: Bench):
    email, password = (bench.settings.home / "sign-in").read_text().split()
    agent, token = await bench.server.desk.accounts.sign_in(email, password, Arrival("127.0.0.1", "x" * 300))
    assert agent.role == "admin"
    odd: Any = {"X-Steward": "1", "User-Agent": b"\xff\xfe Browser " + b"y" * 600}
    answer = await bench.http.post(
        "/api/v1/desk/session", json={"email": email, "password": password}, headers=odd
    )
    assert answer.status_code == 200
    cookie = {"Cookie": f"{COOKIE}={token}", "X-Steward": "1"}
    listed = await bench.http.get("/api/v1/desk/sessions", headers=cookie)
    assert len(listed.json()["sessions"]) == 2


async def _execute(store: Store, statement: str) -> None:
    async with store.database.write() as connection:
        await connection.execute(sa.text(statement))
