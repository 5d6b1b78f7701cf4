"""The API keys of other systems."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.keys import SCOPES
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.store import Key
from steward.errors import ConversationError

_DAY = 24 * 3_600_000

keys_api = Blueprint("keys", url_prefix="/api/v1/desk")

Scope = Literal[
    "conversations:read", "conversations:write", "handoffs:accept", "team:read", "webhooks:manage"
]


class NewKey(msgspec.Struct):
    """What a key is for, what it may do, and for how many days; without a number it does not end."""

    name: shapes.Line
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=20)]
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class KeyShape(msgspec.Struct):
    """A key as administrators see it: its prefix, never its secret."""

    id: str
    name: str
    prefix: str
    agent_id: str
    scopes: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: shapes.Moment
    expires_at: shapes.Moment | None
    last_used_at: shapes.Moment | None
    revoked_at: shapes.Moment | None


class ScopeShape(msgspec.Struct):
    """Something that a key can be allowed to do."""

    scope: str
    title: str


class KeyList(msgspec.Struct):
    """All keys, and what keys can be allowed to do."""

    keys: list[KeyShape]
    scopes: list[ScopeShape]


class OneKey(msgspec.Struct):
    """A key."""

    key: KeyShape


class MadeKey(msgspec.Struct):
    """A new key. `token` is what to send as the bearer token; it is shown only here."""

    key: KeyShape
    token: str


@operation(keys_api, "GET", "/keys", who=Who.AGENT, permission=Permission.ADMINISTER, gives=KeyList)
async def listed(request: Request) -> dict[str, Any]:
    """Every API key, the newest first."""
    keys = await desk_of(request).store.keys.all()
    scopes = [{"scope": scope, "title": title} for scope, title in SCOPES.items()]
    return {"keys": [_key_shape(key) for key in keys], "scopes": scopes}


@operation(
    keys_api,
    "POST",
    "/keys",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    body=NewKey,
    gives=MadeKey,
    status=201,
)
async def make(request: Request, body: NewKey) -> dict[str, Any]:
    """Make an API key, with an agent of its own to act as."""
    name = shapes.words(body.name, "name", 200)
    expires_at = now() + body.days * _DAY if body.days else None
    detail = {"name": name, "scopes": sorted(set(body.scopes)), "days": body.days or 0}
    entry = acted(request, "key.made", secrets.token_urlsafe(9), detail)
    desk = desk_of(request)
    key, token = await desk.keys.make(name, body.scopes, expires_at, entry)
    await desk.accounts.load()
    return {"key": _key_shape(key), "token": token}


@operation(
    keys_api,
    "DELETE",
    "/keys/{key_id}",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    gives=OneKey,
)
async def revoke(request: Request, key_id: str) -> dict[str, Any]:
    """Revoke an API key for good; what its agent had waits for somebody else."""
    desk = desk_of(request)
    key = await desk.store.keys.revoke(key_id, acted(request, "key.revoked", key_id))
    if key is None:
        raise ConversationError("not_found", "There is no such key.", status=404)
    desk.dispatch.wake()
    return {"key": _key_shape(key)}


def _key_shape(key: Key) -> dict[str, Any]:
    expired = key.expires_at is not None and key.expires_at <= now()
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "agent_id": key.agent_id,
        "scopes": list(key.scopes),
        "state": "revoked" if key.revoked_at is not None else "expired" if expired else "active",
        "created_at": shapes.time_text(key.created_at),
        "expires_at": shapes.time_text(key.expires_at),
        "last_used_at": shapes.time_text(key.last_used_at),
        "revoked_at": shapes.time_text(key.revoked_at),
    }
