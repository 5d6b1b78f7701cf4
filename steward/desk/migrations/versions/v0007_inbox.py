"""Inbox: what the bot understood, and how operators label it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add both tables; conversations from before have no turns, and none are made up for them."""
    _labels()
    _turns()


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=True),
        sa.Column("skus", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pressed", sa.Boolean(), nullable=False),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("ranking", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("nearest", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("named", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("hazard", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=80), nullable=True),
        sa.Column("model", sa.String(length=80), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("act", sa.String(length=40), nullable=True),
        sa.Column("topic", sa.String(length=80), nullable=True),
        sa.Column("skus", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("chosen", sa.String(length=80), nullable=True),
        sa.Column("whys", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("label_id", sa.String(length=64), nullable=True),
        sa.Column("answer_seq", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("marked_by", sa.String(length=64), nullable=True),
        sa.Column("marked_name", sa.String(length=200), nullable=True),
        sa.Column("marked_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_turns_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_turns_label_id_labels")),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_turns")),
        sa.UniqueConstraint("id", name=op.f("uq_turns_id")),
    )
    op.create_index(op.f("ix_turns_label_id"), "turns", ["label_id"], unique=False)
    op.create_index(op.f("ix_turns_state_at"), "turns", ["state", "at"], unique=False)
