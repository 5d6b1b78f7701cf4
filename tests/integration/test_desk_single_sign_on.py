"""Signing in with a company account, at a provider that really signs what it says."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from steward.desk.api.entry import COOKIE
from steward.settings import SingleSignOn
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Bench, StandInRasa, a_setting, free_port
from tests.support.identity import CLIENT, SECRET, Claims, IdentityProvider, Person, properly

START = "/api/v1/desk/session/oidc/start"
CALLBACK = "/api/v1/desk/session/oidc/callback"


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider(free_port())
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def desk(database_url, tmp_path, rasa: StandInRasa, provider) -> AsyncIterator[Bench]:
    """A desk that knows the provider, and takes people of one domain as agents."""
    rules = SingleSignOn(provider.issuer, CLIENT, SECRET, "Alder account", ("alder-home.example",), "agent")
    bench = Bench(a_setting(tmp_path, database_url, rasa, single_sign_on=rules), ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


class Browser:
    """A browser that follows redirects between the desk and the provider."""

    def __init__(self, desk: Bench) -> None:
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{desk.port}", timeout=20)

    async def sign_in(self) -> str:
        """Go the whole way; where it ends at the desk."""
        return await self.come_back(await self.set_out())

    async def set_out(self) -> str:
        """Go to the provider and let it send the browser back; the address that it is sent to."""
        there = (await self.http.get(START)).headers["location"]
        return str((await self.http.get(there)).headers["location"])

    async def come_back(self, address: str) -> str:
        answer = await self.http.get(address)
        assert answer.status_code == 302
        return str(answer.headers["location"])

    async def agent(self) -> dict[str, Any]:
        answer = await self.http.get("/api/v1/desk/session")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["agent"])


async def refused(desk: Bench, code: str) -> None:
    """Nobody gets in, and the desk's page is told why."""
    browser = Browser(desk)
    assert await browser.sign_in() == f"/desk#/sign-in/{code}"
    assert (await browser.http.get("/api/v1/desk/session")).status_code == 401


async def test_a_person_of_the_domain_comes_in_as_an_agent_and_stays_the_same_one(desk: Bench, provider):
    listed = (await desk.http.get("/api/v1/desk/session/providers")).json()
    assert listed == {"providers": [{"id": "oidc", "name": "Alder account", "url": START}]}
    browser = Browser(desk)
    assert await browser.sign_in() == "/desk"
    agent = await browser.agent()
    assert (agent["email"], agent["name"], agent["role"]) == (
        "robin@alder-home.example",
        "Robin Fletcher",
        "agent",
    )
    # The person keeps the account when the address changes.
    provider.person = Person(email="robin.f@elsewhere.example", name="Robin F.")
    again = Browser(desk)
    assert await again.sign_in() == "/desk"
    assert await again.agent() == agent
    cookie = next(one for one in again.http.cookies.jar if one.name == COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "Strict"
    admin = await desk.agent(role="admin")
    entries = (await admin.call("GET", "audit")).json()["entries"]
    assert (entries[0]["action"], entries[0]["detail"]) == ("agent.made", {"role": "agent", "by": "oidc"})


async def test_an_invited_person_gets_the_role_of_the_invitation(desk: Bench, provider):
    admin = await desk.agent(role="admin")
    body = {"email": "lena@partner.example", "name": "Lena", "role": "lead", "skills": ["delivery"]}
    assert (await admin.call("POST", "invitations", body)).status_code == 201
    provider.person = Person("u-18", "Lena@Partner.example", name="Lena O.")
    browser = Browser(desk)
    assert await browser.sign_in() == "/desk"
    assert (await browser.agent())["role"] == "lead"
    assert (await admin.call("GET", "agents")).json()["invitations"] == []


async def test_somebody_with_an_account_is_recognised_by_the_verified_address_once(desk: Bench, provider):
    provider.person = Person("u-1", "agent@alder-home.example")
    browser = Browser(desk)
    assert await browser.sign_in() == "/desk"
    assert (await browser.agent())["role"] == "admin"
    # Another person who is given the same address later is not the administrator.
    provider.person = Person("u-2", "agent@alder-home.example")
    await refused(desk, "unknown")


@ON_SQLITE
async def test_a_stranger_is_not_let_in(desk: Bench, provider):
    for email in ("robin@elsewhere.example", "robin@alder-home.example.evil.example", "alder-home.example"):
        provider.person = Person("u-66", email)
        await refused(desk, "unknown")


@ON_SQLITE
async def test_who_left_does_not_come_back_this_way(desk: Bench, provider):
    browser, admin = Browser(desk), await desk.agent(role="admin")
    await browser.sign_in()
    robin = (await browser.agent())["id"]
    await admin.call("PATCH", f"agents/{robin}", {"active": False})
    await refused(desk, "unknown")


def without_signature(provider: IdentityProvider, claims: Claims) -> str:
    return jwt.encode(claims, "", "none", {"kid": provider.newest})


def with_the_public_key_as_a_secret(provider: IdentityProvider, claims: Claims) -> str:
    """The old trick: what everybody may know, used as the key of a symmetric signature."""
    head = {"alg": "HS256", "kid": provider.newest, "typ": "JWT"}
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(provider.keys[provider.newest].public_key()))
    return jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), public["n"].encode(), "HS256", head)


