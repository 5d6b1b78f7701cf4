"""Which conversation here is which conversation in a neighbouring desk."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steward.desk.accounts.audit import Entry
from steward.desk.store.agents import agents
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.hooks import Hook, hook_values, hooks
from steward.desk.store.keys import add_machine
from steward.desk.store.schema import Id, conversation_column, metadata

links = sa.Table(
    "bridge_links",
    metadata,
    sa.Column("bridge", Id, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    conversation_column(primary_key=True),
    sa.Column("remote_id", sa.String(64), nullable=False),
    sa.Column("told_epoch", sa.Integer, nullable=False),
    sa.Column("told_seq", sa.Integer, nullable=False),
    sa.UniqueConstraint("bridge", "remote_id"),
)


@dataclass(frozen=True)
class Link:
    """A conversation on both sides; the other side knows everything up to `told_seq` and `told_epoch`."""

    bridge: str
    conversation_id: str
    remote_id: str
    told_epoch: int
    told_seq: int


class Bridges(Repository):
    """The bridges and their links. A bridge is a webhook with an agent of its own."""

    @whole
    async def set_up(self, hook: Hook, agent_id: str, entry: Entry) -> None:
        """Store a bridge with its agent, or lead one that is there somewhere else."""
        values = hook_values(hook)
        changes = {name: values[name] for name in ("url", "secret", "settings", "active")}
        agent = agents.c.id == agent_id
        async with self._write() as connection:
            if (await connection.execute(sa.select(agents.c.id).where(agent))).first() is None:
                # Nothing is offered to it: who takes what is decided on the other side.
                await add_machine(connection, agent_id, hook.name, hook.created_at, capacity=0)
            await self.database.upsert(connection, hooks, values, changes)
            await append(connection, entry)

    @whole
    async def remove(self, hook_id: str, agent_id: str, entry: Entry) -> None:
        """Delete a bridge; its agent takes nothing any more."""
        async with self._write() as connection:
            await connection.execute(sa.delete(hooks).where(hooks.c.id == hook_id))
            await connection.execute(sa.update(agents).where(agents.c.id == agent_id).values(active=False))
            await append(connection, entry)

    @whole
    async def begin(self, link: Link) -> None:
        """Store a new link; one that is there already stays."""
        with suppress(IntegrityError):
            async with self._write() as connection:
                await connection.execute(sa.insert(links).values(**link.__dict__))

    @whole
    async def told(self, link: Link, *, epoch: int = 0, seq: int = 0) -> None:
        """The other side knows more now; never less."""
        mine = (links.c.bridge == link.bridge) & (links.c.conversation_id == link.conversation_id)
        more = {"told_epoch": epoch, "told_seq": seq}
        async with self._write() as connection:
            for name, value in more.items():
                behind = links.c[name] < value
                await connection.execute(sa.update(links).where(mine, behind).values({name: value}))

    @whole
    async def of(self, bridge: str, conversation_id: str) -> Link | None:
        """The link of a conversation here."""
        return await self._one((links.c.bridge == bridge) & (links.c.conversation_id == conversation_id))

    @whole
    async def of_remote(self, bridge: str, remote_id: str) -> Link | None:
        """The link of a conversation there."""
        return await self._one((links.c.bridge == bridge) & (links.c.remote_id == remote_id))

    async def _one(self, chosen: sa.sql.ColumnElement) -> Link | None:
        async with self._read() as connection:
            row = (await connection.execute(sa.select(links).where(chosen))).first()
        return Link(**row._mapping) if row else None
