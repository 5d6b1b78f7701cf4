"""What is set at run time, by name: it belongs to the shop, not to one process."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from steward.desk.accounts.audit import Entry
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Json, metadata

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", Json, nullable=False),
)


class StoredSettings(Repository):
    """Values that can be written as JSON, one for each name."""

    @whole
    async def read(self, name: str) -> Any:
        """The value, or None when it was never set."""
        query = sa.select(settings.c.value).where(settings.c.name == name)
        async with self._read() as connection:
            return (await connection.execute(query)).scalar()

    @whole
    async def write(self, name: str, value: Any, entry: Entry | None = None) -> None:
        """Set the value; the audit log's entry is stored with it or not at all."""
        async with self._write() as connection:
            row = {"name": name, "value": value}
            await self.database.upsert(connection, settings, row, {"value": value})
            if entry is not None:
                await append(connection, entry)
