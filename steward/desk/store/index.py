"""The index that transcripts are searched by; it is written with the messages and erased with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from steward.desk.conversation import Message
from steward.desk.store.schema import conversation_column, metadata
from steward.desk.workspace.search import indexed

search = sa.Table(
    "search",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    conversation_column(nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    sa.UniqueConstraint("conversation_id", "seq"),
)
"""One row for each message that can be found. On each database an index of its own kind lies over `words`:
FTS5 kept up by triggers on SQLite, GIN on PostgreSQL; the migration makes it."""

_INSERT = sa.insert(search)


async def index_messages(connection: Any, conversation_id: str, messages: Sequence[Message]) -> None:
    """Make messages findable within the transaction that stores them; what the desk itself says is not."""
    rows = [
        {"conversation_id": conversation_id, "seq": message.seq, "words": words}
        for message in messages
        if message.draft.sender != "system" and (words := indexed(_readable(message)))
    ]
    if rows:
        await connection.execute(_INSERT, rows)


def _readable(message: Message) -> str:
    return " ".join([message.draft.text, *(str(one["name"]) for one in message.draft.attachments)])
