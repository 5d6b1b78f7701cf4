"""Accounts, invitations, sessions, the own password, and the audit log."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts import invitations
from steward.desk.accounts.agents import Invited, token_hash
from steward.desk.accounts.audit import Entry
from steward.desk.accounts.passwords import SHORTEST
from steward.desk.accounts.permissions import Permission, may
from steward.desk.api import account_shapes as shape
from steward.desk.api.entry import COOKIE, acted, agent_of, arrival_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.api.session import signed_in
from steward.desk.store import Agent, Session
from steward.errors import ConversationError

accounts_api = Blueprint("accounts", url_prefix="/api/v1/desk")


# Accounts


@operation(
    accounts_api,
    "GET",
    "/agents",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    gives=shape.Accounts,
)
async def accounts(request: Request) -> shape.Accounts:
    """All accounts and open invitations, and the skills that are in use."""
    store = desk_of(request).store
    found = await store.agents.accounts(now())
    waiting = await store.agents.open_invitations(now())
    skills = {skill for one in found for skill in one.agent.skills}
    skills |= {skill for one in waiting for skill in one.skills}
    return shape.Accounts(
        [shape.account_view(one) for one in found],
        [shape.invitation_view(one) for one in waiting],
        sorted(skills),
    )


@operation(
    accounts_api,
    "PATCH",
    "/agents/{agent_id}",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    body=shape.AccountChange,
    gives=shape.ChangedAccount,
)
async def change_account(request: Request, agent_id: str, body: shape.AccountChange) -> shape.ChangedAccount:
    """Change an account. Who is not active any more is signed out everywhere and their customers wait again.

    The last administrator can be neither deactivated nor given another role (409 `last_admin`).
    """
    changes: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET
    }
    if "name" in changes:
        changes["name"] = shapes.words(changes["name"], "name", 200)
    if "skills" in changes:
        changes["skills"] = tuple(sorted(set(changes["skills"])))
    desk = desk_of(request)
    agent = await desk.accounts.change(agent_id, changes, lambda *both: _changed(request, *both))
    desk.dispatch.wake()
    return shape.ChangedAccount(shape.signed_in_agent(agent))


@operation(
    accounts_api,
    "POST",
    "/agents/{agent_id}/reset",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    gives=shape.Invited,
    status=201,
)
async def reset_password(request: Request, agent_id: str) -> shape.Invited:
    """Let somebody who forgot the password choose a new one."""
    agent = await _agent(request, agent_id)
    if not agent.active or agent.kind != "person":
        raise ConversationError("inactive", "This account cannot sign in; activate it first.")
    entry = acted(request, "password.reset_offered", agent.email)
    invited = await desk_of(request).accounts.reset(agent, agent_of(request), entry)
    return await _sent(request, invited)


# Invitations


@operation(
    accounts_api,
    "POST",
    "/invitations",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    body=shape.NewInvitation,
    gives=shape.Invited,
    status=201,
)
async def invite(request: Request, body: shape.NewInvitation) -> shape.Invited:
    """Invite somebody to an account. The link works once; an earlier one to the same address is void."""
    email = body.email.strip().lower()
    name = shapes.words(body.name, "name", 200)
    skills = tuple(sorted(set(body.skills)))
    entry = acted(request, "invitation.made", email, {"role": body.role, "skills": list(skills)})
    invited = await desk_of(request).accounts.invite(email, name, body.role, skills, agent_of(request), entry)
    return await _sent(request, invited)


@operation(
    accounts_api,
    "DELETE",
    "/invitations/{invitation_id}",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    status=204,
)
async def withdraw_invitation(request: Request, invitation_id: str) -> None:
    """Take an invitation back."""
    store = desk_of(request).store
    waiting = await store.agents.open_invitations(now())
    mine = next((one for one in waiting if one.id == invitation_id), None)
    entry = acted(request, "invitation.withdrawn", mine.email if mine else "")
    if mine is None or not await store.agents.withdraw(mine.id, entry):
        raise ConversationError("not_found", "There is no such invitation.", status=404)


@operation(accounts_api, "GET", "/join/{token}", who=Who.ANYONE, gives=shape.Welcome)
async def look_at_invitation(request: Request, token: str) -> shape.Welcome:
    """What an invitation is for, to whoever holds it."""
    invitation = await desk_of(request).accounts.invitation(token)
    seen = shape.invitation_view(invitation)
    return shape.Welcome(
        seen.email, seen.name, seen.role, seen.reset, seen.invited_by, seen.expires_at, SHORTEST
    )


@operation(
    accounts_api,
    "POST",
    "/join/{token}",
    who=Who.ANYONE,
    body=shape.Joining,
    gives=shape.SignedIn,
    status=201,
)
async def join(request: Request, token: str, body: shape.Joining) -> HTTPResponse:
    """Use an invitation: choose a name and a password, and be signed in."""
    desk = desk_of(request)
    name = shapes.words(body.name, "name", 200)
    agent, session = await desk.accounts.join(token, name, body.password, arrival_of(request))
    desk.dispatch.wake()
    return signed_in(request, agent, session, 201)


# Sessions and the own password


@operation(accounts_api, "GET", "/sessions", who=Who.AGENT, query=shape.WhoseSessions, gives=shape.Sessions)
async def list_sessions(request: Request, query: shape.WhoseSessions) -> shape.Sessions:
    """Where one is signed in; administrators may ask for somebody else's."""
    whose = query.agent or agent_of(request).id
    if whose != agent_of(request).id:
        _expect_administrator(request)
    sessions = await desk_of(request).accounts.sessions(whose)
    current = token_hash(request.cookies.get(COOKIE) or "")
    return shape.Sessions([shape.session_view(session, current) for session in sessions])


