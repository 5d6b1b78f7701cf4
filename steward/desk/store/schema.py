"""What all tables share: one metadata, one way to name things, the types of columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=_NAMES)
Json = sa.JSON(none_as_null=True)
Id = sa.String(64)
Hash = sa.String(64)
Time = sa.BigInteger  # milliseconds since 1970, UTC


def conversation_column(**options: Any) -> sa.Column[Any]:
    """The conversation that a row belongs to, and goes with."""
    owner = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", Id, owner, **options)
