"""Where a candidate model read customers' messages differently from the one that answered them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Json, Time, conversation_column, metadata

shadow_differences = sa.Table(
    "shadow_differences",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model", sa.String(40), nullable=False),
    conversation_column(nullable=False, index=True),
    sa.Column("at", Time, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("serving", Json, nullable=False),
    sa.Column("candidate", Json, nullable=False),
)


@dataclass(frozen=True)
class Difference:
    """One message that two models read differently: each one's topic, skus and confidence."""

    model: str
    conversation_id: str
    at: int
    text: str
    serving: Mapping[str, Any]
    candidate: Mapping[str, Any]


class Differences(Repository):
    """The differences of the candidate that reads along, or read along last."""

    @whole
    async def add(self, difference: Difference) -> bool:
        """Keep a difference; False when its conversation was erased meanwhile."""
        with suppress(IntegrityError):
            async with self._write() as connection:
                await connection.execute(sa.insert(shadow_differences).values(**difference.__dict__))
                return True
        return False

    @whole
    async def newest(self, model: str, limit: int) -> tuple[Difference, ...]:
        """What a candidate read differently, the newest first."""
        table = shadow_differences.c
        columns = (
            table.model,
            table.conversation_id,
            table.at,
            table.text,
            table.serving,
            table.candidate,
        )
        query = sa.select(*columns).where(table.model == model).order_by(table.id.desc()).limit(limit)
        async with self._read() as connection:
            return tuple(Difference(**row._mapping) for row in (await connection.execute(query)).all())

    @whole
    async def count(self, model: str) -> int:
        """How many there are of a candidate."""
        query = sa.select(sa.func.count()).select_from(shadow_differences)
        query = query.where(shadow_differences.c.model == model)
        async with self._read() as connection:
            return int((await connection.execute(query)).scalar_one())

    @whole
    async def clear(self) -> None:
        """Forget all of them, as when another candidate begins to read."""
        async with self._write() as connection:
            await connection.execute(sa.delete(shadow_differences))
