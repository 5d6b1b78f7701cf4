"""An OpenID Connect provider on this machine that really signs its tokens, right or wrong as told."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Claims = dict[str, Any]
Signer = Callable[["IdentityProvider", Claims], str]

CLIENT, SECRET = "steward desk", "s3cret/+ with odd signs"


@dataclass
class Person:
    """Somebody with an account at the provider."""

    subject: str = "u-17"
    email: str = "robin@alder-home.example"
    verified: Any = True
    name: str = "Robin Fletcher"


def properly(provider: IdentityProvider, claims: Claims) -> str:
    """Signed with the newest published key."""
    return jwt.encode(claims, provider.keys[provider.newest], "RS256", {"kid": provider.newest})


@dataclass
class IdentityProvider:
    """The provider; `person` is who sits at the browser, `claim` and `sign` are what a test bends."""

    port: int
    person: Person = field(default_factory=Person)
    claim: Callable[[Claims], None] = lambda claims: None
    sign: Signer = properly
    post_only: bool = False
    refuses: bool = False

    def __post_init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.newest = ""
        self.tried: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._runner: web.AppRunner | None = None
        self.turn_keys()

    @property
    def issuer(self) -> str:
        """The provider's name."""
        return f"http://127.0.0.1:{self.port}/realm"

    def turn_keys(self) -> None:
        """Sign with a new key; the old ones are published no longer."""
        self.newest = secrets.token_hex(4)
        self.keys = {self.newest: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/realm/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/realm/keys", self._published)
        app.router.add_get("/realm/authorize", self._authorize)
        app.router.add_post("/realm/token", self._token)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        """Be gone."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _discovery(self, _request: web.Request) -> web.Response:
        method = "client_secret_post" if self.post_only else "client_secret_basic"
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": [method],
            }
        )

    async def _published(self, _request: web.Request) -> web.Response:
        keys = [
            json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]
        other = ec.generate_private_key(ec.SECP256R1()).public_key()
        encryption = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other)) | {"kid": "enc", "use": "enc"}
        return web.json_response({"keys": [*keys, encryption, {"kty": "unheard of", "kid": "odd"}]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256"
        back = {"state": asked["state"]}
        if self.refuses:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(12)
            self._codes[back["code"]] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.tried.append(form)
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != proof:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if not self._knows(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        claims = {
            "iss": self.issuer,
            "sub": self.person.subject,
            "aud": CLIENT,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": asked["nonce"],
            "email": self.person.email,
            "email_verified": self.person.verified,
            "name": self.person.name,
        }
        self.claim(claims)
        token = self.sign(self, claims)
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _knows(self, request: web.Request, form: dict[str, str]) -> bool:
        if self.post_only:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        quoted = [urlencode({"": part})[1:] for part in (CLIENT, SECRET)]
        expected = base64.b64encode(":".join(quoted).encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}" and "client_secret" not in form
