"""What happened to conversations, for whoever asks later."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steward.desk.queue.waits import Wait
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Json, Time, conversation_column, metadata

_MEASURED = 400
_IN_THE_QUEUE = ("queued", "offered")
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    conversation_column(nullable=False, index=True),
    sa.Column("at", Time, nullable=False, index=True),
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

    @whole
    async def waits(self, since: int) -> tuple[Wait, ...]:
        """The waits that ended with a person since then, without those that were put off; oldest first."""
        query = sa.select(events.c.at, events.c.detail).where(events.c.kind == "owner", events.c.at >= since)
        query = query.order_by(events.c.id.desc()).limit(_MEASURED)
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Wait(row.at - waited, row.at, row.detail.get("skill"), row.detail.get("reason") == "safety")
            for row in reversed(rows)
            if row.detail.get("to") == "agent"
            and row.detail.get("from") in _IN_THE_QUEUE
            and (waited := row.detail.get("waited")) is not None
        )


async def note(
    connection: Any, conversation_id: str, at: int, kind: str, epoch: int, detail: Mapping[str, Any]
) -> None:
    """Keep an event within the transaction of what it is about."""
    values = {"conversation_id": conversation_id, "at": at, "kind": kind, "epoch": epoch, "detail": detail}
    await connection.execute(sa.insert(events).values(**values))
