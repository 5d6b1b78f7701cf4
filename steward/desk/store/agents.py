"""Who may sign in: accounts, their sessions, open invitations, and sign-ins under way elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row
from sqlalchemy.exc import IntegrityError

from steward.desk.accounts.audit import Entry
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Json, Time, metadata
from steward.errors import ConversationError

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password_hash", sa.String(300), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("skills", Json, nullable=False, server_default="[]"),
    sa.Column("capacity", sa.Integer),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("kind", sa.String(10), nullable=False, server_default="person"),
    sa.Column("identity", sa.String(600), unique=True, index=True),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", Hash, primary_key=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("address", sa.String(80), nullable=False),
    sa.Column("device", sa.String(300), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("seen_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
)
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", Hash, primary_key=True),
    sa.Column("id", Id, nullable=False),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("skills", Json, nullable=False),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE")),
    sa.Column("invited_by", sa.String(200), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
)
sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("state_hash", Hash, primary_key=True),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("expires_at", Time, nullable=False),
)

_SEEN_EVERY = 60_000


@dataclass(frozen=True)
class Agent:
    """One who may work at the desk: a person, or another desk (`kind`) with its own key.

    `skills` are what conversations can ask for; `capacity` is how many it has at once, None for as many as
    the settings say. One who is not `active` cannot sign in.
    """

    id: str
    email: str
    name: str
    role: str
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    active: bool = True
    kind: str = "person"


@dataclass(frozen=True)
class Account:
    """An agent as administrators see one."""

    agent: Agent
    created_at: int
    has_password: bool
    has_identity: bool
    sessions: int
    seen_at: int | None


@dataclass(frozen=True)
class Session:
    """Somebody signed in: since when, by which method, from where."""

    id: str
    token_hash: str
    agent_id: str
    method: str
    address: str
    device: str
    created_at: int
    seen_at: int
    expires_at: int


@dataclass(frozen=True)
class Invitation:
    """An account that waits for its owner; with `agent_id` a new password for one that there is already."""

    id: str
    email: str
    name: str
    role: str
    skills: tuple[str, ...]
    agent_id: str | None
    invited_by: str
    created_at: int
    expires_at: int


@dataclass(frozen=True)
class SignInUnderWay:
    """What must come back from an identity provider."""

    nonce: str
    verifier: str


_ACCOUNT_COLUMNS = tuple(agents.c[name] for name in Agent.__dataclass_fields__)
_SESSION_COLUMNS = tuple(sessions.c[name] for name in Session.__dataclass_fields__)
_INVITATION_COLUMNS = tuple(invitations.c[name] for name in Invitation.__dataclass_fields__)


class Agents(Repository):
    """The agents, their sessions and the invitations."""

    # Accounts

    @whole
    async def add(
        self,
        agent: Agent,
        password_hash: str,
        at: int,
        *,
        identity: str | None = None,
        entry: Entry | None = None,
    ) -> bool:
        """Store an agent; False when somebody has that e-mail address already.

        With an empty hash no password signs in. `identity` is the provider's name for the person.
        """
        values = _agent_values(agent) | {
            "password_hash": password_hash,
            "created_at": at,
            "identity": identity,
        }
        try:
            async with self._write() as connection:
                await connection.execute(sa.insert(agents).values(**values))
                if entry:
                    await append(connection, entry)
        except IntegrityError:
            return False
        return True

    @whole
    async def all(self) -> tuple[Agent, ...]:
        """Everybody, by name; also who is not active any more."""
        query = sa.select(*_ACCOUNT_COLUMNS).order_by(sa.func.lower(agents.c.name), agents.c.id)
        async with self._read() as connection:
            return tuple(_agent(row) for row in (await connection.execute(query)).all())

    @whole
    async def accounts(self, now: int) -> tuple[Account, ...]:
        """Everybody as administrators see them, by name."""
        open_sessions = (
            sa.select(
                sessions.c.agent_id,
                sa.func.count().label("sessions"),
                sa.func.max(sessions.c.seen_at).label("seen_at"),
            )
            .where(sessions.c.expires_at > now)
            .group_by(sessions.c.agent_id)
            .subquery()
        )
        query = (
            sa.select(agents, open_sessions.c.sessions, open_sessions.c.seen_at)
            .join(open_sessions, open_sessions.c.agent_id == agents.c.id, isouter=True)
            .order_by(sa.func.lower(agents.c.name), agents.c.id)
        )
        async with self._read() as connection:
            return tuple(_account(row) for row in (await connection.execute(query)).all())

    @whole
    async def by_id(self, agent_id: str) -> Agent | None:
        """The agent, or None."""
        query = sa.select(*_ACCOUNT_COLUMNS).where(agents.c.id == agent_id)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _agent(row) if row else None

    @whole
    async def by_email(self, email: str) -> tuple[Agent, str] | None:
        """The agent with that address, and the hash of the password."""
        async with self._read() as connection:
            row = (await connection.execute(sa.select(agents).where(agents.c.email == email))).first()
        return (_agent(row), row.password_hash) if row else None

    @whole
    async def by_identity(self, identity: str) -> Agent | None:
        """Whom an identity provider's name for a person belongs to."""
        query = sa.select(*_ACCOUNT_COLUMNS).where(agents.c.identity == identity)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _agent(row) if row else None

    @whole
    async def tie(self, agent_id: str, identity: str) -> bool:
        """Tie an identity provider's name to the agent; False when the agent has another one already."""
        untied = (agents.c.id == agent_id) & agents.c.identity.is_(None)
        try:
            async with self._write() as connection:
                done = await connection.execute(sa.update(agents).where(untied).values(identity=identity))
        except IntegrityError:
            return False
        return bool(done.rowcount == 1)

    @whole
    async def change(
        self, agent_id: str, changes: Mapping[str, Any], describe: Callable[[Agent, Agent], Entry]
    ) -> tuple[Agent, Agent, tuple[str, ...]]:
        """Change name, role, skills, capacity or active: before, after, and the hashes of ended sessions.

        Who is no longer active loses all sessions. Raises ConversationError `not_found`, `not_a_person` for
        the role of another desk, whose key says what it may do, or `last_admin` for what would leave nobody
        who may administer.
        """
        async with self._write() as connection:
            # Everybody who changes who is an administrator waits here for the others.
            admins = sa.select(agents.c.id).where(agents.c.role == "admin", agents.c.active)
            kept = set((await connection.execute(admins.with_for_update())).scalars())
            query = sa.select(*_ACCOUNT_COLUMNS).where(agents.c.id == agent_id).with_for_update()
            row = (await connection.execute(query)).first()
            if row is None:
                raise ConversationError("not_found", "There is no such agent.", status=404)
            before = _agent(row)
            after = Agent(**{**before.__dict__, **changes})
            if after.role != before.role and before.kind != "person":
                raise ConversationError(
                    "not_a_person", "What a key may do is said by its scopes.", field="role"
                )
            if kept == {agent_id} and not (after.role == "admin" and after.active):
                message = "This is the last administrator; make somebody else one first."
                raise ConversationError("last_admin", message)
            values = _agent_values(after)
            await connection.execute(sa.update(agents).where(agents.c.id == agent_id).values(**values))
            ended = () if after.active else await _end(connection, sessions.c.agent_id == agent_id)
            if after != before:
                await append(connection, describe(before, after))
        return before, after, ended

    @whole
    async def password_hash(self, agent_id: str) -> str:
        """The hash of the agent's password, empty when there is none."""
        query = sa.select(agents.c.password_hash).where(agents.c.id == agent_id)
        async with self._read() as connection:
            return str((await connection.execute(query)).scalar() or "")

    @whole
    async def set_password(
        self, agent_id: str, password_hash: str, keep: str, entry: Entry
    ) -> tuple[str, ...]:
        """Store a new password and end all other sessions but the one kept; the hashes of those ended."""
        async with self._write() as connection:
            changed = sa.update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash)
            await connection.execute(changed)
            others = (sessions.c.agent_id == agent_id) & (sessions.c.token_hash != keep)
            ended = await _end(connection, others)
            await append(connection, entry)
        return ended

    # Sessions

    @whole
    async def add_session(
        self,
        token_hash: str,
        agent_id: str,
        now: int,
        expires_at: int,
        *,
        method: str = "password",
        address: str = "",
        device: str = "",
    ) -> None:
        """Store a session, and drop those that have expired."""
        session = Session(
            secrets.token_urlsafe(12), token_hash, agent_id, method, address, device, now, now, expires_at
        )
        async with self._write() as connection:
            await connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(sa.insert(sessions).values(**session.__dict__))

    @whole
    async def session(self, token_hash: str, now: int) -> Agent | None:
        """Whose session it is, or None when there is none, it has expired or the agent is not active."""
        query = sa.select(*_ACCOUNT_COLUMNS, sessions.c.seen_at.label("seen_at"))
        query = query.join(sessions, sessions.c.agent_id == agents.c.id)
        query = query.where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now, agents.c.active)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        if now - row.seen_at >= _SEEN_EVERY:
            # To be exact about it would cost a write on every request.
            seen = sa.update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now)
            async with self._write() as connection:
                await connection.execute(seen)
        return _agent(row)

    @whole
    async def sessions(self, agent_id: str, now: int) -> tuple[Session, ...]:
        """The agent's open sessions, the one used last first."""
        mine = (sessions.c.agent_id == agent_id) & (sessions.c.expires_at > now)
        query = sa.select(*_SESSION_COLUMNS).where(mine).order_by(sessions.c.seen_at.desc(), sessions.c.id)
        async with self._read() as connection:
            return tuple(Session(**row._mapping) for row in (await connection.execute(query)).all())

    @whole
    async def session_by_id(self, session_id: str) -> Session | None:
        """The session with that public id."""
        query = sa.select(*_SESSION_COLUMNS).where(sessions.c.id == session_id)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return Session(**row._mapping) if row else None

    @whole
    async def drop_session(self, token_hash: str, entry: Entry | None = None) -> None:
        """End a session."""
        async with self._write() as connection:
            ended = await _end(connection, sessions.c.token_hash == token_hash)
            if entry and ended:
                await append(connection, entry)

    # Invitations

    @whole
    async def invite(self, invitation: Invitation, token_hash: str, entry: Entry) -> None:
        """Store an invitation in the place of any other to the same address; drop those that have expired."""
        values = {**invitation.__dict__, "skills": list(invitation.skills), "token_hash": token_hash}
        late = invitations.c.expires_at <= invitation.created_at
        async with self._write() as connection:
            await connection.execute(
                sa.delete(invitations).where(late | (invitations.c.email == invitation.email))
            )
            await connection.execute(sa.insert(invitations).values(**values))
            await append(connection, entry)

    @whole
    async def invited(self, token_hash: str, now: int) -> Invitation | None:
        """The open invitation of a token."""
        mine = (invitations.c.token_hash == token_hash) & (invitations.c.expires_at > now)
        return await self._invitation(mine)

    @whole
    async def invited_address(self, email: str, now: int) -> Invitation | None:
        """The open invitation to an address."""
        return await self._invitation((invitations.c.email == email) & (invitations.c.expires_at > now))

    async def _invitation(self, chosen: Any) -> Invitation | None:
        async with self._read() as connection:
            row = (await connection.execute(sa.select(*_INVITATION_COLUMNS).where(chosen))).first()
        return _invitation(row) if row else None

    @whole
    async def open_invitations(self, now: int) -> tuple[Invitation, ...]:
        """All open invitations, the newest first."""
        query = sa.select(*_INVITATION_COLUMNS).where(invitations.c.expires_at > now)
        query = query.order_by(invitations.c.created_at.desc(), invitations.c.id)
        async with self._read() as connection:
            return tuple(_invitation(row) for row in (await connection.execute(query)).all())

    @whole
    async def withdraw(self, invitation_id: str, entry: Entry) -> bool:
        """Take an invitation back; False when there is none."""
        async with self._write() as connection:
            query = sa.delete(invitations).where(invitations.c.id == invitation_id)
            done = await connection.execute(query)
            if done.rowcount == 1:
                await append(connection, entry)
        return bool(done.rowcount == 1)

    @whole
    async def join(
        self,
        invitation: Invitation,
        agent: Agent,
        password_hash: str,
        at: int,
        entry: Entry,
        identity: str | None = None,
    ) -> tuple[str, ...] | None:
        """Use the invitation up: make the agent, or give the one it is for the new password.

        The hashes of the sessions that ended with an old password; None when the invitation was used, taken
        back or replaced meanwhile, or the address has an account by now.
        """
        try:
            async with self._write() as connection:
                query = sa.delete(invitations).where(
                    invitations.c.id == invitation.id, invitations.c.expires_at > at
                )
                if (await connection.execute(query)).rowcount != 1:
                    return None
                if invitation.agent_id:
                    ended = await _end(connection, sessions.c.agent_id == agent.id)
                    renewed = sa.update(agents).where(agents.c.id == agent.id)
                    await connection.execute(renewed.values(password_hash=password_hash))
                else:
                    values = {"password_hash": password_hash, "created_at": at, "identity": identity}
                    await connection.execute(sa.insert(agents).values(**_agent_values(agent), **values))
                    ended = ()
                await append(connection, entry)
        except IntegrityError:
            return None
        return ended

    # Sign-ins at an identity provider

    @whole
    async def begin_sign_in(self, state_hash: str, under_way: SignInUnderWay, now: int, until: int) -> None:
        """Keep what must come back; drop what did not come back in time."""
        values = {"state_hash": state_hash, "expires_at": until, **under_way.__dict__}
        async with self._write() as connection:
            await connection.execute(sa.delete(sign_ins).where(sign_ins.c.expires_at <= now))
            await connection.execute(sa.insert(sign_ins).values(**values))

    @whole
    async def end_sign_in(self, state_hash: str, now: int) -> SignInUnderWay | None:
        """What was kept, once; None when there is nothing, or not any more."""
        mine = sign_ins.c.state_hash == state_hash
        async with self._write() as connection:
            row = (await connection.execute(sa.select(sign_ins).where(mine))).first()
            gone = await connection.execute(sa.delete(sign_ins).where(mine))
        if row is None or gone.rowcount != 1 or row.expires_at <= now:
            return None
        return SignInUnderWay(row.nonce, row.verifier)


async def _end(connection: Any, chosen: Any) -> tuple[str, ...]:
    """End the chosen sessions; their hashes."""
    hashes = (await connection.execute(sa.select(sessions.c.token_hash).where(chosen))).scalars().all()
    await connection.execute(sa.delete(sessions).where(chosen))
    return tuple(hashes)


def _agent(row: Row) -> Agent:
    values = {name: row._mapping[name] for name in Agent.__dataclass_fields__}
    return Agent(**{**values, "skills": tuple(values["skills"])})


def _agent_values(agent: Agent) -> dict[str, Any]:
    return {**agent.__dict__, "skills": list(agent.skills)}


def _account(row: Row) -> Account:
    return Account(
        _agent(row),
        row.created_at,
        bool(row.password_hash),
        row.identity is not None,
        row.sessions or 0,
        row.seen_at,
    )


def _invitation(row: Row) -> Invitation:
    values = dict(row._mapping)
    return Invitation(**{**values, "skills": tuple(values["skills"])})
