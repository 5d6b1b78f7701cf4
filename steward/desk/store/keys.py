"""API keys: what other systems sign in with. Each acts as an agent of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from steward.desk.accounts.audit import Entry
from steward.desk.store.agents import agents
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Json, Time, metadata

keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("prefix", sa.String(20), nullable=False),
    sa.Column("token_hash", Hash, nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("created_by", Id),
    sa.Column("expires_at", Time),
    sa.Column("last_used_at", Time),
    sa.Column("revoked_at", Time),
)


MACHINE = "desk"
"""The kind of agent that is another system and not a person."""

_COLUMNS = tuple(column for column in keys.c if column.name != "token_hash")


@dataclass(frozen=True)
class Key:
    """One key, without its secret. `agent_id` is whom it acts as."""

    id: str
    agent_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: int
    created_by: str | None
    expires_at: int | None
    last_used_at: int | None = None
    revoked_at: int | None = None


class Keys(Repository):
    """The API keys."""

    @whole
    async def add(self, key: Key, token_hash: str, entry: Entry) -> None:
        """Store a key together with the agent it acts as."""
        values = {**key.__dict__, "scopes": list(key.scopes), "token_hash": token_hash}
        async with self._write() as connection:
            await add_machine(connection, key.agent_id, key.name, key.created_at)
            await connection.execute(sa.insert(keys).values(**values))
            await append(connection, entry)

    @whole
    async def all(self) -> tuple[Key, ...]:
        """Every key, the newest first; the revoked ones too."""
        query = sa.select(*_COLUMNS).order_by(keys.c.created_at.desc(), keys.c.id)
        async with self._read() as connection:
            return tuple(_key(row) for row in (await connection.execute(query)).all())

    @whole
    async def by_hash(self, token_hash: str) -> Key | None:
        """The key with that secret."""
        query = sa.select(*_COLUMNS).where(keys.c.token_hash == token_hash)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _key(row) if row else None

    @whole
    async def used(self, key_id: str, at: int) -> None:
        """Keep when the key was last used."""
        async with self._write() as connection:
            await connection.execute(sa.update(keys).where(keys.c.id == key_id).values(last_used_at=at))

    @whole
    async def retire(self, now: int) -> int:
        """Let the agents of keys whose time is over take nothing any more; how many there were."""
        over = sa.select(keys.c.agent_id).where(keys.c.expires_at <= now)
        mine = agents.c.id.in_(over) & agents.c.active
        async with self._write() as connection:
            done = await connection.execute(sa.update(agents).where(mine).values(active=False))
        return int(done.rowcount)

    @whole
    async def revoke(self, key_id: str, entry: Entry) -> Key | None:
        """End a key for good, and its agent with it; None when there is no such key."""
        mine = keys.c.id == key_id
        async with self._write() as connection:
            row = (await connection.execute(sa.select(*_COLUMNS).where(mine).with_for_update())).first()
            if row is None or row.revoked_at is not None:
                return _key(row) if row else None
            await connection.execute(sa.update(keys).where(mine).values(revoked_at=entry.at))
            gone = sa.update(agents).where(agents.c.id == row.agent_id).values(active=False)
            await connection.execute(gone)
            await append(connection, entry)
        return replace(_key(row), revoked_at=entry.at)


async def add_machine(
    connection: Any, agent_id: str, name: str, at: int, capacity: int | None = None
) -> None:
    """Store an agent that is another system: no password and no address signs it in."""
    values = {
        "id": agent_id,
        "email": f"{agent_id}@keys.invalid",
        "name": name,
        "role": "agent",
        "password_hash": "",
        "kind": MACHINE,
        "capacity": capacity,
        "created_at": at,
    }
    await connection.execute(sa.insert(agents).values(**values))


def _key(row: Any) -> Key:
    values = dict(row._mapping)
    return Key(**{**values, "scopes": tuple(values["scopes"])})
