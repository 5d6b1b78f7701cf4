"""The lists that agents work from: who waits, who has whom, what happened lately."""

from __future__ import annotations

import sqlalchemy as sa

from steward.desk.conversation import WAITING, Conversation, State
from steward.desk.store.conversations import STATE_COLUMNS, conversation_of, conversations
from steward.desk.store.database import Repository, whole

_WAITING = sorted(state.value for state in WAITING)
_LISTED = 100
_QUEUE_LISTED = 500


class Lists(Repository):
    """Conversations in the orders that the desk shows."""

    @whole
    async def waiting(self) -> tuple[Conversation, ...]:
        """The queue: the most urgent first, then the longest waiting; the deferred ones last."""
        query = (
            sa.select(*STATE_COLUMNS)
            .where(conversations.c.state.in_([*_WAITING, State.DEFERRED.value]))
            .order_by(
                sa.case((conversations.c.state == "deferred", 1), else_=0),
                conversations.c.priority,
                conversations.c.queued_at,
                conversations.c.id,
            )
            .limit(_QUEUE_LISTED)
        )
        return await self._conversations(query)

    @whole
    async def place(self, conversation: Conversation) -> int:
        """The conversation's place in the queue, counted from 1."""
        c, mine = conversations.c, conversation
        earlier = (c.queued_at < mine.queued_at) | ((c.queued_at == mine.queued_at) & (c.id < mine.id))
        ahead = (c.priority < mine.priority) | ((c.priority == mine.priority) & earlier)
        query = sa.select(sa.func.count()).where(c.state.in_(_WAITING), ahead)
        async with self._read() as connection:
            return int((await connection.execute(query)).scalar_one()) + 1

    @whole
    async def mine(self, agent_id: str) -> tuple[Conversation, ...]:
        """The conversations that the agent owns, the newest activity first."""
        owned = (conversations.c.state == "agent") & (conversations.c.agent_id == agent_id)
        query = sa.select(*STATE_COLUMNS).where(owned).order_by(conversations.c.updated_at.desc())
        return await self._conversations(query)

    @whole
    async def recent(self, *, resolved: bool) -> tuple[Conversation, ...]:
        """The newest conversations in which somebody wrote, resolved or not."""
        state = conversations.c.state
        chosen = state == "resolved" if resolved else state != "resolved"
        return await self._newest(_LISTED, chosen, conversations.c.seq > 0)

    @whole
    async def told(self, tail: str, limit: int) -> tuple[Conversation, ...]:
        """The newest conversations in which a customer wrote, of those whose id ends so.

        `tail` is of small letters and digits; the id's case and other signs do not matter. An empty one fits
        all.
        """
        plain = sa.func.lower(conversations.c.id)
        for other in "-_":
            plain = sa.func.replace(plain, other, "")
        fitting = (plain.like(f"%{tail}"),) if tail else ()
        return await self._newest(limit, conversations.c.customer_seq > 0, *fitting)

    @whole
    async def owned_counts(self) -> dict[str, int]:
        """How many conversations each agent owns."""
        query = (
            sa.select(conversations.c.agent_id, sa.func.count())
            .where(conversations.c.state == "agent", conversations.c.agent_id.is_not(None))
            .group_by(conversations.c.agent_id)
        )
        async with self._read() as connection:
            return {row[0]: row[1] for row in (await connection.execute(query)).all()}

    @whole
    async def loads(self) -> dict[str, int]:
        """How many conversations each agent owns or is offered: what their capacity is measured by."""
        query = (
            sa.select(conversations.c.agent_id, sa.func.count())
            .where(conversations.c.state.in_(["agent", "offered"]), conversations.c.agent_id.is_not(None))
            .group_by(conversations.c.agent_id)
        )
        async with self._read() as connection:
            return {row[0]: row[1] for row in (await connection.execute(query)).all()}

    @whole
    async def all_waiting(self) -> tuple[Conversation, ...]:
        """Everybody who waits in the queue, without the deferred ones, in no order."""
        query = sa.select(*STATE_COLUMNS).where(conversations.c.state.in_(_WAITING))
        return await self._conversations(query)

    @whole
    async def earlier(self, conversation: Conversation, limit: int) -> tuple[Conversation, ...]:
        """The conversations that this one carries on, the newest first."""
        found: list[Conversation] = []
        async with self._read() as connection:
            wanted = conversation.previous_id
            while wanted is not None and len(found) < limit:
                query = sa.select(*STATE_COLUMNS).where(conversations.c.id == wanted)
                row = (await connection.execute(query)).first()
                if row is None:
                    break
                found.append(conversation_of(row))
                wanted = found[-1].previous_id
        return tuple(found)

    async def _newest(self, limit: int, *chosen: sa.ColumnElement[bool]) -> tuple[Conversation, ...]:
        query = sa.select(*STATE_COLUMNS).where(*chosen).order_by(conversations.c.updated_at.desc())
        return await self._conversations(query.limit(limit))

    async def _conversations(self, query: sa.sql.Select) -> tuple[Conversation, ...]:
        async with self._read() as connection:
            return tuple(conversation_of(row) for row in (await connection.execute(query)).all())