@operation(accounts_api, "DELETE", "/sessions/{session_id}", who=Who.AGENT, status=204)
async def revoke_session(request: Request, session_id: str) -> None:
    """Sign out elsewhere; administrators may sign out anybody. Its sockets close at once."""
    desk = desk_of(request)
    session = await desk.store.agents.session_by_id(session_id)
    if session is None or (session.agent_id != agent_of(request).id and not _administers(request)):
        raise ConversationError("not_found", "There is no such session.", status=404)
    owner = await _agent(request, session.agent_id)
    await desk.accounts.end_session(session, acted(request, "session.revoked", owner.email, _place(session)))


@operation(accounts_api, "PUT", "/password", who=Who.AGENT, body=shape.NewPassword, status=204)
async def change_password(request: Request, body: shape.NewPassword) -> None:
    """Change the own password; all other sessions end."""
    token = request.cookies.get(COOKIE) or ""
    address = arrival_of(request).address
    accounts = desk_of(request).accounts
    await accounts.change_password(agent_of(request), body.current, body.new, token, address)


# The audit log


@operation(
    accounts_api,
    "GET",
    "/audit",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    query=shape.AuditQuery,
    gives=shape.AuditPage,
)
async def read_audit_log(request: Request, query: shape.AuditQuery) -> shape.AuditPage:
    """The audit log, the newest entries first."""
    links = await desk_of(request).store.audit.newest(query.before, query.limit + 1)
    return shape.AuditPage(
        [shape.audit_view(link) for link in links[: query.limit]], len(links) > query.limit
    )


@operation(
    accounts_api,
    "GET",
    "/audit/check",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    gives=shape.AuditCheck,
)
async def check_audit_log(request: Request) -> shape.AuditCheck:
    """Whether the audit log is whole: no entry changed, missing or moved."""
    head, faults = await desk_of(request).store.audit.verify()
    return shape.AuditCheck(head.seq, head.hash, faults)


async def _agent(request: Request, agent_id: str) -> Agent:
    agent = await desk_of(request).store.agents.by_id(agent_id)
    if agent is None:
        raise ConversationError("not_found", "There is no such agent.", status=404)
    return agent


def _changed(request: Request, before: Agent, after: Agent) -> Entry:
    """The log's entry of a change: what was, and what is now."""
    detail = {
        name: [_told(getattr(before, name)), _told(getattr(after, name))]
        for name in ("name", "role", "skills", "capacity", "active")
        if getattr(before, name) != getattr(after, name)
    }
    action = "agent.changed"
    if before.active != after.active:
        action = "agent.activated" if after.active else "agent.deactivated"
    return acted(request, action, after.email, detail)


def _told(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _place(session: Session) -> dict[str, str]:
    return {"address": session.address, "device": session.device}


def _administers(request: Request) -> bool:
    return may(agent_of(request).role, Permission.ADMINISTER)


def _expect_administrator(request: Request) -> None:
    if not _administers(request):
        raise ConversationError("forbidden", "Your role does not allow this.", status=403)


async def _sent(request: Request, invited: Invited) -> shape.Invited:
    """The invitation on its way by e-mail, or with its link for whoever made it to hand on."""
    desk = desk_of(request)
    link = f"{request.scheme}://{request.host}/desk#/invitation/{invited.token}"
    mailed = await invitations.post(desk.settings.mail, desk.words, invited.invitation, link)
    return shape.Invited(shape.invitation_view(invited.invitation), mailed, None if mailed else link)
