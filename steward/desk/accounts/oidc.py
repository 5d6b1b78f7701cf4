"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE.

The provider is found by discovery, and only an identity token counts that it signed with one of its
published keys, for this client and this very attempt.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import jwt

from steward.desk.accounts.agents import Identity, TooMany, token_hash
from steward.desk.limits import Rate, Window
from steward.desk.store import SignInUnderWay, Store
from steward.errors import StewardError
from steward.settings import SingleSignOn

SIGN_IN_SECONDS = 600
_BEGINNINGS = Rate(60, 60)
_SCOPES = "openid email profile"
_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
_LEEWAY_SECONDS = 60
_PATIENCE_SECONDS = 10
_LARGEST = 512 * 1024
_KNOWN_FOR_SECONDS = 3600
_KEYS_AGAIN_AFTER_SECONDS = 30


class SignInFailed(StewardError):
    """A sign-in that led nowhere: `denied` by the provider or by what it sent, `expired`, `unavailable`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Provider:
    """What discovery tells of a provider, and when it was asked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_in_body: bool
    asked: float


class SignOn:
    """Sign-ins with one provider, or none when none is configured."""

    def __init__(self, rules: SingleSignOn | None, store: Store, now: Callable[[], int]) -> None:
        self._rules = rules
        self._store = store
        self._now = now
        self._provider: Provider | None = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._keys_asked = float("-inf")
        self._begun = Window(_BEGINNINGS)

    @property
    def rules(self) -> SingleSignOn:
        """The provider's settings; raises SignInFailed when there are none."""
        if self._rules is None:
            raise SignInFailed("unavailable", "No identity provider is configured.")
        return self._rules

    async def begin(self, callback: str, address: str) -> tuple[str, str]:
        """A new attempt: its state, to be kept in the browser, and where to go.

        Raises SignInFailed without a provider, and TooMany for an address that begins all the time.
        """
        wait = self._begun.take(address, time.monotonic())
        if wait:
            raise TooMany("Too many attempts to sign in; wait a little.", wait)
        provider = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._now()
        await self._store.agents.begin_sign_in(
            token_hash(state), SignInUnderWay(nonce, verifier), now, now + SIGN_IN_SECONDS * 1000
        )
        asked = {
            "response_type": "code",
            "client_id": self.rules.client_id,
            "redirect_uri": callback,
            "scope": _SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(provider.authorization_endpoint).query else "?"
        return state, f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"

    async def finish(self, state: str, kept: str, code: str, callback: str) -> Identity:
        """Whom the provider vouches for; raises SignInFailed when anything about it is not as it must be.

        `state` is what came back with the answer and `kept` what the browser kept; an attempt counts once.
        """
        if not state or not hmac.compare_digest(state.encode(), kept.encode()):
            raise SignInFailed("expired", "The answer does not belong to an attempt of this browser.")
        under_way = await self._store.agents.end_sign_in(token_hash(state), self._now())
        if under_way is None:
            raise SignInFailed("expired", "The attempt is too old or was used already.")
        if not code:
            raise SignInFailed("denied", "The provider refused.")
        token = await self._redeem(code, under_way.verifier, callback)
        return read_token(token, await self._key(token), self.rules, under_way.nonce)

    async def _redeem(self, code: str, verifier: str, callback: str) -> str:
        provider = await self._discovered()
        rules = self.rules
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        basic: aiohttp.BasicAuth | None = None
        if provider.secret_in_body:
            form |= {"client_id": rules.client_id, "client_secret": rules.client_secret}
        else:
            basic = aiohttp.BasicAuth(_quoted(rules.client_id), _quoted(rules.client_secret))
        answer = await _fetch("POST", provider.token_endpoint, data=form, auth=basic)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInFailed("denied", "The provider gave no identity token.")
        return token

    async def _discovered(self) -> Provider:
        issuer = self.rules.issuer
        if self._provider is None or time.monotonic() - self._provider.asked > _KNOWN_FOR_SECONDS:
            told = await _fetch("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
            if told.get("issuer") != issuer:
                raise SignInFailed("unavailable", "The provider calls itself by another name.")
            methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            self._provider = Provider(
                _endpoint(told, "authorization_endpoint"),
                _endpoint(told, "token_endpoint"),
                _endpoint(told, "jwks_uri"),
                "client_secret_basic" not in methods,
                time.monotonic(),
            )
        return self._provider

    async def _key(self, token: str) -> jwt.PyJWK:
        """The published key that the token says it is signed with."""
        try:
            name = str(jwt.get_unverified_header(token).get("kid") or "")
        except jwt.PyJWTError as error:
            raise SignInFailed("denied", f"The identity token cannot be read: {error}.") from error
        if name not in self._keys and time.monotonic() - self._keys_asked > _KEYS_AGAIN_AFTER_SECONDS:
            self._keys = _signing_keys(await _fetch("GET", (await self._discovered()).jwks_uri))
            self._keys_asked = time.monotonic()
        if not name and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if name not in self._keys:
            raise SignInFailed("denied", "The identity token is signed with a key that is not published.")
        return self._keys[name]


def challenge(verifier: str) -> str:
    """What PKCE sends ahead of the verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read_token(token: str, key: jwt.PyJWK, rules: SingleSignOn, nonce: str) -> Identity:
    """Whom an identity token names; raises SignInFailed unless it is signed, current, and meant for us.

    Only an e-mail address that the provider has verified counts.
    """
    try:
        algorithm = str(jwt.get_unverified_header(token).get("alg"))
        if algorithm not in _ALGORITHMS:
            raise SignInFailed("denied", f"Identity tokens signed by {algorithm} are not taken.")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=rules.client_id,
            issuer=rules.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        # A key of another kind than the algorithm's fails in the cryptography, each kind with its own error.
        raise SignInFailed("denied", f"The identity token does not hold: {error}.") from error
    if not hmac.compare_digest(str(claims.get("nonce") or "").encode(), nonce.encode()):
        raise SignInFailed("denied", "The identity token belongs to another attempt.")
    audience = claims["aud"]
    party = claims.get("azp")
    if party not in (None, rules.client_id) or (
        isinstance(audience, list) and len(audience) > 1 and party is None
    ):
        raise SignInFailed("denied", "The identity token was made for another client.")
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise SignInFailed("denied", "The provider did not vouch for an e-mail address.")
    name = claims.get("name")
    clean = email.strip().lower()
    return Identity(
        rules.issuer, str(claims["sub"])[:300], clean, name.strip()[:200] if isinstance(name, str) else ""
    )


def _signing_keys(published: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys by their names; those for other purposes or of unknown kinds are left out."""
    found: dict[str, jwt.PyJWK] = {}
    for data in published.get("keys") or ():
        if not isinstance(data, dict) or data.get("use", "sig") != "sig" or data.get("kty") == "oct":
            continue
        try:
            found[str(data.get("kid") or "")] = jwt.PyJWK(data)
        except jwt.PyJWTError:
            continue
    return found


def _endpoint(told: Mapping[str, Any], name: str) -> str:
    """An address that the provider told; over TLS unless it is on this machine, as the provider itself."""
    address = urlsplit(str(told.get(name) or ""))
    here = address.hostname in ("127.0.0.1", "localhost", "::1")
    if not address.hostname or not (address.scheme == "https" or (address.scheme == "http" and here)):
        raise SignInFailed("unavailable", f"The provider has no safe {name}.")
    return address.geturl()


async def _fetch(method: str, address: str, **options: Any) -> Mapping[str, Any]:
    """A JSON object from the provider; raises SignInFailed when it does not come."""
    limit = aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.request(method, address, allow_redirects=False, **options) as response,
        ):
            body = await response.content.read(_LARGEST)
            status = response.status
        answer = json.loads(body)
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
        message = f"The provider does not answer as it should ({type(error).__name__})."
        raise SignInFailed("unavailable", message) from error
    if status != 200 or not isinstance(answer, dict):
        code = "denied" if 400 <= status < 500 else "unavailable"
        raise SignInFailed(code, f"The provider answered with status {status}.")
    return answer


def _quoted(text: str) -> str:
    """As a form would write it, which the standard asks for before it goes into the header."""
    return urlencode({"": text})[1:]