def with_a_stranger_s_key(provider: IdentityProvider, claims: Claims) -> str:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, stranger, "RS256", {"kid": provider.newest})


def with_a_key_that_is_not_published(provider: IdentityProvider, claims: Claims) -> str:
    return jwt.encode(claims, provider.keys[provider.newest], "RS256", {"kid": "unheard"})


def with_another_algorithm_named(provider: IdentityProvider, claims: Claims) -> str:
    _, body, signature = properly(provider, claims).split(".")
    head = json.dumps({"alg": "ES256", "kid": provider.newest}).encode()
    return ".".join([base64.urlsafe_b64encode(head).rstrip(b"=").decode(), body, signature])


def changed_afterwards(provider: IdentityProvider, claims: Claims) -> str:
    head, _, signature = properly(provider, claims).split(".")
    body = json.dumps(claims | {"email": "agent@alder-home.example"}).encode()
    return ".".join([head, base64.urlsafe_b64encode(body).rstrip(b"=").decode(), signature])


def not_a_token(_provider: IdentityProvider, _claims: Claims) -> str:
    return "nonsense"


@ON_SQLITE
@pytest.mark.parametrize(
    "sign",
    [
        without_signature,
        with_the_public_key_as_a_secret,
        with_a_stranger_s_key,
        with_a_key_that_is_not_published,
        with_another_algorithm_named,
        changed_afterwards,
        not_a_token,
    ],
)
async def test_a_token_that_is_not_signed_by_the_provider_lets_nobody_in(desk: Bench, provider, sign):
    provider.sign = sign
    await refused(desk, "denied")


@ON_SQLITE
@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another attempt's"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"azp": "another client"},
        {"iss": "https://issuer.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
    ],
    ids=lambda change: "-".join(
        f"{name}-{'moved' if isinstance(value, int) and value > 1 else value}"
        for name, value in change.items()
    ),
)
async def test_a_token_that_was_not_meant_for_this_sign_in_lets_nobody_in(desk: Bench, provider, change):
    def claim(claims: Claims) -> None:
        claims.update(change)
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    provider.claim = claim
    await refused(desk, "denied")


@ON_SQLITE
async def test_several_audiences_are_fine_when_the_token_was_made_for_this_client(desk: Bench, provider):
    provider.claim = lambda claims: claims.update(aud=[CLIENT, "reports"], azp=CLIENT)
    assert await Browser(desk).sign_in() == "/desk"


