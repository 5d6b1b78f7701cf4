"""The fixtures that the desk's tests share: one database server and one of each thing for all of them."""

from __future__ import annotations

from tests.integration.desk_kit import (
    bare_database_url,
    bench,
    database_url,
    empty_sqlite,
    many_desks,
    postgres,
    rasa,
)
from tests.integration.hook_kit import admin, outward, receiver

__all__ = [
    "admin",
    "bare_database_url",
    "bench",
    "database_url",
    "empty_sqlite",
    "many_desks",
    "outward",
    "postgres",
    "rasa",
    "receiver",
]
