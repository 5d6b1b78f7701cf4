"""Canned replies: each agent's own, and those that everybody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Time, metadata

EVERYBODY = ""
"""The owner of shared snippets."""

snippets = sa.Table(
    "snippets",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner", Id, nullable=False),
    sa.Column("shortcut", sa.String(40), nullable=False),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.UniqueConstraint("owner", "shortcut"),
)


@dataclass(frozen=True)
class Snippet:
    """One canned reply; `owner` is an agent's id, or EVERYBODY."""

    id: str
    owner: str
    shortcut: str
    title: str
    text: str
    updated_at: int


class Snippets(Repository):
    """The canned replies."""

    @whole
    async def of(self, agent_id: str) -> tuple[Snippet, ...]:
        """The agent's own and the shared ones, by shortcut."""
        query = sa.select(snippets).where(snippets.c.owner.in_([agent_id, EVERYBODY]))
        return await self._snippets(query.order_by(snippets.c.shortcut, snippets.c.owner))

    @whole
    async def by_id(self, snippet_id: str) -> Snippet | None:
        """The snippet with this id."""
        found = await self._snippets(sa.select(snippets).where(snippets.c.id == snippet_id))
        return found[0] if found else None

    @whole
    async def count(self, owner: str) -> int:
        """How many the owner has."""
        async with self._read() as connection:
            query = sa.select(sa.func.count()).select_from(snippets).where(snippets.c.owner == owner)
            return int((await connection.execute(query)).scalar_one())

    @whole
    async def add(self, snippet: Snippet) -> bool:
        """Store a new snippet; False when its owner has one with that shortcut."""
        return await self._change(sa.insert(snippets).values(**snippet.__dict__)) is not None

    @whole
    async def change(self, snippet: Snippet) -> bool | None:
        """Store what the snippet is now; False when it has gone, None when the shortcut is taken."""
        query = sa.update(snippets).where(snippets.c.id == snippet.id).values(**snippet.__dict__)
        changed = await self._change(query)
        return None if changed is None else changed == 1

    @whole
    async def drop(self, snippet_id: str) -> None:
        """Delete a snippet."""
        async with self._write() as connection:
            await connection.execute(sa.delete(snippets).where(snippets.c.id == snippet_id))

    async def _change(self, query: Any) -> int | None:
        """How many rows it changed; None when another row is in the way."""
        try:
            async with self._write() as connection:
                return int((await connection.execute(query)).rowcount)
        except IntegrityError:
            return None

    async def _snippets(self, query: sa.sql.Select) -> tuple[Snippet, ...]:
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Snippet(**row._mapping) for row in rows)
