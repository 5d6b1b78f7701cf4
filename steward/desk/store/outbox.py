"""Events for other systems: stored in the transaction of the change they tell of, numbered afterwards.

Transactions end in another order than they begin, so a number taken while one runs could appear after a
higher one was read. Events therefore get their `seq` in a second step, one desk at a time (`number`), and
whoever reads on from the highest seq that they know misses nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Json, Time, metadata

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("event_id", Id, nullable=False, unique=True),
    sa.Column("seq", sa.BigInteger, unique=True),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("at", Time, nullable=False, index=True),
    sa.Column("conversation_id", Id, index=True),
    sa.Column("data", Json, nullable=False),
)
heads = sa.Table(
    "outbox_heads",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
)

_HEAD = "events"
_AT_ONCE = 500
_ADD = sa.insert(outbox)


@dataclass(frozen=True)
class NewEvent:
    """Something that other systems may want to know; `data` is what they are told."""

    type: str
    at: int
    conversation_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True)
class StoredEvent:
    """An event with its lasting id and its place among all events."""

    row: int
    id: str
    seq: int
    type: str
    at: int
    conversation_id: str | None
    data: Mapping[str, Any]


async def add(connection: Any, events: Iterable[NewEvent]) -> None:
    """Store events within the transaction of what they tell of."""
    rows = [
        {
            "event_id": "evt_" + secrets.token_urlsafe(15),
            "type": event.type,
            "at": event.at,
            "conversation_id": event.conversation_id,
            "data": dict(event.data),
        }
        for event in events
    ]
    if rows:
        await connection.execute(_ADD, rows)


async def forget(connection: Any, conversation_id: str) -> None:
    """Drop every event of a conversation that is erased."""
    await connection.execute(sa.delete(outbox).where(outbox.c.conversation_id == conversation_id))


async def number(database: Any, connection: Any) -> tuple[StoredEvent, ...]:
    """Give the next events their seq within the caller's transaction, oldest first."""
    # Locks the row: of several desks one numbers at a time.
    await database.upsert(connection, heads, {"name": _HEAD, "seq": 0}, {"seq": heads.c.seq})
    last = (await connection.execute(sa.select(heads.c.seq).where(heads.c.name == _HEAD))).scalar_one()
    fresh = sa.select(outbox).where(outbox.c.seq.is_(None)).order_by(outbox.c.id).limit(_AT_ONCE)
    rows = (await connection.execute(fresh)).all()
    if not rows:
        return ()
    numbered = [{"row": row.id, "number": last + place} for place, row in enumerate(rows, start=1)]
    update = sa.update(outbox).where(outbox.c.id == sa.bindparam("row"))
    await connection.execute(update.values(seq=sa.bindparam("number")), numbered)
    await connection.execute(sa.update(heads).where(heads.c.name == _HEAD).values(seq=last + len(rows)))
    return tuple(_event(row, place["number"]) for row, place in zip(rows, numbered, strict=True))


class Outbox(Repository):
    """The events that were numbered, for whoever reads on from one."""

    @whole
    async def add(self, events: Sequence[NewEvent]) -> None:
        """Store events that tell of no stored change."""
        async with self._write() as connection:
            await add(connection, events)

    @whole
    async def after(self, seq: int, limit: int, types: Sequence[str] = ()) -> tuple[StoredEvent, ...]:
        """The numbered events after a seq, oldest first; of all types when none is named."""
        query = sa.select(outbox).where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(limit)
        if types:
            query = query.where(outbox.c.type.in_(types))
        async with self._read() as connection:
            return tuple(_event(row, row.seq) for row in (await connection.execute(query)).all())

    @whole
    async def last(self) -> int:
        """The highest seq that was given."""
        async with self._read() as connection:
            query = sa.select(heads.c.seq).where(heads.c.name == _HEAD)
            return int((await connection.execute(query)).scalar() or 0)

    @whole
    async def prune(self, before: int) -> int:
        """Drop the numbered events older than a moment, with their deliveries; how many there were."""
        old = (outbox.c.at < before) & outbox.c.seq.is_not(None)
        async with self._write() as connection:
            return int((await connection.execute(sa.delete(outbox).where(old))).rowcount)


def _event(row: Any, seq: int) -> StoredEvent:
    return StoredEvent(row.id, row.event_id, seq, row.type, row.at, row.conversation_id, row.data)
