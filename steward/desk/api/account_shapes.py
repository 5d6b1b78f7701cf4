"""What goes over the wire about accounts, sessions, invitations and the audit log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from steward.desk.accounts.audit import Link
from steward.desk.accounts.passwords import LONGEST
from steward.desk.accounts.permissions import ROLES
from steward.desk.shapes import Line, Moment, Whole, time_text
from steward.desk.store import Account, Agent, Invitation, Session

Role = Literal["agent", "lead", "operator", "admin"]
Email = Annotated[str, msgspec.Meta(pattern=r"^\s*[^@\s]+@[^@\s]+\.[^@\s.]+\s*$", max_length=320)]
Password = Annotated[str, msgspec.Meta(max_length=2 * LONGEST)]
Skill = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]+$", max_length=40)]
Skills = Annotated[list[Skill], msgspec.Meta(max_length=40)]
Capacity = Annotated[int, msgspec.Meta(ge=0, le=50)]


class SignedInAgent(msgspec.Struct):
    """Who is signed in."""

    id: str
    name: str
    email: str
    role: Role
    permissions: list[str]


class SignedIn(msgspec.Struct):
    """A session that has begun."""

    agent: SignedInAgent


class Provider(msgspec.Struct):
    """An identity provider, and where signing in with it begins."""

    id: str
    name: str
    url: str


class Providers(msgspec.Struct):
    """The identity providers."""

    providers: list[Provider]


class AccountView(msgspec.Struct):
    """An account as administrators see it."""

    id: str
    name: str
    email: str
    role: Role
    skills: list[str]
    capacity: int | None
    active: bool
    kind: Literal["person", "desk"]
    created_at: Moment
    seen_at: Moment | None
    sessions: int
    signs_in_with: list[Literal["password", "oidc"]]


class InvitationView(msgspec.Struct):
    """An open invitation; `reset` when it gives a new password to an account that there is."""

    id: str
    email: str
    name: str
    role: Role
    skills: list[str]
    reset: bool
    invited_by: str
    created_at: Moment
    expires_at: Moment


class Accounts(msgspec.Struct):
    """All accounts and open invitations."""

    agents: list[AccountView]
    invitations: list[InvitationView]
    skills: list[str]


class AccountChange(msgspec.Struct):
    """What to change of an account; what is left out stays. A capacity of null follows the settings."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    role: Role | msgspec.UnsetType = msgspec.UNSET
    skills: Skills | msgspec.UnsetType = msgspec.UNSET
    capacity: Capacity | msgspec.UnsetType | None = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class ChangedAccount(msgspec.Struct):
    """An account as it is now."""

    agent: SignedInAgent


class NewInvitation(msgspec.Struct):
    """Whom to invite."""

    email: Email
    name: Line
    role: Role = "agent"
    skills: Skills = []


class Invited(msgspec.Struct):
    """An invitation. The link is shown this once, and only when it could not be sent by mail."""

    invitation: InvitationView
    mailed: bool
    link: str | None


class Welcome(msgspec.Struct):
    """What the holder of an invitation is told."""

    email: str
    name: str
    role: Role
    reset: bool
    invited_by: str
    expires_at: Moment
    shortest: int


class Joining(msgspec.Struct):
    """How the invited person wants to be called, and the password chosen."""

    name: Line
    password: Password


class SessionView(msgspec.Struct):
    """A place where somebody is signed in."""

    id: str
    method: str
    address: str
    device: str
    created_at: Moment
    seen_at: Moment
    expires_at: Moment
    current: bool


class Sessions(msgspec.Struct):
    """The sessions of one agent."""

    sessions: list[SessionView]


class WhoseSessions(msgspec.Struct):
    """Whose sessions to list: one's own, or those of somebody else for administrators."""

    agent: str | None = None


class NewPassword(msgspec.Struct):
    """A change of the own password."""

    current: Password
    new: Password


class AuditEntry(msgspec.Struct):
    """One administrative act."""

    seq: int
    at: Moment
    actor: dict[str, str]
    action: str
    subject: str
    detail: dict[str, Any]
    address: str
    hash: str


class AuditPage(msgspec.Struct):
    """Entries of the audit log, the newest first; `more` when there are older ones."""

    entries: list[AuditEntry]
    more: bool


class AuditQuery(msgspec.Struct):
    """Which entries: those before a number, and how many."""

    before: Whole | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class AuditCheck(msgspec.Struct):
    """Whether the chain holds: its length, the hash of its end, and what is wrong with it."""

    entries: int
    hash: str
    faults: list[str]


def account_view(account: Account) -> AccountView:
    """An account as administrators see it."""
    agent = account.agent
    ways = [("password", account.has_password), ("oidc", account.has_identity)]
    return AccountView(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        role=agent.role,  # type: ignore[arg-type]
        skills=list(agent.skills),
        capacity=agent.capacity,
        active=agent.active,
        kind=agent.kind,  # type: ignore[arg-type]
        created_at=_time(account.created_at),
        seen_at=time_text(account.seen_at),
        sessions=account.sessions,
        signs_in_with=[way for way, there in ways if there],  # type: ignore[misc]
    )


def signed_in_agent(agent: Agent) -> SignedInAgent:
    """An agent with what the role allows."""
    allowed = sorted(permission.value for permission in ROLES.get(agent.role, ()))
    return SignedInAgent(agent.id, agent.name, agent.email, agent.role, allowed)  # type: ignore[arg-type]


def invitation_view(invitation: Invitation) -> InvitationView:
    """An invitation as administrators see it."""
    return InvitationView(
        id=invitation.id,
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,  # type: ignore[arg-type]
        skills=list(invitation.skills),
        reset=invitation.agent_id is not None,
        invited_by=invitation.invited_by,
        created_at=_time(invitation.created_at),
        expires_at=_time(invitation.expires_at),
    )


def session_view(session: Session, current: str) -> SessionView:
    """A session as its owner sees it; `current` is the hash of the token that asks."""
    return SessionView(
        id=session.id,
        method=session.method,
        address=session.address,
        device=session.device,
        created_at=_time(session.created_at),
        seen_at=_time(session.seen_at),
        expires_at=_time(session.expires_at),
        current=session.token_hash == current,
    )


def audit_view(link: Link) -> AuditEntry:
    """An entry of the log."""
    entry = link.entry
    return AuditEntry(
        seq=link.seq,
        at=_time(entry.at),
        actor={"id": entry.actor_id, "name": entry.actor},
        action=entry.action,
        subject=entry.subject,
        detail=dict(entry.detail),
        address=entry.address,
        hash=link.hash,
    )


def _time(milliseconds: int) -> str:
    return time_text(milliseconds) or ""
