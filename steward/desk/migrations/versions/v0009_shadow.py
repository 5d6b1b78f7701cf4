"""Shadow: where a candidate model read real messages differently."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table of differences."""
    op.create_table(
        "shadow_differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("serving", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("candidate", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_shadow_differences_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_differences")),
    )
    op.create_index(
        op.f("ix_shadow_differences_conversation_id"), "shadow_differences", ["conversation_id"], unique=False
    )


def downgrade() -> None:
    """Drop the table; what it says can be seen anew."""
    op.drop_table("shadow_differences")
