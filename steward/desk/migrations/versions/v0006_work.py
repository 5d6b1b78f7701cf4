"""Work: notes and mentions, canned replies, files, who has read what, and the index for searching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from steward.desk.workspace.search import indexed

revision = "0006"
down_revision = "0005"

_BATCH = 1000
_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_index USING fts5(
        words, content='search', content_rowid='id', detail='none', prefix='2 3',
        tokenize='unicode61 remove_diacritics 0'
    )
    """,
    """
    CREATE TRIGGER search_added AFTER INSERT ON search
    BEGIN INSERT INTO search_index (rowid, words) VALUES (new.id, new.words); END
    """,
    """
    CREATE TRIGGER search_removed AFTER DELETE ON search
    BEGIN INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.id, old.words); END
    """,
)
_POSTGRESQL = (
    # Without a list of what is still to be indexed, which every search would have to go through.
    "CREATE INDEX ix_search_index ON search USING gin (words) WITH (fastupdate = off)",
)


def upgrade() -> None:
    """Add columns and tables, and make what was written so far findable."""
    for name in ("customer_read_seq", "agent_read_seq"):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("conversations", column)
    op.add_column("messages", sa.Column("attachments", sa.JSON(none_as_null=True), nullable=True))
    _notes()
    _snippets()
    _files()
    _search()


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        _of_a_conversation("notes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint(
            "conversation_id", "author_id", "key", name=op.f("uq_notes_conversation_id_author_id_key")
        ),
    )
    op.create_table(
        "mentions",
        sa.Column("note_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["notes.id"], name=op.f("fk_mentions_note_id_notes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_mentions_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("note_id", "agent_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_agent_id"), "mentions", ["agent_id"], unique=False)


def _snippets() -> None:
    op.create_table(
        "snippets",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snippets")),
        sa.UniqueConstraint("owner", "shortcut", name=op.f("uq_snippets_owner_shortcut")),
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("uploader", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        _of_a_conversation("files"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint(
            "conversation_id", "uploader", "key", name=op.f("uq_files_conversation_id_uploader_key")
        ),
    )
    op.create_index(op.f("ix_files_seq_at"), "files", ["seq", "at"], unique=False)


def _search() -> None:
    search = op.create_table(
        "search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        _of_a_conversation("search"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
        sa.UniqueConstraint("conversation_id", "seq", name=op.f("uq_search_conversation_id_seq")),
    )
    connection = op.get_bind()
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
    for rows in _written(connection):
        connection.execute(sa.insert(search), rows)


def _written(connection: Any) -> Iterator[list[dict[str, Any]]]:
    """What was written so far, as rows of the index, oldest first."""
    written = connection.execute(
        sa.text("SELECT conversation_id, seq, text FROM messages WHERE sender <> 'system' ORDER BY at, seq")
    )
    rows = [{"conversation_id": row[0], "seq": row[1], "words": indexed(row[2])} for row in written]
    rows = [row for row in rows if row["words"]]
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _of_a_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
        name=op.f(f"fk_{table}_conversation_id_conversations"),
        ondelete="CASCADE",
    )
