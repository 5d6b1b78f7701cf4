"""What happened to conversations, for whoever asks later."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Json, Time, metadata

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "conversation_id",
        Id,
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("at", Time, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("detail", Json, nullable=False),
)


class Events(Repository):
    """The events of conversations."""

    @whole
    async def record(
        self, conversation_id: str, at: int, kind: str, epoch: int, detail: Mapping[str, Any]
    ) -> None:
        """Keep that something happened to a conversation; one that was erased meanwhile is left alone."""
        with suppress(IntegrityError):
            async with self._write() as connection:
                await note(connection, conversation_id, at, kind, epoch, detail)

    @whole
    async def recorded(self, conversation_id: str) -> list[dict[str, Any]]:
        """What happened to a conversation, oldest first."""
        query = sa.select(events.c.at, events.c.kind, events.c.epoch, events.c.detail)
        query = query.where(events.c.conversation_id == conversation_id).order_by(events.c.id)
        async with self._read() as connection:
            return [dict(row._mapping) for row in (await connection.execute(query)).all()]


async def note(
    connection: Any, conversation_id: str, at: int, kind: str, epoch: int, detail: Mapping[str, Any]
) -> None:
    """Keep an event within the transaction of what it is about."""
    values = {"conversation_id": conversation_id, "at": at, "kind": kind, "epoch": epoch, "detail": detail}
    await connection.execute(sa.insert(events).values(**values))
