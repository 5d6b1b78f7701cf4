"""When each agent was last there and last had work: what several desks, and the next start, must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steward.desk.store.database import Database, Repository, whole
from steward.desk.store.schema import Id, Time, metadata

presence = sa.Table(
    "presence",
    metadata,
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("since", Time, nullable=False),
    sa.Column("seen_at", Time, nullable=False),
    sa.Column("lasting", sa.Boolean, nullable=False),
    sa.Column("worked_at", Time, nullable=False),
)


@dataclass(frozen=True)
class Seen:
    """What an agent said they were (`state`, chosen at `since`), and when a desk last saw them.

    A `lasting` state holds until the next one, with no connection to keep it up. `worked_at` is when they
    last got a conversation or were done with one.
    """

    state: str
    since: int
    seen_at: int
    lasting: bool = False
    worked_at: int = 0


class Presences(Repository):
    """The agents' presence."""

    @whole
    async def all(self) -> dict[str, Seen]:
        """Everybody who has been there."""
        columns = [presence.c[name] for name in Seen.__dataclass_fields__]
        async with self._read() as connection:
            rows = (await connection.execute(sa.select(presence.c.agent_id, *columns))).all()
        return {row.agent_id: Seen(**{c.name: row._mapping[c.name] for c in columns}) for row in rows}

    @whole
    async def keep(self, seen: Mapping[str, Seen]) -> None:
        """Keep what these agents said and when they were seen; when they worked stays as it is."""
        async with self._write() as connection:
            for agent_id, one in sorted(seen.items()):
                said = {
                    "state": one.state,
                    "since": one.since,
                    "seen_at": one.seen_at,
                    "lasting": one.lasting,
                }
                row = {"agent_id": agent_id, "worked_at": one.worked_at, **said}
                await self.database.upsert(connection, presence, row, said)


async def worked(database: Database, connection: Any, agent_id: str, at: int) -> None:
    """Keep that the agent got a conversation or was done with one.

    The row stays locked to the end of the transaction, so the agent's conversations can be counted in it.
    """
    row = {"agent_id": agent_id, "state": "offline", "since": 0, "seen_at": 0, "lasting": False}
    await database.upsert(connection, presence, {**row, "worked_at": at}, {"worked_at": at})
