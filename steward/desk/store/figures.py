"""What happened at the desk, for the board's numbers."""

from __future__ import annotations

import sqlalchemy as sa

from steward.desk.conversation import Conversation
from steward.desk.queue.board import Happening
from steward.desk.store.conversations import STATE_COLUMNS, conversation_of, conversations, messages
from steward.desk.store.database import Repository, whole
from steward.desk.store.events import events
from steward.desk.store.feedback import feedback

_KINDS = ("owner", "queue", "first_answer")


class Figures(Repository):
    """The events that the board counts."""

    @whole
    async def happened(self, since: int) -> tuple[Happening, ...]:
        """What happened to conversations since then, in order."""
        query = (
            sa.select(events.c.conversation_id, events.c.at, events.c.kind, events.c.detail)
            .where(events.c.at >= since, events.c.kind.in_(_KINDS))
            .order_by(events.c.id)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Happening(row.conversation_id, row.at, row.kind, row.detail) for row in rows)

    @whole
    async def owed(self) -> tuple[Conversation, ...]:
        """Everybody who waits in the queue, or for the first answer of the person who has taken them."""
        c = conversations.c
        waits = c.state.in_(["queued", "offered"])
        unanswered = (c.state == "agent") & c.first_answer_at.is_(None) & c.handed_at.is_not(None)
        query = sa.select(*STATE_COLUMNS).where(waits | unanswered)
        async with self._read() as connection:
            return tuple(conversation_of(row) for row in (await connection.execute(query)).all())

    @whole
    async def ratings(self, since: int) -> tuple[int, int]:
        """How many customers found an agent's message helpful since then, and how many were asked at all."""
        query = (
            sa.select(feedback.c.value, sa.func.count())
            .join(
                messages,
                (messages.c.conversation_id == feedback.c.conversation_id)
                & (messages.c.seq == feedback.c.seq),
            )
            .where(feedback.c.at >= since, messages.c.sender == "agent")
            .group_by(feedback.c.value)
        )
        async with self._read() as connection:
            counts = {row[0]: row[1] for row in (await connection.execute(query)).all()}
        return counts.get("up", 0), sum(counts.values())
