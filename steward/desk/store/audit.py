"""The audit log: administrative acts, only ever added to.

There is no statement here that changes or deletes an entry, and triggers in the database refuse both.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row

from steward.desk.accounts.audit import Entry, Head, Link, faults, follow
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Json, Time, metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("actor_id", Id, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(80), nullable=False),
    sa.Column("subject", sa.String(400), nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Column("address", sa.String(80), nullable=False),
    sa.Column("previous", Hash, nullable=False),
    sa.Column("hash", Hash, nullable=False),
)
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("hash", Hash, nullable=False),
)
"""One row: the end of the chain. Who adds an entry locks it, so that no two follow the same one."""

_HEAD = sa.select(audit_head.c.seq, audit_head.c.hash)


class Audit(Repository):
    """The log of administrative acts."""

    @whole
    async def record(self, entry: Entry) -> None:
        """Add an entry."""
        async with self._write() as connection:
            await append(connection, entry)

    @whole
    async def newest(self, before: int | None, limit: int) -> tuple[Link, ...]:
        """The newest entries first, those before a number if one is given."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.seq < before)
        async with self._read() as connection:
            return tuple(_link(row) for row in (await connection.execute(query)).all())

    @whole
    async def verify(self, known: Head | None = None) -> tuple[Head, list[str]]:
        """The head, and what is wrong with the chain; `known` is a head that was noted earlier."""
        async with self._write() as connection:
            # With the head locked nothing is added between the two reads.
            head = _head((await connection.execute(_HEAD.with_for_update())).first())
            rows = (await connection.execute(sa.select(audit).order_by(audit.c.seq))).all()
        return head, faults((_link(row) for row in rows), head, known)


async def append(connection: Any, entry: Entry) -> None:
    """Add an entry within the transaction of the act it tells of: both are stored, or neither."""
    link = follow(_head((await connection.execute(_HEAD.with_for_update())).first()), entry)
    values = dict(entry.__dict__)
    await connection.execute(
        sa.insert(audit).values(**values, seq=link.seq, previous=link.previous, hash=link.hash)
    )
    await connection.execute(sa.update(audit_head).values(seq=link.seq, hash=link.hash))


def _head(row: Row | None) -> Head:
    return Head(row.seq, row.hash) if row else Head()


def _link(row: Row) -> Link:
    entry = Entry(row.at, row.actor_id, row.actor, row.action, row.subject, row.detail, row.address)
    return Link(row.seq, entry, row.previous, row.hash)
