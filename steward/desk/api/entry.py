"""The way in for agents: a session's cookie, then what the role allows; and who did what, for the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import Request

from steward.clock import now
from steward.desk.accounts import keys
from steward.desk.accounts.agents import Arrival
from steward.desk.accounts.audit import Entry
from steward.desk.accounts.permissions import Permission, may
from steward.desk.api.http import address_of, bearer, desk_of
from steward.desk.store import Agent
from steward.errors import ConversationError

COOKIE = "steward_session"
_READING = ("GET", "HEAD")


async def admit(request: Request, permission: Permission | None, scope: str | None) -> Agent:
    """The agent who asks; raises ConversationError 401 without a session, 403 for what is not allowed.

    A change needs the header `X-Steward: 1`, which a form on another site cannot send. An API key needs no
    such header; its scopes decide instead of the role.
    """
    key = bearer(request)
    if key and key.startswith(keys.START):
        return await desk_of(request).keys.admit(key, scope, address_of(request))
    agent = await desk_of(request).accounts.session(request.cookies.get(COOKIE))
    if agent is None:
        raise ConversationError("unauthorised", "Sign in first.", status=401)
    if request.method not in _READING and request.headers.get("x-steward") != "1":
        raise ConversationError("forbidden", "Send the header X-Steward: 1.", status=403)
    if not may(agent.role, permission):
        raise ConversationError("forbidden", "Your role does not allow this.", status=403)
    return agent


def agent_of(request: Request) -> Agent:
    """Whom `admit` let in."""
    agent: Agent = request.ctx.agent
    return agent


def acted(request: Request, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> Entry:
    """The entry for the audit log of what the agent who asks does now.

    `action` is a noun and a verb in the past (`settings.changed`), `subject` what it was done to. The detail
    holds no secrets.
    """
    agent = agent_of(request)
    return Entry(now(), agent.id, agent.name, action, subject, detail or {}, arrival_of(request).address)


def arrival_of(request: Request) -> Arrival:
    """From where the request comes, in a form that can be stored."""
    return Arrival(_plain(address_of(request), 80), _plain(request.headers.get("user-agent") or "", 300))


def _plain(text: str, length: int) -> str:
    """Text from a header, without what a database refuses."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:length]
