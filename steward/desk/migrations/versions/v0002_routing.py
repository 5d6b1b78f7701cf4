"""Routing: who is asked for a conversation, who is there, and how the queue is run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables; who was with a person now comes between safety and complaints."""
    for column in (
        sa.Column("skill", sa.String(length=80), nullable=True),
        sa.Column("offer_until", sa.BigInteger(), nullable=True),
        sa.Column("declined", sa.JSON(none_as_null=True), server_default="{}", nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.Column("handed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_answer_at", sa.BigInteger(), nullable=True),
        sa.Column("wanted_agent_id", sa.String(length=64), nullable=True),
        sa.Column("previous_id", sa.String(length=64), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_seq", sa.Integer(), nullable=True),
        sa.Column("released_skill", sa.String(length=80), nullable=True),
    ):
        op.add_column("conversations", column)
    op.create_index(op.f("ix_conversations_previous_id"), "conversations", ["previous_id"], unique=False)
    op.execute("UPDATE conversations SET priority = priority + 1 WHERE priority > 0")
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "presence",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("worked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_presence_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_presence")),
    )
