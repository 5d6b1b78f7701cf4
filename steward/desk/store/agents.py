"""Who may sign in, and their sessions."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine.row import Row
from sqlalchemy.exc import IntegrityError

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Time, metadata

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password_hash", sa.String(300), nullable=False),
    sa.Column("created_at", Time, nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", Hash, primary_key=True),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("expires_at", Time, nullable=False),
)


@dataclass(frozen=True)
class Agent:
    """One who may sign in to the desk."""

    id: str
    email: str
    name: str
    role: str


class Agents(Repository):
    """The agents and their sessions."""

    @whole
    async def add(self, agent: Agent, password_hash: str, at: int) -> bool:
        """Store an agent; False when somebody has that e-mail address already."""
        values = {**agent.__dict__, "password_hash": password_hash, "created_at": at}
        try:
            async with self._write() as connection:
                await connection.execute(sa.insert(agents).values(**values))
        except IntegrityError:
            return False
        return True

    @whole
    async def all(self) -> tuple[Agent, ...]:
        """Everybody who may sign in."""
        async with self._read() as connection:
            return tuple(_agent(row) for row in (await connection.execute(sa.select(agents))).all())

    @whole
    async def by_email(self, email: str) -> tuple[Agent, str] | None:
        """The agent with that address, and the hash of the password."""
        async with self._read() as connection:
            row = (await connection.execute(sa.select(agents).where(agents.c.email == email))).first()
        return (_agent(row), row.password_hash) if row else None

    @whole
    async def add_session(self, token_hash: str, agent_id: str, now: int, expires_at: int) -> None:
        """Store a session, and drop those that have expired."""
        values = {"token_hash": token_hash, "agent_id": agent_id, "expires_at": expires_at}
        async with self._write() as connection:
            await connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(sa.insert(sessions).values(**values))

    @whole
    async def session(self, token_hash: str, now: int) -> Agent | None:
        """Whose session it is, or None when there is none or it has expired."""
        query = sa.select(agents).join(sessions, sessions.c.agent_id == agents.c.id)
        query = query.where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _agent(row) if row else None

    @whole
    async def drop_session(self, token_hash: str) -> None:
        """End a session."""
        async with self._write() as connection:
            await connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


def _agent(row: Row) -> Agent:
    return Agent(row.id, row.email, row.name, row.role)
