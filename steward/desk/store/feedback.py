"""What customers thought of single messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from steward.desk.store.conversations import messages
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Time, conversation_column, metadata

feedback = sa.Table(
    "feedback",
    metadata,
    conversation_column(primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.String(10), nullable=False),
    sa.Column("at", Time, nullable=False),
)


Rated = Callable[[Any, str, int, str], Awaitable[None]]
"""What follows from a rating: given the connection, the conversation, the message's seq and the value."""


class Feedback(Repository):
    """The customers' ratings."""

    @whole
    async def rate(self, conversation_id: str, seq: int, value: str, at: int, also: Rated) -> bool:
        """Keep the customer's opinion of a bot or agent message, the newest one; False if there is none.

        What `also` does with the connection is stored with it or not at all.
        """
        rated = sa.select(messages.c.sender).where(
            messages.c.conversation_id == conversation_id, messages.c.seq == seq
        )
        async with self._write() as connection:
            if (await connection.execute(rated)).scalar() not in ("bot", "agent"):
                return False
            row = {"conversation_id": conversation_id, "seq": seq, "value": value, "at": at}
            await self.database.upsert(connection, feedback, row, {"value": value, "at": at})
            await also(connection, conversation_id, seq, value)
        return True

    @whole
    async def ratings(self, conversation_id: str) -> list[dict[str, Any]]:
        """The customer's opinions."""
        query = sa.select(feedback.c.seq, feedback.c.value, feedback.c.at)
        query = query.where(feedback.c.conversation_id == conversation_id).order_by(feedback.c.seq)
        async with self._read() as connection:
            return [dict(row._mapping) for row in (await connection.execute(query)).all()]
