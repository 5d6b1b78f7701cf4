"""Changes of the shop's files that operators have wished for and nobody has applied yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from steward.desk.accounts.audit import Entry
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Json, Time, metadata
from steward.desk.store.settings import settings

_LOGGED = "applied_logged"

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("at", Time, nullable=False),
    sa.Column("by_id", Id, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("operation", Json, nullable=False),
)


@dataclass(frozen=True)
class StoredChange:
    """One wish, as JSON, and whose it is."""

    id: str
    at: int
    by_id: str
    by_name: str
    operation: dict[str, Any]


class Changes(Repository):
    """What waits to be applied."""

    @whole
    async def all(self) -> tuple[StoredChange, ...]:
        """Everything, in the order in which it is to be applied."""
        async with self._read() as connection:
            columns = [column for column in changes.c if column is not changes.c.number]
            rows = (await connection.execute(sa.select(*columns).order_by(changes.c.number))).all()
        return tuple(StoredChange(**row._mapping) for row in rows)

    @whole
    async def add(self, change: StoredChange) -> None:
        """Keep a wish."""
        async with self._write() as connection:
            await connection.execute(sa.insert(changes).values(**asdict(change)))

    @whole
    async def applied(self, ids: Collection[str], edit: str, entry: Entry) -> None:
        """Forget wishes that are in the files now, with the audit log's entry on the edit that they became.

        An edit is logged once, even if this is said again of the last one.
        """
        async with self._write() as connection:
            if ids:
                await connection.execute(sa.delete(changes).where(changes.c.id.in_(list(ids))))
            known = sa.select(settings.c.value).where(settings.c.name == _LOGGED).with_for_update()
            if (await connection.execute(known)).scalar() != edit:
                row = {"name": _LOGGED, "value": edit}
                await self.database.upsert(connection, settings, row, {"value": edit})
                await append(connection, entry)

    @whole
    async def drop(self, ids: Collection[str]) -> int:
        """Forget wishes; how many of them there were."""
        if not ids:
            return 0
        async with self._write() as connection:
            query = sa.delete(changes).where(changes.c.id.in_(list(ids)))
            return int((await connection.execute(query)).rowcount)