@ON_SQLITE
async def test_an_answer_counts_once_and_in_the_browser_that_set_out(desk: Bench, provider):
    mine, theirs = Browser(desk), Browser(desk)
    address = await mine.set_out()
    assert await theirs.come_back(address) == "/desk#/sign-in/expired"
    assert await mine.come_back(address) == "/desk"
    await mine.set_out()
    assert await mine.come_back(address) == "/desk#/sign-in/expired"
    for odd in (CALLBACK, f"{CALLBACK}?code=x", f"{CALLBACK}?state=&code=x", f"{CALLBACK}?state=%F0&code=x"):
        assert await Browser(desk).come_back(odd) == "/desk#/sign-in/expired"


@ON_SQLITE
async def test_an_answer_that_takes_too_long_does_not_count(desk: Bench, provider):
    browser, sign_on = Browser(desk), desk.server.desk.sign_on
    present = sign_on._now
    sign_on._now = lambda: present() - 11 * 60_000
    address = await browser.set_out()
    sign_on._now = present
    assert await browser.come_back(address) == "/desk#/sign-in/expired"


@ON_SQLITE
async def test_each_attempt_has_its_own_secrets_and_proves_that_it_is_the_same_one(desk: Bench, provider):
    asked = []
    for _ in range(2):
        there = (await Browser(desk).http.get(START)).headers["location"]
        asked.append(parse_qs(urlsplit(there).query))
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name] and len(asked[0][name][0]) >= 43
    await Browser(desk).sign_in()
    assert len(provider.tried[-1]["code_verifier"]) >= 43


@ON_SQLITE
async def test_beginning_all_the_time_is_throttled(desk: Bench, provider):
    answers = [await desk.http.get(START) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [302] * 60 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


@ON_SQLITE
async def test_a_refusal_at_the_provider_is_told(desk: Bench, provider):
    provider.refuses = True
    await refused(desk, "denied")


@ON_SQLITE
async def test_new_keys_of_the_provider_are_fetched(desk: Bench, provider):
    assert await Browser(desk).sign_in() == "/desk"
    provider.turn_keys()
    desk.server.desk.sign_on._keys_asked -= 60
    assert await Browser(desk).sign_in() == "/desk"


@ON_SQLITE
async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(desk: Bench, provider):
    provider.post_only = True
    assert await Browser(desk).sign_in() == "/desk"


@ON_SQLITE
async def test_a_provider_that_is_away_is_told_as_such(desk: Bench, provider):
    browser = Browser(desk)
    address = await browser.set_out()
    await provider.stop()
    assert await browser.come_back(address) == "/desk#/sign-in/unavailable"
    desk.server.desk.sign_on._provider = None
    answer = await desk.http.get(START)
    assert (answer.status_code, answer.headers["location"]) == (302, "/desk#/sign-in/unavailable")


@ON_SQLITE
async def test_a_provider_under_another_name_is_not_trusted(desk: Bench, provider):
    desk.server.desk.sign_on._rules = SingleSignOn(provider.issuer + "/", CLIENT, SECRET, "x")
    answer = await desk.http.get(START)
    assert answer.headers["location"] == "/desk#/sign-in/unavailable"


@ON_SQLITE
async def test_without_a_provider_there_is_no_such_way_in(bench: Bench):
    assert (await bench.http.get("/api/v1/desk/session/providers")).json() == {"providers": []}
    for path in (START, CALLBACK):
        answer = await bench.http.get(path)
        assert answer.status_code == 302 and answer.headers["location"].startswith("/desk#/sign-in/")
        assert COOKIE + "=" not in answer.headers.get("set-cookie", "")


@ON_SQLITE
async def test_an_account_without_a_password_has_none_to_change(desk: Bench, provider):
    browser = Browser(desk)
    await browser.sign_in()
    body = {"current": "", "new": "seven lamps in a window"}
    answer = await browser.http.put("/api/v1/desk/password", json=body, headers={"X-Steward": "1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_password")
    listed = (await browser.http.get("/api/v1/desk/sessions")).json()["sessions"]
    assert [one["method"] for one in listed] == ["oidc"]
    for password in ("", "x" * 12):
        body = {"email": "robin@alder-home.example", "password": password}
        answer = await desk.http.post("/api/v1/desk/session", json=body, headers={"X-Steward": "1"})
        assert answer.status_code == 401
