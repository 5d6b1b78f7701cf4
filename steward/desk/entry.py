"""The way in for agents: a session's cookie, then what the role allows."""

from __future__ import annotations

from sanic import Request

from steward.desk.http import desk_of
from steward.desk.permissions import Permission, may
from steward.desk.store import Agent
from steward.errors import ConversationError

COOKIE = "steward_session"
_READING = ("GET", "HEAD")


async def admit(request: Request, permission: Permission | None, scope: str | None) -> Agent:
    """The agent who asks; raises ConversationError 401 without a session, 403 for what is not allowed.

    A change needs the header `X-Steward: 1`, which a form on another site cannot send.
    """
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
