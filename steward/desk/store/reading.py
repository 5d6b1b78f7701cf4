"""Who has read how far."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from steward.desk.store.conversations import conversations
from steward.desk.store.database import Repository, whole


@dataclass(frozen=True)
class Marks:
    """The newest message that each side has read."""

    customer: int = 0
    agent: int = 0


class Reading(Repository):
    """How far the customer and the agents have read; it only moves forward."""

    @whole
    async def marks(self, conversation_id: str) -> Marks:
        """How far both have read; the beginning when there is no such conversation."""
        c = conversations.c
        query = sa.select(c.customer_read_seq, c.agent_read_seq).where(c.id == conversation_id)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return Marks(row.customer_read_seq, row.agent_read_seq) if row else Marks()

    @whole
    async def by_customer(self, conversation_id: str, seq: int) -> bool:
        """The customer has read up to the seq; False when they had before, or it is not there."""
        c = conversations.c
        new = (c.id == conversation_id) & (c.customer_read_seq < seq) & (c.seq >= seq)
        async with self._write() as connection:
            query = sa.update(conversations).where(new).values(customer_read_seq=seq)
            return bool((await connection.execute(query)).rowcount)

    @whole
    async def by_agent(self, conversation_id: str, agent_id: str, seq: int) -> bool:
        """The conversation's agent has read up to the seq; False when nothing is new, or it is not theirs.

        When it is the newest message, nothing is unread any more.
        """
        c = conversations.c
        mine = (c.id == conversation_id) & (c.state == "agent") & (c.agent_id == agent_id)
        new = mine & (c.agent_read_seq < seq) & (c.seq >= seq)
        unread = sa.case((c.customer_seq <= seq, 0), else_=c.unread)
        async with self._write() as connection:
            query = sa.update(conversations).where(new).values(agent_read_seq=seq, unread=unread)
            return bool((await connection.execute(query)).rowcount)
