"""What agents write for one another about a conversation, and who was named in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row

from steward.desk.conversation import Conversation
from steward.desk.store.conversations import by_ids, conversations
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Time, conversation_column, metadata
from steward.errors import ConversationError

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    conversation_column(nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("author_id", Id, nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("key", sa.String(200)),
    sa.UniqueConstraint("conversation_id", "author_id", "key"),
)
mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column("note_id", Id, sa.ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("read_at", Time),
)


@dataclass(frozen=True)
class Note:
    """One note; `mentions` are the ids of the agents named in it."""

    id: str
    conversation_id: str
    at: int
    author_id: str
    author: str
    text: str
    mentions: tuple[str, ...] = ()
    key: str | None = None


@dataclass(frozen=True)
class Mention:
    """A note that names an agent, with its conversation."""

    note: Note
    conversation: Conversation
    read: bool


class Notes(Repository):
    """The notes, and the mentions in them."""

    @whole
    async def add(self, note: Note) -> tuple[Note, bool]:
        """Store a note; what is stored now, and whether it is new.

        The author's note with the same key in the conversation stands for this one. Raises ConversationError
        when there is no such conversation.
        """
        async with self._write() as connection:
            known = sa.select(conversations.c.id).where(conversations.c.id == note.conversation_id)
            if (await connection.execute(known.with_for_update())).first() is None:
                raise ConversationError("not_found", "There is no such conversation.", status=404)
            first = await self._with_key(connection, note) if note.key else None
            if first is None:
                await keep_note(connection, note)
        return first or note, first is None

    async def _with_key(self, connection: Any, note: Note) -> Note | None:
        same = (
            (notes.c.conversation_id == note.conversation_id)
            & (notes.c.author_id == note.author_id)
            & (notes.c.key == note.key)
        )
        found = await _read(connection, sa.select(notes).where(same))
        return found[0] if found else None

    @whole
    async def of(self, conversation_id: str) -> tuple[Note, ...]:
        """The notes on a conversation, oldest first."""
        query = sa.select(notes).where(notes.c.conversation_id == conversation_id)
        async with self._read() as connection:
            return await _read(connection, query.order_by(notes.c.at, notes.c.id))

    @whole
    async def mentioning(self, agent_id: str, limit: int) -> tuple[Mention, ...]:
        """The newest notes that name the agent, newest first."""
        query = (
            sa.select(notes, mentions.c.read_at)
            .join(mentions, mentions.c.note_id == notes.c.id)
            .where(mentions.c.agent_id == agent_id)
            .order_by(notes.c.at.desc(), notes.c.id.desc())
            .limit(limit)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
            named = await _named(connection, [row.id for row in rows])
            found = await by_ids(connection, {row.conversation_id for row in rows})
        return tuple(
            Mention(_note(row, named), found[row.conversation_id], row.read_at is not None)
            for row in rows
            if row.conversation_id in found
        )

    @whole
    async def unread(self, agent_id: str) -> int:
        """How many notes name the agent and were not read yet."""
        mine = (mentions.c.agent_id == agent_id) & mentions.c.read_at.is_(None)
        async with self._read() as connection:
            query = sa.select(sa.func.count()).select_from(mentions).where(mine)
            return int((await connection.execute(query)).scalar_one())

    @whole
    async def read(self, agent_id: str, at: int, note_ids: Collection[str] | None) -> None:
        """The agent has read these notes, or with None all that name them."""
        mine = (mentions.c.agent_id == agent_id) & mentions.c.read_at.is_(None)
        if note_ids is not None:
            mine &= mentions.c.note_id.in_(sorted(note_ids))
        async with self._write() as connection:
            await connection.execute(sa.update(mentions).where(mine).values(read_at=at))


async def keep_note(connection: Any, note: Note) -> None:
    """Store a note within the transaction of what it is about."""
    values = {name: value for name, value in note.__dict__.items() if name != "mentions"}
    await connection.execute(sa.insert(notes).values(**values))
    if note.mentions:
        rows = [{"note_id": note.id, "agent_id": agent_id} for agent_id in note.mentions]
        await connection.execute(sa.insert(mentions), rows)


async def _read(connection: Any, query: sa.sql.Select) -> tuple[Note, ...]:
    rows = (await connection.execute(query)).all()
    named = await _named(connection, [row.id for row in rows])
    return tuple(_note(row, named) for row in rows)


async def _named(connection: Any, note_ids: list[str]) -> dict[str, tuple[str, ...]]:
    query = sa.select(mentions.c.note_id, mentions.c.agent_id).where(mentions.c.note_id.in_(note_ids))
    rows = (await connection.execute(query.order_by(mentions.c.agent_id))).all() if note_ids else []
    named: dict[str, tuple[str, ...]] = {}
    for row in rows:
        named[row.note_id] = (*named.get(row.note_id, ()), row.agent_id)
    return named


def _note(row: Row, named: dict[str, tuple[str, ...]]) -> Note:
    note = Note(row.id, row.conversation_id, row.at, row.author_id, row.author, row.text, key=row.key)
    return replace(note, mentions=named.get(row.id, ()))
